internal import Incidents
internal import Kubernetes
internal import Observer
internal import Synchronization
internal import Time

/// Counts what a run of the pipeline did, from its events.
final class RunTally: Sendable {
  /// The counts.
  struct Counts: Sendable {
    var detected = 0
    var acknowledged = 0
    var duplicates = 0
    var suppressed = 0
    var withheld = 0
    var released = 0
    var notDelivered = 0
    var masked = 0
    var bytes = 0
    /// uids of the pods in which something was detected.
    var pods: Set<String> = []
    /// From watch event to acknowledgement, milliseconds.
    var latencies: [Double] = []

    /// Incidents that are still under way.
    var open: Int { detected - acknowledged - withheld - released - notDelivered }
  }

  private let state = Mutex(Counts())

  /// The counts so far.
  var counts: Counts { state.withLock { $0 } }

  /// Takes an event in.
  func take(_ event: PipelineEvent) {
    state.withLock { counts in
      switch event {
      case .detected(let job, _):
        counts.detected += 1
        counts.pods.insert(job.occurrence.pod.uid)
      case .suppressed: counts.suppressed += 1
      case .withheld: counts.withheld += 1
      case .released: counts.released += 1
      case .rejected: counts.notDelivered += 1
      case .sealed(let incident, _, _):
        counts.masked += incident.headline.masked
        counts.bytes += incident.encoded.count
      case .acknowledged(let acknowledgement):
        counts.acknowledged += 1
        if acknowledgement.isDuplicate { counts.duplicates += 1 }
        counts.latencies.append(acknowledgement.latency.milliseconds)
      case .synced, .inherited, .countsLost, .referenced, .harvested, .connected, .disconnected: break
      }
    }
  }
}
