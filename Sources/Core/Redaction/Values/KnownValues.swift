/// The secrets of one incident: what a rule found in one place is masked wherever else it stands.
///
/// Which values: those of at least 6 bytes that are neither a number of fewer than 8 digits, nor a word that everybody
/// uses (`admin`, `changeme`), nor one plain word of fewer than 12 letters, for these stand in logs and manifests for other
/// reasons as well, with a mark of some markup around it (`:class:`) or without; nor the scheme of an address alone (`https://`);
/// nor those that are part of a name which Kubernetes shows (a pod, a container, an image), for a hole
/// there would hide what failed; nor what reads as a name in a program (`client_secret`, `key_path`); nor what has a mask in it. A value of fewer than 8 bytes counts only where no letter or digit stands beside it.
struct KnownValues: Sendable {
  /// Most values, and most bytes of them together, that are remembered: with their encodings they take some 6 MiB, which `redact`
  /// has to spare of its 32. What comes later is masked by its rule, counted, and not looked for elsewhere.
  static let mostValues = 12_000
  static let mostBytes = 1 << 20
  /// Longest value that is remembered, in bytes.
  static let longest = 16_384

  private(set) var values: Set<SecretValue> = []
  /// The same in the order in which they were found: where there is no room for all, it must not be chance which ones stay.
  private var found: [SecretValue] = []
  private var size = 0
  /// Values that found no room.
  private(set) var forgotten = 0

  /// True if there is none.
  var isEmpty: Bool { values.isEmpty }

  /// Remembers a value, if it is one that propagates; with it, what it is when percent escapes are decoded, and its first word where
  /// that alone is a credential: `PASSWORD=x1 in use` is masked to the end of its line.
  mutating func learn(_ value: [UInt8]) {
    // Blanks at its ends may be those beside another text, which is no part of it.
    if let first = value.first, let last = value.last, first.isBlank || last.isBlank {
      return learn(Array(value.drop(while: \.isBlank).reversed().drop(while: \.isBlank).reversed()))
    }
    insert(value)
    if let word = Self.firstWord(value) { insert(word) }
    if value.contains(0x25) {
      let plain = Decoding.percent(value)
      if plain != value { insert(plain) }
    }
  }

  /// The first of several words, if it has at least 8 bytes, letters and digits, and nothing that joins a name to a value.
  private static func firstWord(_ value: [UInt8]) -> [UInt8]? {
    guard let end = value.firstIndex(where: \.isBlank), end >= 8 else { return nil }
    let word = value[..<end]
    guard word.contains(where: \.isLetter), word.contains(where: \.isDigit),
      !word.contains(where: { $0 == 0x3D || $0 == 0x3A || $0 == 0x3B || $0.isQuote })
    else { return nil }
    return Array(word)
  }

  /// Adds what another part of the incident has learned.
  mutating func add(_ other: KnownValues) {
    for value in other.found { insert(value.bytes) }
    forgotten += other.forgotten
  }

  private mutating func insert(_ value: [UInt8]) {
    guard Self.propagates(value) else { return }
    let secret = SecretValue(value)
    guard values.count < Self.mostValues, size + value.count <= Self.mostBytes else {
      if !values.contains(secret) { forgotten += 1 }
      return
    }
    guard values.insert(secret).inserted else { return }
    found.append(secret)
    size += value.count
  }

  /// What to search for, once the values are taken out that are part of one of these names.
  mutating func matcher(without names: NameList) -> KnownMatcher {
    let matcher = KnownMatcher(values)
    guard !values.isEmpty, !names.isEmpty else { return matcher }
    var gone: Set<SecretValue> = []
    names.eachName { name in
      matcher.eachOccurrence(in: name, from: 0..<name.count) { range in
        // The matcher finds what encodings make of values, too.
        let part = SecretValue(name.copy(range))
        if values.contains(part) { gone.insert(part) }
      }
    }
    guard !gone.isEmpty else { return matcher }
    values.subtract(gone)
    found.removeAll { gone.contains($0) }
    return KnownMatcher(values)
  }

