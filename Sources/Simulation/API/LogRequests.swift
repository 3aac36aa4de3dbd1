internal import Time

/// `GET …/pods/NAME/log` as the API server and the kubelet of 1.20 answer it (kubelet `validateContainerLogStatus`).
/// `follow` is not simulated: nothing in this project asks for it.
struct LogRequests {
  let logs: [String: ContainerLog]
  let now: Timestamp

  func answer(_ call: APICall, pod name: String, _ pod: JSONValue) -> APIAnswer {
    switch options(call) {
    case .failure(let status): .status(status)
    case .success(let options):
      switch container(call, pod: name, pod) {
      case .failure(let status): .status(status)
      case .success(let container): log(of: container, call, pod: name, pod, options)
      }
    }
  }

  private enum Outcome<Value> {
    case success(Value)
    case failure(APIStatus)
  }

  /// The container that is meant; it may stay unnamed in a pod of one.
  private func container(_ call: APICall, pod name: String, _ pod: JSONValue) -> Outcome<String> {
    func names(_ list: String) -> [String] { pod.at("spec", list)?.elements.compactMap { $0["name"]?.text } ?? [] }
    let regular = names("containers")
    let initial = names("initContainers")
    guard let asked = call["container"], !asked.isEmpty else {
      if let only = regular.first, regular.count == 1, initial.isEmpty { return .success(only) }
      var message = "a container name must be specified for pod \(name), choose one of: [\(joined(regular))]"
      if !initial.isEmpty { message += " or one of the init containers: [\(joined(initial))]" }
      return .failure(.badRequest(message))
    }
    guard (regular + initial + names("ephemeralContainers")).contains(asked) else {
      return .failure(.badRequest("container \(asked) is not valid for pod \(name)"))
    }
    return .success(asked)
  }

  private func joined(_ names: [String]) -> String { names.joined(separator: " ") }

  private func log(
    of container: String, _ call: APICall, pod name: String, _ pod: JSONValue, _ options: LogOptions
  ) -> APIAnswer {
    // A pod without a node has no kubelet to ask.
    guard let node = pod.at("spec", "nodeName")?.text, !node.isEmpty else {
      return .body(APIBody(status: 204, contentType: "text/plain", bytes: []))
    }
    switch run(of: container, previous: call.flag("previous"), pod: name, pod) {
    case .failure(let status): return .status(status)
    case .success(let run):
      guard let log = logs[run] else {
        return text(Array("unable to retrieve container logs for \(run)".utf8))
      }
      return text(options.body(of: log))
    }
  }

  private func text(_ bytes: [UInt8]) -> APIAnswer {
    .body(APIBody(contentType: "text/plain", bytes: bytes, isChunked: true))
  }

  /// The run whose log is meant.
  private func run(of container: String, previous: Bool, pod name: String, _ pod: JSONValue) -> Outcome<String> {
    let statuses = ["initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses"]
      .flatMap { pod.at("status", $0)?.elements ?? [] }
    guard let status = statuses.first(where: { $0["name"]?.text == container }) else {
      return .failure(.badRequest("container \"\(container)\" in pod \"\(name)\" is not available"))
    }
    let last = status.at("lastState", "terminated", "containerID")?.text
    if previous {
      guard let last, !last.isEmpty else {
        return .failure(
          .badRequest("previous terminated container \"\(container)\" in pod \"\(name)\" not found"))
      }
      return .success(last)
    }
    if status.at("state", "running") != nil, let current = status["containerID"]?.text { return .success(current) }
    if let ended = status.at("state", "terminated") {
      if let run = ended["containerID"]?.text, !run.isEmpty { return .success(run) }
      if let last, !last.isEmpty { return .success(last) }
      return .failure(.badRequest("container \"\(container)\" in pod \"\(name)\" is terminated"))
    }
    if let last, !last.isEmpty { return .success(last) }
    let why =
      switch status.at("state", "waiting", "reason")?.text ?? "" {
      case "ErrImagePull": "image can't be pulled"
      case "ImagePullBackOff": "trying and failing to pull image"
      case let reason: reason
      }
    return .failure(
      .badRequest("container \"\(container)\" in pod \"\(name)\" is waiting to start: \(why)"))
  }

  private func options(_ call: APICall) -> Outcome<LogOptions> {
    var options = LogOptions(timestamps: call.flag("timestamps"))
    for (name, least) in [("tailLines", 0), ("limitBytes", 1), ("sinceSeconds", 1)] {
      guard let text = call[name], !text.isEmpty else { continue }
      guard let value = Int(text) else {
        return .failure(.badRequest("strconv.ParseInt: parsing \"\(text)\": invalid syntax"))
      }
      guard value >= least else {
        return .failure(
          APIStatus(
            code: 422,
            message: "PodLogOptions \"\" is invalid: \(name): Invalid value: \(value): must be greater than "
              + (least == 0 ? "or equal to 0" : "0"), reason: "Invalid"))
      }
      switch name {
      case "tailLines": options.tailLines = value
      case "limitBytes": options.limitBytes = value
      default: options.since = now.advanced(by: .seconds(-value))
      }
    }
    if let text = call["sinceTime"], let time = Timestamp(rfc3339: text) { options.since = time }
    return .success(options)
  }
}
