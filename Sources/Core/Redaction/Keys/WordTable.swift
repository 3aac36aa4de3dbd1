/// What a word means in the name of a key. The words themselves are data: the `words` section of the rule file.
struct WordClass: OptionSet, Sendable {
  let rawValue: UInt16

  /// `password`, `passphrase`, `pwd`: whatever stands under it is secret.
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
  /// `enable`, `use`, `require`: in front it says that this is a switch, unless the value looks like a secret.
  static let switches = WordClass(rawValue: 1 << 13)
  /// `create`, `mount`, `valid`: beside a secret word it makes a boolean a switch, and says nothing of any other value.
  static let actions = WordClass(rawValue: 1 << 14)
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

  /// Bytes of the longest word that it can hold.
  static let longest = 16

  /// The word from `start` to `end`, of at most `longest` bytes.
  @inline(__always) init(_ bytes: Bytes, _ start: Int, _ end: Int) {
    guard start + Self.longest <= bytes.count else {
      for index in start..<end { append(bytes[index].lowered) }
      return
    }
    count = end - start
    let text = UnsafeRawPointer(bytes.baseAddress.unsafelyUnwrapped + start)
    low = Self.lowered(text.loadUnaligned(as: UInt64.self))
    high = Self.lowered(text.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
    if count < 8 { low &= (1 &<< UInt64(count * 8)) &- 1 }
    high = count <= 8 ? 0 : count < 16 ? high & ((1 &<< UInt64(count * 8 - 64)) &- 1) : high
  }

  /// Where it belongs in a table of a power of two of slots, of which `mask` is the last.
  @inline(__always) func slot(mask: Int) -> Int {
    Int(truncatingIfNeeded: (low ^ high &* 31 ^ UInt64(count)) &* 0x9E37_79B9_7F4A_7C15 >> 40) & mask
  }

  /// A word of any length: of one that is longer than `longest` its first bytes.
  @inline(__always) init(_ bytes: Bytes, _ range: Range<Int>) {
    self.init(bytes, range.lowerBound, range.lowerBound + Swift.min(range.count, Self.longest))
    if range.count > Self.longest { count = Self.longest + 1 }
  }

  /// Eight bytes with the capitals among them made small.
  @inline(__always) static func lowered(_ eight: UInt64) -> UInt64 {
    let low = eight & 0x7F7F_7F7F_7F7F_7F7F
    // A sum of two bytes below 0x80 carries nothing into the next: its highest bit says `A` or more, or more than `Z`.
    let capitals = (low &+ 0x3F3F_3F3F_3F3F_3F3F) & ~(low &+ 0x2525_2525_2525_2525) & ~eight & 0x8080_8080_8080_8080
    return eight | capitals &>> 2
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

/// Words to look for: an open-addressed table, for a `Set` would hash each word against attackers who choose none of these.
struct WordSet: Sendable {
  private var words: [PackedWord]

  init(_ words: [PackedWord]) {
    var size = 64
    while size < words.count * 4 { size *= 2 }
    self.words = Array(repeating: PackedWord(), count: size)
    for word in words where word.count > 0 { self.words[slot(of: word)] = word }
  }

  func contains(_ word: PackedWord) -> Bool { word.count > 0 && words[slot(of: word)] == word }

  private func slot(of word: PackedWord) -> Int {
    words.withUnsafeBufferPointer { words in
      var slot = word.slot(mask: words.count - 1)
      while words[slot].count != 0, words[slot] != word { slot = (slot + 1) & (words.count - 1) }
      return slot
    }
  }
}

/// The words of key names, with their meaning: an open-addressed table, built once at start-up.
struct WordTable: Sendable {
  private var words: [PackedWord]
  private var classes: [WordClass]
  private let mask: Int
  /// An ending that makes a compound written without a border secret: `dbpassword`, `clientsecret`.
  private struct Ending: Sendable {
    /// Its last 8 bytes, the last one highest; zeros where it is shorter.
    var tail: UInt64
    /// Ones where it has bytes.
    var mask: UInt64
    var count: Int
    var meaning: WordClass
  }

  /// True if no word that could make a name secret is made of hexadecimal digits alone: then no identifier is a secret's name.
  let hexIsHarmless: Bool
  private let endings: [Ending]
  private let endingTexts: [[UInt8]]

  init(_ entries: [(word: String, meaning: WordClass)], endings: [(word: String, meaning: WordClass)]) {
    let telling: WordClass = [.password, .secret, .token, .key, .weak, .session]
    hexIsHarmless = !(entries + endings).contains { entry in
      !entry.meaning.isDisjoint(with: telling) && entry.word.utf8.allSatisfy(\.isHexDigit)
    }
    endingTexts = endings.map { Array($0.word.utf8) }
    self.endings = zip(endingTexts, endings).map { text, entry in
      var ending = Ending(tail: 0, mask: 0, count: text.count, meaning: entry.meaning)
      for (place, byte) in text.suffix(8).reversed().enumerated() {
        ending.tail |= UInt64(byte) << UInt64(56 - place * 8)
        ending.mask |= 0xFF << UInt64(56 - place * 8)
      }
      return ending
    }
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
  }

  /// The slot that holds the word, or the empty one where it belongs.
  private func slot(of word: PackedWord) -> Int {
    var slot = word.slot(mask: mask)
    while words[slot].count != 0, words[slot] != word { slot = (slot + 1) & mask }
    return slot
  }

  /// What a word means; empty for an unknown one.
  func meaning(of word: PackedWord) -> WordClass {
    word.count == 0 || word.count > 16 ? [] : classes[slot(of: word)]
  }

  /// The meaning of a word that is a compound written in one: `dbpassword`.
  func compound(_ bytes: Bytes, _ start: Int, _ end: Int) -> WordClass {
    var tail: UInt64 = 0
    for index in max(start, end - 8)..<end { tail = tail >> 8 | UInt64(bytes[index].lowered) << 56 }
    for (index, ending) in endings.enumerated()
    where tail & ending.mask == ending.tail && ending.count < end - start && hasFront(index, bytes, end) {
      return ending.meaning
    }
    return []
  }

  /// True if the bytes of an ending before its last 8 stand there as well.
  private func hasFront(_ index: Int, _ bytes: Bytes, _ end: Int) -> Bool {
    let text = endingTexts[index]
    guard text.count > 8 else { return true }
    for offset in 0..<text.count - 8 where bytes[end - text.count + offset].lowered != text[offset] { return false }
    return true
  }
}
