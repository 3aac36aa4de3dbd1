import Testing

@testable import Redaction

/// Secrets on a line of their own, switches that are none, and files whose lines have places in stead of names.
@Suite struct AnnouncedTests {
  @Test(
    "the line above says that it follows",
    arguments: [
      "Your temporary password is:\n\n  ‹Xy7kQ2mzP›\n\nPlease change it.", "Password:\n  ‹hunter2x›\nUser:\n  bob",
      "token:\n‹kJ8sdf7sd8f7sdf9s8df7›", "Generated admin password\n------------------------\n‹Tr0ub4dor3›",
      "[10:00:00] INFO Password:\n[10:00:00] INFO   ‹kq9Wm2xLp4›\n[10:00:01] INFO ready",
      "use the following password to proceed to installation:\n\n‹0a1b2c3d4e5f60718293a4b5c6d7e8f9›",
      "API key:\n\n    ‹a8sdf79a8sdf7a9s8df7d8f9›", "Here is your access token\n    ‹a8sdf79a8sdf7a9s8df7d8f9›",
      "Your password:\n‹correct-horse-battery›",
      "Password for user elastic (reset with `bin/x -u elastic`):\n  ‹uW8xk2lP_3m*QvT›",
      "{\"log\":\"Your password is:\\n\",\"stream\":\"stdout\"}\n{\"log\":\"  ‹Xy7kQ2mzP›\\n\",\"stream\":\"stdout\"}",
      "Enter password:\nAccess denied2 for user", "10:00:00 INFO Password:\n10:00:00 INFO connecting to database",
      "missing:\n  password:\n    this field is required\n  token:\n    must be 32 characters long",
      "could not read token:\n  /var/run/secrets/token2", "no password:\n  DOCKER_CONTENT_TRUST=1",
      "Secrets:\n  db-credentials-v2", "if not password:\n    sys.exit(1)",
      "wrong password\napp-7d9f8b6c5d-x2x9z", "Password policy version:\n  v2-2026", "password:\n  other_key2:",
    ]) func announced(_ text: String) throws
  { try check(text) }

  @Test(
    "a switch, unless its value is a secret",
    arguments: [
      "ENABLE_SECRET=‹x8f7sdf9k2›", "ENABLE_PASSWORD=true", "USE_TOKEN=1", "DISABLE_SECRET=no", "HAS_PASSWORD=false",
      "REQUIRE_TOKEN=off", "SKIP_SECRET=3600", "USE_PASSWORD: ‹Winter2024!›", "useSecret=‹f9a8sdf79a8sdf7›",
      "require-password = ‹Tr0ub4dor3›", "FORCE_PASSWORD=‹Sommer2024x›", "enable_db_password=later",
      "use_key=abc123def456", "hasTokens: 123456",
    ]) func switches(_ text: String) throws
  { try check(text) }

  @Test(
    "files of accounts and keys",
    arguments: [
      "# Secrets for authentication using PAP\nbob\t*\t‹hunter2x›\t*\n\"alice\"  *  \"‹tr0ub4dor&3›\"  *",
      "bob:1000:‹AAD3B435B51404EEAAD3B435B51404EE›:‹8846F7EAEE8FB117AD06BDD830B7586C›:[U ]:LCT-5F000000:",
      "old:‹ab4FHsj3Kl2mQ›:19000:0:99999:7:::", "daemon:*:19000:0:99999:7:::", "sshd:!!:19000:0:99999:7:::",
      "[smtp.example.com]:587    bob@example.com:‹smtpPassw0rd›", "[smtp.example.com]:587\tbob:‹smtpPassw0rd›",
      "<apikeys>\n  <add key=\"https://nuget.org/api\" value=\"‹AQAAANCMnd8BFdERjHoA›\" />\n</apikeys>",
      "setAcl /x digest:bob:‹xEWbHRlTSjL0ROiJzGqYl3cyTQU=›:crdwa", "Digest: sha256:0a1b2c", "digest:bob:none",
      "   2 host/x@EX (aes256-cts-hmac-sha1-96)  (0x‹3f1c9d8e7a6b5c4d3e2f1a0b9c8d7e6f›)",
      "CREDENTIALS\t‹ASIAIOSFODNN7ABCDEFG›\t2026-11-03T10:00:00Z\t‹wJalrXUtnFEMI/K7MDENG/bPxRfiCYabcdefghij›",
      "k8s\0\n\u{C}\n\u{2}v1\u{12}\u{6}Secret\u{12}9\n\u{6}\n\u{2}db\u{12}\0\u{12}\u{14}\n\u{8}password\u{12}\u{8}‹etcdPw9x›"
        + "\u{12}\u{12}\n\u{3}foo\u{12}\u{9}‹barbazqu9›\u{1A}\u{6}Opaque",
      "k8s\\x00\\n\\x0c\\n\\x02v1\\x12\\x06Secret\\x12\\x14\\n\\x08password\\x12\\x08‹etcdPw9x›\\x1a\\x06Opaque",
      "  public key: xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=", "\u{5B}31mpassword\u{5B}0m=‹ans1Pw9›",
    ]) func accounts(_ text: String) throws
  { try check(text) }

  @Test(
    "properties of YAML before a masked scalar",
    arguments: [
      ("password: !!int &a 12345678\nb: *a\n", "password: &a \"[REDACTED]\"\nb: *a\n"),
      ("password: &a !!int 12345678\nb: *a\n", "password: &a \"[REDACTED]\"\nb: *a\n"),
      ("password: !!binary |\n  aHVudGVyMnh5eg==\nb: 1\n", "password: \"[REDACTED]\"\nb: 1\n"),
      ("u: !!str &a postgres://u:hunter2x@h/d\nb: *a\n", "u: &a \"postgres://u:[REDACTED]@h/d\"\nb: *a\n"),
      ("a: &a://user:Sup3rPw9x@host:5432/db\n", "a: &a://user:[REDACTED]@host:5432/db\n"),
      ("a:\n  - &redis://:Sup3rPw9x@redis:6379/0\n", "a:\n  - &redis://:[REDACTED]@redis:6379/0\n"),
      (
        "db_password: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  6231336539666234\n",
        "db_password: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  6231336539666234\n"
      ),
    ]) func properties(_ input: String, _ expected: String) throws
  {
    let once = try Redactor().redact(RawFile(name: "x.yaml", bytes: Array(input.utf8))).value
    #expect(String(decoding: once, as: UTF8.self) == expected)
    #expect(try Redactor().redact(RawFile(name: "x.yaml", bytes: once)).value == once)
  }
}
