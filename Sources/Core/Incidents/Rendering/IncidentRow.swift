internal import Contract
package import Redaction
package import Time

/// An incident as one row of a table, as `-o wide` has it.
package struct IncidentRow: Sendable, Equatable {
  /// The headings, in the order of `cells`.
  package static let headings = [
    "NAMESPACE", "POD", "CONTAINER", "FAILURE", "EXIT", "RESTARTS", "AGE", "NODE", "OWNER", "LIKELY CAUSE",
  ]

  /// One for each heading; "-" where there is nothing. Free of control characters.
  package let cells: [String]

  /// `now` is what ages are counted from.
  package init(_ incident: Redacted<Incident>, now: Timestamp) {
    let message = incident.value.message
    let failure = message.failure
    let owner = message.workload.owners.last.map { "\($0.kind)/\($0.name)" } ?? ""
    let age = failure.hasFailedAt ? IncidentText.span(Timestamp(failure.failedAt).duration(to: now)) : ""
    cells = [
      message.workload.namespace, message.workload.pod, failure.container, failure.class.word,
      failure.hasLastTermination ? "\(failure.lastTermination.exitCode)" : "", "\(failure.restarts)", age,
      message.workload.node, owner, message.likelyCauses.first?.summary ?? "",
    ].map { $0.isEmpty ? "-" : IncidentText.printable($0) }
  }
}
