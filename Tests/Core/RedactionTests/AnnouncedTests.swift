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

  @Test(
    "answers of commands and traces of shells",
    arguments: [
      "x\n$ argocd admin initial-password -n argocd\n‹tN1UbIoYY0Z8RtqJ›\n\n This password must be changed",
      "x\n$ kubectl exec nexus-0 -- cat /data/admin.password\n‹d14bc2f6-cbf3-4326-a7ce-5de9e70e14fb›",
      "root@h:~$ echo $DB_PASSWORD\n‹Xy7kQ2mzP›", "x\n$ ls /etc/secrets\ndb_v2.txt",
      "x\n$ kubectl get secret -o name\nsecret/db-1",
      "x\n$ vault token lookup\nKey   Value1", "x\n$ git rev-parse HEAD\n0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d",
      "+ echo ‹iBolV43gnEQix›\n+ docker login h -u ci --password-stdin",
      "+ docker login h -u ci --password-stdin\n+ echo ‹iBolV43gnEQix›",
      "+ test -n ‹ht925dy0AYQUEaZzQKGDy5QssC69GZVvg›", "+ [[ -z ‹ht925dy0AYQUEaZzQKGDy5QssC69GZVvg› ]]",
      "+ test -f /etc/app/config2.yaml",
      "[32mINFO[0m loaded [36menc_key[0m=‹6657a49e2f5520e83d21cdea17c89c05› [36mhost[0m=db",
      "[36m\"asanaPat\"[0m: [32m\"‹1/8332021384953944:f6790e94cc47ecfe04e7cff08e2c4c7a›\"[0m",
      "Login incorrect (pap: bad): [bob/‹ladderribbon72›] (from client ap port 0)",
      "Password for the [elastic] user successfully reset.\nNew value: ‹SUecDPf8ybTqhb5gKs67›",
      "the old DB password was ‹zipper55x›, the new one is ‹zippersaddle557›.", "log in as deploy with ‹uR7%QIMZWX›.",
      "creds for the registry: ci / ‹Thunder1346›", "JWTSecret:‹[104 117 110 116 101 114 50]› Debug:true",
      "#1 /src/App.php(88): App\\Db::connect('db', 'shop', '‹Cheese6412#›', 'orders')",
      "virsh secret-set-value 46df9c47-327d-4665-a5ce-9e7ace27fda6 ‹uosCDdejmYYJ06oZ0z7ZbhoMBR9xk6x6›",
      "exec?command=mysql&command=-uroot&command=-p‹Falcon9465›&container=db", "exec?command=ls&command=-p1234567",
      "SecretID:         ‹1ebff7fd-cdcf-4c9c-a5eb-524d25d81327›", "SecretID: prod/db-1",
      "DBI->connect(\"DBI:mysql:host=db\", \"app\", \"‹walruspillow469›\", {RaiseError => 1});",
      "credentials.dig(:aws, :secret_access_key) # => \"‹WWEjHAsKz0nEoLcaOCOXxhkd7AVaIjCgIOHmwcA0›\"",
    ]) func shells(_ text: String) throws
  { try check(text) }

  @Test(
    "what looks like a value and stays",
    arguments: [
      "Password: You didn't opt-in to print initial root password to STDOUT.", "run `bin/rails credentials:edit`",
      "secret_key     ****************wxyz              env",
      "Invalid API Key provided: sk_live_********************ddqH",
      "# Unable to AUTH to MASTER: -WRONGPASS invalid pair", "Using a password with '-a' or '-u' may not be safe.",
      "\"vault_api_token\": \"VARIABLE IS NOT DEFINED!\"", "err=\"not found\" secret=\"shop/regcred\"",
      "pod=\"shop/api\" secret=\"regcred\"", "can't find the specified secret: prod/shop/db",
      "step=1 tokens_seen=1234567",
      "The secret key 'SECRET_KEY' is too short", "deprecated, use `password=` instead",
      "cannot fetch token: 401 Unauthorized",
      "name \"password_hash\": converting NULL to string", " api_token     | character varying(64)  |          |",
      "  -k, --api-key=API_KEY          the API key to use", "and tokens as SHA-256.", "credentials: include",
      "shop/templates/secret.yaml:12:20): auth.password is required!", "panicked at src/token.rs:42:18: index out",
      "\"GET /token HTTP/1.1\" 200", "near 'IDENTIFIED BY PASSWORD' at line 1", "kind Secret: Secret \"db\" is invalid",
      "in rotating credentials: error=\"1 error\"\nx error=\"2\"", "{\"auth-token\":\"simple\",\"bcrypt-cost\":10}",
      "from .token import TokenEndpoint", "load_ssh_private_key,\nload_ssh_public_key,\n",
      "token = Name.Builtin.Pseudo",
      "OP_COOKIE = _lib.OP_COOKIE", ":param token: Unicode Bearer token",
      "Token:                      \"#d8dee9\"", "credentials from url: {original_url}",
      "pub password: SecretString }", "\"rotate-secrets\": \"node scripts/rotate.js\"", "\"jsonwebtoken\": \"^9.0.2\"",
      "secret_id = aws_secretsmanager_secret.db.id", "{{- $password := .Values.auth.password | default 1 }}",
      "read -rsp 'Password: ' PASSWORD", "name=db-credentials keys=\"[username password]\"",
      "error getting route53 secret: secrets \"x\" not found", "length of the generated key  [default: 2048]",
      "cert-manager.io/private-key-secret: shop-tls-v2", "x.io/reload-secret: \"db-1,api-2\"",
      "AUTH default ‹supermanyonder›",
    ]) func stays(_ text: String) throws
  { try check(text) }

  @Test(
    "documents",
    arguments: [
      ("api: {key: 0add45c917888ac77c22f5744468e494}\n", "api: {key: \"[REDACTED]\"}\n"),
      (
        "encrypt:\n  key: pencil774x\nother:\n  key: lemon885y\n",
        "encrypt:\n  key: \"[REDACTED]\"\nother:\n  key: lemon885y\n"
      ),
      ("api:\n  key: name\n", "api:\n  key: name\n"),
      ("a:\n  x.io/auth-secret: shop-tls-v2\n", "a:\n  x.io/auth-secret: shop-tls-v2\n"),
      ("a:\n  x.io/db-password: basket-engine-91\n", "a:\n  x.io/db-password: \"[REDACTED]\"\n"),
      ("dependencies:\n  jsonwebtoken: ^9.0.2\n", "dependencies:\n  jsonwebtoken: ^9.0.2\n"),
    ]) func documents(_ input: String, _ expected: String) throws
  {
    #expect(
      String(decoding: try Redactor().redact(RawFile(name: "x.yaml", bytes: Array(input.utf8))).value, as: UTF8.self)
        == expected)
  }

  /// The blank beside a text is no part of a secret: a name that begins like it must not withhold the incident.
  @Test func blanks() throws {
    var values = KnownValues()
    values.learn(Array("  x1y2z3w4 ".utf8))
    #expect(values.values == [SecretValue(Array("x1y2z3w4".utf8))])
  }
}
