internal import Time

extension SimulatedPod.Container {
  /// A new run. What ended before it moves to lastState, and only now restartCount rises.
  mutating func start(run: String, now: Timestamp) -> String {
    if case .terminated(let ending) = state { last = ending }
    if self.run != nil { restarts += 1 }
    self.run = run
    state = .running(since: now)
    return run
  }

  /// The run ended.
  mutating func end(exitCode: Int, reason: String, message: String, now: Timestamp) {
    let started: Timestamp = if case .running(let since) = state { since } else { now }
    state = .terminated(
      SimulatedPod.Ending(
        exitCode: exitCode, reason: reason, message: message, started: started, finished: now, run: run ?? ""))
  }

  /// CrashLoopBackOff: the ended run moves to lastState, the back-off doubles.
  mutating func waitForRestart(pod: SimulatedPod) {
    if case .terminated(let ending) = state { last = ending }
    let namespace = pod.manifest.at("metadata", "namespace")?.text ?? ""
    state = .waiting(
      reason: "CrashLoopBackOff",
      message: "back-off \(Self.span(backOff)) restarting failed container=\(spec.name) "
        + "pod=\(pod.name)_\(namespace)(\(pod.uid))")
    backOff = min(backOff * 2, 300)
  }

  /// A duration as Go prints it: 40s, 1m20s.
  private static func span(_ seconds: Int) -> String {
    seconds < 60 ? "\(seconds)s" : "\(seconds / 60)m\(seconds % 60)s"
  }
}
