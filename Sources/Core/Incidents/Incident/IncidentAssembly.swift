internal import Contract
internal import Kubernetes
internal import SwiftProtobuf
package import Time

/// The cluster as incidents name it.
package struct ClusterIdentity: Sendable, Equatable {
  /// Name for people; may be empty.
  package var name: String
  /// Identity that incident ids are made from.
  package var uid: String

  package init(name: String, uid: String) {
    self.name = name
    self.uid = uid
  }
}

/// When the stages handled an incident.
package struct StageTimings: Sendable, Equatable {
  /// When the event or list that shows the failure was read.
  package var detectedAt: Timestamp
  /// From reading it to the start of the harvest.
  package var queued: Duration
  /// The harvest.
  package var harvest: Duration

  package init(detectedAt: Timestamp, queued: Duration = .zero, harvest: Duration = .zero) {
    self.detectedAt = detectedAt
    self.queued = queued
    self.harvest = harvest
  }
}

extension Incident {
  /// Puts an incident together. Evidence beyond the budget is cut, and the cut is a gap.
  package init(
    _ occurrence: Occurrence, in cluster: ClusterIdentity, evidence gathered: Evidence, timings: StageTimings,
    suppressed: SuppressedFailures = SuppressedFailures(), toolVersion: String, budget: EvidenceBudget = .standard
  ) {
    var evidence = gathered
    budget.apply(to: &evidence)
    self.init(
      message: .with {
        $0.schemaVersion = Incident.schemaVersion
        $0.incidentID = occurrence.identity.incidentID(clusterUID: cluster.uid)
        $0.traceparent = TraceContext.traceparent(ofIncident: $0.incidentID)
        $0.cluster.name = cluster.name
        $0.cluster.uid = cluster.uid
        $0.workload = KMWorkload(occurrence.pod, owners: evidence.owners)
        $0.failure = KMFailure(occurrence, seen: timings.detectedAt, budget: budget)
        $0.logs = evidence.logs.map(KMContainerLog.init)
        $0.manifests = evidence.manifests.map(KMManifest.init)
        $0.events = evidence.events.map(KMEvent.init)
        if let rollout = evidence.rollout { $0.rollout = KMRollout(rollout) }
        $0.gaps = evidence.gaps.map(KMGap.init)
        $0.timings.detectedAt = .init(timings.detectedAt)
        $0.timings.queueUs = timings.queued.wholeMicroseconds
        $0.timings.harvestUs = timings.harvest.wholeMicroseconds
        $0.suppressed = KMSuppressed(suppressed)
        $0.tool.name = "kube-mind"
        $0.tool.version = toolVersion
      })
    encodedLimit = budget.encoded
  }
}

extension KMWorkload {
  fileprivate init(_ pod: PodSnapshot, owners: [OwnerEvidence]) {
    self.init()
    namespace = pod.namespace
    self.pod = pod.name
    podUid = pod.uid
    node = pod.node
    deleting = pod.deleting
    self.owners = owners.map { owner in
      .with {
        $0.kind = owner.reference.kind
        $0.apiVersion = owner.reference.apiVersion
        $0.name = owner.reference.name
        $0.uid = owner.reference.uid
        $0.verified = owner.verified
      }
    }
  }
}

extension KMFailure {
  fileprivate init(_ occurrence: Occurrence, seen: Timestamp, budget: EvidenceBudget) {
    self.init()
    `class` = occurrence.identity.failureClass.contract
    container = occurrence.container.name
    containerKind = occurrence.container.kind.contract
    reason = occurrence.reason
    message = EvidenceBudget.start(of: occurrence.message, within: budget.message)
    restarts = UInt32(clamping: occurrence.container.restartCount)
    image = occurrence.container.image
    imageID = occurrence.container.imageID
    containerID = occurrence.termination?.containerID ?? occurrence.container.containerID
    failedAt = .init(occurrence.failedAt ?? seen)
    if let termination = occurrence.termination {
      lastTermination = .with {
        $0.exitCode = Int32(clamping: termination.exitCode)
        $0.signal = Int32(clamping: termination.signal)
        $0.reason = termination.reason
        $0.message = EvidenceBudget.start(of: termination.message, within: budget.message)
        // A process that never started has the epoch for its start.
        if let started = termination.startedAt, started > .epoch { $0.startedAt = .init(started) }
        if let finished = termination.finishedAt { $0.finishedAt = .init(finished) }
      }
    }
  }
}

