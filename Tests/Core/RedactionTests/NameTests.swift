import Testing

@testable import Redaction

/// Names under keys that say "secret": of objects, of keys in objects, of members of programs. They stay, and what looks like them and
/// is a secret goes.
@Suite struct NameTests {
  @Test(
    "names of Secrets",
    arguments: [
      "\"Deleting token\" secret=\"kube-system/bootstrap-token-abcdef\"",
      "kube_secret_info{namespace=\"prod\",secret=\"db\"} 1", "Image pull secrets:  regcred",
      "{\"msg\":\"reconciled\",\"secret\":\"prod/api-tls\"}",
      "[id=arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-AbCdEf]",
      "secret=\"‹winter-lemon-77›\"", "secret=‹Falcon2938›",
    ]) func objects(_ text: String) throws
  { try check(text) }

  @Test(
    "names of keys in Secrets",
    arguments: [
      "  userPasswordKey: password", "  existingSecretPasswordKey: redis-password", "  passwordKey: db-password",
      "{\"secretName\":\"db\",\"secretKey\":\"password\"}",
      "  clientSecret: {name: oidc, key: client-secret}", "credentials: {key: token, name: a}",
      "SECRET_KEY=‹django-insecure-77›", "SECRET_KEY = \"‹violet.harbor.pepper›\"",
      "clientSecret: {name: oidc, value: ‹Falcon2938›}",
    ]) func keys(_ text: String) throws
  { try check(text) }

  @Test("references of custom resources") func references() throws {
    try check(
      """
      kind: ServiceMonitor
      spec:
        basicAuth:
          password:
            name: db
            key: pass
        clientSecret:
          key: my-key
          name: y
        authorization:
          credentials: {key: abc, name: s}
        token:
          fromSecret: db
          key: ‹k9Xw2LmPq81ZrTy4›

      """)
  }

  @Test(
    "members of programs",
    arguments: [
      "password = Settings.DbPassword", "token: request.session.authToken", "password: str = Field(..., min_length=12)",
      "password = input(\"Password: \")", "password=‹copper.violet.pepper›", "password=‹copper.Violet7›",
    ]) func members(_ text: String) throws
  { try check(text) }

  @Test(
    "addresses and remarks",
    arguments: [
      "  password: %env(DB_PASSWORD)%", "  secret: $__file{/etc/secrets/db}", "  api_key: os.environ/OPENAI_KEY",
      "password [optional]", "token written: path=/home/vault/.vault-token", "PASSWORD_HASHERS=argon2",
      "WARNING! Using --password via the CLI is insecure. Use --password-stdin.",
      "docker login --username bob --password-stdin registry.example.com", ":path: /token\n+ tool /v:host",
    ]) func addresses(_ text: String) throws
  { try check(text) }

  @Test(
    "names of headers in lists",
    arguments: [
      "[external/envoy] 'x-api-key', '‹DES1L744AHLsexbBp3jkeHBArlTPJIPx›'",
      "rawHeaders: [ 'Host', 'api', 'X-Api-Key', '‹ZSkcYCaHTb4IELvZlNKLHsC6AtF0YEHX›', 'Accept', '*/*' ]",
      "allowed: 'x-api-key', 'content-type'",
    ]) func headers(_ text: String) throws
  { try check(text) }

  @Test(
    "explanations between a key and its value",
    arguments: [
      "Client secret (32 chars): ‹PJVoXT7RD3DgErihZVpWF1EEj3x1›",
      "Password for the elastic user (reset with bin/elasticsearch-reset-password): ‹OsKMCTuQwAj8AjyZLvE7›",
      "password> ‹Dragon4762›", "# requirepass set to ‹cactus-rabbit-hammer›",
      "expected password \"‹turnip-rabbit-9›\" but was \"‹tunnel-candle-7›\"", "did you forget your password? Reset it",
    ]) func explanations(_ text: String) throws
  { try check(text) }

  @Test(
    "values in values of programs",
    arguments: [
      "main.Opts{Token:main.Secret{value:\"‹rVYhfk1bzOScwDLdlWa9›\"}}",
      "{'host': 'db', 'auth': ('bob', '‹saddlepillow›')}",
      "Credentials(bob,‹phd2wxYfH7GPon›,true)", "curl -H X-Vault-Token:\\ ‹rkSGZ3AMyQjS0ecd› https://x",
      "map $http_x_api_key $client { \"‹RkRNdB2ZyVEiJUsW›\" app; default \"\"; }", "map $uri $x { \"/a1\" 1; }",
      "+ isql DSN bob ‹Guitar9530›", "MIGRATE 10.0.0.1 6379 \"\" 0 5000 AUTH ‹HxPIa2xcgAQG› KEYS a",
      "connect bob/‹Tigger7887›@ORCL", "uses actions/checkout2@V",
      "  password: ~\n  key: db-password\nwifi_passphrase = ‹carpet-cactus-20›\nvalue = 3",
      "{\"name\":\"DB_PASSWORD\",\"token\":\"‹abcd9876xyzq›\",\"value\":\"‹lemon99x›\"}",
      "token is not yet valid: token used early\n  data:abc=", "client.setBotToken(\"‹FwjC3zkGLnrybtaad1HHyHps›\")",
      ".herokuApiKey(\"‹48ddaaa8-d875-4854-afcc-d6467260244d›\")", "ENV COSMOS_PRIMARY_KEY ‹FQ279s9betwKnQvOP38fZvL7›",
      "Replication password            ‹Winter74656›", "password=\n  SECRET_NAME=prod/db",
      "INSERT INTO t (id, asana_pat) VALUES (3, '‹7bRRUViTVLkRU1MwEBRBJEJIFFk9›')",
      "| name | twitch client secret |\n|---|---|\n| main | ‹pqjmnzih7gh5dt6e7zczlwycdsogtl› |",
      "{\"payload\":{\"data\":\"‹Ym9iOmJhc2tldC1ib3R0bGU=›\",\"dataCrc32c\":\"123\"}}",
      "{\"log\":\"| id | password |\\n\",\"stream\":\"stderr\"}\n{\"log\":\"+--+--+\\n\",\"stream\":\"stderr\"}\n"
        + "{\"log\":\"|  1 | ‹pencil-ladder› |\\n\",\"stream\":\"stderr\"}",
      "{\"msg\": \"exec sp_addlogin 'bob', '‹x1yz›'\", \"caller\": \"main.go:12\"}",
    ]) func programs(_ text: String) throws
  { try check(text) }

