import Testing

@testable import Redaction

/// What people pipe in from tools, by representatives of each class: what is secret goes, and everything around it stays.
@Suite struct ToolNotationTests {
  @Test(
    "values apart from their key",
    arguments: [
      "clientSecret: process.env.CLIENT_SECRET ?? \"‹lemonanchor›\",", "ENV['DB_PASSWORD'] ||= '‹lemon›'",
      "std::env::var(\"DB_PASSWORD\").unwrap_or(\"‹lemon›\".into())", "::set-output name=api_key::‹lemon›",
      "::add-mask::‹e7908ee7›", "DETAIL:  Key (api_key)=(‹lemon-1›) already exists.",
      "public string LicenseKey { get; set; } = \"‹lemon›\";", "127.0.0.1:6379> HGET user:1 password\n\"‹lemon›\"",
      "1) \"requirepass\"\n2) \"‹lemon›\"", "$1 = {user = 0x55 \"bob\", hmac_secret = 0x56 \"‹lemon›\"}",
      "DECLARE @pwd nvarchar(50) = N'‹lemon›';", "Data\n====\napi-key:\n----\n‹lemon›\n\nBinaryData\n====",
      "Found key 'db.password' in PropertySource 'x' with value of type String: ‹lemon-1›",
      "read -r DB_PASSWORD <<< \"‹lemon›\"", "**client secret**: ‹lemon-1›", "<b>Password:</b> ‹lemon-1›",
      "<dt>api_secret</dt><dd>‹lemon›</dd>", "db_password is ‹lemonanchor›",
    ]) func apart(_ text: String) throws
  { try check(text) }

  @Test(
    "pairs and nests",
    arguments: [
      "{\"password\": {\"value\": {\"value\": \"‹lemon›\"}}}",
      "{\"secrets\":{\"stripe\":\"‹lemon-1›\",\"db\":\"‹lemon-2›\"}}",
      "{\"k\":\"db_password\",\"v\":\"‹lemon›\"}", "{\"label\":\"admin password\",\"value\":\"‹lemon›\"}",
      "{\"type\":\"password\",\"value\":\"‹lemon›\"}",
      "{\"path\":\"/spec/secretKey\",\"op\":\"replace\",\"value\":\"‹lemon›\"}",
      "[[\"api_token\", \"‹lemon›\"], [\"LIMIT\", 1]]", "<secret>{‹lemon-1›}</secret>",
    ]) func pairs(_ text: String) throws
  { try check(text.replacing("{‹lemon-1›}</", with: "‹{lemon-1}›</")) }

  @Test(
    "commands and calls",
    arguments: [
      "curl -x u:‹lemon-1›@p:3128 h", "etcdctl put /db/password ‹lemon›", "consul kv put db/password ‹lemon›",
      "doppler secrets set API_TOKEN ‹lemon›", "HSET user:1 name bob password ‹lemon›",
      "ssh-keygen -p -P ‹lemon1› -N ‹lemon2› -f k", "kinit bob <<< \"‹lemon›\"",
      "printf '%s\\n' '‹lemon-1›' | docker login --password-stdin", "htpasswd -bnBC 10 \"\" ‹lemon-1›",
      "rabbitmqctl -n rabbit@h change_password bob \"‹lemon-1›\"", "addauth digest bob:‹lemon-1›",
      "username bob privilege 15 secret 5 ‹lemon-1›", "bob : EAP \"‹lemon›\"", "bob * \"‹lemon›\" *",
      "170.1 [0 10.0.0.1:50] \"AUTH\" \"default\" \"‹lemon›\"",
      "type=EXECVE msg=audit(1.1:2): argc=4 a0=\"mysql\" a1=\"-u\" a2=\"root\" a3=\"-p‹lemon-1›\"",
      "jwt.sign({ id: 1 }, '‹lemonanchor›', { expiresIn: '1h' })", "fernet = Fernet(b'‹lemonanchor›')",
      "DriverManager.getConnection(\"jdbc:mysql://db/x\", \"root\", \"‹lemonanchor›\")",
      "new NetworkCredential(\"u\", \"‹lemonanchor›\")", "bob:{PLAIN}‹lemon-1›",
      "bob:‹lemon-1›:1000:1000::/home/bob:/bin/bash",
    ]) func commands(_ text: String) throws
  { try check(text) }

