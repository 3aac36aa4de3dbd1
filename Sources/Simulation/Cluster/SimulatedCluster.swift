internal import Synchronization
package import Time

/// A Kubernetes control plane in this process: real objects, revisions, lists and watches over real HTTP on a loopback
/// socket. Tests, `bench` and `watch --simulate` use it alike.
///
/// Sharing: all state is one value behind a lock; nothing is called while it is held.
package final class SimulatedCluster: Sendable {
  /// What a server does with a request for a streaming list (`sendInitialEvents`).
  package enum WatchListSupport: Sendable, Equatable {
    /// Servers before 1.27 do not know the parameter.
    case ignored
    /// Servers that know it and have it switched off answer 422.
    case rejected
    case supported
  }

  /// How the cluster behaves.
  package struct Options: Sendable, Equatable {
    /// Names, uids and ids are made from it.
    package var seed: UInt64 = 1
    /// Time between bookmarks; a real server sends one about every minute.
    package var bookmarkInterval: Duration = .seconds(60)
    /// The server's own limit for a watch without `timeoutSeconds`; a real one takes 30 to 60 minutes.
    package var watchTimeout: Duration = .seconds(1800)
    /// Streaming lists.
    package var watchList: WatchListSupport = .ignored
    /// Whether pods are listed and watched in protobuf by who asks for it. Off by default: each answer is made from JSON.
    package var protobuf = false
    /// Changes that are kept at least; see `ObjectStore`.
    package var historyLimit = 4096

    package init() {}
  }

  private struct State: Sendable {
    var model: ClusterModel
    var watchers: [Int: @Sendable () -> Void] = [:]
    var nextWatcher = 0
  }

  private let state: Mutex<State>
  private let running = Mutex<SimulatedAPIServer?>(nil)
  let time: any TimeSource

  /// An empty cluster. `time` gives creation times and the like; durations in watches and faults run on the sockets' own
  /// clock.
  package init(time: any TimeSource, options: Options = Options()) {
    self.time = time
    state = Mutex(State(model: ClusterModel(options: options)))
  }

  // MARK: Serving

  /// Serves the API over HTTP/1.1; returns the port. Port 0 takes a free one.
  @discardableResult
  package func start(host: String = "127.0.0.1", port: Int = 0) async throws(SimulationError) -> Int {
    let server = try await SimulatedAPIServer.start(cluster: self, host: host, port: port)
    let old = running.withLock { held in
      defer { held = server }
      return held
    }
    await old?.stop()
    return server.port
  }

  /// Stops serving: closes the port and every connection, as a killed server would. What is stored stays, so that
  /// `start` with the same port is the server's return.
  package func stop() async {
    let server = running.withLock { held in
      defer { held = nil }
      return held
    }
    await server?.stop()
  }

  /// Cuts every open connection, watches too, and goes on serving.
  package func cutConnections() async {
    await running.withLock { $0 }?.cutConnections()
  }

  // MARK: What is stored

  /// Does something that may change what is stored, and tells the watches if it did.
  @discardableResult
  func change<Result: Sendable, Failure: Error>(
    _ body: (inout ClusterModel) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let (result, watchers) = try state.withLock { state throws(Failure) in
      let revision = state.model.store.revision
      let result = try body(&state.model)
      return (result, state.model.store.revision == revision ? [] : Array(state.watchers.values))
    }
    for watcher in watchers { watcher() }
    return result
  }

  /// Reads or advances something without telling the watches.
  func access<Result: Sendable>(_ body: (inout ClusterModel) -> Result) -> Result {
    state.withLock { body(&$0.model) }
  }

  /// Adds an object from its JSON; `metadata.namespace` and `metadata.name` say where. A missing uid is made.
  @discardableResult
  package func create(_ kind: ResourceKind, _ value: JSONValue) throws(ObjectStore.Refusal) -> StoredObject {
    let now = time.wall
    return try change { model throws(ObjectStore.Refusal) in
      var value = value
      if value.at("metadata", "creationTimestamp") == nil {
        value["metadata"]?["creationTimestamp"] = .string(now.formatted(.seconds))
      }
      return try model.store.create(
        kind, value.at("metadata", "namespace")?.text ?? "default", value.at("metadata", "name")?.text ?? "",
        uid: value.at("metadata", "uid")?.text ?? model.newUID(), value)
    }
  }

  /// Changes an object in place.
  @discardableResult
  package func update(
    _ kind: ResourceKind, _ namespace: String, _ name: String, _ body: (inout JSONValue) -> Void
  ) throws(ObjectStore.Refusal) -> StoredObject {
    try change { model throws(ObjectStore.Refusal) in
      guard var value = model.store.object(kind, namespace, name)?.value else { throw ObjectStore.Refusal.notFound }
      body(&value)
      return try model.store.replace(kind, namespace, name, value)
    }
  }

  /// Puts an object in the place of the one of that name.
  @discardableResult
  package func replace(
    _ kind: ResourceKind, _ namespace: String, _ name: String, _ value: JSONValue
  ) throws(ObjectStore.Refusal) -> StoredObject {
    try change { model throws(ObjectStore.Refusal) in try model.store.replace(kind, namespace, name, value) }
  }

  /// Removes an object.
  package func delete(_ kind: ResourceKind, _ namespace: String, _ name: String) throws(ObjectStore.Refusal) {
    try change { model throws(ObjectStore.Refusal) in try model.store.delete(kind, namespace, name) }
  }

  /// The object of that name.
  package func object(_ kind: ResourceKind, _ namespace: String, _ name: String) -> StoredObject? {
    access { $0.store.object(kind, namespace, name) }
  }

  /// All objects of a kind in the order of namespace and name.
  package func objects(_ kind: ResourceKind) -> [StoredObject] {
    access { (try? $0.store.list(kind)) ?? [] }
  }

  /// The newest resourceVersion.
  package var resourceVersion: Int { access { $0.store.revision } }

  /// Forgets the history: watches from before now get 410, as after etcd's compaction.
  package func compact() {
    access { $0.store.compact() }
  }

  /// Appends lines to the log of a run.
  package func appendLog(containerID: String, _ lines: [ContainerLog.Line]) {
    access { model in
      for line in lines { model.logs[containerID, default: ContainerLog()].append(line) }
    }
  }

  /// Removes the log of a run, as the kubelet does with runs before the last.
  package func removeLog(containerID: String) {
    access { $0.logs[containerID] = nil }
  }

  // MARK: Behaviour

  /// Plans a fault for the next `times` requests of a kind (nil: any kind), after `skipping` of them; one that shows in a
  /// watch hits its next lines.
  package func inject(_ fault: APIFault, on request: RequestKind? = nil, times: Int = 1, skipping: Int = 0) {
    access { $0.faults.add(fault, on: request, times: times, skipping: skipping) }
  }

  /// Forgets all planned faults.
  package func clearFaults() {
    access { $0.faults.clear() }
  }

  /// Who may do what; nil lets everyone do everything. Takes effect with the next request.
  package func setAccess(_ policy: AccessPolicy?) {
    access { $0.access = policy }
  }

  /// Gives recorded answers before what is stored.
  package func serve(_ recorded: RecordedTraffic) {
    access { $0.recorded = recorded }
  }

  /// Requests so far by kind.
  package var requestCounts: [RequestKind: Int] { access { $0.requests } }

  /// How many requests of that kind came so far.
  package func requestCount(_ kind: RequestKind) -> Int { requestCounts[kind, default: 0] }

  /// The newest requests, oldest first, 5,000 to 10,000 of them: what a role must allow.
  package var requestLog: [RequestRecord] { access { $0.requestLog } }

  // MARK: Watches

  /// Calls `body` after each change until it is removed. `body` must not block.
  func addWatcher(_ body: @escaping @Sendable () -> Void) -> Int {
    state.withLock { state in
      state.nextWatcher += 1
      state.watchers[state.nextWatcher] = body
      return state.nextWatcher
    }
  }

  func removeWatcher(_ id: Int) {
    state.withLock { $0.watchers[id] = nil }
  }

  /// Watches that are open now.
  package var openWatches: Int { state.withLock { $0.watchers.count } }
}
