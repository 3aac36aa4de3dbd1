import Testing

@testable import Redaction

/// Each class of notation, by representatives: what is secret goes, and everything around it stays.
@Suite struct NotationTests {
  @Test(
    "separators",
    arguments: [
      "DB_PASSWORD ?= ‹x131-ySZ›", "api_key += '‹a1b2c3›'", "client_secret：‹Qox9_djis›", "password.......: ‹hunter2x›",
      "userPassword:: ‹aHVudGVyMg==›", "var signingKey string = \"‹abc1›\"", "(secretkey . \"‹x1›\")",
      "passphrase{\"‹x1y›\"};",
      "s:8:\"password\";s:7:\"‹hunter2›\";", "[token:protected] => ‹velvet-1›", "\"SMTP_PASSWD\", \"‹comet-1›\"",
      "{<<\"client_secret\">>,<<\"‹x1›\">>}", "- token = \"‹a1›\" -> \"‹b2›\"", "KEY_PASSPHRASE=$'‹x 1›'",
      "HikariConfig - password.......\"‹3bc7›\"", "Unseal Key 1: ‹falcon_orbit›", "ERLANG_COOKIE=‹TuLt1›",
      "changed API_KEY: ‹a1b2c› => ‹d3e4f›",
      "pin: ‹12345›", "let api_token: &str = \"‹harborvelvet›\";", "const KEY_SECRET: &'static str = \"‹x1y2z3›\";",
      "password: Optional[str] = '‹velvetcomet›'", "password: Dict[str, int] = \"‹velvetcomet›\"",
      "password: ‹hunter2x›, user = \"bob\"", "password: ‹p4&x›, a = b", "API_SECRET==‹meadow-lantern›",
      "process.env.CONSUMER_SECRET || '‹jasperumber›'", "config.apiToken ?? \"‹jasperumber›\"",
      "password <- \"‹umbernickel›\"",
      "Config(db,5432,Password(‹lan3rn9jasper›))",
      "1.5 [0 10.0.0.1:5000] \"HSET\" \"u:1\" \"password\" \"‹v3lvetmarble›\"",
      "(def secret \"‹amber-comet›\")", "if password != \"‹v1perember›\" {",
      ".basic_auth(\"bob\", Some(\"‹haz3lviper›\"))",
      "seed_phrase=‹harbor_lantern_copper_sierra›",
    ]) func separators(_ text: String) throws
  { try check(text) }

  @Test("the first word of a value that goes to the end of its line is known alone as well")
  func firstWord() throws {
    try check("DB_PASSWORD=‹hunter2-Prod in use›\nsaw ‹hunter2-Prod› there\nin use")
    try check("DB_PASSWORD=‹correct horse battery›\nhorse and correct stay")
  }

  @Test(
    "statements and directives",
    arguments: [
      "set -gx API_KEY ‹hello9626›", "setx DB_PASSWD \"‹x y›\"", "fastcgi_param DB_PASSWORD ‹d23e›;",
      "ENV DB_PASSWORD ‹soccer-1›",
      "  appPassword          ‹WINTER17575›", "quarkus.datasource.password ‹fpsP2UI›", "requirepass ‹abc›",
      "machine h.example\n  login bob\n  password ‹jasper›",
      "aws configure set aws_secret_access_key ‹indigo_anchor_1›",
    ]) func directives(_ text: String) throws
  { try check(text) }

  @Test(
    "pairs of a name and a value",
    arguments: [
      "<add value=\"‹x1›\" key=\"DbPassword\"/>",
      "<property name=\"hibernate.connection.password\">‹sierra›</property>",
      "<init-param><param-name>appPassword</param-name><param-value>‹q›</param-value></init-param>",
      "<key>apiKey</key><string>‹2Bk5›</string>", "{Name:MASTER_KEY Value:‹ygl++l4› ValueFrom:nil}",
      "v1.EnvVar{Name:\"DB_PASS\", Value:\"‹beb9›\", ValueFrom:nil}",
      "{\"value\":\"‹batman›\",\"name\":\"DEPLOY_KEY\"}",
      "{\"field\":\"secretkey\",\"old\":\"‹a1›\",\"new\":\"‹b2›\"}",
      "- name: DB_PASSWORD\n  value: ‹x›\n- name: PORT\n  value: 80",
      "Content-Disposition: form-data; name=\"password\"\n\n‹hello›\n--abc--",
    ]) func pairs(_ text: String) throws
  { try check(text) }

