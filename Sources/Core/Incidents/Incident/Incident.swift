internal import Contract
package import Redaction
internal import SwiftProtobuf
package import Time

/// A failure with its evidence, before or after redaction: the type that `Redactor` turns into a `Redacted<Incident>`.
///
/// Its message cannot be reached from outside this module, so an incident that was not redacted can be neither encoded nor
/// printed.
package struct Incident: Sendable, Equatable {
  /// The message of the contract.
  var message: KMIncidentContext
  /// Limit of its encoded form, bytes.
  var encodedLimit = EvidenceBudget.standard.encoded

  init(message: KMIncidentContext) {
    self.message = message
  }

  /// incident_id.
  package var id: String { message.incidentID }

  /// When the failure was read, by the sensor's clock; nil where the incident does not say.
  package var detectedAt: Timestamp? {
    message.timings.hasDetectedAt ? Timestamp(message.timings.detectedAt) : nil
  }

  /// Version of the contract's meaning; see `schema_version`.
  package static let schemaVersion: UInt32 = 2
}

extension Incident: Redactable {
  package mutating func visitTexts(
    _ visit: (inout String, TextSource) throws(RedactionError) -> Void
  ) throws(RedactionError) {
    // Documents first: they say by their keys what is secret.
    for index in message.manifests.indices {
      let place = "manifest/\(message.manifests[index].kind)/\(message.manifests[index].name)"
      try visit(&message.manifests[index].content, TextSource(.json, place: place))
      try visitIdentifiers(of: &message.manifests[index], at: place, visit)
    }
    for index in message.logs.indices {
      let previous = message.logs[index].previous
      let place = "log/\(message.logs[index].container)/\(previous ? "previous" : "current")"
      try visit(&message.logs[index].text, TextSource(.log, place: place))
      try visit(&message.logs[index].container, TextSource(.identifier, place: place + "#container"))
      for trace in message.logs[index].stackTraces.indices {
        try visit(&message.logs[index].stackTraces[trace].language, TextSource(.identifier, place: place + "#language"))
        try visit(&message.logs[index].stackTraces[trace].headline, TextSource(.message, place: place + "#headline"))
        try visit(&message.logs[index].stackTraces[trace].frame, TextSource(.message, place: place + "#frame"))
      }
    }
    for index in message.events.indices {
      let place = "events/\(index)"
      try visit(&message.events[index].message, TextSource(.message, place: place))
      try visit(&message.events[index].reason, TextSource(.identifier, place: place + "#reason"))
      try visit(&message.events[index].type, TextSource(.identifier, place: place + "#type"))
      try visit(&message.events[index].source, TextSource(.identifier, place: place + "#source"))
      try visit(&message.events[index].fieldPath, TextSource(.identifier, place: place + "#fieldPath"))
    }
    for index in message.gaps.indices {
      try visit(&message.gaps[index].detail, TextSource(.message, place: "gaps/\(index)"))
      try visit(&message.gaps[index].source, TextSource(.identifier, place: "gaps/\(index)#source"))
    }
    try visitFailure(visit)
    try visitWorkload(visit)
    if message.hasRollout { try visitRollout(visit) }
    // They are found in what is left once it is masked (`recordRedaction`); an incident from a file may claim any.
    message.likelyCauses = []
  }

  /// The values of a rollout one by one, each under its key.
  private mutating func visitRollout(
    _ visit: (inout String, TextSource) throws(RedactionError) -> Void
  ) throws(RedactionError) {
    try visit(&message.rollout.deployment, TextSource(.identifier, place: "rollout#deployment"))
    try visit(&message.rollout.replicaSet, TextSource(.identifier, place: "rollout#replicaSet"))
    try visit(&message.rollout.previousReplicaSet, TextSource(.identifier, place: "rollout#previousReplicaSet"))
    func visitValue(_ value: inout String, of path: String) throws(RedactionError) {
      guard !value.isEmpty else { return }
      let document = TemplateDiff.document(path: path, value: value)
      var masked = document
      try visit(&masked, TextSource(.json, place: "rollout/\(path)"))
      if masked != document { value = TemplateDiff.value(path: path, document: masked) }
    }
    for index in message.rollout.changes.indices {
      let path = message.rollout.changes[index].path
      try visitValue(&message.rollout.changes[index].oldValue, of: path)
      try visitValue(&message.rollout.changes[index].newValue, of: path)
      try visit(&message.rollout.changes[index].path, TextSource(.message, place: "rollout#path"))
    }
  }

  private mutating func visitFailure(
    _ visit: (inout String, TextSource) throws(RedactionError) -> Void
  ) throws(RedactionError) {
    try visit(&message.failure.message, TextSource(.message, place: "failure#message"))
    try visit(&message.failure.reason, TextSource(.identifier, place: "failure#reason"))
    try visit(&message.failure.container, TextSource(.identifier, place: "failure#container"))
    // An image reference may carry a user and password where somebody put them there.
    try visit(&message.failure.image, TextSource(.message, place: "failure#image"))
    try visit(&message.failure.imageID, TextSource(.identifier, place: "failure#imageID"))
    try visit(&message.failure.containerID, TextSource(.identifier, place: "failure#containerID"))
    if message.failure.hasLastTermination {
      try visit(&message.failure.lastTermination.message, TextSource(.message, place: "failure#lastTermination"))
      try visit(&message.failure.lastTermination.reason, TextSource(.identifier, place: "failure#lastReason"))
    }
    for index in message.suppressed.reasons.indices {
      try visit(&message.suppressed.reasons[index], TextSource(.identifier, place: "suppressed#reason"))
    }
  }

