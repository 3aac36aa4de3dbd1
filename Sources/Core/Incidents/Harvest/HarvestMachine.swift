internal import Documents
package import Kubernetes
package import Time

/// Decides what to ask for about one failure, and what each answer means: evidence, a gap, or further questions.
///
/// A machine without I/O: a driver sends what `Step` names and hands back what came of it. Steps of one call may run at the
/// same time. At most 12 requests are made for an incident: pod, two logs, events, two owners, the ReplicaSets of a young rollout, five
/// ConfigMaps.
package struct HarvestMachine: Sendable {
  /// A piece of evidence that was asked for.
  package enum Source: Sendable, Hashable {
    case pod
    case log(previous: Bool)
    case events
    case owner(OwnerKind, name: String)
    case configMap(name: String)
    /// All ReplicaSets of the pod's Deployment.
    case replicaSets
  }

  /// Controllers that are read: those that the promised role may read, and Jobs where configuration asks for them.
  package enum OwnerKind: String, Sendable, Hashable {
    case replicaSet = "ReplicaSet"
    case deployment = "Deployment"
    case job = "Job"
  }

  /// A request to send.
  package struct Step: Sendable, Equatable {
    /// What it asks for.
    package let source: Source
    /// The request.
    package let request: APIRequest
  }

  private enum Outstanding: Sendable {
    case plain
    case owner(OwnerReference)
    case configMap(ConfigMapReference)
  }

  private let occurrence: Occurrence
  private let options: HarvestOptions
  private var outstanding: [Source: Outstanding] = [:]
  private var evidence = Evidence()
  private var manifests: [Source: ManifestEvidence] = [:]
  private var order: [Source] = []
  private var isReplaced = false
  private let now: Timestamp?
  /// The container whose logs are asked for; nil where none has run.
  private let logContainer: ContainerSnapshot?
  private var rollout: (reader: RolloutReader, found: RolloutEvidence)?

  /// `now` stands in for the time of a failure that has none.
  package init(_ occurrence: Occurrence, options: HarvestOptions, now: Timestamp? = nil) {
    self.occurrence = occurrence
    self.options = options
    self.now = now
    let candidates = occurrence.container.name.isEmpty ? occurrence.pod.containers : [occurrence.container]
    logContainer = candidates.first(where: \.hasRun)
  }

  /// True once nothing is outstanding.
  package var isComplete: Bool { outstanding.isEmpty }

  /// The harvest begins: everything that can be asked for at once.
  package mutating func started() -> [Step] {
    let pod = occurrence.pod
    var steps = [
      ask(.pod, .pod(namespace: pod.namespace, name: pod.name)),
      ask(.events, .events(namespace: pod.namespace, involvedUID: pod.uid)),
    ]
    steps += logSteps()
    if let controller = pod.controller { steps += ownerSteps(controller) }
    return steps
  }

  /// An answer has arrived, or the request has failed.
  package mutating func answered(_ source: Source, _ result: Result<APIResponse, APIError>) -> [Step] {
    guard let asked = outstanding.removeValue(forKey: source) else { return [] }
    switch (result, asked) {
    case (.failure(let error), _):
      failed(source, asked, error)
      return []
    case (.success(let response), .plain):
      switch source {
      case .pod: return podArrived(response)
      case .log(let previous): logArrived(response, previous: previous)
      case .events: eventsArrived(response)
      case .replicaSets: replicaSetsArrived(response)
      case .owner, .configMap: break
      }
      return []
    case (.success(let response), .owner(let reference)):
      return ownerArrived(source, reference, response)
    case (.success(let response), .configMap):
      keepManifest(source, response)
      return []
    }
  }

  /// Time is up: what has not arrived is a gap.
  package mutating func deadlinePassed() {
    for (source, asked) in outstanding.sorted(by: { $0.key.label < $1.key.label }) {
      if case .owner(let reference) = asked {
        evidence.owners.append(OwnerEvidence(reference: reference, verified: false))
      }
      gap(source, .timeout, "no answer within \(options.deadline.wholeNanoseconds / 1_000_000) ms")
    }
    outstanding = [:]
  }

  /// What was gathered. Events are sorted by time; a log that belongs to another pod of the same name is left out.
  package func finished() -> Evidence {
    var result = evidence
    result.manifests = order.compactMap { manifests[$0] }
    result.events.sort { ($0.lastTime ?? .epoch) < ($1.lastTime ?? .epoch) }
    result.logs.sort { $0.previous && !$1.previous }
    result.rollout = rollout?.found
    if isReplaced {
      for log in result.logs {
        result.gaps.append(EvidenceGap(source: log.source, reason: .replaced, detail: "the pod has been replaced"))
      }
      result.logs = []
    } else if result.logs.count == 2, result.logs[0].text == result.logs[1].text {
      // While a container waits, the kubelet gives its last run for both.
      result.logs.removeLast()
      result.logs[0].alsoCurrent = true
    }
    // Room for the lines that say what is left out.
    let bytes = max(0, options.budget.log - 128)
    for index in result.logs.indices { result.logs[index].shorten(lines: options.logLines, bytes: bytes) }
    return result
  }
}

