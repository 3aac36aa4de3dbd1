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

  /// What the probes look at, at one moment.
  package struct Readings: Sendable {
    /// What is missing of the first lists; nil once they are all in.
    package var unsynced: String?
    /// Since any of the watches told anything, failures included; nil before the first word. Of several the longest.
    package var watchSilence: Duration?
    /// Since the API server last said something to the most silent watch; nil before its first word.
    package var serverSilence: Duration?
    /// Room for an incident of the largest size.
    package var outboxHasRoom = true
    /// How long the pipeline has not gone on with what it has; nil where it has nothing to do.
    package var pipelineStall: Duration?
    /// How long the incident that has been on the wire for longest waits for its acknowledgement.
    package var deliveryWait: Duration = .zero

    package init() {}
  }

  package init(services: WatchServices, metrics: WatchMetrics) {
    self.init {
      var readings = Readings()
      readings.unsynced = services.readiness.complaint
      readings.watchSilence = metrics.watchSilence
      readings.serverSilence = metrics.serverSilence
      readings.outboxHasRoom = services.outboxHasRoom()
      readings.pipelineStall = services.pipeline.stall
      readings.deliveryWait = services.deliveryWait()
      return readings
    }
  }

  /// `read` is asked once for each check: it must not block.
  package init(read: @escaping @Sendable () -> Readings) {
    func check(_ name: String, _ complaint: @escaping @Sendable (Readings) -> String?) -> HealthCheck {
      HealthCheck(name) { complaint(read()).map { .failed($0) } ?? .passed }
    }
    let synced = check("synced", \.unsynced)
    let watching = check("watch") { readings in
      guard let silence = readings.watchSilence, silence > Self.silence else { return nil }
      return "the watch has told nothing for \(silence.wholeSeconds) s"
    }
    let hearing = check("api-server") { readings in
      guard let silence = readings.serverSilence, silence > Self.serverLimit else { return nil }
      return "the API server has said nothing for \(silence.wholeSeconds) s"
    }
    let room = check("outbox") { readings in
      readings.outboxHasRoom ? nil : "the outbox is full: the orchestrator is away, or the disk is full"
    }
    let harvesting = check("pipeline") { readings in
      guard let stall = readings.pipelineStall, stall > Self.harvestLimit else { return nil }
      return "the pipeline has not gone on for \(stall.wholeSeconds) s"
    }
    let delivering = check("delivery") { readings in
      guard readings.deliveryWait > Self.deliveryLimit else { return nil }
      return "an incident is on the wire for \(readings.deliveryWait.wholeSeconds) s, and the stream was not given up"
    }
    checks = HealthChecks(
      live: [watching, harvesting, delivering], ready: [synced, hearing, room], startup: [synced])
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
