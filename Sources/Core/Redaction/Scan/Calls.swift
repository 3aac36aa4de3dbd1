/// Calls whose arguments are known by their place: `login("bob", "x")`, `auth=('bob', 'x')`, `new PDO(dsn, 'bob', 'x')`,
/// `jwt.sign(claims, 'x')`.
enum Calls {
  /// Which of the texts in quotes among the arguments is the secret.
  enum Place: Sendable {
    /// The second of two.
    case pair
    /// The one with this index.
    case text(Int)
    /// The only one.
    case only
    /// The one with this index, if it looks chosen.
    case chosen(Int)
  }

  /// From the documentation of the libraries. In lower case, with the bracket, so that a name in prose is no call.
  static let forms: [(name: StaticString, place: Place)] = [
    ("credentials(", .pair), ("credential(", .pair), ("auth(", .pair), ("auth=(", .pair), ("auth: [", .pair),
    ("login(", .pair), ("userpassword(", .pair), ("authentication(", .pair), ("authenticate(", .pair),
    ("authenticationtoken(", .pair), ("passwordtoken(", .pair), ("credentials.create(", .pair), ("auth: \"", .pair),
    ("__construct('", .text(2)), ("new pdo(", .text(2)), ("mysqli", .text(2)), ("mysql_connect(", .text(2)),
    ("pymysql.connect(", .text(2)), ("mysqldb.connect(", .text(2)), ("getconnection(", .text(2)),
    ("paramiko.connect(", .text(2)), ("ssh.connect(", .text(2)),
    ("fernet(", .only), ("jwt.sign(", .only), ("jwt.verify(", .only), ("jwt.encode(", .text(0)),
    ("jwt.decode(", .text(0)), ("hmac.new(", .text(0)), ("createhmac(", .text(1)), ("hash_hmac(", .text(1)),
    ("createcipheriv(", .text(1)), ("secretkeyspec(", .text(0)), ("keystore.load(", .only), ("pbekeyspec(", .only),
    ("security_credentials, ", .text(0)), ("tosecurestring(", .only), ("tosecure(", .only), ("bearer_auth(", .only),
    ("basic_auth(", .pair), ("credentials.basic(", .pair), ("credentials::new(", .pair), ("plainauth(", .text(2)),
    ("%s:%s@", .text(1)), ("bcrypt.compare(", .text(0)), ("bcrypt.hash(", .text(0)), ("checkpw(", .text(0)),
    ("hashpw(", .text(0)), ("password_verify(", .text(0)), ("jedis.auth(", .only), ("redis.auth(", .only),
    (":auth(", .only),
    // Table functions of ClickHouse and DuckDB.
    ("from mysql(", .text(4)), ("from postgresql(", .text(4)), ("from mongodb(", .text(4)), ("from remote(", .text(4)),
    ("from remotesecure(", .text(4)), ("from s3(", .text(2)), ("from gcs(", .text(2)), ("from oss(", .text(2)),
    ("= mysql(", .text(4)), ("= postgresql(", .text(4)), ("= s3(", .text(2)), ("= mongodb(", .text(4)),
    ("create_user(", .pair), ("add_user(", .pair), ("createuser(", .pair), ("adduser(", .pair),
    ("set_password(", .pair),
    ("change_password(", .pair), ("changepassword(", .pair), ("check_password(", .pair), ("verify_password(", .pair),
    ("checkpassword(", .pair), ("verifypassword(", .pair), ("\"auth\",\"args\":[", .text(0)), ("auth\":[", .text(1)),
    ("auth\": [", .text(1)), ("auth': (", .pair), ("auth\": (", .pair),
    ("::connect('", .chosen(2)), ("->connect('", .chosen(2)), ("dbi->connect(\"", .text(2)),
    ("into function mysql(", .text(4)), ("into function s3(", .text(2)),
  ]

  static let names = forms.map { "\($0.name)" }

  static func place(_ bytes: Bytes, at hit: Int, length: Int) -> Place? {
    forms.first { $0.name.utf8CodeUnitCount == length && bytes.hasIgnoringCase($0.name, at: hit) }?.place
  }
}

