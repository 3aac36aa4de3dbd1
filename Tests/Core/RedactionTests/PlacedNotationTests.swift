import Testing

@testable import Redaction

/// Secrets whose place gives them away, by representatives of each class, and what looks like them and stays.
@Suite struct PlacedNotationTests {
  @Test(
    "calls",
    arguments: [
      "Credentials.basic(\"bob\", \"‹pencilladder›\")",
      "let c = Credentials::new(\"svc\".to_string(), \"‹LvZ#r6hVVX›\".to_string());",
      "smtp.PlainAuth(\"\", \"noreply@example.com\", \"‹Thunder5999›\", \"smtp.example.com\")",
      "amqp.Dial(fmt.Sprintf(\"amqp://%s:%s@h\", \"u\", \"‹IfBKKF0RDt0X›\"))", "jedis.auth(\"‹rabbit-comet›\")",
      "bcrypt.compare(\"‹rabbit-comet›\", hash)", "static const QString kApiSecret = QStringLiteral(\"‹QEYcHsG02O›\");",
      "fmt.Sprintf(\"amqp://%s:%s@h\", user, password)", "router.get('/', passport.auth('basic'))",
    ]) func calls(_ text: String) throws
  { try check(text) }

  @Test(
    "statements",
    arguments: [
      "CREATE USER app HASH '‹0x02001ee911a4ea8a›'", "ALTER CURRENT USER SET PASSWORD FROM '‹a1-old›' TO '‹b2-new›'",
      "EXEC sp_addlinkedsrvlogin 'srv','false',NULL,'u','‹0kPw@LZHRyC›'",
      "jdbc:oracle:thin:app/\"‹bamboo.sierra›\"@//db:1521/orcl", "SELECT md5 AS hash 'x'",
    ]) func statements(_ text: String) throws
  { try check(text) }

  @Test(
    "commands",
    arguments: [
      "+ openssl passwd -6 ‹zipper-pillow›", "+ openssl passwd -6 -stdin", "+ winrm -u:bob -p:‹WIL!LTleDV› id",
      "+ kubectl create secret generic s --from-literal foo='‹xpB#zevd9w›'",
      "+ kubectl patch secret s -p '{\"stringData\":{\"foo\":\"‹AVz!qcYfTr›\"}}'",
      "flyctl secrets set DB_URL=\"‹winterumber›\" B=‹c3›", "+ samba-tool user create bob ‹ribbonhammer67›",
      "chpasswd <<EOF\nroot:‹ladderturnip›\nbob:‹nPh#kBo65f›\nEOF",
      "chpasswd:\n  list: |\n    root:‹ladderturnip›\n  expire: false", "hdbsql -n h -u u -p ‹rabbitwalrus34›",
      "expect \"Password:\"\nsend \"‹puzzleladder61›\\r\"", "send \"hello\" to the queue",
      "tcp-check send AUTH\\ ‹saddlepuzzle67›\\r\\n", "HELLO 3 AUTH app ‹zippercandle79›",
      "user app on >‹rabbit-pillow› ~* &* +@all", "moved on >90% of nodes",
      "$p = ConvertTo-SecureString \"‹walrustunnel›\" -AsPlainText -Force",
      "a1 LOGIN bob@example.com ‹pillowribbon›", "C: A1 LOGIN \"bob\" \"‹V5e!spHw8b›\"", "user 7 login failed again",
      "NickServ IDENTIFY ‹candlecarpet7›",
    ]) func commands(_ text: String) throws
  { try check(text) }

  @Test(
    "lines of configuration",
    arguments: [
      "ip ospf message-digest-key 1 md5 ‹aOP#1kwAyk›", "ppp chap password 0 ‹Hockey4454!›", "key-string ‹3le*HKb9S9›",
      "snmp-server user u g v3 auth sha ‹ribboncandle› priv aes 128 ‹Cookie2857›",
      "createUser bob SHA \"‹turnip-walrus›\" AES \"‹tunnelladder20›\"", "standby 1 authentication ‹ladderbottle91›",
      "com2sec ro default ‹Yl7#mQCFGN›", "[smtp.example.com]:587 bob@example.com:‹tunnelladder›",
      ": RSA key.pem \"‹Ujb!cjtV5P›\"", "secure_link_md5 \"$secure_link_expires$uri ‹Michelle8119›\";",
      "http-request set-header Authorization Basic\\ ‹Ym9iOkZZTSptVnpuWEda›",
      "pre-shared-key ascii-text \"‹rabbit27›\";",
      "basic.auth.user.info=‹user:pillowrabbit›", "BUNDLE_GEMS__EXAMPLE__COM: \"‹bob:b7imISbl›\"",
      "VAULT_DEV_ROOT_TOKEN_ID=‹5600ff32de3f6c4c73ab›", "wep_key0=\"‹basketladder1›\"", "dnpass = ‹zipperbasket›",
      "WIFI:T:WPA;S:Home;P:‹bottletunnel82›;;", "wifi: connected; P:1",
      "stringData:\n  foo: ‹rabbitwalrus›\nother: x", "{\"unseal_keys_b64\":[\"‹euX18Lo/++xmAgejgGbSeA==›\"]}",
    ]) func configuration(_ text: String) throws
  { try check(text) }

