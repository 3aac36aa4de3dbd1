internal import Time

/// What a pod's bytes say, in whatever order they say it, put together as a snapshot: the same for JSON and protobuf.
///
/// The decoder fills the parts, then calls `join`. What is wanted only then, of the few pods that show it, is read last: the specs
/// of containers (`wantsSpecs`) and the conditions (`wantsConditions`).
struct PodParts {
  /// What the snapshot takes of one container's spec.
  struct ContainerSpec {
    var name = ""
    var image = ""
    /// It has a liveness or a startup probe.
    var isProbed = false
  }

  /// One of status.conditions.
  struct Condition {
    var type = ""
    var status = ""
    var reason = ""
    var message = ""
    var lastTransition: Timestamp?
  }

  var pod = PodSnapshot()
  var initial: [ContainerSnapshot] = []
  var regular: [ContainerSnapshot] = []
  var ephemeral: [ContainerSnapshot] = []
  /// Names of the init containers that run on beside the others (KEP-753).
  var sidecars: [String] = []

  /// False for an object that is no pod: each has a name and a uid.
  var isPod: Bool { !pod.name.isEmpty && !pod.uid.isEmpty }

  /// Puts the containers in order.
  mutating func join() {
    for index in initial.indices where sidecars.contains(initial[index].name) { initial[index].kind = .sidecar }
    pod.containers = initial + regular + ephemeral
  }

  /// Whether a status has no image, or a rule asks for probes.
  var wantsSpecs: Bool {
    pod.containers.contains { $0.image.isEmpty || $0.terminations.contains(where: \.mayBeProbeKill) }
  }

  /// Whether the conditions tell something of this pod.
  var wantsConditions: Bool { pod.phase == "Pending" }

  /// Takes the image that the status does not name, and whether there is a probe that kills.
  mutating func apply(_ spec: ContainerSpec) {
    for index in pod.containers.indices where pod.containers[index].name == spec.name {
      pod.containers[index].isProbed = spec.isProbed
      if pod.containers[index].image.isEmpty { pod.containers[index].image = spec.image }
    }
  }

  /// Takes the condition PodScheduled, where it is False for the reason Unschedulable.
  mutating func apply(_ condition: Condition) {
    guard condition.type == "PodScheduled", condition.status == "False", condition.reason == "Unschedulable" else {
      return
    }
    pod.unscheduled = Unscheduled(since: condition.lastTransition, message: condition.message)
  }
}
