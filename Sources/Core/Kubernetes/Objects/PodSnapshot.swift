/// What the failure rules read of a pod: a projection of metadata, spec and status. Nothing else of a pod is kept.
///
/// Source of the fields: core/v1 Pod, https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/.
package struct PodSnapshot: Sendable, Equatable {
  /// metadata.namespace.
  package var namespace: String
  /// metadata.name.
  package var name: String
  /// metadata.uid.
  package var uid: String
  /// metadata.resourceVersion: opaque, compared for equality only.
  package var resourceVersion: String
  /// spec.nodeName; empty for a pod that was never scheduled.
  package var node: String
  /// True once metadata.deletionTimestamp is set.
  package var deleting: Bool
  /// The owner reference with `controller: true`.
  package var controller: OwnerReference?
  /// status.phase, status.reason and status.message, for pods that fail as a whole (e.g. Evicted).
  package var phase: String
  /// status.reason; empty for most pods.
  package var reason: String
  /// status.message; empty for most pods.
  package var message: String
  /// Init, regular and ephemeral containers that have a status, in that order.
  package var containers: [ContainerSnapshot]

  package init(
    namespace: String = "", name: String = "", uid: String = "", resourceVersion: String = "", node: String = "",
    deleting: Bool = false, controller: OwnerReference? = nil, phase: String = "", reason: String = "",
    message: String = "", containers: [ContainerSnapshot] = []
  ) {
    self.namespace = namespace
    self.name = name
    self.uid = uid
    self.resourceVersion = resourceVersion
    self.node = node
    self.deleting = deleting
    self.controller = controller
    self.phase = phase
    self.reason = reason
    self.message = message
    self.containers = containers
  }
}

/// The reference of an object to its controller (metadata.ownerReferences with `controller: true`).
package struct OwnerReference: Sendable, Equatable {
  /// e.g. "apps/v1".
  package var apiVersion: String
  /// e.g. "ReplicaSet".
  package var kind: String
  /// Name; may be in use by a newer object, so the uid decides.
  package var name: String
  /// metadata.uid of the owner.
  package var uid: String

  package init(apiVersion: String, kind: String, name: String, uid: String) {
    self.apiVersion = apiVersion
    self.kind = kind
    self.name = name
    self.uid = uid
  }
}
