internal import Incidents
internal import Kubernetes
internal import Observer
internal import Simulation
internal import Synchronization
internal import Time

/// What a person sees of a simulated run: a line for each stage of each incident, and a table at the end.
final class RunScreen: Sendable {
  private enum Paint: String {
    case bold = "1"
    case dim = "2"
    case red = "31"
    case green = "32"
    case yellow = "33"
    case magenta = "35"
    case cyan = "36"
  }

  private struct Open: Sendable {
    var name: String
    var harvest: Duration = .zero
    var gaps = 0
    var redaction: Duration = .zero
  }

  private let color: Bool
  private let time: any TimeSource
  private let start: MonotonicInstant
  private let open = Mutex<[String: Open]>([:])

  /// Widest name of a pod with its container that keeps the columns in line on 100 characters.
  private static let nameWidth = 48

  init(color: Bool, time: any TimeSource) {
    self.color = color
    self.time = time
    start = time.monotonic
  }

  /// What is about to be seen.
  func opening(_ scenario: Scenario) -> String {
    """
    \(paint("kube-mind", .bold)) \(Version.number)  simulated cluster of \(scenario.podCount) pods, \
    \(scenario.expectedFailures.count) failures, \(scenario.plantedSecrets.count) planted secrets
    \(paint("list/watch → detect → debounce → harvest → redact → outbox → gRPC stream → acknowledged", .dim))


    """
  }

  /// The line for an event; nil for one that gets none.
  func line(for event: PipelineEvent) -> String? {
    switch event {
    case .synced(let pods, let after):
      return row(paint("synced", .cyan), "\(pods) pods listed in \(after.milliseconds.written()) ms")
    case .connected: return row(paint("connected", .cyan), "orchestrator")
    case .disconnected(let reason, _): return row(paint("disconnected", .yellow), reason)
    case .detected(let job, let id):
      let occurrence = job.occurrence
      let kind = occurrence.container.kind == .initial ? "init " : ""
      let name = "\(occurrence.pod.namespace)/\(occurrence.pod.name) \(kind)\(occurrence.container.name)"
      open.withLock { $0[id] = Open(name: name) }
      let failure = occurrence.identity.failureClass
      let how =
        occurrence.termination.map { "exit \($0.exitCode), \(occurrence.container.restartCount) restarts" }
        ?? occurrence.reason
      return row(paint("detected", .red), padded(name), paint(failure.rawValue, color(of: failure)), paint(how, .dim))
    case .suppressed(let occurrence):
      return row(
        paint("suppressed", .dim), padded("\(occurrence.pod.namespace)/\(occurrence.pod.name)"),
        paint("\(occurrence.identity.failureClass.rawValue) again, counted for the next incident", .dim))
    case .harvested(let id, let took, let gaps):
      open.withLock {
        $0[id]?.harvest = took
        $0[id]?.gaps = gaps.count
      }
      return nil
    case .sealed(let incident, _, let took):
      open.withLock { $0[incident.id]?.redaction = took }
      return nil
    case .acknowledged(let acknowledgement):
      guard let done = open.withLock({ $0.removeValue(forKey: acknowledgement.incidentID) }) else { return nil }
      let gaps = done.gaps == 0 ? "" : ", \(done.gaps) gaps"
      return row(
        paint("acknowledged", .green), padded(done.name),
        paint("\(acknowledgement.latency.milliseconds.written()) ms", .bold),
        paint(
          "harvested \(done.harvest.milliseconds.written()) ms\(gaps), redacted \(done.redaction.milliseconds.written()) ms, "
            + "\(acknowledgement.headline.masked) masked", .dim))
    case .referenced(let job, _, _, true):
      return row(
        paint("storm", .yellow), padded("\(job.occurrence.pod.namespace)/\(job.occurrence.pod.controller?.name ?? "")"),
        paint("more of its pods fail alike: references to the one incident", .dim))
    case .inherited, .referenced, .countsLost: return nil
    case .withheld(let job, _, let error):
      return row(paint("withheld", .magenta), padded(job.occurrence.pod.name), "\(error)")
    case .released(let job, _, let reason):
      return row(paint("released", .yellow), padded(job.occurrence.pod.name), reason)
    case .rejected(_, _, let reason): return row(paint("not delivered", .red), reason)
    }
  }

  /// The table at the end.
  func summary(_ outcome: SimulatedRun.Outcome) -> String {
    let counts = outcome.counts
    let order = Percentiles(counts.latencies)
    func milliseconds(_ value: Double?) -> String { value.map { "\($0.written()) ms" } ?? "-" }
    var table = TextTable([("", .left), ("", .right)])
    table.add("failures detected", "\(counts.detected) of \(outcome.expected)")
    table.add("acknowledged", "\(counts.acknowledged)")
    table.add("suppressed (repeats in a window)", "\(counts.suppressed)")
    table.add("withheld", "\(counts.withheld)")
    table.add("watch event to acknowledgement p50", milliseconds(order.value(0.5)))
    table.add("                               p95", milliseconds(order.value(0.95)))
    table.add("                               p99", milliseconds(order.value(0.99)))
    table.add("secrets masked", "\(counts.masked)")
    table.add("planted secrets that got out", "\(outcome.leaked.count) of \(outcome.planted)")
    let rows = table.lines().dropFirst().map { "  " + $0 }
    let isGood = outcome.isGood
    let verdict = isGood ? paint("every failure reported, no secret out", .green) : paint("not as it should be", .red)
    return (["", paint("summary", .bold)] + rows + ["", verdict]).map { $0 + "\n" }.joined()
  }

  private func row(_ word: String, _ cells: String...) -> String {
    let elapsed = Double(start.duration(to: time.monotonic).wholeNanoseconds) / 1e9
    let clock = paint(pad(elapsed.written(digits: 2), to: 6, right: true), .dim)
    // Escape sequences take no column.
    let visible = word.split(separator: "\u{1B}").map { $0.hasPrefix("[") ? $0.drop { $0 != "m" }.dropFirst() : $0 }
      .joined()
    let space = String(repeating: " ", count: max(1, 14 - visible.count))
    return ([clock + "  " + word + space] + cells).joined(separator: " ")
  }

  private func padded(_ name: String) -> String { pad(name, to: Self.nameWidth, right: false) }

  private func pad(_ text: String, to width: Int, right: Bool) -> String {
    let space = String(repeating: " ", count: max(0, width - text.count))
    return right ? space + text : text + space
  }

  private func color(of failure: FailureClass) -> Paint {
    switch failure {
    case .crashLoopBackOff: .yellow
    case .oomKilled: .magenta
    default: .cyan
    }
  }

  private func paint(_ text: String, _ paint: Paint) -> String {
    color ? "\u{1B}[\(paint.rawValue)m\(text)\u{1B}[0m" : text
  }
}
