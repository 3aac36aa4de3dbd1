internal import Incidents
package import Kubernetes

/// A right that `watch` uses, and what is lost without it.
package struct PermissionNeed: Sendable, Equatable {
  /// The right, as the server is asked for it.
  package let review: AccessReview
  /// Without it `watch` does not work.
  package let isRequired: Bool
  /// What its absence costs.
  package let cost: String

  /// All that the configuration makes `watch` use. `lease` is the Lease of the election; nil without one.
  package static func all(
    of configuration: ObserverConfiguration, lease: (namespace: String, name: String)?
  ) -> [PermissionNeed] {
    configuration.podScopes.flatMap { scope(configuration, namespace: $0.namespace) } + identity(configuration)
      + (lease.map(election) ?? [])
  }

  private static func scope(_ configuration: ObserverConfiguration, namespace: String?) -> [PermissionNeed] {
    func need(
      _ verb: String, _ resource: String, _ cost: String, group: String = "", subresource: String = "",
      isRequired: Bool = false
    ) -> PermissionNeed {
      PermissionNeed(
        review: AccessReview(
          verb: verb, group: group, resource: resource, subresource: subresource, namespace: namespace),
        isRequired: isRequired, cost: cost)
    }
    let harvest = configuration.harvest
    var needs = [
      need("list", "pods", "no failure is seen", isRequired: true),
      need("watch", "pods", "no failure is seen", isRequired: true),
      need("get", "pods", "incidents lack the pod's manifest"),
      need("get", "pods", "incidents lack all logs", subresource: "log"),
      need("list", "events", "incidents lack the pod's events"),
      need("get", "replicasets", "incidents lack the ReplicaSet and whatever owns it", group: "apps"),
      need("get", "deployments", "incidents lack the Deployment", group: "apps"),
    ]
    if harvest.rolloutAge > .zero {
      needs.append(need("list", "replicasets", "incidents lack what a young rollout changed", group: "apps"))
    }
    if harvest.configMaps {
      needs.append(need("get", "configmaps", "incidents lack ConfigMaps; harvest.configMaps=false does not try"))
    }
    if harvest.jobs {
      needs.append(need("get", "jobs", "incidents lack the Job; harvest.jobs=false does not try", group: "batch"))
    }
    return needs
  }

  private static func identity(_ configuration: ObserverConfiguration) -> [PermissionNeed] {
    guard configuration.clusterUID.isEmpty else { return [] }
    return [
      PermissionNeed(
        review: AccessReview(
          verb: "get", resource: "configmaps", namespace: "kube-system", name: "extension-apiserver-authentication"),
        isRequired: false, cost: "ids are made from the server's address; set cluster.uid where replicas use several")
    ]
  }

  private static func election(_ lease: (namespace: String, name: String)) -> [PermissionNeed] {
    ["get", "update"].map { verb in
      PermissionNeed(
        review: AccessReview(
          verb: verb, group: "coordination.k8s.io", resource: "leases", namespace: lease.namespace, name: lease.name),
        isRequired: true, cost: "no replica ever acts; leaderElection.enabled=false needs no Lease")
    }
  }

  /// As one would say it: `get apps/deployments in shop`.
  package var text: String {
    let resource = review.subresource.isEmpty ? review.resource : "\(review.resource)/\(review.subresource)"
    let place = review.namespace.map { " in \($0)" } ?? " in all namespaces"
    return "\(review.verb) \(review.group.isEmpty ? "" : review.group + "/")\(resource)"
      + (review.name.isEmpty ? "" : " \(review.name)") + place
  }
}
