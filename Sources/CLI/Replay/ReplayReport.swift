internal import Documents
internal import Time

/// A replay's result for a person or as JSON.
struct ReplayReport {
  let tally: ReplayTally
  /// From the start of the replay to its end.
  let elapsed: Duration
  /// What the mock orchestrator received, where there was one.
  var received: Int?

  private static let shares = [("p50", 0.5), ("p95", 0.95), ("p99", 0.99)]
  /// Characters of the longest bar.
  private static let barWidth = 40

  /// Incidents that got through each second.
  private var rate: Double { Double(tally.acknowledged) / max(elapsed.milliseconds / 1_000, 0.001) }

  /// Everything that was to be sent.
  private var total: Int { tally.sent + tally.withheld }

  /// A table of the incidents, the histogram, and a summary in the last line.
  var text: String {
    var lines = DeliveryRecord.table(tally.records)
    if tally.omitted > 0 { lines.append("and \(tally.omitted) more") }
    if tally.latencies.count > 1 { lines += [""] + histogram + [""] }
    if let received { lines.append("the mock orchestrator received \(received) incidents, repeats among them") }
    var outcomes = [
      "accepted \(tally.accepted)", "duplicates \(tally.duplicates)", "rejected \(tally.rejected)",
      "failed \(tally.failed)",
    ]
    if tally.withheld > 0 { outcomes.append("withheld \(tally.withheld)") }
    lines.append(
      outcomes.joined(separator: ", ") + "; \((elapsed.milliseconds / 1_000).written()) s, "
        + "\(rate.written()) a second, at most \(tally.behind.milliseconds.written()) ms behind the plan")
    let order = Self.shares.map { "\($0.0) \(tally.latencies.milliseconds(at: $0.1)?.written() ?? "-")" }
    let maximum = tally.latencies.count == 0 ? "-" : (Double(tally.latencies.maximum) / 1_000).written()
    lines.append(
      "\(tally.acknowledged) of \(total) acknowledged; ms from sending: \(order.joined(separator: ", ")), max \(maximum)"
    )
    return lines.map { $0 + "\n" }.joined()
  }

  private var histogram: [String] {
    let bars = tally.latencies.bars
    let most = bars.map(\.count).max() ?? 1
    var table = TextTable([("up to ms", .right), ("incidents", .right), ("", .left)])
    for bar in bars {
      let width = (bar.count * Self.barWidth + most - 1) / most
      table.add(bar.milliseconds.written(digits: 2), "\(bar.count)", String(repeating: "▇", count: width))
    }
    return table.lines()
  }

  /// One JSON document on one line.
  var json: String {
    func number(_ value: Double?) -> String { value?.written(digits: 3) ?? "null" }
    let order = Self.shares.map { "\"\($0.0)\":\(number(tally.latencies.milliseconds(at: $0.1)))" }
    let maximum = tally.latencies.count == 0 ? nil : Double(tally.latencies.maximum) / 1_000
    let bars = tally.latencies.bars.map {
      "{\"upToMs\":\($0.milliseconds.written(digits: 3)),\"count\":\($0.count)}"
    }
    let members = [
      "\"total\":\(total)", "\"sent\":\(tally.sent)", "\"acknowledged\":\(tally.acknowledged)",
      "\"accepted\":\(tally.accepted)", "\"duplicates\":\(tally.duplicates)", "\"rejected\":\(tally.rejected)",
      "\"failed\":\(tally.failed)", "\"withheld\":\(tally.withheld)",
      "\"elapsedMs\":\(elapsed.milliseconds.written(digits: 3))", "\"ratePerSecond\":\(rate.written(digits: 3))",
      "\"behindMs\":\(tally.behind.milliseconds.written(digits: 3))",
      "\"latencyMs\":{\(order.joined(separator: ",")),\"max\":\(number(maximum))}",
      "\"histogram\":[\(bars.joined(separator: ","))]", received.map { "\"mockReceived\":\($0)" },
      "\"incidents\":[\(tally.records.map(\.json).joined(separator: ","))]", "\"incidentsOmitted\":\(tally.omitted)",
    ]
    return "{\(members.compactMap(\.self).joined(separator: ","))}\n"
  }

  /// The line that is written anew while the replay runs.
  static func progress(_ tally: ReplayTally, of total: Int?, elapsed: Duration) -> String {
    let rate = Double(tally.acknowledged) / max(elapsed.milliseconds / 1_000, 0.001)
    var parts = [
      "sent \(tally.sent)" + (total.map { "/\($0)" } ?? ""), "acknowledged \(tally.acknowledged)",
      "open \(tally.outstanding)",
    ]
    if tally.rejected > 0 { parts.append("rejected \(tally.rejected)") }
    if tally.failed > 0 { parts.append("failed \(tally.failed)") }
    parts.append("\(rate.written()) a second")
    if let median = tally.latencies.milliseconds(at: 0.5), let tail = tally.latencies.milliseconds(at: 0.99) {
      parts.append("p50 \(median.written()) ms, p99 \(tail.written()) ms")
    }
    return parts.joined(separator: "  ")
  }
}
