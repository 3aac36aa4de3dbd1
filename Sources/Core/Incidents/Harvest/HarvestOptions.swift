/// What a harvest gathers, and within what limits.
package struct HarvestOptions: Sendable, Equatable {
  /// Lines of each log. Default: 200.
  package var logLines = 200
  /// Time for everything; what has not arrived then is a gap. Default: 2 s: an incident that is late is worth less than one
  /// with a gap, and a kubelet's log answer takes 10 to 100 ms.
  package var deadline: Duration = .seconds(2)
  /// Harvests at the same time. Default: 8, each with up to 6 requests at once.
  package var concurrency = 8
  /// Whether the ConfigMaps that the pod refers to are read.
  package var configMaps = true
  /// ConfigMaps read at most for one incident. Default: 6, so that an incident costs at most 12 requests.
  package var configMapLimit = 6
  /// Limits of the parts of an incident.
  package var budget = EvidenceBudget.standard

  package init() {}
}