// MARK: - Questions

extension HarvestMachine {
  private mutating func ask(_ source: Source, _ request: APIRequest, _ asked: Outstanding = .plain) -> Step {
    var request = request
    // No request may outlive the harvest.
    request.timeout = min(request.timeout ?? options.deadline, options.deadline)
    outstanding[source] = asked
    order.append(source)
    return Step(source: source, request: request)
  }

  /// The logs of the failing container. The kubelet names the runs by the state at the moment of the request, which may have
  /// moved on since the failure was seen: so both are asked for wherever a run before this one may exist.
  private mutating func logSteps() -> [Step] {
    guard let container = logContainer else {
      // Of a pod that never ran there is nothing to be missed.
      guard !occurrence.container.name.isEmpty else { return [] }
      evidence.gaps.append(
        EvidenceGap(
          source: "log/\(occurrence.container.name)/current", reason: .unavailable,
          detail: "the container has never started"))
      return []
    }
    let runs = container.restartCount > 0 || container.lastTermination != nil ? [true, false] : [false]
    return runs.map { previous in
      ask(
        .log(previous: previous),
        .podLog(
          namespace: occurrence.pod.namespace, name: occurrence.pod.name, container: container.name, previous: previous,
          tailLines: options.logLinesRead, limit: options.budget.log))
    }
  }

  private mutating func ownerSteps(_ reference: OwnerReference) -> [Step] {
    guard let kind = OwnerKind(rawValue: reference.kind), reference.apiVersion.hasPrefix(kind.group + "/"),
      kind != .job || options.jobs
    else {
      // Its name and uid are known from the reference; reading it is not among the promised permissions.
      evidence.owners.append(OwnerEvidence(reference: reference, verified: false))
      return []
    }
    let namespace = occurrence.pod.namespace
    let request: APIRequest =
      switch kind {
      case .replicaSet: .replicaSet(namespace: namespace, name: reference.name)
      case .deployment: .deployment(namespace: namespace, name: reference.name)
      case .job: .job(namespace: namespace, name: reference.name)
      }
    return [ask(.owner(kind, name: reference.name), request, .owner(reference))]
  }

  private mutating func configMapSteps(_ references: [ConfigMapReference]) -> [Step] {
    guard options.configMaps else {
      if !references.isEmpty {
        let names = references.map(\.name).joined(separator: ", ")
        evidence.gaps.append(EvidenceGap(source: "manifest/ConfigMap", reason: .disabled, detail: "not read: \(names)"))
      }
      return []
    }
    for reference in references.dropFirst(options.configMapLimit) {
      gap(.configMap(name: reference.name), .truncated, "the limit is \(options.configMapLimit) ConfigMaps")
    }
    return references.prefix(options.configMapLimit).map { reference in
      ask(
        .configMap(name: reference.name), .configMap(namespace: occurrence.pod.namespace, name: reference.name),
        .configMap(reference))
    }
  }
}