  @Test(
    "a token in an annotation is no name of an object",
    arguments: [
      "shop.example/api-token: ‹tok-value-1›", "metadata.annotations[\"shop.example/api-token\"]: ‹tok-value-1›",
    ])
  func annotations(_ text: String) throws { try check(text) }

  @Test(
    "the key of a license is none of its names",
    arguments: [
      "license: ‹A1B2C-D3E4F-G5H6I-J7K8L-M9N0P›", "LICENSE=‹aB3dE5fG7hJ9kLmN›", "LICENSE_KEY=‹A1B2-C3D4-E5F6-G7H8›",
    ])
  func licenses(_ text: String) throws { try check(text) }

  @Test(
    "what stands deeper than its key",
    arguments: [
      "{\"deploy_key\":{\"value\":\"‹s5›\",\"name\":\"ci\"}}", "variable \"db_password\" {\n  default = \"‹ARcr›\"\n}",
      "db_password:\n  - '‹a b›'\n  - '‹c›'\nhost: h", "auth_token:\n  value: ‹x1›\n  rotated: 2026-01-02",
      "token: |\n  ‹abc›\nnext: 1",
    ]) func nested(_ text: String) throws
  { try check(text) }

  @Test(
    "sentences",
    arguments: [
      "Your password is ‹falcon_orbit_meadow›", "Use password ‹ILOVEYOU31466› to log in.",
      "password changed to ‹cactus_9›",
      "api key \"‹hello59598›\" rejected", "Incorrect API key provided: ‹monkey49270.›", "OTP ‹613168› sent to user",
      "A temporary password is generated for root@localhost: ‹orR+^vUi›", "Your verification code is ‹941982›",
      "changed password from \"‹a1b2c3›\" to \"‹d4e5f6›\"", "Loaded setting CONSUMER_SECRET with value \"‹Password2›\"",
      "PASSWORD elastic = ‹r2i^MFoI›",
    ]) func sentences(_ text: String) throws
  { try check(text) }

  @Test(
    "commands",
    arguments: [
      "curl -sSu admin:‹b3hg› https://h.example/", "sshpass -p‹abc› ssh a@b", "redis-cli AUTH ‹quartz-falcon-1›",
      "helm registry login -u bob -p ‹dragon› r.example.com",
      "kubectl create secret generic x --from-literal=foo=‹e18›",
      "vault kv put secret/app foo=‹BvJR›", "echo \"root:‹autumn›\" | chpasswd",
      "echo ‹arsenal› | docker login -u b --password-stdin",
      "lftp -u bob,‹ksA› ftp://h.example", "sqlplus -s scott/‹992a›@orcl", "net use \\\\srv\\s /user:bob ‹yMm1›",
      "xfreerdp /u:bob /p:'‹M6iZ›' /v:h", "mc config host add my https://h.example minio ‹NPxr› --api S3v4",
      "mongosh -u bob -p ‹x1›", "openssl rsa -in k.pem -passin pass:‹abc› -out a",
    ]) func commands(_ text: String) throws
  { try check(text) }

  @Test(
    "SQL and calls",
    arguments: [
      "INSERT INTO users (name, password) VALUES ('bob', '‹m f›'), ('al', '‹x›')",
      "ALTER USER s IDENTIFIED BY ‹a› REPLACE ‹b›;",
      "SELECT pgp_sym_encrypt('data', '‹lemon›')", "PRAGMA key = '‹m g›'", "EXEC sp_addlogin 'bob', '‹jasper›'",
      "auth=('bob', '‹kWml›')", "PDO->__construct('mysql:host=db', 'root', '‹dragon›')",
      "new BasicCredentials(\"bob\", \"‹QN5d›\")",
      "SET PASSWORD FOR 'app'@'%' = '‹x y›';", "connect scott/‹WELCOME1›@orcl", "jdbc:oracle:thin:u/‹Ll4!›@h:1521:xe",
    ]) func databases(_ text: String) throws
  { try check(text) }