  @Test(
    "connection strings without a scheme",
    arguments: [
      "u:‹lemon-1›@(db)/x", "u:‹lemon-1›@/x", "u:‹lemon-1›@cloudsql-mysql(proj:reg:inst)/x",
      "DATA_SOURCE_NAME=u:‹lemon-1›@(db:3306)/", "ftp=bob:‹Admin46237?›@db.prod.svc",
      "err=\"*:*:*:postgres:‹lemon-1›\"", "  10.0.0.1:5432:*:app:‹lemon-1›",
    ]) func addresses(_ text: String) throws
  { try check(text) }

  @Test(
    "queries of URLs",
    arguments: [
      "\"GET /callback?code=‹lemonanchor›&state=abc HTTP/1.1\" 302", "\"GET /x?key=‹granite_copper_1› HTTP/1.1\" 200",
      "\"GET /x?auth=‹lemonanchor› HTTP/1.1\" 200", "\"GET /reset?reset_token=‹lemon› HTTP/1.1\" 200",
    ]) func queries(_ text: String) throws
  { try check(text) }

  @Test(
    "numeric entities",
    arguments: ["<m>&#112;assword=‹&#108;&#101;&#109;&#111;&#110;&#49;›</m>", "&#x70;assword=‹&#x6c;emon1›"])
  func entities(_ text: String) throws { try check(text) }

  @Test("lines that Docker cut, with another stream's between them")
  func dockerPartials() throws {
    let end = "\"stream\":\"stdout\",\"time\":\"2026-01-01T00:00:00Z\"}"
    try check(
      "{\"log\":\"db_password=‹hunter›\",\(end)\n"
        + "{\"log\":\"other\\n\",\"stream\":\"stderr\",\"time\":\"2026-01-01T00:00:00Z\"}\n"
        + "{\"log\":\"‹2Prod› n=1\\n\",\(end)\n")
    try check(
      "{\"log\":\"{\\\"db_password\\\":\\\"‹hunter›\",\(end)\n{\"log\":\"‹2Prod›\\\",\\\"n\\\":1}\\n\",\(end)\n")
  }

  @Test("lists under a key in Docker's records")
  func dockerLists() throws {
    let end = "\"stream\":\"stdout\",\"time\":\"2026-01-01T00:00:00Z\"}\n"
    try check("{\"log\":\"tokens:\\n\",\(end){\"log\":\"  - ‹lemon-1X›\\n\",\(end){\"log\":\"host: db\\n\",\(end)")
  }

  @Test("literals of kustomize are secret whatever their names, in a document and in a text")
  func secretGenerator() throws {
    let text = "secretGenerator:\n- name: db\n  literals:\n  - mode=‹lemon›\n  - foo=‹anchor›\n"
    try check(text, name: "x.yaml")
    try check("$ cat kustomization.yaml\n" + text)
  }

  @Test(
    "what only looks like these stays",
    arguments: [
      "\"GET /x?code=404 HTTP/1.1\" 200", "\"GET /x?key=name HTTP/1.1\" 200", "app.js?hash=5f3e2a91", "primary_key=id",
      "bob:x:1000:1000::/home/bob:/bin/bash", "image: nginx:1.27@sha256:2b005d284ba6", "user@host/x",
      "{\"type\":\"token\",\"value\":\"identifier\"}",
      "git clone git@github.com/a", "secret \"db-creds\" does not exist", "SSL_AUTH=optional",
      "etcdctl put /db/host db.prod",
      "jwt.verify(token, key)", "<input name=\"password\" type=\"x\">\n\"token_type\":\"Bearer\"",
      "{\"log\":\"started\\n\",\"stream\":\"stdout\",\"time\":\"2026-01-01T00:00:00Z\"}",
    ]) func stays(_ text: String) throws
  { try check(text) }

  @Test(
    "the file of a test that has passed is no password of FTP",
    arguments: [
      ("PASS  src/app.test.js\n", "PASS  src/app.test.js\n"),
      ("PASS src/__tests__/a.tsx (5.1 s)\n", "PASS src/__tests__/a.tsx (5.1 s)\n"),
      ("PASS ./x.spec.ts", "PASS ./x.spec.ts"),
      ("PASS hunter2-Prod\n", "PASS [REDACTED]\n"), ("PASS spec-hunter2\n", "PASS [REDACTED]\n"),
    ])
  func testResult(_ text: String, _ expected: String) throws {
    let masked = try Redactor().redact(RawFile(name: "x.log", bytes: Array(text.utf8)))
    #expect(String(decoding: masked.value, as: UTF8.self) == expected)
  }
}
