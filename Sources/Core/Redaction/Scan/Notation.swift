/// Notations that a word gives away: which literal makes which verifier look at its surroundings.
enum Notation: Sendable, Equatable {
  /// Options of a command-line tool.
  case tool
  /// An option that takes a password beside one that takes a user.
  case userOption
  /// `-u bob:x` of any tool.
  case userPair
  /// Arguments of a command whose place says what they are.
  case positional
  /// `"x" | sudo -S`, `<<< "x"`.
  case pipe
  /// `sqlplus u/x@orcl`.
  case oracleTool
  /// `u:x@(host:3306)` of Go's driver for MySQL.
  case mysqlAddress
  /// `…LoginModule required user_bob="x"` of a JAAS configuration.
  case jaas
  /// `Private-Lines: 8` of PuTTY's key files.
  case puttyKey
  /// A word about payment cards: a number may follow.
  case card
  /// Statements of SQL and of database shells.
  case identified, passwordClause, insert, keyClause, connect
  /// Calls and tuples of a user and a password.
  case call
  /// A part of a multipart form.
  case formPart
  /// A manifest of a Secret inside a text.
  case secretObject
  /// What the API server says of a Secret that it cannot read; a resource of Terraform; a key in the XML of .NET.
  case rejectedSecret, resource, xmlKey
  /// `$1$`, `{SHA}` behind a user's name: see the rule for password hashes.
  case userHash
  /// A line of `/etc/passwd` that holds a password.
  case passwordLine
  /// A literal right behind which the secret stands.
  case placed
  /// A password that Terraform made up.
  case randomPassword
  /// The rejected input of a field, as pydantic reports it.
  case rejectedInput
  /// A private key in the form of RFC 4716.
  case ssh2Key
  /// `stringData:` or `"stringData":` of a manifest, or of a part of one.
  case stringData
  /// Literals of a `secretGenerator` of kustomize.
  case generator
  /// A patch of a Secret, an answer of kubectl or of a vault, or a difference, that shows one.
  case secretPatch, secretAnswer, secretDiff, pythonSecret, vaultTable, vaultAnswer
  /// Numbers of a private key in openssl's text, and private members of a JSON Web Key that is not JSON.
  case keyNumber, jwkText
  /// The password of a login to a mail server, and of one to Redis.
  case mailPassword, redisArguments
  /// A line of a cookie file.
  case cookieLine
  /// The prompt of a shell.
  case prompt
  /// A Secret as etcd holds it.
  case storedSecret
  /// A line of Docker's JSON log, which may be a part of a longer one.
  case partialJSON
  /// The second line of a dump of bytes.
  case hexdump
  /// A word beside which a token that nodes join a cluster with may stand.
  case bootstrap