// MARK: - Answers

extension HarvestMachine {
  private mutating func podArrived(_ response: APIResponse) -> [Step] {
    guard let manifest = manifest(.pod, response) else { return [] }
    guard manifest.uid == occurrence.pod.uid else {
      isReplaced = true
      gap(.pod, .replaced, "the name belongs to another pod now, uid \(manifest.uid)")
      return []
    }
    manifests[.pod] = manifest
    do { return configMapSteps(try ConfigMapReference.all(inPod: manifest.json)) } catch {
      gap(.pod, .error, "its references could not be read")
      return []
    }
  }

  private mutating func logArrived(_ response: APIResponse, previous: Bool) {
    // Answered with 200 where the node has already removed the run (kubelet `kuberuntime_logs.go`).
    if response.body.starts(with: Array("unable to retrieve container logs for ".utf8)) {
      gap(.log(previous: previous), .unavailable, "the node has removed the log of that run")
    } else if response.status == 204 {
      gap(.log(previous: previous), .unavailable, "the pod has not been scheduled")
    } else {
      evidence.logs.append(
        LogEvidence(
          container: logContainer?.name ?? "", kind: logContainer?.kind ?? .regular, previous: previous,
          text: response.body, omittedBytes: response.omittedBytes))
    }
  }

  private mutating func eventsArrived(_ response: APIResponse) {
    do { evidence.events = try EventSnapshot.list(json: response.body) } catch {
      gap(.events, .error, "the answer is not a list of events")
    }
  }

  private mutating func ownerArrived(_ source: Source, _ reference: OwnerReference, _ response: APIResponse) -> [Step] {
    guard let manifest = manifest(source, response) else {
      evidence.owners.append(OwnerEvidence(reference: reference, verified: false))
      return []
    }
    guard manifest.uid == reference.uid else {
      evidence.owners.append(OwnerEvidence(reference: reference, verified: false))
      gap(source, .replaced, "the name belongs to another object now, uid \(manifest.uid)")
      return []
    }
    evidence.owners.append(OwnerEvidence(reference: reference, verified: true))
    manifests[source] = manifest
    switch source {
    case .owner(.deployment, _): return rolloutSteps(of: reference)
    // A Deployment is a ReplicaSet's only usual controller, a CronJob a Job's.
    default: return (try? ObjectMetadata(json: response.body).controller).map { ownerSteps($0) } ?? []
    }
  }

  /// Asks for the ReplicaSets of a Deployment that was rolled out shortly before the failure, to compare the last two.
  private mutating func rolloutSteps(of deployment: OwnerReference) -> [Step] {
    guard options.rolloutAge > .zero, let controller = occurrence.pod.controller,
      let failedAt = occurrence.failedAt ?? now,
      let set = manifests[.owner(.replicaSet, name: controller.name)],
      let owner = manifests[.owner(.deployment, name: deployment.name)],
      let setDocument = try? JSONDocument(set.json), let ownerDocument = try? JSONDocument(owner.json)
    else { return [] }
    let reader = RolloutReader(replicaSet: setDocument, deployment: ownerDocument)
    guard let found = reader.rollout(failedAt: failedAt, youngerThan: options.rolloutAge) else { return [] }
    rollout = (reader, found)
    guard let selector = reader.selector else { return [] }
    return [ask(.replicaSets, .replicaSets(namespace: occurrence.pod.namespace, labelSelector: selector))]
  }

