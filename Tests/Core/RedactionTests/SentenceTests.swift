import Testing

@testable import Redaction

/// Secrets that stand in sentences, in programs and under keys of other languages; and what looks like them.
@Suite struct SentenceTests {
  private static let redactor = Result { try Redactor() }

  @Test(
    "sentences",
    arguments: [
      "the password is ‹lemon›", "your password is now ‹lemon.›", "password was changed to ‹lemon›",
      "use ‹lemon42› as the admin password", "logged in with '‹lemon›' as password",
      "password mismatch: expected ‹lemon-12›, got ‹anchor-34›", "[password] ‹lemon42›",
      "HikariConfig - password........................‹lemon42›", "password [default: ‹lemon42›]",
      "password|‹lemon42›|user|bob", "password(String) = '‹lemon42›'", "setPassword(‹Lemon42›)",
    ]) func sentences(_ text: String) throws
  { try check(text) }

  @Test(
    "programs",
    arguments: [
      "+ test ‹lemon42› = \"$PASSWORD\"", "[[ ‹lemon42› == \"${TOKEN}\" ]]", "if (password == '‹lemonanchor›') {",
      "printf 'user=%s pass=%s\\n' bob ‹lemon42›", "PASSWORD=$(echo ‹lemon42›)", "TOKEN=$(cat <<< ‹lemon42›)",
      "SELECT 1 FROM u WHERE pwd = md5('‹lemon›')", "$password\n[1] \"‹lemon›\"", "db.password = \\\n    ‹lemon›",
      "  Password:\n    ‹lemon-42›", "  user elastic\n  password ‹lemonanchor›\n  port 80", "http_auth = ‹bob:lemon42›",
    ]) func programs(_ text: String) throws
  { try check(text) }

  @Test(
    "keys of other languages and hands",
    arguments: [
      "cle_api=‹aB3dE5gH7jK9mN›", "chiave_segreta: ‹lemon›", "geheime_sleutel=‹lemon›", "klucz_api: ‹aB3dE5gH7jK9mN›",
      "gizli_anahtar=‹lemon›", "hemlighet=‹lemon›", "Zugangsdaten: ‹lemon-42›", "访问令牌: ‹lemon42›",
      "シークレットキー: ‹lemon42›", "暗証番号: ‹84211973›", "비밀키: ‹lemon42›", "parol=‹lemon›", "psswd: ‹lemon›",
      "authTkn=‹lemon›", "S3_SK=‹aB3dE5gH7jK9mNpQ2sT4vW6y›", "rocommunity: ‹lemon›", "wifiKey: ‹lemon›",
    ]) func languages(_ text: String) throws
  { try check(text) }

  @Test(
    "commands and files of servers",
    arguments: [
      "sentinel auth-pass mymaster ‹lemon›", "user bob on #‹0847d489dc2b0f7f2f9714e2b4b12060› ~app:* +get",
      "MIGRATE h 6379 k 0 5000 AUTH2 bob ‹lemon›", "encrypt = \"‹bw3DagjEXBfch6G6fRibah93SQXdNy0zTvn1m0UxxU8=›\"",
      "smtp.x:587 bob:‹lemon42›", "[smtp.x]:587 bob:‹lemon›", "\"app\" \"md5‹0847d489dc2b0f7f2f9714e2b4b12060›\"",
      "radtest bob ‹lemon› localhost 0 ‹anchor›", "kadmin -p admin -w ‹lemon› addprinc -pw ‹anchor› bob",
      "iscsiadm -m node -o update -n node.session.auth.password -v ‹lemon›", "iwconfig wlan0 key ‹3b0c5dc283›",
      "ansible-vault encrypt_string '‹lemon›' --name x", "npm config set _auth ‹Ym9iOlBlcHBlcjQ2Njha›",
      "gem push x.gem --key ‹lemon›", "exp scott/‹lemon42› file=x.dmp", "wpa-psk ascii 0 ‹lemon›",
      "rsync --password-file=<(echo ‹lemon›) a b", "echo -e \"‹lemon\\nlemon›\" | passwd bob",
      "community public ‹lemonanchor›",
      "ntp authentication-key 1 md5 ‹lemon›", "SELECT * FROM mysql('h:3306', 'db', 'tbl', 'app', '‹lemonanchor›')",
    ]) func servers(_ text: String) throws
  { try check(text) }

  @Test(
    "tools and files, by class",
    arguments: [
      "az sql server create -u bob -p ‹Lemon42› -n x", "hydra -l bob -p ‹lemon-anchor-42› ssh://h",
      "curl -E cert.pem:‹lemon› https://x", "vault token revoke ‹lemon42›", "caddy hash-password --plaintext ‹lemon›",
      "mkpasswd -m sha-512 '‹lemon›'", "realm join -U admin x <<< '‹lemon›'",
      "kubeseal --from-file=<(echo -n ‹lemon42›)",
      "echo -n '‹lemon42›' | kubectl create secret generic db --from-file=p=/dev/stdin",
      "echo ‹lemon› | zfs load-key p",
      "filebeat -E output.elasticsearch.password=‹lemon›", "composer config http-basic.x bob ‹lemon›",
      "net rpc user add bob ‹lemon› -S h", "mysqlsh root:‹lemon-anchor-window›@db:3306 --sql",
      "bob:‹Guitar1018›@10.0.0.1", "new API key generated: ‹lemon42›", "Your one-time code is ‹622235›",
      "login failed for bob/‹Lemon42›", "connected as root:‹Lemon42›", "a senha é ‹Lemon42›", "パスワードは ‹Lemon42 です›",
      "Signing with key=‹bw3DagjEXBfch6G6fRibah93SQXdNy0zTvn1m0UxxU8=›", " password 7 ‹F717F80428DD›",
      "set passwd ENC ‹9BqMaq7FYGad7x/+GjWhVgrd8FcIz7J3›", "set system radius-server 10.0.0.1 secret \"‹lemon›\"",
      "a2 AUTHENTICATE PLAIN ‹Ym9iOndhbHJ1c21p›", "redis:auth(\"‹lemonanchor›\")", "_auth = ‹lemon›",
      "\"SET\" \"user:1:token\" \"‹Lemon42›\"", "with Credentials(bob,‹Lemon42›)",
      "|  SecretAccessKey|  ‹UanAiObdzeYEadQrLz7vmf3dI4aW›  |",
    ]) func classes(_ text: String) throws
  { try check(text) }