  static let triggers: [Trigger] = {
    func make(_ literals: [String], _ notation: Notation, startsWord: Bool = false) -> [Trigger] {
      literals.map {
        Trigger(
          literal: Array($0.utf8), caseSensitive: false, verifier: .notation(notation), startsWord: startsWord)
      }
    }
    return make(["exp ", "imp "], .oracleTool, startsWord: true)
      + make([" -p ", " -pw ", " -w ", " -xp "], .userOption)
      + make([" -u ", "--user ", "--user="], .userPair)
      + make(CommandTools.names, .tool, startsWord: true) + make(Positional.names, .positional, startsWord: true)
      + make(
        [
          "| sudo -", "|sudo -", "--password-stdin", "passwd --stdin", "chpasswd", "| kinit", "|kinit", "--with-token",
          "--data-file=-", "<<<", "<(echo ", "<(printf ", "| passwd", "|passwd", "| smbpasswd", "| pdbedit",
          "| cryptsetup", "| docker secret", "| podman secret", "| kubectl create secret", "| zfs load-key", "| base64",
          "| md5sum", "| sha256sum", "| sha1sum", "| openssl", "| gpg", "| mkpasswd", "| vault",
          "| wrangler secret", "| gh secret", "| fly secrets", "| flyctl secrets", "| doppler secrets", "| vercel env",
          "| pass insert", "| kubeseal",
        ], .pipe)
      + make(["identified"], .identified) + make(["password", "passwd"], .passwordClause)
      + make(["insert into", "replace into", "merge into"], .insert)
      + make(
        [
          " key '", "crypt('", "_encrypt(", "_decrypt(", "sp_addlogin", "sp_password", "pragma key", " secret '",
          " hash '", "sp_addlinkedsrvlogin", "sp_setapprole",
          "hmac(",
        ],
        .keyClause)
      + make(["connect ", "conn ", "@//", ":thin:", "@(descr", "/xepdb", ":1521/"], .connect)
      + make(Calls.names, .call)
      + make(["sqlplus", "impdp", "expdp", "rman ", "sqlldr", "sqlcl", "userid="], .oracleTool)
      + make([":3306)"], .mysqlAddress)
      + make(["card", "\"pan\"", "pan=", "ccnum", "visa", "amex"], .card) + make(["loginmodule"], .jaas)
      + make(["private-lines:"], .puttyKey) + make(["form-data; name="], .formPart)
      + make(
        [
          "kind: secret", "kind: 'secret", "kind: \"secret", "kind: \\\"secret", "kind\":\"secret", "kind\": \"secret",
          "kind:secret ", "kind\\\": \\\"secret",
        ], .secretObject)
      + make(["secret{"], .secretObject, startsWord: true)
      + make(
        [
          ":{sha}", ":{ssha}", ":{md5}", ":{crypt}", ":{plain}", ":{clear}", ":{cleartext}", ":{sha256}", ":{ssha256}",
          ":{sha512}", ":{ssha512}", ":{blf-crypt}", ":{noop}", ":{bcrypt}",
        ], .userHash)
      + make([":/bin/bash", ":/bin/sh", ":/usr/sbin/nologin", ":/sbin/nologin", ":/bin/false"], .passwordLine)
      + make(
        [
          "\"auth\" \"", "::add-mask::", ": eap \"", ": xauth \"", ": psk \"", " * \"", "login attempt [",
          "type=execve", " on >", "]:587 ", "]:465 ", "]:25 ", ": rsa ", "secure_link_md5 ", "dial tcp: lookup ",
          "| password_hash", "hello 3 auth default ", "certificate key:", "credentials ", "connect as ",
          "credentials are ", "auth_bytes=", "response=\\x00", "response=b'\\x00", "secret id", "c=biws,r=", " <- [",
          ":587 ", ":465 ",
          ":2525 ", "]:587\t", "]:465\t", "]:25\t", ":lct-", ":7:::", "<apikeys>", "-hmac-sha", "+ test -", "+ [[ -",
          "+ '[' -",
          " (from client ", " one is ", "&command=-p", "secretid:", "credentials\t",
          "for authentication using ", " on #", " auth2 ", "\"md5", ":md5", "encrypt = \"", "encrypt\": \"",
          "encrypt\":\"", "-encrypt=",
          "-encrypt ",
        ],
        .placed)
      + make(
        [
          "wifi:", "u/p: ", "user/pass ", "user/pass: ", "username/password ", "username/password: ", "login: ",
          "login failed for ", "authenticate plain ", "connected as ", "authenticated as ", "logged in as ",
          "login with ",
          "log in with ", "log in as ", "new value: ", "send auth\\ ", "send \"", "digest:",
        ], .placed, startsWord: true)
      + make(["k8s\0", "k8s\n\u{C}\n\u{2}v1"], .storedSecret) + make(["\n$ ", "~$ ", "/$ ", "~# ", "/# "], .prompt)
      + make(["be handled as a secret"], .rejectedSecret)
      + make(
        ["secret\" \"", "secret_v1\" \"", "secret_version\" \""], .resource)
      + make(["<rsakeyvalue", "<dsakeyvalue"], .xmlKey)
      + make(["secretgenerator:"], .generator) + make(["input_value="], .rejectedInput)
      + make(["---- begin ssh2 encrypted priv"], .ssh2Key) + make(["stringdata"], .stringData)
      + make(["\"random_password\""], .randomPassword)
      + make(
        [
          "patch secret", "/secrets/", "\"resource\":\"secrets\"", "\"resource\": \"secrets\"",
          "\"type\":\"kubernetes_secret", "\"type\": \"kubernetes_secret", "\"created_time\"",
        ], .secretPatch)
      + make(["get secret", "view-secret", " -field="], .secretAnswer)
      + make(["/v1.secret.", "secret (v1) has ", "== /secret "], .secretDiff)
      + make(["'kind': 'secret'", "v1secret("], .pythonSecret)
      + make(["0010: ", "0010  "], .hexdump)
      + make(["bootstrap", "kubeadm", "[token]", "cluster-info", "kubelet"], .bootstrap)
      + make(["= data =", "refresh_interval  "], .vaultTable)
      + make(["\"lease_id\"", "\"securestring\"", "\"datacrc32c\""], .vaultAnswer)
      + make(
        ["privateexponent:", "prime1:", "prime2:", "exponent1:", "exponent2:", "coefficient:", "priv:"], .keyNumber,
        startsWord: true)
      + make(["kty: ", "kty:ec", "kty:rsa", "kty:oct", "kty:okp", "kty': "], .jwkText, startsWord: true)
      + make(["334 ugfzc3dvcmq6"], .mailPassword) + make(["auth\r\n$", "auth\\r\\n$"], .redisArguments)
      + make(["\ttrue\t", "\tfalse\t"], .cookieLine)
      + make(
        ["\",\"stream\":\"", "\", \"stream\": \"", "\",\"_p\":\"p\"", "\", \"_p\": \"p\""], .partialJSON)
  }()
}

