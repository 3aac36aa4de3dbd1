/// What a word means in the name of a key. The words themselves are data: the `words` section of the rule file.
struct WordClass: OptionSet, Sendable {
  let rawValue: UInt16

  /// `password`, `passphrase`, `pwd`: whatever stands under it is secret, a boolean in a document too.
  static let password = WordClass(rawValue: 1 << 0)
  /// `secret`, `credential`, `cookie`: what stands under it is secret.
  static let secret = WordClass(rawValue: 1 << 1)
  /// `token`, `jwt`, `otp`: secret, but in the plural it mostly counts something.
  static let token = WordClass(rawValue: 1 << 2)
  /// `key`: secret only beside a qualifier, for most keys are names of things.
  static let key = WordClass(rawValue: 1 << 3)
  /// `api`, `access`, `signing`: makes a `key` secret.
  static let qualifier = WordClass(rawValue: 1 << 4)
  /// `public`, `primary`, `partition`: makes a `key` harmless.
  static let harmless = WordClass(rawValue: 1 << 5)
  /// `file`, `ref`, `count`: as the last word it says that the value describes a secret and is none.
  static let describes = WordClass(rawValue: 1 << 6)
  /// `value`, `data`, `prod`: as the last word it says nothing, the word before it decides.
  static let ignored = WordClass(rawValue: 1 << 7)
  /// `max`, `total`, `missing`: in front it says that this is a count, a switch or a message.
  static let negates = WordClass(rawValue: 1 << 8)
  /// `auth`, `login`, `basic`: secret only where the value looks like a credential.
  static let weak = WordClass(rawValue: 1 << 9)
  /// `session`, `connect`: `id` and `sid` after it are secret.
  static let session = WordClass(rawValue: 1 << 10)
  /// `verification`, `recovery`: makes a `code` secret.
  static let onetime = WordClass(rawValue: 1 << 11)
  /// `code`.
  static let code = WordClass(rawValue: 1 << 12)
}

/// A word of at most 16 bytes, packed, so that a look-up compares two integers.
struct PackedWord: Hashable, Sendable {
  var low: UInt64 = 0
  var high: UInt64 = 0
  /// Bytes in it; 17 stands for any longer word, which no table holds.
  var count = 0

  init() {}

  init(_ text: some Sequence<UInt8>) {
    for byte in text { append(byte.lowered) }
  }

  @inline(__always) mutating func append(_ byte: UInt8) {
    if count < 8 {
      low |= UInt64(byte) << UInt64(count * 8)
    } else if count < 16 {
      high |= UInt64(byte) << UInt64((count - 8) * 8)
    }
    count = Swift.min(count + 1, 17)
  }
}

/// The words of key names, with their meaning: an open-addressed table, built once at start-up.
struct WordTable: Sendable {
  private var words: [PackedWord]
  private var classes: [WordClass]
  private let mask: Int
  /// Endings that make a compound written without a border secret: `dbpassword`, `clientsecret`.
  private(set) var endings: [(text: [UInt8], meaning: WordClass)] = []

  init(_ entries: [(word: String, meaning: WordClass)], endings: [(word: String, meaning: WordClass)]) {
    var size = 64
    while size < entries.count * 4 { size *= 2 }
    mask = size - 1
    words = Array(repeating: PackedWord(), count: size)
    classes = Array(repeating: [], count: size)
    for entry in entries {
      let word = PackedWord(entry.word.utf8)
      guard word.count > 0, word.count < 17 else { continue }
      let slot = slot(of: word)
      words[slot] = word
      classes[slot].insert(entry.meaning)
    }
    self.endings = endings.map { (Array($0.word.utf8), $0.meaning) }
  }

  /// The slot that holds the word, or the empty one where it belongs.
  private func slot(of word: PackedWord) -> Int {
    var slot = Int(truncatingIfNeeded: (word.low ^ word.high &* 31 ^ UInt64(word.count)) &* 0x9E37_79B9_7F4A_7C15 >> 40)
    slot &= mask
    while words[slot].count != 0, words[slot] != word { slot = (slot + 1) & mask }
    return slot
  }

  /// What a word means; empty for an unknown one.
  func meaning(of word: PackedWord) -> WordClass {
    word.count == 0 || word.count > 16 ? [] : classes[slot(of: word)]
  }
}
