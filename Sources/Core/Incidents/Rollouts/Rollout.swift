internal import Documents
internal import Kubernetes
package import Time

/// A rollout shortly before a failure, and what it changed.
package struct RolloutEvidence: Sendable, Equatable {
  /// Name of the Deployment.
  package var deployment: String
  /// The ReplicaSet of the failing pod.
  package var replicaSet: String
  /// The one before it; empty where there is none or it could not be read.
  package var previousReplicaSet = ""
  /// Revision of the pod's ReplicaSet; 0 where unknown.
  package var revision: Int
  /// Revision of the one before; 0 where there is none.
  package var previousRevision = 0
  /// When it was rolled out.
  package var rolledOutAt: Timestamp
  /// From then to the failure.
  package var beforeFailure: Duration
  /// What it changed.
  package var changes: [TemplateDiff.Change] = []
  /// Whether something of that was left out.
  package var isTruncated = false

  package init(deployment: String, replicaSet: String, revision: Int, rolledOutAt: Timestamp, beforeFailure: Duration) {
    self.deployment = deployment
    self.replicaSet = replicaSet
    self.revision = revision
    self.rolledOutAt = rolledOutAt
    self.beforeFailure = beforeFailure
  }
}

/// Finds out whether a pod's Deployment was rolled out shortly before the pod failed.
struct RolloutReader: Sendable {
  /// Keys of the Deployment controller (`pkg/controller/deployment/util`, `RevisionAnnotation`, `RevisionHistoryAnnotation`).
  private static let revisionKey = "deployment.kubernetes.io/revision"
  private static let historyKey = "deployment.kubernetes.io/revision-history"

  private let replicaSet: JSONDocument
  private let deployment: JSONDocument

  /// Both as the API server gave them.
  init(replicaSet: JSONDocument, deployment: JSONDocument) {
    self.replicaSet = replicaSet
    self.deployment = deployment
  }

  /// The rollout, where it is younger than `age` at the time of the failure. Times are the API server's and the node's: a failure
  /// that seems to be a little older than its rollout is taken for one of the same moment.
  func rollout(failedAt: Timestamp, youngerThan age: Duration) -> RolloutEvidence? {
    guard let time, let name = deployment.string("metadata", "name"), let set = replicaSet.string("metadata", "name")
    else { return nil }
    let elapsed = time.duration(to: failedAt)
    guard elapsed < age, (elapsed > .seconds(-60)) else { return nil }
    return RolloutEvidence(
      deployment: name, replicaSet: set, revision: Self.revision(of: replicaSet), rolledOutAt: time,
      beforeFailure: max(.zero, elapsed))
  }

  /// When it was rolled out: the ReplicaSet is made for it. A rollback takes an old ReplicaSet up again, which then has a history of
  /// revisions; its time is what the Deployment says of its progress.
  private var time: Timestamp? {
    let created = replicaSet.string("metadata", "creationTimestamp").flatMap { Timestamp(rfc3339: $0) }
    guard replicaSet.string("metadata", "annotations", Self.historyKey) != nil else { return created }
    let progress = deployment.elements("status", "conditions").first { $0.string("type") == "Progressing" }
    return progress?.string("lastUpdateTime").flatMap { Timestamp(rfc3339: $0) } ?? created
  }

  /// The label selector of the Deployment as a query has it; nil where it has none, which the API forbids.
  var selector: String? {
    var terms = deployment.members("spec", "selector", "matchLabels").map { key, value in
      "\(key)=\(value.string() ?? "")"
    }
    for expression in deployment.elements("spec", "selector", "matchExpressions") {
      guard let key = expression.string("key") else { continue }
      let values = expression.elements("values").compactMap { $0.string() }.joined(separator: ",")
      switch expression.string("operator") {
      case "In": terms.append("\(key) in (\(values))")
      case "NotIn": terms.append("\(key) notin (\(values))")
      case "Exists": terms.append(key)
      case "DoesNotExist": terms.append("!\(key)")
      default: break
      }
    }
    return terms.isEmpty ? nil : terms.joined(separator: ",")
  }

  /// Compares with the newest of the Deployment's older ReplicaSets. Gives that one, as an item of a list.
  func compare(_ rollout: inout RolloutEvidence, with list: JSONDocument) -> JSONDocument? {
    let uid = deployment.string("metadata", "uid")
    let current = Self.revision(of: replicaSet)
    let older = list.elements("items").filter { set in
      let revision = Self.revision(of: set)
      return revision > 0 && revision < current
        && set.elements("metadata", "ownerReferences").contains {
          $0.string("uid") == uid && $0.bool("controller") == true
        }
    }
    guard let previous = older.max(by: { Self.revision(of: $0) < Self.revision(of: $1) }),
      let name = previous.string("metadata", "name"), let old = previous.value("spec", "template"),
      let new = replicaSet.value("spec", "template")
    else { return nil }
    let diff = TemplateDiff(from: old, to: new)
    rollout.previousReplicaSet = name
    rollout.previousRevision = Self.revision(of: previous)
    rollout.changes = diff.changes
    rollout.isTruncated = diff.isTruncated
    return previous
  }

  private static func revision(of set: JSONDocument) -> Int {
    set.string("metadata", "annotations", revisionKey).flatMap { Int($0) } ?? 0
  }
}