extension TextScan {
  /// A literal of a notation was seen at `hit`.
  mutating func notation(_ notation: Notation, at hit: Int, length: Int) throws(RedactionError) {
    let builtin = engine.builtin
    switch notation {
    case .tool: if try enter(builtin.command) { command(at: hit, length: length) }
    case .userPair: if try enter(builtin.command) { pairBehindUser(at: hit, length: length) }
    case .userOption: if try enter(builtin.command) { passwordBesideUser(at: hit, length: length) }
    case .positional: if try enter(builtin.command) { positional(at: hit, length: length) }
    case .pipe: if try enter(builtin.command) { pipe(at: hit, length: length) }
    case .oracleTool: if try enter(builtin.dsn) { oracleTool(at: hit, length: length) }
    case .mysqlAddress:
      if try enter(builtin.dsn), let at = bytes.first("@(", in: max(0, hit - 128)..<hit) { dsn(at: at) }
    case .card: if try enter(builtin.card) { cardNumber(after: hit, length: length) }
    case .jaas: if try enter(builtin.keyValue) { jaasUsers(at: hit, length: length) }
    case .puttyKey: if try enter(builtin.privateKey) { puttyLines(at: hit, length: length) }
    case .identified: if try enter(builtin.sql) { identified(at: hit, length: length) }
    case .passwordClause: if try enter(builtin.sql) { passwordClause(at: hit, length: length) }
    case .insert: if try enter(builtin.sql) { insert(at: hit, length: length) }
    case .keyClause: if try enter(builtin.sql) { keyClause(at: hit, length: length) }
    case .connect: if try enter(builtin.dsn) { oracle(at: hit, length: length) }
    case .call: if try enter(builtin.command) { call(at: hit, length: length) }
    case .formPart: if try enter(builtin.keyValue) { formPart(at: hit, length: length) }
    case .secretObject: if try enter(builtin.kubernetesSecret) { try secretObject(at: hit, length: length) }
    case .rejectedSecret:
      if try enter(builtin.kubernetesSecret) { rejectedSecret(at: hit, length: length) }
    case .resource: if try enter(builtin.kubernetesSecret) { secretResource(at: hit, length: length) }
    case .xmlKey: if try enter(builtin.privateKey) { xmlKey(at: hit, length: length) }
    case .userHash: if try enter(builtin.command) { userHash(at: hit, length: length) }
    case .passwordLine: if try enter(builtin.command) { passwordLine(at: hit) }
    case .placed: if try enter(builtin.command) { try placed(at: hit, length: length) }
    case .randomPassword: if try enter(builtin.keyValue) { randomPassword(at: hit, length: length) }
    case .rejectedInput: if try enter(builtin.keyValue) { rejectedInput(at: hit, length: length) }
    case .ssh2Key: if try enter(builtin.privateKey) { ssh2Key(at: hit) }
    case .stringData: if try enter(builtin.kubernetesSecret) { stringData(at: hit, length: length) }
    case .generator: if try enter(builtin.kubernetesSecret) { generator(at: hit, length: length) }
    case .secretPatch: if try enter(builtin.kubernetesSecret) { secretPatch(at: hit, length: length) }
    case .secretAnswer: if try enter(builtin.kubernetesSecret) { secretAnswer(at: hit, length: length) }
    case .secretDiff: if try enter(builtin.kubernetesSecret) { secretDiff(at: hit) }
    case .pythonSecret: if try enter(builtin.kubernetesSecret) { pythonSecret(at: hit) }
    case .vaultTable: if try enter(builtin.kubernetesSecret) { vaultTable(at: hit) }
    case .vaultAnswer: if try enter(builtin.kubernetesSecret) { vaultAnswer(at: hit, length: length) }
    case .keyNumber: if try enter(builtin.privateKey) { keyNumber(at: hit, length: length) }
    case .jwkText: if try enter(builtin.jwk) { jwkText(at: hit, length: length) }
    case .mailPassword: if try enter(builtin.kubernetesSecret) { mailPassword(at: hit) }
    case .redisArguments: if try enter(builtin.command) { redisArguments(at: hit, length: length) }
    case .cookieLine: if try enter(builtin.cookie) { cookieLine(at: hit) }
    case .prompt: if try enter(builtin.command) { prompted(at: hit, length: length) }
    case .storedSecret: if try enter(builtin.kubernetesSecret) { storedSecret(at: hit) }
    case .bootstrap: if try enter(builtin.kubernetesSecret) { bootstrapTokens(near: hit) }
    case .partialJSON, .hexdump: break  // read by `TextScan.verify`, inside of other finds, too
    }
  }
}
