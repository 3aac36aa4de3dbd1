/// What the bytes of a key say.
struct KeyMeaning {
  /// About the value under it.
  var verdict = KeyVerdict.none
  /// To the walk over a document.
  var role = KeyRole.other
  /// True for `name` and `key`: what stands under them may be a key.
  var isNameWord = false

  /// True if a boolean under it switches something, secret as its name may be.
  var isSwitch = false

  /// True if `key` below it is a secret: `api: {key: x}`.
  var makesKeySecret = false

  /// Names of members that hold a key, as they end.
  private static let nameWords: [StaticString] = [
    "name", "key", "option", "field", "setting", "variable", "param", "property", "id", "label", "title", "path",
  ]

  init() {}

  init(_ engine: Engine, _ bytes: Bytes, _ range: Range<Int>) {
    verdict = engine.verdict(bytes, range)
    role = KeyRole(bytes, range)
    isSwitch = engine.namesSwitch(bytes, range)
    if verdict == .none, range.count < KeyClassifier.longestName - 4 {
      let joined = Array(bytes[range]) + Array("_key".utf8)
      makesKeySecret = joined.withUnsafeBufferPointer { engine.verdict($0, 0..<$0.count) } >= .plural
    }
    let end = range.upperBound
    // `valid`, `grid` end like `id`, and name nothing.
    let isOtherWord = range.count > 2 && bytes.has("id", at: end - 2) && bytes[end - 3].isLetter
    isNameWord = !isOtherWord && bytes.ends(range, with: Self.nameWords)
  }
}

/// What keys mean by their bytes: a manifest and a log have few keys, and each of them many times.
///
/// A class, for what shares it must not make memory for names that it never meets.
final class KeyCache {
  private let meanings = TextCache(KeyMeaning())
  /// Verdicts on texts that name objects and variables: most are met once, and would push the keys out.
  private lazy var names = TextCache(KeyVerdict.none)

  /// The verdict on a key: from before, or by the engine.
  func verdict(_ engine: Engine, _ bytes: Bytes, _ range: Range<Int>) -> KeyVerdict {
    meaning(engine, bytes, range).verdict
  }

  /// The verdict on a name: from before, or by the engine.
  func verdict(_ engine: Engine, name: Bytes) -> KeyVerdict {
    names.value(name, 0..<name.count) { engine.verdict(name, 0..<name.count) }
  }

  /// What a key means: from before, or worked out.
  func meaning(_ engine: Engine, _ bytes: Bytes, _ range: Range<Int>) -> KeyMeaning {
    meanings.value(bytes, range) { KeyMeaning(engine, bytes, range) }
  }
}
