internal import ArgumentParser
internal import Redaction

#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// Runs redaction on made-up input, and shortens each input for which a property does not hold.
@main
struct RedactionFuzz: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "redaction-fuzz", abstract: "Fuzzes redaction.",
    discussion: """
      Each case is made from the seed and its number: a find comes again with --seed S --from N --count 1, and a long run can \
      be split into shorter ones. One execution is one case with all of its properties. Each find is written at once, in a \
      line that --replay reads. A crash ends the process; --marks shows the case. Exit status: 0 no find, 1 finds.
      """)

  @Option(help: "How many cases.")
  var count: UInt64 = 100_000

  @Option(help: "Where the cases come from.")
  var seed: UInt64 = 1

  @Option(help: "Number of the first case.")
  var from: UInt64 = 0

  @Option(help: "Finds until it ends.")
  var finds = 1_000

  @Option(help: "Cases between two lines that say how far it is.")
  var every: UInt64 = 100_000

  @Option(help: "Run the finds of this log again instead: shows what comes out of each.")
  var replay: String?

  @Flag(help: "Name each case before it is run: shows which one crashes.")
  var marks = false

  func run() throws {
    let properties = try Properties()
    let found = try replay.map { try again($0, properties) } ?? fresh(properties)
    if found > 0 { throw ExitCode(1) }
  }

  private func fresh(_ properties: Properties) throws -> Int {
    let cases = FuzzCases(seed: seed, examples: RuleSet.standard.descriptions)
    var tally = Tally()
    for number in from..<from + count {
      if marks { say("case \(number)") }
      if (number - from) % every == 0, number > from { say("at case \(number): \(tally)") }
      let test = cases.make(number)
      guard let property = properties.broken(test, &tally) else { continue }
      tally.finds += 1
      let least = Shrinker(properties: properties, property: property).shrunk(test)
      say(
        """
        seed \(seed) case \(number): \(property) does not hold
        \(String(decoding: least.bytes, as: UTF8.self).debugDescription)
        find \(least.name) \(least.cut) \(Encodings.base64(least.bytes)) \(least.planted.map { Encodings.base64($0) }.joined(separator: ","))
        """)
      if tally.finds >= finds { break }
    }
    say("seed \(seed) from case \(from): \(tally)")
    return tally.finds
  }

  /// Runs the lines of a log that begin with `find`, and shows which property does not hold and what came out.
  private func again(_ path: String, _ properties: Properties) throws -> Int {
    guard let log = Self.content(path) else { throw ValidationError("cannot read \(path)") }
    var tally = Tally()
    for line in log.split(separator: "\n") where line.hasPrefix("find ") {
      let words = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
      guard words.count >= 4, let cut = Int(words[2]), let bytes = Encodings.plain(words[3]) else {
        throw ValidationError("no find: \(line)")
      }
      let planted = words.count > 4 ? words[4].split(separator: ",").compactMap { Encodings.plain(String($0)) } : []
      let test = FuzzCase(name: words[1], bytes: bytes, planted: planted, cut: cut)
      let property = properties.broken(test, &tally)
      if property != nil { tally.finds += 1 }
      say("\(line.prefix(60)): \(property.map { "\($0) does not hold" } ?? "all properties hold")")
      if property != nil { for shown in properties.shown(test) { say("  \(shown.debugDescription)") } }
    }
    say("\(tally)")
    return tally.finds
  }

  private static func content(_ path: String) -> String? {
    guard let file = fopen(path, "r") else { return nil }
    defer { fclose(file) }
    var out: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { out += buffer[..<count] }
    return String(decoding: out, as: UTF8.self)
  }

  /// Written at once: a run may be ended at any time.
  private func say(_ line: String) {
    print(line)
    fflush(nil)
  }
}

/// Makes a failing input shorter for as long as the same property does not hold.
private struct Shrinker {
  let properties: Properties
  let property: String

  func shrunk(_ test: FuzzCase) -> FuzzCase {
    var best = test
    var size = max(1, best.bytes.count / 2)
    while size >= 1 {
      var place = 0
      while place < best.bytes.count {
        var next = best
        next.bytes.removeSubrange(place..<min(next.bytes.count, place + size))
        next.cut = min(next.cut, next.bytes.count)
        if fails(next) { best = next } else { place += size }
      }
      size /= 2
    }
    for place in best.bytes.indices where best.bytes[place] != 0x61 {
      var next = best
      next.bytes[place] = 0x61
      if fails(next) { best = next }
    }
    return best
  }

  private func fails(_ test: FuzzCase) -> Bool {
    var tally = Tally()
    // Where a value survives it has to be masked elsewhere, or the search would end with one that nothing says to be secret; one that
    // is masked nowhere stays in the case as it was made.
    return (test.planted.isEmpty || !property.contains("survives") || properties.masksPlanted(test))
      && properties.broken(test, &tally) == property
  }
}
