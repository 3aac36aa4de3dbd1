internal import ArgumentParser

/// `kube-mind bench`: measures the stages of the pipeline on this machine.
struct BenchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench", abstract: "Measure redaction, watch decoding, the whole pipeline, delivery and the outbox.",
    discussion: """
      Everything runs in this process, after a warm-up; only the orchestrator of deliver has one of its own. MB are 10⁶ bytes. Values are the median of the runs, with the least \
      and the greatest beside it. Build with `make release`: a debug build is many times slower.
      """)

  @Argument(
    help: ArgumentHelp(
      "Suites: \(BenchSuite.allCases.map(\.rawValue).joined(separator: ", ")). Default: all.", valueName: "suite"))
  var suites: [BenchSuite] = BenchSuite.allCases

  @Flag(help: "One JSON document instead of a table.")
  var json = false

  @Option(help: "Measured runs of each benchmark.")
  var runs = 5

  @Option(help: "Pods of the pipeline suite's cluster.")
  var pods = 200

  @Option(help: "Failing pods among them.")
  var failures = 20

  @Option(help: ArgumentHelp("Milliseconds between two of these failures.", valueName: "ms"))
  var interval = 100

  @Option(help: ArgumentHelp("Updates of the healthy pods meanwhile, a second.", valueName: "number"))
  var updates = 0

  @Option(
    help: ArgumentHelp(
      "Serve the pipeline suite's cluster and orchestrator for a watch in another process, once, and measure that: writes kubeconfig "
        + "and orchestrator (a URL) to this folder.", valueName: "folder"), completion: .directory)
  var serve: String?

  func validate() throws {
    guard serve == nil || (suites == [.pipeline] && runs == 1) else {
      throw ValidationError("--serve goes with the suite pipeline alone and --runs 1")
    }
    guard (1...1_000).contains(runs) else { throw ValidationError("--runs is not from 1 to 1000") }
    guard (1...100_000).contains(pods) else { throw ValidationError("--pods is not from 1 to 100000") }
    guard (1...pods).contains(failures) else { throw ValidationError("--failures is not from 1 to --pods") }
    guard (1...60_000).contains(interval) else { throw ValidationError("--interval is not from 1 to 60000") }
    guard (0...10_000).contains(updates) else { throw ValidationError("--updates is not from 0 to 10000") }
  }

  func run() async throws {
    var results: [BenchResult] = []
    for suite in suites {
      switch suite {
      case .redact: results += try RedactBench.run(runs: runs)
      case .decode: results += DecodeBench.run(runs: runs)
      case .pipeline:
        results += try await PipelineBench(
          pods: pods, failures: failures, interval: .milliseconds(interval), updates: updates, runs: runs, served: serve
        ).run()
      case .deliver: results += try await DeliverBench(runs: runs).run()
      case .outbox: results += try OutboxBench(runs: runs).run()
      }
    }
    try SystemStreams.writeOutput(json ? document(results) : table(results))
  }

  private func table(_ results: [BenchResult]) -> String {
    var table = TextTable([
      ("suite", .left), ("benchmark", .left), ("median", .right), ("least", .right), ("greatest", .right),
      ("unit", .left),
    ])
    for result in results {
      table.add(
        result.suite, result.name, result.median.written(), result.minimum.written(), result.maximum.written(),
        result.unit)
    }
    let memory = ProcessMemory.peakResident.map { (Double($0) / 1_048_576).written() + " MiB" } ?? "unknown"
    return (table.lines() + ["peak resident memory: \(memory)"]).map { $0 + "\n" }.joined()
  }

  private func document(_ results: [BenchResult]) -> String {
    let lines = results.map { result in
      let values = result.values.map { $0.written(digits: 3) }.joined(separator: ",")
      return """
        {"suite":"\(result.suite)","name":"\(result.name)","unit":"\(result.unit)","median":\(result.median.written(digits: 3)),\
        "min":\(result.minimum.written(digits: 3)),"max":\(result.maximum.written(digits: 3)),"values":[\(values)]}
        """
    }
    let memory = ProcessMemory.peakResident.map(String.init) ?? "null"
    return """
      {"version":"\(Version.number)","peakResidentBytes":\(memory),"results":[\(lines.joined(separator: ","))]}

      """
  }
}

extension BenchSuite: ExpressibleByArgument {}
