internal import ArgumentParser

/// Runs redaction on made-up input until a property does not hold; then makes the input as short as it can.
@main
struct RedactionFuzz: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "redaction-fuzz", abstract: "Fuzzes redaction.",
    discussion: """
      Each case is made from the seed and its number, so that a find comes again with --seed S --from N --runs 1. A crash \
      ends the process; --marks shows the case. Exit status: 0 no find, 1 finds.
      """)

  @Option(help: "How many cases.")
  var runs: UInt64 = 100_000

  @Option(help: "Where the cases come from.")
  var seed: UInt64 = 1

  @Option(help: "Number of the first case.")
  var from: UInt64 = 0

  @Option(help: "Finds until it ends.")
  var finds = 10

  @Flag(help: "Name each case before it is run: shows which one crashes.")
  var marks = false

  func run() throws {
    let properties = try Properties()
    var found = 0
    for number in from..<from + runs {
      if marks { print("case \(number)") }
      if number % 1_000_000 == 0, number > from { print("\(number - from) cases, \(found) finds") }
      let test = FuzzCase.make(seed: seed, number: number)
      guard let property = properties.broken(test) else { continue }
      found += 1
      let least = Shrinker(properties: properties, property: property).shrunk(test)
      print("seed \(seed) case \(number): \(property) does not hold in \(least.name), cut at \(least.cut):")
      print(String(decoding: least.bytes, as: UTF8.self).debugDescription)
      print("base64 \(Encodings.base64(least.bytes))")
      if found >= finds { break }
    }
    print("seed \(seed): \(runs) cases from \(from), \(found) finds")
    if found > 0 { throw ExitCode(1) }
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
    // Where something survives, something has to be masked, or the search would end with a value that stands alone.
    (test.planted.isEmpty || !property.contains("survives") || properties.masksSomething(test))
      && properties.broken(test) == property
  }
}