  @Test(
    "tables",
    arguments: [
      "| name | password | host |\n|------|------|---|\n| bob | ‹YGRM› | db |\n| al | ‹x› | db |\n",
      " id | api_key\n----+--------\n  1 | ‹c549›\n(1 row)\n", "user,password,host\nbob,‹xsXE›,db1\n",
      "USER     PASSWORD          HOST\nbob      ‹oBf1›   db1\n", "id\tuser\tapi_token\n1\tbob\t‹Q1›\n",
      "│ deploy_key │ ‹l928› │",
      "+----+----------+\n| id | password |\n+----+----------+\n| 1  | ‹dolphin› |\n+----+----------+\n",
    ]) func tables(_ text: String) throws
  { try check(text) }

  @Test(
    "Secrets inside a log",
    arguments: [
      "applying:\napiVersion: v1\nkind: Secret\nmetadata:\n  name: app\ndata:\n  username: ‹Ym9i›\n  mode: ‹eA==›\n\nnext line",
      "---\napiVersion: v1\ndata:\n  foo: ‹Ym9i›\nkind: Secret\nmetadata:\n  name: app",
      "applying {\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"data\":{\"mode\":\"‹eHh4›\"},\"metadata\":{\"name\":\"a\"}}",
      "&Secret{ObjectMeta:{app},Data:map[string][]byte{foo: [‹104 117›],},StringData:map[string]string{bar: ‹x›,},}",
    ]) func secretObjects(_ text: String) throws
  { try check(text) }

  @Test("a key in lines of a container engine's JSON") func dockerLines() throws {
    let lines = [
      "-----BEGIN EC PRIVATE KEY-----", "‹MHcCAQHQJPfl/usDMBVEeO7Xoy1JBUJnjKUTMHcCAQHQJPfl/usDMBVEeO7Xoy1a›",
      "‹BUJnjKUT›", "-----END EC PRIVATE KEY-----",
    ]
    try check(lines.map { "{\"log\":\"\($0)\\n\",\"stream\":\"stderr\"}\n" }.joined())
  }

  @Test(
    "keys and cards",
    arguments: [
      "PuTTY-User-Key-File-2: ssh-rsa\nPrivate-Lines: 2\n‹AAAAgQCy›\n‹Bw==›\nPrivate-MAC: 12",
      "card_number=‹4545600567427001›",
      "charge ‹4195 4962 8588 7169› ok", "charge 4111-1111-1111-1112 no",
      "https://‹n7T9xegLZ0Q2uNfjZdPHxsUY›:‹x-oauth-basic›@github.com/a/b",
    ]) func keys(_ text: String) throws
  { try check(text) }
}