  @Test(
    "more names of keys",
    arguments: [
      "adminpw=‹rabbit-ribbon-basket›", "deploykey=‹oGHyV0c3SEmzIlmF9liC›",
      "CI_JOB_JWT_V2=‹yGLBO9feV7ZHu3FUSptZBzhkKkmo›",
      "CLAVE=‹zipper-mirror-saddle›", "schluessel=‹7xUJ8bUHE0nbfLtH5x8U›", "clave primaria: id_usuario",
      "X-JFrog-Art-Api: ‹riJKCJyze8Vf85oH2MilAMS98CjBELYp›", "/user?oldpass=‹engine-candle›&newpass=‹Tigger8506›",
      "\"cléSecrète\": \"‹Og01n0is9JKTft8U8XSDGxoN5v›\"",
      "tacacs.key = \"‹basket.rabbit.zipper6›\"", "{\"dbSenhas\":[\"‹68L#sC3qdY›\",\"‹bottle-ribbon›\"]}",
      "metadata: {x-chave-api=‹[3Jy6y1YpBAnklQWSg7y21RNm]›, a=[b]}", ".activationKey(\"‹lFZT5Lz7g8TxIcbB2nORkf›\")",
      "| id | radius secret |\n|---|---|\n| a | ‹bottle-saddle-turnip› |",
      "required username=\"bob\" dbkennwort=\"‹9928734817›\";",
      "RelayState=x&SAMLResponse=‹GNJ2PcIo7ufPHHAwOdpY9X4c›", "{\"endpoint\":\"root:‹walrus-tunnel70›@etcd:2379\"}",
      "Authorization: GenieKey ‹81eb29de-bace-47e5-adfa-bb27841ea1d7›, x",
    ]) func keyNames(_ text: String) throws
  { try check(text) }
}

/// Words of documentation and of programs, from public texts, that stood where a secret may and are none.
@Suite struct ProgramWordTests {
  @Test(
    "documentation",
    arguments: [
      "an access token with `repository_read` scope permission", "learned to pass \"--quiet\" down to the tool",
      "* Pass `strict` param down to the connection", "If you need to pass UTF-8 characters in the value",
      "Problems identified by valgrind.", "referred to by `path`, identified by `name` in the set",
      "issues between SASL and AUTH PLAIN/LOGIN.", "They do not have to be secret: IVs are typically just random",
      "* `assertion`: JSON representing the authentication credential issued by",
      "using the Bearer schema. Example: Authorization: Bearer", "`age`, `authorization`, `content-length`, `range`",
      "Credentials saved to file: [/usr/local/home/.config/gcloud/application.json]",
      "Creating Service Account Keys: https://cloud.example.com/iam/docs/keys",
      "[`auth` is in com.google.auth:google-auth-library-credentials:1.3.0]",
      "docker-credential-gcr: google-cloud-cli-docker-credential-gcr", "--page-token=\"ala9glealanal908\"",
      "CREATE USER bob identified by ‹lemonanchor›;", "PASS ‹Falcon2938›",
    ]) func documentation(_ text: String) throws
  { try check(text) }

  @Test(
    "programs",
    arguments: [
      "private_key = serialization.load_pem_private_key(\n  data)", "const iv = Buffer.alloc(16, 0);",
      "const nonce = randomBytes(12);", "client = Client(credentials=target_credentials)",
      "fn(s: str, loc: int, tokens: ParseResults)", "cookies = dict(cookies_are='working')", "  id-token: write",
      "echo \"hashes=$(sha256sum * | base64 -w0)\" >> $OUT", "connection.secretVersion: '{__relative_name__}'",
      "url = f\"x:{db_password}\"", "add_argument('--private-key', help=help_text, required=True)",
      "def login(self, token=None):", "def CreateAccountKey(service_account_name):",
      "super().__init__('secret', **kwargs)",
      "'token-key': '{.credential.access_token}'", "cluster.authorization = messages.Authorization()",
      "secrets_msg = 'This config references secrets stored elsewhere.'",
      "credential: Credential setting for either account",
      "password_bytes = password.encode('utf-8')", "a default ('notasecret'), so we will prompt",
      "id_key = entity.plural + \"Id\"",
      "base.Argument('--token', **kwargs)", "'security_keys={7}, signed_ssh_key={8}, '",
      "set(\"password\", \"‹lemon›\")",
      "Adds a --password flag to parser.",
      "objectName: db-password\n'column_name' => 'x',",
      "Server=h;Uid=u;Pwd={‹copper_lantern_glacier›};".replacing("{‹", with: "‹{").replacing("›}", with: "}›"),
    ]) func programs(_ text: String) throws
  { try check(text) }

  @Test("the name of a key is masked where it stands, and nowhere else") func names() throws {
    try check("refresh_token='‹refresh_token›'\nthe refresh_token is read from the file")
  }
}