  @Test(
    "comparisons and other joints",
    arguments: [
      "password.equals(\"‹lemonanchor›\")", "strcmp(password, \"‹Lemon42!›\")",
      "expect(password).toBe('‹lemonanchor›')",
      "password LIKE '‹lemonanchor42›'", "token<>'‹lemonanchor9›'", "password~='‹lemon-anchor-42›'",
      "password -- ‹Lemon42›", "password – ‹Lemon42›", "password[bob]=‹Lemon42›", "%token%=‹Lemon42›",
      "/token/‹mIyZMq23SI7ORsoYVL89U5fox›", "u/p: bob/‹Lemon42›", "login: bob / ‹Lemon42›",
      "MERGE INTO u (id, password) KEY(id) VALUES (1, '‹lemon›')", "CALL create_user('bob', '‹lemon›')",
      "CREATE TABLE t (x int) ENGINE = MySQL('h:3306', 'd', 't', 'app', '‹lemonanchor›')",
      "{\"auth\":[\"bob\",\"‹Lemon42›\"]}",
      "SONAR_LOGIN=‹lemonanchor›", "secretAnswer: ‹lemonanchor›", "passwordDigest: ‹4799d1f6347007a852efebcb›",
    ]) func joints(_ text: String) throws
  { try check(text) }

  @Test(
    "errors that show a value",
    arguments: [
      "invalid value \"‹lemonanchor›\" for field password", "Illegal value '‹Lemon42!›' for parameter api_key",
      "ValueError: invalid literal for int() with base 10: '‹Lemon42›' (DB_PASSWORD)",
      "Token [‹C1Tq42LzEyWuL3L3gDbycABn›] not recognized", "Token <‹C1Tq42LzEyWuL3L3gDbycABn›> not recognized",
      "redis: AUTH ‹lemon-anchor-window› failed: WRONGPASS", "logon denied [app/‹Lemon42›@db:1521/x]",
      "app\0--password\0‹lemon-42›\0--port\080", "changed password bob -> ‹Lemon42›",
      "signing jwt with secret ‹Lemon4242›",
      "Resolved 'db.password' to '‹Lemon42!›'", "Sending {\"op\":\"auth\",\"args\":[\"‹Lemon4242x›\"]}",
    ]) func errors(_ text: String) throws
  { try check(text) }

  @Test func argumentsAfterASecretStay() throws {
    let text = "args:\n  - --client-secret=lemon42x\n  - --verbose\n"
    let out = try Self.redactor.get().redact(RawFile(name: "x.yaml", bytes: Array(text.utf8)))
    #expect(
      String(decoding: out.value, as: UTF8.self) == "args:\n  - --client-secret=[REDACTED]\n  - --verbose\n")
  }

  @Test(
    "what only looks like a secret",
    arguments: [
      "default login page\ngrep -w password file.txt", "the password is incorrect", "the password is mandatory",
      "your password is weak", "Das Passwort ist falsch",
      "la contraseña es obligatoria", "passwort vergessen?", "senha inválida", "enter user / password to continue",
      "psk mode enabled", "ok  \tapp/password\t0.012s", "DB_PASSWORD=$(cat /run/secrets/db)", "enable secret rotation",
      "SET PASSWORD EXPIRE", "community public page", "community support forum", "article: vehicle clear",
      "pod:web-7f9c-abcde@node1:10250 ready", "topic:orders-v2@kafka:9092 lag 3", "listening on 0.0.0.0:587 proto:smtp",
      "name-md5d41d8cd98f00b204e9800998ecf8427e.js", "setPassword(User.java:45)",
      "printf 'password=%s\\n' \"$PASSWORD\"",
      "  password required\n", "use it as the password", "authenticated as service account",
      "sudo -u app mkdir -p cache2", "docker run -u app -p 8080:80 x", "ssh -l bob -p 2222 h", "password=required",
      "az keyvault secret set --vault-name v --name x", "htpasswd -D f bob", "bad credentials: app",
      "update_password: on_create", "Secret: db-tls", "{\"credentials\":\"include\"}",
      "{\"auth\":[\"basic\",\"oauth\"]}",
      "Token <your-token> not recognized", "using secret db-credentials-v2",
      "invalid value \"12\" for field port", "key 'db.host' resolved to 'db' for password rotation",
      "password.equals(other)", "strcmp(password, input)", "expect(password).toBe(undefined)", "password LIKE pattern",
      "token!=null", "password -- required", "/token/refresh", "/v1/tokens/revoke", "login: bob",
      "--client-secret=‹lemon42› --verbose", "snmp community mapping loaded",
      "my pass is broken", "if (type == 'password') {",
      "[password] changed",
    ]) func harmless(_ text: String) throws
  { try check(text) }
}