/// What is harmless stays, byte for byte.
@Suite struct HarmlessTests {
  @Test(arguments: [
    "unexpected token '}' at position 42", "secret \"db-credentials\" not found",
    "couldn't find key password in Secret prod/db",
    "MountVolume.SetUp failed for volume \"secrets\" : secret \"app-tls\" not found", "token bucket: 100/s",
    "resources: [\"secrets\",\"serviceaccounts/token\"]", "--- PASS: TestPasswordHash (0.12s)", "pass: 12 fail: 0",
    "arn:aws:secretsmanager:eu-west-1:554848301121:secret:prod/db-I8vJGg", "password: op://prod/db/password",
    "DB_PASSWORD:  <set to the key 'password' in secret 'db'>", "password=${DB_PASSWORD:?required}", "hmac: sha256",
    "self.password = password", "    const token = await getToken();", "$password = $_POST['password'];",
    "LICENSE=Apache-2.0", "License: OldBoost2\nLicense: GFDL-NIV-1.3+", "License: CC-BY-SA-3.0-Unported",
    "kubectl create secret generic x --from-file=tls.key=certificates/server.key", "names like *_SECRET. *Live.* | x",
    "works that are identified as \"derived from the\nRSA Data\"",
    "SELECT * FROM users WHERE password = ?", "UPDATE users SET password = $1 WHERE id = $2", "tokens: [IDENT, LPAREN]",
    "usage: app --password PASSWORD --token TOKEN", "      --password-file string   file holding the password",
    "| `auth.password` | Password of the database user |",
    "| name | tokens | cost |\n|---|---|---|\n| m | 512 | 0.02 |",
    "NAME   READY   SECRET   AGE\nweb    True    web-tls   3d", "password: 16 bytes", "pin: GPIO17",
    "proxy_pass http://upstream;",
    "Enter passphrase for key '/root/.ssh/id_rsa':", "{\"errors\":{\"password\":[\"can't be blank\"]}}",
    "order 4111222233334445 shipped",
    "password: <password>\napi_key: <YOUR_API_KEY>", "checksum/secret: 9f786f13ad83c95a2c06fa8cfc86a3dd",
    "GPG_KEY=A035C8C19219BA821ECEA86B64E628F8D684696D",
    "  at com.acme.Users.CheckPassword(Users.java:123)", "main.checkToken(0xc000123456, 0x12)", "token==2.0.1",
    "if password == other { x || 'y' }", "Token(index: 4, line: 12)",
    "set \"user\" \"password\" \"email\"",
    "a ${TOKEN}\nAuthorization: Bearer ${TOKEN}", "authorization: Bearer {{ token }}", "Authorization: Basic $(cat t)",
    "curl -H 'Authorization: Bearer $(cat /run/token)' x", "Authorization: Basic ${BASIC:?}",
  ])
  func stays(_ text: String) throws { try check(text) }
}

/// What spreads over an incident, and what is masked in its place alone.
@Suite struct PropagationTests {
  @Test(arguments: [
    "-----BEGIN RSA", "sha256", "HS256", "/run/secrets/db", "${TOKEN}", "Summer", "1234567", "https://", ":class:",
    "`path`", "Generic:", "10.0.12.7", "10.0.12.7:5432", "db.prod.svc", "redis.prod.svc.cluster.local:6379",
    "mail.shop.example",
    "eu-west-1", "us-gov-east-1", "europe-west4", "us-east-1a",
  ])
  func doesNotSpread(_ value: String) {
    #expect(!KnownValues.propagates(Array(value.utf8)))
  }

  @Test(arguments: [
    "Summer2024", "x9K!qz", "12345678", "two words", "pässwört", "lemon!", "lemon.kettle.roof", "lemon-kettle-1",
    "10.0.12.x7", "1.2.3.4.5.6", "lemon:5432",
  ]) func spreads(
    _ value: String
  ) {
    #expect(KnownValues.propagates(Array(value.utf8)))
  }

  /// Base64 over several lines is one text; each of its lines goes, and what stands around it stays.
  @Test func wrappedBase64IsRead() throws {
    let plain = "server: a.example.com\nport: 443\nuser: bob\ndb_password: hunter2-Prod\nhost: db\nretries: 3\n"
    let encoded = String(decoding: Decoding.base64Encoded(Array(plain.utf8)), as: UTF8.self)
    let lines = stride(from: 0, to: encoded.count, by: 60).map { String(encoded.dropFirst($0).prefix(60)) }
    let text = "conf:\n" + lines.map { "  \($0)\n" }.joined() + "next: 1\n"
    let out = try Redactor().redact(RawFile(name: "x.log", bytes: Array(text.utf8))).value
    #expect(
      String(decoding: out, as: UTF8.self) == "conf:\n" + lines.map { _ in "  [REDACTED]\n" }.joined() + "next: 1\n")
  }

  /// An argument with blanks is masked whole, in a list and after `=`.
  @Test func argumentsWithBlanksGoWhole() throws {
    let text = #"{"args":["--db-pass","two words","--port","80","--token=a b1"]}"#
    let out = try Redactor().redact(RawFile(name: "x.json", bytes: Array(text.utf8))).value
    #expect(
      String(decoding: out, as: UTF8.self) == #"{"args":["--db-pass","[REDACTED]","--port","80","--token=[REDACTED]"]}"#
    )
  }
}
