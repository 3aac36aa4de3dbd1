/// What a harvest gathers, and within what limits.
package struct HarvestOptions: Sendable, Equatable {
  /// Lines of each log. Default: 200.
  package var logLines = 200
  /// Lines of each log that are asked for: what repeats is folded into fewer, and the first stack trace often stands before the last
  /// lines. Four times as many cost the kubelet some 100 KiB more to read, and the program nothing that it keeps.
  package var logLinesRead: Int { min(logLines * 4, 10_000) }
  /// Time for everything; what has not arrived then is a gap. Default: 2 s: an incident that is late is worth less than one
  /// with a gap, and a kubelet's log answer takes 10 to 100 ms.
  package var deadline: Duration = .seconds(2)
  /// Harvests at the same time. Default: 8, each with up to 6 requests at once.
  package var concurrency = 8
  /// Whether the ConfigMaps that the pod refers to are read.
  package var configMaps = true
  /// ConfigMaps read at most for one incident. Default: 5, so that an incident costs at most 12 requests.
  package var configMapLimit = 5
  /// A rollout that was younger than this when the pod failed is compared with the one before. Default: 1 hour; 0 switches it off.
  package var rolloutAge: Duration = .seconds(3600)
  /// Whether the Job of a pod is read. Default: false, for the promised role may not (`get` on `jobs` of the group `batch`).
  package var jobs = false
  /// Limits of the parts of an incident.
  package var budget = EvidenceBudget.standard

  package init() {}
}
