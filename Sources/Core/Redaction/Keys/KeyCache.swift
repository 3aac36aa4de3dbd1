/// What the bytes of a key say.
struct KeyMeaning {
  /// About the value under it.
  var verdict = KeyVerdict.none
  /// To the walk over a document.
  var role = KeyRole.other

  init() {}

  init(_ engine: Engine, _ bytes: Bytes, _ range: Range<Int>) {
    verdict = engine.verdict(bytes, range)
    role = KeyRole(bytes, range)
  }
}

/// What keys mean by their bytes: a manifest and a log have few keys, and each of them many times.
struct KeyCache {
  private let meanings = TextCache(KeyMeaning())

  /// The verdict on a key: from before, or by the engine.
  func verdict(_ engine: Engine, _ bytes: Bytes, _ range: Range<Int>) -> KeyVerdict {
    meaning(engine, bytes, range).verdict
  }

  /// What a key means: from before, or worked out.
  func meaning(_ engine: Engine, _ bytes: Bytes, _ range: Range<Int>) -> KeyMeaning {
    meanings.value(bytes, range) { KeyMeaning(engine, bytes, range) }
  }
}