  @Test(
    "sentences",
    arguments: [
      "logged in as bob:‹carpet-ribbon-7›", "login with bob/‹walrus-c0rner› failed", "logged in as admin/cluster",
      "login with user: bob", "Using credentials bob / ‹vCo#eXdtAr›", "using credentials from /etc/app/v2",
      "Value for property 'app.passcode' is '‹JMK5eWaCvba›'", "field 'password' is 'required'",
      "A temporary password is generated for root@localhost: ‹asW,khpb=MbU4›", "Das Passwort ist ‹cornerhammer80›",
      "Kennwort lautet ‹Manager9660!›", "le mot de passe est requis",
      "dial tcp: lookup u:‹wfw^~kUXv!vU1›@db: no such host",
      "dial tcp: lookup db.example.com: no such host", "recovery codes: ‹3fk2a-9dkq1›, ‹c7pdh-f0hc2›",
      "mnemonic: ‹abandon ability able about above absent absorb abstract absurd abuse access acid›",
      "password (string): ‹candlepillow57›", "password [string] = ‹9oa*2wPaA4›", "Password (optional): see below",
      "(lldb) p api_token (std::string) $0 = \"‹orbit-velvet›\"", "Password ........ ‹turnippuzzle79›",
      "| Admin Password | `‹Charlie7199!›` |", "{:password, \"‹Charlie520!›\"}",
      "Dim password As String = \"‹ZQH4hLHo›\"",
      "'secret' => string '‹uQ2_^7LCI›' (length=9)", "password = {\"‹bottle54›\"}",
      "{\"msg\":\"API_SECRET==‹96a1b0139597cb4e›\"}", "requirements: token==1.2.3",
      "Sec-WebSocket-Protocol: bearer, ‹lLoYRjzuO3Z2wUyQT5Wzm1Fz9kp›",
      "cs1Label=password cs1=‹a9HD3jcXazDI› cs2=x",
      "password: \"{{ '‹quartz.copper› ' | password_hash('sha512') }}\"".replacing("› '", with: "›'"),
      "1 validation error for Settings\ndb_password\n  too short [type=string_too_short, input_value='‹Tigger2252!›', input_type=str]",
      "1 validation error for Settings\nname\n  too short [type=string_too_short, input_value='bob', input_type=str]",
      "host\tlogin\tpasswd\ndb1\troot\t‹Michelle9745›",
    ]) func sentences(_ text: String) throws
  { try check(text) }

  @Test(
    "separators and scripts",
    arguments: [
      "密码是 ‹bottle-tunnel-7›", "登录密码：‹rabbit-hammer›", "סיסמה: ‹turnippillow66›", "كلمة المرور: ‹tunnelpencil›",
      "Пароль пользователя: ‹aQG#PEfarN›", "clave: ‹tk9*tLVOIA›", "clave: primaria", "passwd[8]=‹Qnw!gtT4FG›",
      "password[0] = \"‹penciltunnel70›\"", "user->bob password->‹ribbonribbon6›", "return user->password->length1;",
      "\"user\"->\"bob\", \"password\"->\"‹JsT!XPZxTj›\"", "user ← bob, password ← ‹Thunder5607›",
      "User / Password: bob / ‹ribboncarpet›", "TOKENV2=‹8HadnezigsurPtLJ›", "LOGIN=‹bob:corner-ribbon-7›",
      "LOGIN=bob:8080", "BASIC_AUTH_USERS=‹bob:zipper-hammer›", "hash_salt=‹kettle_lemon_saddle›", "salt=2019.2.0",
      "main.Config{Host:\"db\", Password:main.Secret(\"‹Sp6*4RqohH›\")}", "[:password, \"‹walrus›\"]",
      "Password changed from ‹RWg#NbI3LE› to ‹mirrorwalrus›", "Password changed from old to new",
      "Resetting password for bob to ‹cornerpuzzle22›", "incorrect password (got \"‹puzzle-tunnel-7›\")",
      "password mismatch: \"‹QVp*3vI1ar›\" != \"‹cL5#pp2d4H›\"", "password mismatch: \"db\" is not known",
      "credentials admin:‹turnipzipper1› rejected", "credentials for admin: none", "connect as root:‹cornerrabbit85›",
    ]) func separators(_ text: String) throws
  { try check(text) }

