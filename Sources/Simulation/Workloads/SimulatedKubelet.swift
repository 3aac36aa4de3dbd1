internal import Synchronization
internal import Time

/// A pod's place in the cluster.
package struct PodKey: Sendable, Hashable {
  package var namespace: String
  package var name: String

  package init(_ namespace: String, _ name: String) {
    self.namespace = namespace
    self.name = name
  }
}

/// Deploys workloads into a simulated cluster and lets their containers start, end and fail, in the order of states, with
/// the messages, events and logs that a kubelet 1.20 was seen to report.
package final class SimulatedKubelet: Sendable {
  private struct State: Sendable {
    var names: IdentitySource
    var pods: [PodKey: SimulatedPod] = [:]
    var events = EventRecorder()
    var addresses = 0
  }

  /// What came of a step: the pod as it is now, and what goes with it.
  private struct Update: Sendable {
    var pod: SimulatedPod
    var isStatusChange = true
    var log: (run: String, lines: [String])?
    var removedRun: String?
    var events: [PodEvent] = []
  }

  private let cluster: SimulatedCluster
  private let state: Mutex<State>
  private static let node = "node-1"

  package init(cluster: SimulatedCluster, seed: UInt64 = 7) {
    self.cluster = cluster
    state = Mutex(State(names: IdentitySource(seed: seed)))
  }

  /// Creates the workload's ConfigMaps, Deployment, ReplicaSet and pods (Pending, not yet scheduled); returns the pods.
  @discardableResult
  package func deploy(_ workload: SimulatedWorkload) throws(SimulationError) -> [PodKey] {
    let now = cluster.time.wall
    let hash = state.withLock { $0.names.suffix(10) }
    let manifests = WorkloadManifests(workload: workload, hash: hash, created: now)
    do {
      for map in workload.configMaps { try cluster.create(.configMap, manifests.configMap(map)) }
      let deployment = try cluster.create(.deployment, manifests.deployment())
      let replicaSet = try cluster.create(.replicaSet, manifests.replicaSet(ownerUID: deployment.uid))
      var keys: [PodKey] = []
      for _ in 0..<workload.replicas {
        let (key, pod) = state.withLock { state in
          let name = "\(manifests.replicaSetName)-\(state.names.suffix(5))"
          let uid = state.names.uid()
          state.addresses += 1
          let pod = SimulatedPod(
            name: name, uid: uid, ip: "10.244.\(state.addresses / 250).\(state.addresses % 250 + 2)", created: now,
            manifest: manifests.pod(name: name, uid: uid, ownerUID: replicaSet.uid, node: Self.node),
            containers: (workload.initContainers + workload.regularContainers).map { spec in
              let reason = workload.initContainers.isEmpty ? "ContainerCreating" : "PodInitializing"
              return SimulatedPod.Container(spec: spec, state: .waiting(reason: reason, message: ""))
            })
          let key = PodKey(workload.namespace, name)
          state.pods[key] = pod
          return (key, pod)
        }
        try cluster.create(.pod, pod.object)
        keys.append(key)
      }
      return keys
    } catch {
      throw SimulationError(.badScenario, "cannot deploy \(workload.namespace)/\(workload.name): \(error)")
    }
  }

  /// The uid of a pod that was deployed here.
  package func uid(of key: PodKey) -> String? {
    state.withLock { $0.pods[key]?.uid }
  }

  /// Lets one thing happen to a pod.
  package func apply(_ step: PodStep, to key: PodKey) throws(SimulationError) {
    let now = cluster.time.wall
    let update = try state.withLock { state throws(SimulationError) in
      guard let pod = state.pods[key] else { throw SimulationError(.badScenario, "no pod \(key.name) was deployed") }
      let update = try Self.update(pod, step, now: now, names: &state.names)
      state.pods[key] = update.pod
      return update
    }
    // The log is there before the status that makes someone ask for it.
    if let log = update.log {
      cluster.appendLog(
        containerID: log.run, log.lines.map { ContainerLog.Line(time: now, bytes: Array($0.utf8)) })
    }
    if let run = update.removedRun { cluster.removeLog(containerID: run) }
    do {
      for event in update.events { try record(event, of: update.pod, namespace: key.namespace, now: now) }
      guard update.isStatusChange else { return }
      try cluster.replace(.pod, key.namespace, key.name, update.pod.object)
    } catch {
      throw SimulationError(.badScenario, "cannot update pod \(key.namespace)/\(key.name): \(error)")
    }
  }

  /// Removes a pod as its ReplicaSet would: it is gone, and its logs with it.
  package func delete(_ key: PodKey) throws(SimulationError) {
    let pod = state.withLock { $0.pods.removeValue(forKey: key) }
    for run in pod?.containers.compactMap(\.run) ?? [] { cluster.removeLog(containerID: run) }
    do {
      try cluster.delete(.pod, key.namespace, key.name)
    } catch {
      throw SimulationError(.badScenario, "cannot delete pod \(key.namespace)/\(key.name): \(error)")
    }
  }

  private func record(
    _ event: PodEvent, of pod: SimulatedPod, namespace: String, now: Timestamp
  ) throws(ObjectStore.Refusal) {
    let (name, value, isNew) = state.withLock {
      $0.events.record(event, pod: pod, namespace: namespace, node: Self.node, now: now)
    }
    if isNew {
      try cluster.create(.event, value)
    } else {
      try cluster.update(.event, namespace, name) { held in
        held["count"] = value["count"]
        held["lastTimestamp"] = value["lastTimestamp"]
      }
    }
  }

  // MARK: The kubelet's behaviour

  private static func update(
    _ pod: SimulatedPod, _ step: PodStep, now: Timestamp, names: inout IdentitySource
  ) throws(SimulationError) -> Update {
    var update = Update(pod: pod)
    func index(_ name: String) throws(SimulationError) -> Int {
      guard let index = pod.containers.firstIndex(where: { $0.spec.name == name }) else {
        throw SimulationError(.badScenario, "pod \(pod.name) has no container \(name)")
      }
      return index
    }
    switch step {
    case .scheduled:
      update.pod.isScheduled = true
      update.events = [.scheduled]
    case .creating:
      update.pod.started = now
    case .touched: break
    case .logged(let name, let lines):
      update.isStatusChange = false
      update.log = pod.containers[try index(name)].run.map { ($0, lines) }
    case .started(let name, let lines):
      let index = try index(name)
      let run = update.pod.containers[index].start(run: names.containerID(), now: now)
      update.log = (run, lines)
      update.events = PodEvent.starting(update.pod.containers[index])
    case .exited(let name, let code, let reason, let message, let lines):
      let index = try index(name)
      update.removedRun = pod.containers[index].last?.run
      update.pod.containers[index].end(exitCode: code, reason: reason, message: message, now: now)
      update.log = pod.containers[index].run.map { ($0, lines) }
    case .endedUnseen(let name, let code, let reason, let lines):
      let index = try index(name)
      update.removedRun = pod.containers[index].last?.run
      update.log = pod.containers[index].run.map { ($0, lines) }
      update.pod.containers[index].end(exitCode: code, reason: reason, message: "", now: now)
      _ = update.pod.containers[index].start(run: names.containerID(), now: now)
      update.events = PodEvent.starting(update.pod.containers[index])
    case .backOff(let name):
      let index = try index(name)
      update.pod.containers[index].waitForRestart(pod: pod)
      update.events = [.backOffRestarting(update.pod.containers[index])]
    case .pullFailed(let name, let message):
      let index = try index(name)
      update.pod.containers[index].state = .waiting(reason: "ErrImagePull", message: message)
      update.events = PodEvent.pullFailed(update.pod.containers[index], message: message)
    case .pullBackOff(let name):
      let index = try index(name)
      let text = "Back-off pulling image \"\(pod.containers[index].spec.image)\""
      update.pod.containers[index].state = .waiting(reason: "ImagePullBackOff", message: text)
      update.events = PodEvent.pullBackOff(update.pod.containers[index], message: text)
    }
    return update
  }
}