  private mutating func replicaSetsArrived(_ response: APIResponse) {
    guard let list = try? JSONDocument(response.body), var rollout else {
      gap(.replicaSets, .error, "the answer is not a list of ReplicaSets")
      return
    }
    let previous = rollout.reader.compare(&rollout.found, with: list)
    self.rollout = rollout
    guard let previous, let metadata = try? ObjectMetadata(json: previous.bytes) else { return }
    manifests[.replicaSets] = ManifestEvidence(
      // An item of a list does not say what it is.
      apiVersion: "apps/v1", kind: OwnerKind.replicaSet.rawValue, namespace: metadata.namespace, name: metadata.name,
      uid: metadata.uid, resourceVersion: metadata.resourceVersion,
      json: previous.removing(["metadata", "managedFields"]).bytes)
  }

  private mutating func keepManifest(_ source: Source, _ response: APIResponse) {
    manifests[source] = manifest(source, response)
  }

  private mutating func manifest(_ source: Source, _ response: APIResponse) -> ManifestEvidence? {
    guard let document = try? JSONDocument(response.body), let metadata = try? ObjectMetadata(json: response.body)
    else {
      gap(source, .error, "the answer is not a Kubernetes object")
      return nil
    }
    return ManifestEvidence(
      apiVersion: metadata.apiVersion, kind: metadata.kind, namespace: metadata.namespace, name: metadata.name,
      uid: metadata.uid, resourceVersion: metadata.resourceVersion,
      // A third of an object's bytes, and it says who wrote which field, not what is in it.
      json: document.removing(["metadata", "managedFields"]).bytes)
  }

  private mutating func failed(_ source: Source, _ asked: Outstanding, _ error: APIError) {
    if case .owner(let reference) = asked {
      evidence.owners.append(OwnerEvidence(reference: reference, verified: false))
    }
    let reason: EvidenceGap.Reason =
      switch (error.code, source) {
      case (.forbidden, _): .forbidden
      // For a log it means the pod is gone, for an object that nobody made it or somebody deleted it.
      case (.notFound, _): .notFound
      case (.timeout, _), (.cancelled, _): .timeout
      // "previous terminated container not found", "is waiting to start": there is no such log.
      case (.status(400), .log): .unavailable
      default: .error
      }
    var detail = error.message
    if case .configMap(let reference) = asked, reference.optional { detail += " (optional)" }
    gap(source, reason, detail, status: error.httpStatus)
  }

  private mutating func gap(_ source: Source, _ reason: EvidenceGap.Reason, _ detail: String, status: Int = 0) {
    evidence.gaps.append(
      EvidenceGap(
        source: source.label(in: occurrence, log: logContainer), reason: reason, detail: detail, httpStatus: status))
  }
}

extension HarvestMachine.Source {
  /// A name for ordering and for people, without the pod's names.
  fileprivate var label: String {
    switch self {
    case .pod: "manifest/Pod"
    case .log(let previous): previous ? "log/previous" : "log/current"
    case .events: "events"
    case .owner(let kind, let name): "manifest/\(kind.rawValue)/\(name)"
    case .configMap(let name): "manifest/ConfigMap/\(name)"
    case .replicaSets: "rollout"
    }
  }

  /// The name in an incident's gaps.
  fileprivate func label(in occurrence: Occurrence, log container: ContainerSnapshot?) -> String {
    switch self {
    case .pod: "manifest/Pod/\(occurrence.pod.name)"
    case .log(let previous): "log/\(container?.name ?? "")/\(previous ? "previous" : "current")"
    case .events, .owner, .configMap, .replicaSets: label
    }
  }
}

extension HarvestMachine.OwnerKind {
  /// API group.
  fileprivate var group: String {
    switch self {
    case .replicaSet, .deployment: "apps"
    case .job: "batch"
    }
  }
}

extension ContainerSnapshot {
  /// False where no run of it ever started, so that no log can exist.
  fileprivate var hasRun: Bool {
    switch state {
    case .running, .terminated: true
    case .waiting, .unknown: lastTermination != nil || restartCount > 0 || !containerID.isEmpty
    }
  }
}