extension KMContainerLog {
  fileprivate init(_ log: LogEvidence) {
    self.init()
    container = log.container
    containerKind = log.kind.contract
    previous = log.previous
    alsoCurrent = log.alsoCurrent
    text = String(decoding: log.text, as: UTF8.self)
    let newlines = log.text.reduce(into: 0) { $0 += $1 == 0x0A ? 1 : 0 }
    lines = UInt32(clamping: newlines + (log.text.isEmpty || log.text.last == 0x0A ? 0 : 1))
    truncated = log.omittedBytes > 0
    omittedBytes = UInt64(clamping: log.omittedBytes)
    repeatedLines = UInt32(clamping: log.repeatedLines)
    omittedLines = UInt32(clamping: log.omittedLines)
    stackTraces = log.traces.map { trace in
      .with {
        $0.language = trace.language.rawValue
        $0.headline = trace.headline
        $0.frame = trace.frame
        $0.lines = UInt32(clamping: trace.lines)
      }
    }
  }
}

extension KMRollout {
  fileprivate init(_ rollout: RolloutEvidence) {
    self.init()
    deployment = rollout.deployment
    replicaSet = rollout.replicaSet
    previousReplicaSet = rollout.previousReplicaSet
    revision = UInt64(clamping: rollout.revision)
    previousRevision = UInt64(clamping: rollout.previousRevision)
    rolledOutAt = .init(rollout.rolledOutAt)
    secondsBeforeFailure = UInt32(clamping: rollout.beforeFailure.components.seconds)
    truncated = rollout.isTruncated
    changes = rollout.changes.map { change in
      .with {
        $0.path = change.path
        $0.oldValue = change.old
        $0.newValue = change.new
        $0.kind =
          switch change.kind {
          case .added: .added
          case .removed: .removed
          case .changed: .changed
          }
      }
    }
  }
}

extension KMManifest {
  fileprivate init(_ manifest: ManifestEvidence) {
    self.init()
    apiVersion = manifest.apiVersion
    kind = manifest.kind
    namespace = manifest.namespace
    name = manifest.name
    uid = manifest.uid
    resourceVersion = manifest.resourceVersion
    format = .json
    content = String(decoding: manifest.json, as: UTF8.self)
    truncated = manifest.json.isEmpty
  }
}

extension KMEvent {
  fileprivate init(_ event: EventSnapshot) {
    self.init()
    type = event.type
    reason = event.reason
    message = event.message
    source = event.component
    fieldPath = event.fieldPath
    count = UInt32(clamping: event.count)
    if let first = event.firstTime { firstSeen = .init(first) }
    if let last = event.lastTime { lastSeen = .init(last) }
  }
}

extension KMGap {
  fileprivate init(_ gap: EvidenceGap) {
    self.init()
    source = gap.source
    detail = gap.detail
    httpStatus = UInt32(clamping: gap.httpStatus)
    reason =
      switch gap.reason {
      case .forbidden: .forbidden
      case .notFound: .notFound
      case .timeout: .timeout
      case .truncated: .truncated
      case .unavailable: .unavailable
      case .error: .error
      case .disabled: .disabled
      case .replaced: .replaced
      }
  }
}

extension KMSuppressed {
  fileprivate init(_ suppressed: SuppressedFailures) {
    self.init()
    count = UInt32(clamping: suppressed.count)
    if let first = suppressed.firstAt { firstAt = .init(first) }
    if let last = suppressed.lastAt { lastAt = .init(last) }
    reasons = suppressed.reasons
  }
}

extension FailureClass {
  fileprivate var contract: KMFailureClass {
    switch self {
    case .crashLoopBackOff: .crashLoopBackOff
    case .oomKilled: .oomKilled
    case .imagePullBackOff: .imagePullBackOff
    case .createContainerConfigError: .createContainerConfigError
    case .createContainerError: .createContainerError
    case .runContainerError: .runContainerError
    case .invalidImageName: .invalidImageName
    case .evicted: .evicted
    case .unschedulable: .unschedulable
    case .probeFailure: .probeFailure
    case .jobFailed: .jobFailed
    case .other: .other
    }
  }
}

extension ContainerKind {
  fileprivate var contract: KMContainerKind {
    switch self {
    case .regular: .container
    case .initial: .init_
    case .sidecar: .sidecar
    case .ephemeral: .ephemeral
    }
  }
}

extension Google_Protobuf_Timestamp {
  init(_ time: Timestamp) {
    self.init(seconds: time.seconds, nanos: time.nanoseconds)
  }
}

extension Duration {
  /// For the contract's `_us` fields.
  fileprivate var wholeMicroseconds: UInt32 {
    UInt32(clamping: wholeNanoseconds / 1_000)
  }
}

extension Timestamp {
  init(_ time: Google_Protobuf_Timestamp) {
    self.init(seconds: time.seconds, nanoseconds: time.nanos)
  }
}
