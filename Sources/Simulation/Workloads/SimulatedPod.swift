internal import Time

/// One pod as its kubelet sees it: the state of each container, and how the kubelet reports it. A value; `SimulatedKubelet`
/// holds and publishes it.
struct SimulatedPod: Sendable, Equatable {
  /// The end of a run.
  struct Ending: Sendable, Equatable {
    var exitCode: Int
    var reason: String
    var message: String
    var started: Timestamp
    var finished: Timestamp
    var run: String
  }

  enum State: Sendable, Equatable {
    case waiting(reason: String, message: String)
    case running(since: Timestamp)
    case terminated(Ending)
  }

  struct Container: Sendable, Equatable {
    var spec: SimulatedWorkload.Container
    var state: State
    var last: Ending?
    var restarts = 0
    /// The current run, or the last one; nil before the first.
    var run: String?
    /// Length of the next back-off, seconds: 10, 20, 40, … at most 300, as the kubelet counts.
    var backOff = 10

    var isReady: Bool {
      switch state {
      case .running: !spec.isInit
      case .terminated(let ending): spec.isInit && ending.exitCode == 0
      case .waiting: false
      }
    }
  }

  let name: String
  let uid: String
  let ip: String
  let created: Timestamp
  /// metadata and spec.
  let manifest: JSONValue
  var isScheduled = false
  var started: Timestamp?
  var containers: [Container]

  /// The pod as it stands in the API.
  var object: JSONValue {
    var object = manifest
    if !isScheduled { object["spec"]?["nodeName"] = nil }
    object["status"] = status
    return object
  }

  private var initialized: Bool {
    containers.filter(\.spec.isInit).allSatisfy(\.isReady)
  }

  private var status: JSONValue {
    var status: JSONValue = ["phase": .string(phase)]
    guard isScheduled else {
      status["qosClass"] = "Burstable"
      return status
    }
    guard let started else {
      status["conditions"] = [condition("PodScheduled", true)]
      status["qosClass"] = "Burstable"
      return status
    }
    let regular = containers.filter { !$0.spec.isInit }
    let initial = containers.filter(\.spec.isInit)
    let incomplete = initial.filter { !$0.isReady }.map(\.spec.name)
    let unready = regular.filter { !$0.isReady }.map(\.spec.name)
    status["conditions"] = [
      condition(
        "Initialized", initialized, "ContainersNotInitialized", "containers with incomplete status: \(incomplete)"),
      condition("Ready", unready.isEmpty, "ContainersNotReady", "containers with unready status: \(unready)"),
      condition("ContainersReady", unready.isEmpty, "ContainersNotReady", "containers with unready status: \(unready)"),
      condition("PodScheduled", true),
    ]
    status["hostIP"] = "10.240.0.2"
    status["podIP"] = .string(ip)
    status["podIPs"] = [["ip": .string(ip)]]
    status["startTime"] = .string(started.formatted(.seconds))
    if !initial.isEmpty { status["initContainerStatuses"] = .array(initial.map(json)) }
    status["containerStatuses"] = .array(regular.map(json))
    status["qosClass"] = "Burstable"
    return status
  }

  /// Running as soon as one container runs or has run and all init containers are done; a crash loop does not change it.
  /// A pod with one container that was never started is Pending.
  private var phase: String {
    let regular = containers.filter { !$0.spec.isInit }
    return initialized && regular.allSatisfy({ $0.run != nil }) ? "Running" : "Pending"
  }

  private func condition(_ type: String, _ holds: Bool, _ reason: String = "", _ message: String = "") -> JSONValue {
    var value: JSONValue = [
      "type": .string(type), "status": holds ? "True" : "False", "lastProbeTime": nil,
      "lastTransitionTime": .string(created.formatted(.seconds)),
    ]
    if !holds {
      value["reason"] = .string(reason)
      value["message"] = .string(message)
    }
    return value
  }

  private func json(_ container: Container) -> JSONValue {
    let state: JSONValue =
      switch container.state {
      case .waiting(let reason, let message):
        [
          "waiting": message.isEmpty
            ? ["reason": .string(reason)] : ["reason": .string(reason), "message": .string(message)]
        ]
      case .running(let since): ["running": ["startedAt": .string(since.formatted(.seconds))]]
      case .terminated(let ending): ["terminated": json(ending)]
      }
    var isRunning = false
    if case .running = container.state { isRunning = true }
    var value: JSONValue = [
      "name": .string(container.spec.name), "state": state,
      "lastState": container.last.map { ["terminated": json($0)] } ?? [:], "ready": .bool(container.isReady),
      "restartCount": JSONValue(container.restarts), "image": .string(container.spec.image),
      "imageID": .string(container.run == nil ? "" : Self.imageID(container.spec.image)),
    ]
    if let run = container.run { value["containerID"] = .string(run) }
    if !container.spec.isInit { value["started"] = .bool(isRunning) }
    return value
  }

  private func json(_ ending: Ending) -> JSONValue {
    var value: JSONValue = ["exitCode": JSONValue(ending.exitCode), "reason": .string(ending.reason)]
    if !ending.message.isEmpty { value["message"] = .string(ending.message) }
    value["startedAt"] = .string(ending.started.formatted(.seconds))
    value["finishedAt"] = .string(ending.finished.formatted(.seconds))
    value["containerID"] = .string(ending.run)
    return value
  }

  /// A digest that depends on the image's name alone.
  private static func imageID(_ image: String) -> String {
    let seed = image.utf8.reduce(UInt64(0xCBF2_9CE4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    var names = IdentitySource(seed: seed)
    return "sha256:" + names.hexadecimal(64)
  }
}