  private mutating func visitWorkload(
    _ visit: (inout String, TextSource) throws(RedactionError) -> Void
  ) throws(RedactionError) {
    try visit(&message.cluster.name, TextSource(.identifier, place: "cluster#name"))
    try visit(&message.cluster.uid, TextSource(.identifier, place: "cluster#uid"))
    try visit(&message.workload.namespace, TextSource(.identifier, place: "workload#namespace"))
    try visit(&message.workload.pod, TextSource(.identifier, place: "workload#pod"))
    try visit(&message.workload.podUid, TextSource(.identifier, place: "workload#podUID"))
    try visit(&message.workload.node, TextSource(.identifier, place: "workload#node"))
    for index in message.workload.owners.indices {
      try visit(&message.workload.owners[index].kind, TextSource(.identifier, place: "owner#kind"))
      try visit(&message.workload.owners[index].apiVersion, TextSource(.identifier, place: "owner#apiVersion"))
      try visit(&message.workload.owners[index].name, TextSource(.identifier, place: "owner#name"))
      try visit(&message.workload.owners[index].uid, TextSource(.identifier, place: "owner#uid"))
    }
    try visit(&message.tool.name, TextSource(.identifier, place: "tool#name"))
    try visit(&message.tool.version, TextSource(.identifier, place: "tool#version"))
  }

  private func visitIdentifiers(
    of manifest: inout KMManifest, at place: String,
    _ visit: (inout String, TextSource) throws(RedactionError) -> Void
  ) throws(RedactionError) {
    try visit(&manifest.apiVersion, TextSource(.identifier, place: place + "#apiVersion"))
    try visit(&manifest.kind, TextSource(.identifier, place: place + "#kind"))
    try visit(&manifest.namespace, TextSource(.identifier, place: place + "#namespace"))
    try visit(&manifest.name, TextSource(.identifier, place: place + "#name"))
    try visit(&manifest.uid, TextSource(.identifier, place: place + "#uid"))
    try visit(&manifest.resourceVersion, TextSource(.identifier, place: place + "#resourceVersion"))
  }

  /// Adds to what an earlier redaction recorded: an incident that is sent again keeps its counts.
  package mutating func recordRedaction(_ report: RedactionReport) {
    var counts = report.counts
    for rule in message.redaction.rules { counts[rule.rule, default: 0] += Int(rule.count) }
    message.redaction.ruleSetVersion = report.ruleSetVersion
    message.redaction.masked = UInt32(clamping: counts.values.reduce(0, +))
    message.redaction.rules = counts.sorted { $0.key < $1.key }.map { rule, count in
      .with {
        $0.rule = rule
        $0.count = UInt32(clamping: count)
      }
    }
    cutToLimit()
    // Here every text is masked already: a line can be cut, and half a secret cannot come of it.
    message.likelyCauses = Diagnosis.causes(of: message)
  }

  package func encodedForLastCheck() throws(RedactionError) -> [UInt8] {
    do { return try message.serializedBytes() } catch {
      throw RedactionError(.encoding, place: "incident", message: "the message cannot be encoded")
    }
  }

  /// Masks can be longer than what they replace. Where the message grew over the limit, whole contents go, the largest
  /// first; what is cut here is masked already.
  private mutating func cutToLimit() {
    // Names, counts, stack traces' headlines, causes and the fields around the contents: far more than they ever take.
    let reserve = 128 << 10
    var size = message.contentSize + reserve
    while size > encodedLimit {
      let manifest = message.manifests.indices.max {
        message.manifests[$0].content.utf8.count < message.manifests[$1].content.utf8.count
      }
      let log = message.logs.indices.max { message.logs[$0].text.utf8.count < message.logs[$1].text.utf8.count }
      let manifestSize = manifest.map { message.manifests[$0].content.utf8.count } ?? 0
      let logSize = log.map { message.logs[$0].text.utf8.count } ?? 0
      if let manifest, manifestSize >= logSize, manifestSize > 0 {
        message.manifests[manifest].content = ""
        message.manifests[manifest].truncated = true
        size -= manifestSize
      } else if let log, logSize > 0 {
        let text = Array(message.logs[log].text.utf8)
        let kept = EvidenceBudget.end(of: text, within: logSize / 2)
        message.logs[log].omittedBytes += UInt64(text.count - kept.count)
        message.logs[log].truncated = true
        message.logs[log].text = String(decoding: kept, as: UTF8.self)
        size -= text.count - kept.count
      } else {
        message.events.removeFirst(message.events.count / 2)
        return
      }
    }
  }
}

extension KMIncidentContext {
  /// Bytes of the texts that may be large.
  fileprivate var contentSize: Int {
    manifests.reduce(0) { $0 + $1.content.utf8.count } + logs.reduce(0) { $0 + $1.text.utf8.count }
      + events.reduce(0) { $0 + $1.message.utf8.count } + gaps.reduce(0) { $0 + $1.detail.utf8.count }
      + rollout.changes.reduce(0) { $0 + $1.path.utf8.count + $1.oldValue.utf8.count + $1.newValue.utf8.count }
      + failure.message.utf8.count
  }
}