extension TextScan {
  /// Such a call was seen at `hit`.
  mutating func call(at hit: Int, length: Int) {
    guard let place = Calls.place(bytes, at: hit, length: length) else { return }
    let limit = min(bytes.count, hit + 512)
    var index = hit
    while index < limit, bytes[index] != 0x28, !bytes[index].isQuote, !bytes[index].isLineEnd, bytes[index] != 0x5B {
      index += 1
    }
    // {"auth":["bob","x"]}, {'auth': ('bob', 'x')}
    if bytes[hit + length - 1] == 0x5B || bytes[hit + length - 1] == 0x28 { index = hit + length - 1 }
    guard index < limit, !bytes[index].isLineEnd else { return }
    // Behind `(`, or behind the quote that closes the format `amqp://%s:%s@host`.
    if !bytes[index].isQuote || bytes[hit + length - 1] == 0x40 { index += 1 }
    var texts: [Range<Int>] = []
    var depth = 0
    scan: while index < limit, bytes[index] != 0x3B, !bytes[index].isLineEnd, texts.count < 6 {
      switch bytes[index] {
      case 0x28, 0x7B, 0x5B: depth += 1
      case 0x29, 0x7D, 0x5D:
        if depth == 0 { break scan }
        depth -= 1
      case 0x22, 0x27, 0x60:
        let quote = bytes[index]
        var end = index + 1
        while end < limit, bytes[end] != quote, !bytes[end].isLineEnd { end += bytes[end] == 0x5C ? 2 : 1 }
        guard end < limit else { return }
        if depth == 0 || depth == 1 && bytes.has("Some(", at: index - 5) { texts.append(index + 1..<end) }
        index = end
      case 0x3D, 0x3A:
        if depth == 0, case .pair = place { return }  // arguments by name: their keys decide
      default: break
      }
      index += 1
    }
    let found: Range<Int>?
    switch place {
    case .pair: found = texts.count == 2 ? texts[1] : texts.isEmpty ? bareSecond(from: hit + length, limit) : nil
    case .text(let number): found = texts.count > number ? texts[number] : nil
    case .only: found = texts.count == 1 ? texts[0] : nil
    case .chosen(let number): found = texts.count > number && looksChosen(texts[number]) ? texts[number] : nil
    }
    guard let found, !found.isEmpty else { return }
    if case .pair = place {} else if isAlgorithm(found) { return }
    secretArgument(found)
  }

  /// `Credentials(bob,x1)` as programs show values: the second of two words without quotes, if it looks chosen.
  private func bareSecond(from start: Int, _ limit: Int) -> Range<Int>? {
    guard bytes[start - 1] == 0x28,
      let close = (start..<limit).first(where: { bytes[$0] == 0x29 || bytes[$0] == 0x28 }),
      bytes[close] == 0x29, let comma = (start..<close).first(where: { bytes[$0] == 0x2C })
    else { return nil }
    // `Credentials(bob,x1,true)`: what follows says more about it.
    let end = (comma + 1..<close).first { bytes[$0] == 0x2C } ?? close
    guard end > comma + 1 else { return nil }
    let second = min(end, bytes[comma + 1] == 0x20 ? comma + 2 : comma + 1)..<end
    guard !second.isEmpty, second.allSatisfy({ bytes[$0] > 0x20 && !",.=".utf8.contains(bytes[$0]) }),
      looksChosen(second)
    else { return nil }
    return second
  }

  /// `HS256`, `sha256`, `utf8`: an argument of such calls that is no secret.
  private func isAlgorithm(_ range: Range<Int>) -> Bool {
    range.count <= 5 || isWordOfProse(range) || ValueShape.isPath(bytes, range)
  }

  /// `setPassword("x")`, `.password("x")`, `SecretStr('x')`: the text that a setter or a type is given.
  mutating func callArgument(of key: Key) -> Bool {
    let open = key.end
    guard bytes.at(open) == 0x28 else { return false }
    let verbs: [StaticString] = ["set", "with", "change", "update", "reset", "use", "new", "encode", "hash"]
    let types: [StaticString] = [
      "password", "secretstr", "secretstring", "securestring", "secretbytes", "guardedstring",
    ]
    let start = key.name.lowerBound
    let method = key.name.last { bytes[$0] == 0x2E }.map { $0 + 1 } ?? start
    // `password.encode('utf-8')`: the method itself has to say what it sets.
    let isSetter =
      verbs.contains { bytes.hasIgnoringCase($0, at: method) }
      && (method == start || verdict(method..<key.name.upperBound) > .none)
    let isType = types.contains { $0.utf8CodeUnitCount == key.name.count && bytes.hasIgnoringCase($0, at: start) }
    guard bytes.at(open + 1).isQuote else { return isSetter && tracedArgument(at: open + 1) }
    // `password.equals("x")`
    let comparisons: [StaticString] = [
      ".equals", ".equalsIgnoreCase", ".compareTo", ".contentEquals", ".eql?", ".is_eq",
    ]
    for name in comparisons where bytes.has(name, at: key.end - name.utf8CodeUnitCount) {
      let compared = start..<key.end - name.utf8CodeUnitCount
      let verdict = verdict(compared)
      guard verdict >= .plural else { return false }
      value(at: open + 1, Key(name: compared, dashes: 0, end: key.end, verdict: verdict), .comparison)
      return true
    }
    let isBuilder = bytes.at(start - 1) == 0x2E || method > start
    let isMade =
      bytes.firstByte(bytes[open + 1], from: open + 2, to: min(bytes.count, open + 512)).map {
        ValueShape.looksLikeCredential(bytes, open + 2..<$0) || ValueShape.isUUID(bytes, open + 2..<$0)
      } ?? false
    guard isSetter || isType || isBuilder && (key.verdict == .password || isMade) else { return false }
    value(at: open + 1, key, .arrow)
    return true
  }
}
