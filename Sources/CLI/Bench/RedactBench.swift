internal import Redaction

/// How fast redaction is: learning, masking and the last check of one document, on one core.
enum RedactBench {
  /// Bytes of the documents: beyond every cache that a core has to itself.
  private static let size = 8 << 20
  /// Bytes of the worst input, which takes its time.
  private static let hostileSize = 1 << 20

  static func run(runs: Int) throws(CommandFailure) -> [BenchResult] {
    let redactor = try RedactionSetup().redactor()
    var results: [BenchResult] = []
    // Growth is linear if the first three rows agree.
    for share in [8, 4, 1] {
      let logs = RedactCorpus.logs(bytes: size / share)
      results.append(try measure("logs, \((logs.count + (1 << 19)) >> 20) MiB", "bench.log", logs, redactor, runs))
    }
    let oneLine = RedactCorpus.logs(bytes: size).map { $0 == 0x0A ? 0x20 : $0 }
    results.append(try measure("logs, one line", "bench.log", oneLine, redactor, runs))
    results.append(try measure("manifests (JSON)", "bench.json", RedactCorpus.manifests(bytes: size), redactor, runs))
    results.append(
      try measure("worst input found", "bench.log", RedactCorpus.hostile(bytes: hostileSize), redactor, runs))
    return results
  }

  private static func measure(
    _ name: String, _ file: String, _ bytes: [UInt8], _ redactor: Redactor, _ runs: Int
  ) throws(CommandFailure) -> BenchResult {
    let raw = RawFile(name: file, bytes: bytes)
    do {
      let seconds = try BenchTimer.seconds(runs: runs) { () throws(RedactionError) in _ = try redactor.redact(raw) }
      return BenchResult(
        suite: "redact", name: name, unit: "MB/s", values: seconds.map { Double(bytes.count) / $0 / 1e6 })
    } catch {
      throw CommandFailure("bench redact: \(error)", status: .withheld)
    }
  }
}
