import Testing

@testable import Redaction

/// Secrets that stand in sentences, in programs and under keys of other languages; and what looks like them.
@Suite struct SentenceTests {
  private static let redactor = Result { try Redactor() }

  private func check(_ text: String) throws {
    let marked = Marked(text)
    let redactor = try Self.redactor.get()
    let once = try redactor.redact(RawFile(name: "x.log", bytes: Array(marked.input.utf8)))
    #expect(String(decoding: once.value, as: UTF8.self) == marked.expected)
    let twice = try redactor.redact(RawFile(name: "x.log", bytes: once.value))
    #expect(twice.value == once.value)
  }

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
      "  password required\n", "use it as the password", "if (type == 'password') {", "[password] changed",
    ]) func harmless(_ text: String) throws
  { try check(text) }
}
