package import Time

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
  /// Why no node takes it: the condition PodScheduled where it is False for the reason Unschedulable. Read of pending pods only.
  package var unscheduled: Unscheduled?
  /// Init, regular and ephemeral containers that have a status, in that order.
  package var containers: [ContainerSnapshot]

  package init(
    namespace: String = "", name: String = "", uid: String = "", resourceVersion: String = "", node: String = "",
    deleting: Bool = false, controller: OwnerReference? = nil, phase: String = "", reason: String = "",
    message: String = "", unscheduled: Unscheduled? = nil, containers: [ContainerSnapshot] = []
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
    self.unscheduled = unscheduled
    self.containers = containers
  }
}

/// What the scheduler says of a pod that fits on no node.
package struct Unscheduled: Sendable, Equatable {
  /// lastTransitionTime of the condition: since when. The scheduler tries again and again and changes the message alone.
  package var since: Timestamp?
  /// In the scheduler's words, e.g. "0/3 nodes are available: 3 Insufficient memory."
  package var message: String

  package init(since: Timestamp?, message: String) {
    self.since = since
    self.message = message
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
