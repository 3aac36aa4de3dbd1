// The one file that touches RE2. The set is handed over by kmo_re2_new and given back in deinit; everything else is borrowed
// for the call.

internal import CRE2

/// The regular expressions of a user's rules. RE2 matches in time that grows with the text alone, whatever the pattern.
///
/// `^` and `$` are the ends of a line, and a match stands within one line. What is masked is the first group, or, where the
/// pattern has none, the whole match. Bytes that are no UTF-8 match nothing.
///
/// Sendable: the set does not change after `init`, and RE2 guards the caches of its automata by itself.
final class RegexSet: @unchecked Sendable {
  private let set: OpaquePointer
  /// How many patterns there are.
  let count: Int

  /// Most patterns: all of them together then hold at most 36 MiB.
  static let most = 64
  /// Longest pattern, in bytes: what a person can still read.
  static let longest = 1_024
  /// Memory of one pattern and of all of them as one, in bytes: programs of some 10,000 steps.
  private static let memory: Int64 = 512 << 10
  private static let memoryOfAll: Int64 = 4 << 20

  /// What is wrong with the pattern of an index.
  struct Problem: Error, Equatable {
    var index: Int
    var message: String
  }

  init(_ patterns: [String]) throws(Problem) {
    guard let set = kmo_re2_new() else { throw Problem(index: 0, message: "memory is used up") }
    self.set = set
    count = patterns.count
    for (index, pattern) in patterns.enumerated() {
      if let message = Self.add(pattern, to: set) { throw Problem(index: index, message: message) }
    }
    guard kmo_re2_seal(set, Self.memoryOfAll) else {
      throw Problem(index: max(0, count - 1), message: "all patterns together are too large")
    }
  }

  deinit { kmo_re2_free(set) }

  private static func add(_ pattern: String, to set: OpaquePointer) -> String? {
    guard pattern.utf8.count <= longest else { return "it has more than \(longest) bytes" }
    guard !pattern.isEmpty else { return "it is empty" }
    // RE2's sentences are short; what is longer is cut.
    var problem = [CChar](repeating: 0, count: 256)
    var pattern = pattern
    let added = pattern.withUTF8 { text in
      text.withMemoryRebound(to: CChar.self) {
        kmo_re2_add(set, $0.baseAddress, $0.count, memory, &problem, problem.count)
      }
    }
    return added ? nil : String(decoding: problem.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Which patterns match somewhere in a text.
  func matching(_ bytes: Bytes) -> [Int] {
    guard count > 0, !bytes.isEmpty else { return [] }
    var hits = [Int32](repeating: 0, count: count)
    let found = kmo_re2_which(set, bytes.baseAddress, bytes.count, &hits, count)
    return hits.prefix(found).map(Int.init).sorted()
  }

  /// The places of a pattern in a text, from left to right.
  func each(_ pattern: Int, in bytes: Bytes, _ body: (Range<Int>) -> Void) {
    var from = 0
    var begin = 0
    var end = 0
    var next = 0
    while from < bytes.count,
      kmo_re2_next(set, Int32(pattern), bytes.baseAddress, bytes.count, from, &begin, &end, &next)
    {
      if begin < end { body(begin..<end) }
      from = next
    }
  }
}
