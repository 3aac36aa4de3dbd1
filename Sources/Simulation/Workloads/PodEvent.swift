internal import Time

/// An event about a pod as the scheduler or the kubelet reports it.
struct PodEvent: Sendable, Equatable {
  var type = "Normal"
  var reason: String
  var message: String
  /// `spec.containers{name}`; empty for an event about the whole pod.
  var fieldPath = ""
  /// Scheduler events have only an eventTime, no count and no first and last time.
  var isFromScheduler = false

  static let scheduled = PodEvent(reason: "Scheduled", message: "", isFromScheduler: true)

  static func starting(_ container: SimulatedPod.Container) -> [PodEvent] {
    let path = path(container)
    return [
      PodEvent(
        reason: "Pulled", message: "Container image \"\(container.spec.image)\" already present on machine",
        fieldPath: path),
      PodEvent(reason: "Created", message: "Created container \(container.spec.name)", fieldPath: path),
      PodEvent(reason: "Started", message: "Started container \(container.spec.name)", fieldPath: path),
    ]
  }

  static func backOffRestarting(_ container: SimulatedPod.Container) -> PodEvent {
    PodEvent(
      type: "Warning", reason: "BackOff", message: "Back-off restarting failed container", fieldPath: path(container))
  }

  static func pullFailed(_ container: SimulatedPod.Container, message: String) -> [PodEvent] {
    let path = path(container)
    let image = container.spec.image
    return [
      PodEvent(reason: "Pulling", message: "Pulling image \"\(image)\"", fieldPath: path),
      PodEvent(
        type: "Warning", reason: "Failed", message: "Failed to pull image \"\(image)\": \(message)", fieldPath: path),
      PodEvent(type: "Warning", reason: "Failed", message: "Error: ErrImagePull", fieldPath: path),
    ]
  }

  static func pullBackOff(_ container: SimulatedPod.Container, message: String) -> [PodEvent] {
    let path = path(container)
    return [
      PodEvent(reason: "BackOff", message: message, fieldPath: path),
      PodEvent(type: "Warning", reason: "Failed", message: "Error: ImagePullBackOff", fieldPath: path),
    ]
  }

  private static func path(_ container: SimulatedPod.Container) -> String {
    "spec.\(container.spec.isInit ? "initContainers" : "containers"){\(container.spec.name)}"
  }
}

/// Counts repeats, as the recorders of kubelet and scheduler do: the same event again is the same object with a higher count.
struct EventRecorder: Sendable {
  private struct Key: Sendable, Hashable {
    var pod: String
    var reason: String
    var message: String
    var fieldPath: String
  }

  private var seen: [Key: (name: String, count: Int)] = [:]
  private var serial = 0

  /// The event's name and object, and whether it is new.
  mutating func record(
    _ event: PodEvent, pod: SimulatedPod, namespace: String, node: String, now: Timestamp
  ) -> (name: String, value: JSONValue, isNew: Bool) {
    let key = Key(pod: pod.uid, reason: event.reason, message: event.message, fieldPath: event.fieldPath)
    let held = seen[key]
    serial += 1
    let name = held?.name ?? "\(pod.name).\(String(0x18ea_8a5d_83bd_0000 + serial, radix: 16))"
    let count = (held?.count ?? 0) + 1
    seen[key] = (name, count)
    var about: JSONValue = [
      "kind": "Pod", "namespace": .string(namespace), "name": .string(pod.name), "uid": .string(pod.uid),
      "apiVersion": "v1",
    ]
    if !event.fieldPath.isEmpty { about["fieldPath"] = .string(event.fieldPath) }
    let second: JSONValue = .string(now.formatted(.seconds))
    var value: JSONValue = [
      "metadata": [
        "name": .string(name), "namespace": .string(namespace), "creationTimestamp": second,
      ],
      "involvedObject": about, "reason": .string(event.reason),
    ]
    if event.isFromScheduler {
      value["message"] = .string("Successfully assigned \(namespace)/\(pod.name) to \(node)")
      value["source"] = [:]
      value["firstTimestamp"] = .null
      value["lastTimestamp"] = .null
      value["type"] = .string(event.type)
      value["eventTime"] = .string(now.formatted(.microseconds))
      value["action"] = "Binding"
      value["reportingComponent"] = "default-scheduler"
      value["reportingInstance"] = .string("default-scheduler-\(node)")
    } else {
      value["message"] = .string(event.message)
      value["source"] = ["component": "kubelet", "host": .string(node)]
      value["firstTimestamp"] = second
      value["lastTimestamp"] = second
      value["count"] = JSONValue(count)
      value["type"] = .string(event.type)
      value["eventTime"] = .null
      value["reportingComponent"] = ""
      value["reportingInstance"] = ""
    }
    return (name, value, held == nil)
  }
}