  @Test(
    "files and dumps of tools",
    arguments: [
      "[tokens]\ngithub = \"‹S3Vwj1vFO3yekGj1›\"\n[other]\ngithub = \"S3Vwj1vFO3yekGj1\"",
      "    Args:\n      --auth-token\n      ‹lTELYCRPklZlIuR0›\n      --verbose", "      --auth-token\n      --port=80",
      "acl { tokens { agent = \"‹f1751af4-da29-486d-a242-a6d89302c428›\" } }",
      "binding parameter (password:VARCHAR) <- [‹basketcandle79›]", "binding parameter (name:VARCHAR) <- [bob]",
      "Secret ID    = ‹e27f3402-48f1-480f-aa4a-cccd816cc2da›", "sendto(5, \"AUTH ‹rabbit-7\\r\\n›\", 20) = 20",
      "<Password><Value>‹candlebottle72›</Value><PlainText>true</PlainText></Password>",
      "<member><name>password</name><value><string>‹saddle-7›</string></value></member>",
      "kubeadm token create ‹0m5rjt.vqzd31ufcrrrx7se›", "gpg --passphrase-fd 0 <<< \"‹corner-basket›\"",
      "nats -s u:‹saddle!mirror7›@h:4222", "proxy = u:‹Michelle4614!›@p:3128", "npm:react18@1.2.3",
      "mail bob:x1y2z3@example.com",
      "postgres://app:$(DB_PASSWORD)@db:5432/app", "cachemgr_passwd ‹tunnelcarpet› all",
      "ldap_default_authtok = ‹saddle›",
      "remotepass = ‹zipper›", "<password_sha256_hex>‹986145a8ffd0a6fff94fca4a90c9cdd7›</password_sha256_hex>",
      "-----BEGIN OpenVPN Static key V1-----\n‹21838a074b648d0ea15f0b5f804c39b4›\n‹099964569a23548c4ebf7aaea3612e8b›\n-----END OpenVPN Static key V1-----",
    ]) func files(_ text: String) throws
  { try check(text) }

  @Test(
    "what looks like them and stays",
    arguments: [
      "login with provider/oauth2 enabled", "postgres is in standby mode authentication pending2",
      "user quota on >80% of disks", "kid: rsa id-1 \"active\"",
      "Credentials { provider: \"aws\", region: \"eu-west-1\" }",
      "password ... ok", "token ........ PASS", "la contraseña es obligatoria", "密码是必填项", "密码：必填", "пароль неверный",
      "property \"secret\" is \"optional\"", "key 'password' changed to 'passwd'",
      "  --auth-token       authenticate with a token", "tokens[3]: Ident", "token[0] = '('", "npm:@scope/pkg2@1.2.3:5",
      "topic:orders-v2@kafka:9092 lag 3", "app-md5d41d8cd98f00b204e9800998ecf8427e.js",
      "http-request set-header Authorization \"%[var(txn.a)]\"",
      "bearer, basic and digest are supported\nWWW-Authenticate: Bearer, Basic realm", "mnemonic: mov eax, ebx",
      "secrets: db-credentials, api-tls, app-config", "passwords: weak, strong",
      "dial tcp: lookup user@db.example.com: no such host",
      "[localhost]:25 connection refused", "stringData is deprecated", "chpasswd: password updated successfully",
      "kubeadm token create --print-join-command", "Secret ID must be provided",
      "recovery codes: used, unused, expired",
    ]) func harmless(_ text: String) throws
  { try check(text) }

  @Test("documents: names that say more together")
  func documents() throws {
    try check("chpasswd:\n  expire: false\n  list: '‹root:carpet61›'\n", name: "x.yaml")
    try check("{\"github-oauth\":{\"github.com\":\"‹iCqlkMjjVRtfoaE2›\"}}", name: "x.json")
  }

  @Test("a password that Terraform made up")
  func madeUp() throws {
    try check(
      "{\"resources\":[{\"type\":\"random_password\",\"instances\":[{\"attributes\":{\"length\":16,\"result\":\"‹mirror7›\"}}]}]}",
      name: "x.json")
    try check(
      "{\"resources\":[{\"type\":\"random_pet\",\"instances\":[{\"attributes\":{\"result\":\"mirror7\"}}]}]}",
      name: "x.json")
  }

  @Test("a private key in the form of RFC 4716")
  func ssh2() throws {
    try check(
      """
      ---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----
      Comment: "x"
      ‹8I9kCDaUt4KwELLJS8yjYfx1h7tQb42WoP7ZSAdKEgBm1xUBdVQeuiSgXiyOz7›
      ‹fAKUrpoOmQbkDWKxwpQWOINEaNbmoA00o3mRcHD29AjjqeoBVDaqxtxpl1sYBO›
      ---- END SSH2 ENCRYPTED PRIVATE KEY ----
      """)
  }
}
