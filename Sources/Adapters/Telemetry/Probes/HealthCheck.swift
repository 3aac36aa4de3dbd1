/// A named question to a part of the program, asked at each probe.
package struct HealthCheck: Sendable {
  /// What it says.
  package enum Result: Sendable, Equatable {
    case passed
    /// Why not, one line for a person.
    case failed(String)
  }

  /// Name in the answer, e.g. "watch".
  package var name: String
  /// Must not block and not throw: a probe is answered within a second or the kubelet kills the container.
  package var result: @Sendable () -> Result

  package init(_ name: String, result: @escaping @Sendable () -> Result) {
    self.name = name
    self.result = result
  }
}

/// The three probes of a container and what each asks.
package struct HealthChecks: Sendable {
  /// `/healthz`: do the loops still turn? Failing restarts the container.
  package var live: [HealthCheck]
  /// `/readyz`: can it do its work?
  package var ready: [HealthCheck]
  /// `/startupz`: has it started? Until then the other two are not asked.
  package var startup: [HealthCheck]

  package init(live: [HealthCheck] = [], ready: [HealthCheck] = [], startup: [HealthCheck] = []) {
    self.live = live
    self.ready = ready
    self.startup = startup
  }
}
