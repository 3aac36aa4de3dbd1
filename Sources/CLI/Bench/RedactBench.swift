internal import Redaction

/// How fast redaction is: learning, masking and the last check of one file that is held whole, in processor time of one core.
enum RedactBench {
  /// Bytes of an input whose growth is looked at: the rates of 1, 10 and 100 MB agree where redaction is linear.
  private static let sizes = [1_000_000, 10_000_000, 100_000_000]
  /// Bytes of the worst inputs, some of which take their time.
  private static let hostileSize = 1_000_000
  /// Largest input, in bytes, for which all runs that were asked for are made; of a larger one two say enough.
  private static let quick = 10_000_000

  static func run(runs: Int) throws(CommandFailure) -> [BenchResult] {
    let redactor = try redactor()
    var results: [BenchResult] = []
    for size in sizes {
      let name = "logs, \(size / 1_000_000) MB"
      results.append(try measure(name, "bench.log", RedactCorpus.logs(bytes: size), redactor, runs))
    }
    let oneLine = RedactCorpus.logs(bytes: sizes[2]).map { $0 == 0x0A ? 0x20 : $0 }
    results.append(try measure("logs, one line of 100 MB", "bench.log", oneLine, redactor, runs))
    for size in sizes {
      let name = "manifests (JSON), \(size / 1_000_000) MB"
      results.append(try measure(name, "bench.json", RedactCorpus.manifests(bytes: size), redactor, runs))
    }
    for size in sizes.dropLast() {
      let name = "manifests (YAML), \(size / 1_000_000) MB"
      results.append(try measure(name, "bench.yaml", RedactCorpus.yaml(bytes: size), redactor, runs))
    }
    for worst in RedactCorpus.Worst.allCases {
      let bytes = RedactCorpus.worst(worst, bytes: hostileSize)
      let file = worst == .nesting ? "bench.json" : "bench.log"
      results.append(try measure("worst: \(worst.rawValue)", file, bytes, redactor, runs))
    }
    return results
  }

  private static func redactor() throws(CommandFailure) -> Redactor {
    do {
      return try Redactor(options: RedactionOptions(largestText: 2 * sizes[2]))
    } catch {
      throw CommandFailure("bench redact: \(error)", status: .usage)
    }
  }

  private static func measure(
    _ name: String, _ file: String, _ bytes: [UInt8], _ redactor: Redactor, _ runs: Int
  ) throws(CommandFailure) -> BenchResult {
    let raw = RawFile(name: file, bytes: bytes)
    do {
      let seconds = try BenchTimer.processorSeconds(runs: bytes.count > quick * 2 ? min(runs, 2) : runs) {
        () throws(RedactionError) in _ = try redactor.redact(raw)
      }
      return BenchResult(
        suite: "redact", name: name, unit: "MB/s", values: seconds.map { Double(bytes.count) / $0 / 1e6 })
    } catch {
      throw CommandFailure("bench redact: \(error)", status: .withheld)
    }
  }
}