  /// The rule of the type's comment.
  static func propagates(_ value: [UInt8]) -> Bool {
    guard value.count >= 6, value.count <= longest, !value.starts(with: "-----".utf8) else { return false }
    // With a mask in it, it is what an earlier run has left of a value: what stands beside one elsewhere would be masked once more.
    if value.withUnsafeBufferPointer({ ExistingMask.first(overlapping: 0..<$0.count, in: $0) != nil }) { return false }
    var letters = 0
    var digits = 0
    var lower = 0
    for byte in value {
      if byte.isLetter { letters += 1 }
      if byte.isLower { lower += 1 }
      if byte.isDigit { digits += 1 }
      if byte < 0x20 { return value.count >= 16 }
    }
    if digits == value.count { return digits >= 8 }
    if letters > 0, letters < 12, digits == 0, lower == letters || lower == 0 || lower == letters - 1,
      letters + value.count(where: { isMarkup($0) }) == value.count, isOneWord(value)
    {
      return false
    }
    if isPlace(value) || isMember(value) { return false }
    return value.withUnsafeBufferPointer { bytes in
      !ValueShape.isPlaceholder(bytes, 0..<bytes.count) && !ValueShape.isPath(bytes, 0..<bytes.count)
        && !ValueShape.isNameOfKey(bytes, 0..<bytes.count) && !ValueShape.isVariable(bytes, 0..<bytes.count)
    } && !common.contains(PackedWord(value))
  }

  /// True for `request.user` of a program: two words of small letters with a dot between.
  private static func isMember(_ value: [UInt8]) -> Bool {
    value.allSatisfy { $0.isLower || $0 == 0x2E || $0 == 0x5F } && value.count(where: { $0 == 0x2E }) == 1
  }

  /// True for where something runs: `10.0.0.7`, `db.prod.svc:5432`, `eu-west-1`. Secrets hold it beside their passwords, and logs tell
  /// with it what failed.
  private static func isPlace(_ value: [UInt8]) -> Bool {
    let isHost = value.allSatisfy { $0.isLower || $0.isDigit || $0 == 0x2D || $0 == 0x2E || $0 == 0x3A }
    guard isHost, value.count <= 253, let end = value.lastIndex(where: { $0 != 0x3A && !$0.isDigit }) else {
      return false
    }
    let labels = value.split(separator: 0x2E, omittingEmptySubsequences: false)
    if value[end] == 0x2E {
      return labels.count == 4 && labels.dropLast().allSatisfy { $0.count < 4 && $0.allSatisfy(\.isDigit) }
    }
    if labels.count > 1 {
      let last = labels[labels.count - 1].prefix { $0 != 0x3A }
      return lastLabels.contains(PackedWord(Array(last)))
    }
    // Regions of the clouds: two or three parts, the last one with a number.
    let parts = value.split(separator: 0x2D, omittingEmptySubsequences: false)
    guard 2...4 ~= parts.count, value.contains(where: \.isDigit), value.count <= 20 else { return false }
    return parts.dropFirst().contains { part in directions.contains(PackedWord(Array(part.prefix { !$0.isDigit }))) }
  }

  /// Last labels of names of hosts that are seen in clusters.
  private static let lastLabels: WordSet = WordSet(
    "svc local internal com net org io cloud dev app example test cluster lan corp".split(separator: " ").map {
      PackedWord($0.utf8)
    })
  private static let directions: WordSet = WordSet(
    "east west north south central northeast northwest southeast southwest".split(separator: " ").map {
      PackedWord($0.utf8)
    })

  /// What markup and programs put around a word. Other signs are chosen: `lemon!` is a password.
  private static func isMarkup(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "="), UInt8(ascii: ":"), UInt8(ascii: "/"), UInt8(ascii: "`"), UInt8(ascii: ","),
      UInt8(ascii: ";"),
      UInt8(ascii: "("),
      UInt8(ascii: ")"), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "<"),
      UInt8(ascii: ">"):
      true
    default: byte.isQuote
    }
  }

  /// True if the letters stand together.
  private static func isOneWord(_ value: [UInt8]) -> Bool {
    guard let first = value.firstIndex(where: \.isLetter), let last = value.lastIndex(where: \.isLetter) else {
      return false
    }
    return value[first...last].allSatisfy(\.isLetter)
  }

  /// Passwords and users that everybody has: masked where their key shows them, not elsewhere.
  private static let common: WordSet = WordSet(
    """
    password password1 password123 passw0rd changeme changeit secret secret123 admin123 admin1234 administrator root123
    default example localhost postgres postgresql mysql redis rabbitmq guest123 test123 test1234 testing123 123456789
    qwerty123 letmein welcome welcome1 undefined disabled enabled required production development staging my-secret
    my-password sha1 sha256 sha384 sha512 hs256 rs256 es256 base64 utf-8 oauth2 basic64 aes128 aes256 tls1.2 tls1.3 http/1.1
    kubernetes username user-name database anonymous minioadmin app-user service-account default-token
    """.split(whereSeparator: \.isWhitespace).map { PackedWord($0.utf8) })
}
