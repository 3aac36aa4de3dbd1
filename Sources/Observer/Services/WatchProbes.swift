package import Telemetry

/// What the probes of `watch` ask.
///
/// Alive: every loop has said something within its limit; a loop that hangs is ended by a restart. Ready: it can do its work.
/// Started: the first list of everything that is watched is in.
package struct WatchProbes: Sendable {
  /// The checks of the three probes.
  package let checks: HealthChecks

  /// Longest silence of a watch that is alive, failures and their retries included. The server sends bookmarks about once a
  /// minute, a silent connection is given up by the watcher itself after some minutes, and retries come every half minute.
  private static let silence: Duration = .seconds(900)

  /// Longest silence of a server that is there: it sends bookmarks about once a minute. The alert KubeMindWatchStale waits as long.
  private static let serverLimit: Duration = .seconds(180)

  /// Longest time for a harvest with its redaction, or until somebody looks at what came: a harvest has a deadline of at most ten
  /// minutes (`harvest.deadline`), redaction a budget of seconds. What waits for room in the outbox is not counted.
  private static let harvestLimit: Duration = .seconds(900)

  /// Longest time on the wire: a stream whose acknowledgement is late is given up after half a minute, and what was on it is on the
  /// wire no more.
  private static let deliveryLimit: Duration = .seconds(300)

  package init(services: WatchServices, metrics: WatchMetrics) {
    let readiness = services.readiness
    let synced = HealthCheck("synced") {
      readiness.isSynced ? .passed : .failed("the first list of pods is not complete")
    }
    let watching = HealthCheck("watch") {
      guard let silence = metrics.watchSilence, silence > Self.silence else { return .passed }
      return .failed("the watch has told nothing for \(silence.wholeSeconds) s")
    }
    let outbox = HealthCheck("outbox") {
      services.outboxHasRoom() ? .passed : .failed("the outbox is full: the orchestrator is away, or the disk is full")
    }
    let hearing = HealthCheck("api-server") {
      guard let silence = metrics.serverSilence, silence > Self.serverLimit else { return .passed }
      return .failed("the API server has said nothing for \(silence.wholeSeconds) s")
    }
    let harvesting = HealthCheck("pipeline") {
      guard let stall = services.pipeline.stall, stall > Self.harvestLimit else { return .passed }
      return .failed("the pipeline has not gone on for \(stall.wholeSeconds) s")
    }
    let delivering = HealthCheck("delivery") {
      let wait = services.deliveryWait()
      guard wait > Self.deliveryLimit else { return .passed }
      return .failed("an incident is on the wire for \(wait.wholeSeconds) s, and the stream was not given up")
    }
    checks = HealthChecks(
      live: [watching, harvesting, delivering], ready: [synced, hearing, outbox], startup: [synced])
  }

  /// A server of the probes and the metrics; nil where the address is empty. Throws where it is none.
  package func server(address: String, metrics: WatchMetrics) throws(ProbeAddressError) -> ProbeServer? {
    guard !address.isEmpty else { return nil }
    guard let colon = address.lastIndex(of: ":"), let port = Int(address[address.index(after: colon)...]),
      (1...65_535).contains(port)
    else { throw ProbeAddressError(address: address) }
    let host = address[..<colon].filter { $0 != "[" && $0 != "]" }
    return ProbeServer(
      host: host.isEmpty ? "0.0.0.0" : String(host), port: port, checks: checks, metrics: metrics.registry)
  }
}

/// An `http.address` that is none.
package struct ProbeAddressError: Error, Sendable, CustomStringConvertible {
  let address: String

  package var description: String { "http.address: \"\(address)\" is not host:port" }
}

extension Duration {
  fileprivate var wholeSeconds: Int64 { components.seconds }
}
