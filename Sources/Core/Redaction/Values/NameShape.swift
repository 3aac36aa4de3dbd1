/// What a key says of names: `secret` may stand for an object, `passwordKey` for a key in one.
enum KeyNaming {
  case none
  /// The value may be the name of a Secret.
  case object
  /// The value may be the name of a key in a Secret.
  case key
  /// An annotation, `cert-manager.io/private-key-secret`: the value may be names of objects.
  case annotation

  init(_ bytes: Bytes, _ name: Range<Int>) {
    let end = name.upperBound
    if 6...7 ~= name.count, bytes.hasIgnoringCase("secret", at: name.lowerBound),
      name.count == 6 || bytes[end - 1] | 0x20 == 0x73
    {
      self = .object
      return
    }
    if let slash = bytes.firstByte(0x2F, from: name.lowerBound, to: end), slash > name.lowerBound,
      bytes.firstByte(0x2E, from: name.lowerBound, to: slash) != nil, Self.endsInSecret(bytes, name)
    {
      self = .annotation
      return
    }
    var word = end
    if name.count > 6, bytes.hasIgnoringCase("key", at: end - 3) {
      word = end - 3
      if bytes[word - 1] == 0x5F || bytes[word - 1] == 0x2D { word -= 1 }
    }
    let isTold = word < end && ValueShape.endsLikeKey(bytes, name.lowerBound..<word)
    self = isTold ? .key : .none
  }

  /// True for the name of a kind of object: `private-key-secret`. A token or a password is none.
  static func endsInSecret(_ bytes: Bytes, _ name: Range<Int>) -> Bool {
    bytes.hasIgnoringCase("secret", at: name.upperBound - 6)
      || bytes.hasIgnoringCase("secrets", at: name.upperBound - 7)
  }
}

extension ValueShape {
  /// `db-tls`, `prod/registry-pull`, `kube-system/bootstrap-token-x7k2p9`: small letters and joints, and a last part that says what
  /// such an object holds.
  static func isNameOfSecret(_ bytes: Bytes, _ range: Range<Int>) -> Bool {
    if isPathOfObject(bytes, range) || range.count == 7 && bytes.has("regcred", at: range.lowerBound) { return true }
    guard let joint = range.last(where: { bytes[$0] == 0x2D }), joint > range.lowerBound,
      range.allSatisfy({ bytes[$0].isLower || bytes[$0].isDigit || bytes[$0] == 0x2D || bytes[$0] == 0x2F })
    else { return false }
    if bytes.first("-token-", in: range) != nil { return true }
    let kinds: [StaticString] = [
      "tls", "cert", "certs", "creds", "credentials", "auth", "secret", "secrets", "token", "key", "keys", "config",
      "registry", "pull", "ca", "docker", "env", "password", "passwords", "certificate",
    ]
    return kinds.contains {
      $0.utf8CodeUnitCount == range.upperBound - joint - 1 && bytes.has($0, at: joint + 1)
    }
  }

  /// `db-credentials,api-keys`, `shop-tls-v2`: names of objects, which a generator did not make.
  static func isNameOfObjects(_ bytes: Bytes, _ range: Range<Int>) -> Bool {
    range.allSatisfy { bytes[$0].isLower || bytes[$0].isDigit || "-./, ".utf8.contains(bytes[$0]) }
      && bytes[range].contains(0x2D) && !looksLikeCredential(bytes, range)
  }

  /// `shop/regcred`, `prod/shop/db`: small letters in parts, and few digits. A password has none of these slashes.
  private static func isPathOfObject(_ bytes: Bytes, _ range: Range<Int>) -> Bool {
    guard bytes[range.lowerBound].isLower, bytes[range.upperBound - 1].isAlphanumeric,
      (1...4).contains(range.count(where: { bytes[$0] == 0x2F })), range.count(where: { bytes[$0].isDigit }) <= 2
    else { return false }
    return range.allSatisfy {
      bytes[$0].isLower || bytes[$0].isDigit || bytes[$0] == 0x2D || bytes[$0] == 0x2E
        || bytes[$0] == 0x2F && bytes[$0 - 1] != 0x2F
    }
  }

  /// `^9.0.2`, `1.2.3`, `>=2.1`: a version that a program depends on.
  static func isVersion(_ bytes: Bytes, _ range: Range<Int>) -> Bool {
    guard range.count <= 16, let digit = range.first(where: { bytes[$0].isDigit }), digit - range.lowerBound <= 2,
      (range.lowerBound..<digit).allSatisfy({ "^~>=<v".utf8.contains(bytes[$0]) })
    else { return false }
    let dots = range.count { bytes[$0] == 0x2E }
    return 1...3 ~= dots && (digit..<range.upperBound).allSatisfy { bytes[$0].isDigit || bytes[$0] == 0x2E }
  }

  /// `password`, `db-password`, `apiToken`: letters that read as the name of a key themselves.
  static func isNameOfKey(_ bytes: Bytes, _ range: Range<Int>) -> Bool {
    range.allSatisfy { bytes[$0].isLetter || bytes[$0] == 0x2D || bytes[$0] == 0x5F } && endsLikeKey(bytes, range)
  }

  /// `key_path`, `old_secrets`, `impersonate_service_account`: two or three words of small letters, joined as programs join them.
  static func isVariable(_ bytes: Bytes, _ range: Range<Int>) -> Bool {
    var joints = 0
    for index in range {
      if bytes[index] == 0x5F { joints += 1 } else if !bytes[index].isLower { return false }
    }
    return 1...2 ~= joints
  }

  /// True if the last word is one of those that most keys of secrets end in.
  static func endsLikeKey(_ bytes: Bytes, _ range: Range<Int>) -> Bool {
    let words: [StaticString] = [
      "password", "passwd", "pwd", "secret", "token", "key", "credential", "passwords", "secrets", "tokens", "keys",
      "credentials",
    ]
    return bytes.ends(range, with: words)
  }
}
