/// The kinds of objects that the simulated cluster holds, with the names the API knows them by.
package enum ResourceKind: String, Sendable, CaseIterable {
  case pod = "Pod"
  case event = "Event"
  case configMap = "ConfigMap"
  case replicaSet = "ReplicaSet"
  case deployment = "Deployment"
  case lease = "Lease"

  /// Kind of an object, e.g. "Pod".
  package var kind: String { rawValue }

  /// Name in paths and messages, e.g. "pods".
  package var plural: String { rawValue.lowercased() + "s" }

  /// API group; empty for core.
  package var group: String {
    switch self {
    case .pod, .event, .configMap: ""
    case .replicaSet, .deployment: "apps"
    case .lease: "coordination.k8s.io"
    }
  }

  /// apiVersion of an object, e.g. "apps/v1".
  package var apiVersion: String { group.isEmpty ? "v1" : group + "/v1" }

  /// The plural with its group, as error messages name it, e.g. "deployments.apps".
  package var qualified: String { group.isEmpty ? plural : "\(plural).\(group)" }

  /// The kind with this plural in this group.
  package init?(plural: String, group: String) {
    guard let kind = Self.allCases.first(where: { $0.plural == plural && $0.group == group }) else { return nil }
    self = kind
  }
}
