internal import Time

/// The whole simulated control plane as a value: what is stored, who may read it, which faults wait. Answers requests
/// without any I/O; the time comes in as an argument.
struct ClusterModel: Sendable {
  var store = ObjectStore()
  /// Logs by container ID, as far as the node still has them.
  var logs: [String: ContainerLog] = [:]
  var faults = FaultPlan()
  /// Nil: everyone may do everything.
  var access: AccessPolicy?
  var options: SimulatedCluster.Options
  /// Answers recorded from a real cluster; they go before what the store has.
  var recorded = RecordedTraffic()
  /// Requests by kind, for tests that count them.
  var requests: [RequestKind: Int] = [:]
  /// The newest requests, oldest first.
  private(set) var requestLog: [RequestRecord] = []
  private var names: IdentitySource

  init(options: SimulatedCluster.Options) {
    self.options = options
    names = IdentitySource(seed: options.seed)
    store = ObjectStore(historyLimit: options.historyLimit)
  }

  /// A new metadata.uid.
  mutating func newUID() -> String { names.uid() }

  mutating func answer(_ call: APICall, now: Timestamp) -> APIAnswer {
    let kind = Self.kind(of: call)
    requests[kind, default: 0] += 1
    record(call, kind)
    let answer = disturbed(call, kind, now: now)
    guard options.protobuf, kind == .list || kind == .watch, ProtobufAnswer.isWanted(call.accept) else { return answer }
    return answer.inProtobuf
  }

  private mutating func disturbed(_ call: APICall, _ kind: RequestKind, now: Timestamp) -> APIAnswer {
    guard let fault = faults.take(for: kind, inStream: false) else { return undisturbed(call, now: now) }
    switch fault {
    case .gone: return .status(.listExpired)
    case .unauthorized: return .status(.unauthorized)
    case .forbidden:
      let user = access?.identity(authorization: call.authorization)?.user ?? "system:anonymous"
      let path = ResourcePath(call.path)
      return .status(path.map { .forbidden(user, Self.verb(call, $0), $0) } ?? .unknownPath)
    case .tooManyRequests(let seconds):
      return .body(
        APIBody(
          status: 429, contentType: "text/plain; charset=utf-8",
          headers: [APIBody.Header("Retry-After", String(seconds))],
          bytes: Array("Too many requests, please try again later.\n".utf8)))
    case .internalError: return .status(APIStatus(code: 500, message: "etcdserver: request timed out", reason: ""))
    case .hangUp: return .hangUp
    case .slow(let duration): return .delayed(duration, undisturbed(call, now: now))
    case .goneInStream, .splitLine, .stall, .cutMidLine, .duplicateEvent, .garbageObject:
      return undisturbed(call, now: now)
    }
  }

  private mutating func record(_ call: APICall, _ kind: RequestKind) {
    if requestLog.count >= RequestRecord.limit { requestLog.removeFirst(RequestRecord.limit / 2) }
    let path = ResourcePath(call.path)
    requestLog.append(
      RequestRecord(
        kind: kind, method: call.method, target: call.target, verb: path.map { Self.verb(call, $0) } ?? "",
        group: path?.group ?? "",
        resource: path.map { path in path.subresource.map { "\(path.resource)/\($0)" } ?? path.resource } ?? "",
        namespace: path?.namespace, name: path?.name))
  }

  private mutating func undisturbed(_ call: APICall, now: Timestamp) -> APIAnswer {
    guard let identity = identity(of: call) else { return .status(.unauthorized) }
    if let accept = call.accept, !["application/json", "application/*", "*/*"].contains(where: accept.contains) {
      return .status(.notAcceptable)
    }
    guard let path = ResourcePath(call.path) else { return Discovery.answer(to: call) }
    if path.resource == "selfsubjectaccessreviews", path.group == "authorization.k8s.io" {
      return review(call, identity: identity)
    }
    let verb = Self.verb(call, path)
    guard access == nil || identity.may(verb, path) else { return .status(.forbidden(identity.user, verb, path)) }
    if let answer = recorded.answer(to: call, verb: verb) { return answer }
    guard let kind = path.kind else { return .status(.unknownPath) }
    switch (verb, path.subresource) {
    case ("list", nil): return Listing(store: store, kind: kind, options: options).list(call, path)
    case ("watch", nil): return Listing(store: store, kind: kind, options: options).watch(call, path)
    case ("get", nil): return get(kind, path)
    case ("get", "log") where kind == .pod: return log(call, path, now: now)
    case ("create", nil) where kind == .lease: return create(call, kind, path, now: now)
    case ("update", nil) where kind == .lease: return update(call, kind, path)
    case (_, .some): return .status(.unknownPath)
    default: return .status(.notAllowed())
    }
  }

  private func identity(of call: APICall) -> AccessPolicy.Identity? {
    guard let access else { return AccessPolicy.Identity(user: "system:admin", rules: []) }
    return access.identity(authorization: call.authorization)
  }

  private func get(_ kind: ResourceKind, _ path: ResourcePath) -> APIAnswer {
    guard let object = store.object(kind, path.namespace ?? "", path.name ?? "") else {
      return .status(.notFound(path))
    }
    return .body(APIBody(bytes: object.document))
  }

  private func log(_ call: APICall, _ path: ResourcePath, now: Timestamp) -> APIAnswer {
    guard let name = path.name, let pod = store.object(.pod, path.namespace ?? "", name) else {
      return .status(.notFound(path))
    }
    return LogRequests(logs: logs, now: now).answer(call, pod: name, pod.value)
  }

  /// What a request is for, for counting and for faults.
  static func kind(of call: APICall) -> RequestKind {
    guard let path = ResourcePath(call.path) else { return .other }
    if path.resource == "leases" { return .lease }
    guard call.method == "GET" else { return .other }
    if path.subresource == "log" { return .log }
    if path.name != nil { return .get }
    if call.flag("watch") { return .watch }
    switch path.resource {
    case "events": return .events
    case "replicasets": return .replicaSets
    default: return .list
    }
  }

  /// The verb that RBAC knows a request by.
  static func verb(_ call: APICall, _ path: ResourcePath) -> String {
    switch call.method {
    case "POST": "create"
    case "PUT": "update"
    case "PATCH": "patch"
    case "DELETE": path.name == nil ? "deletecollection" : "delete"
    default: path.name != nil ? "get" : call.flag("watch") ? "watch" : "list"
    }
  }
}
