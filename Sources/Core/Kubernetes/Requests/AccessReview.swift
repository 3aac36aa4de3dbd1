internal import Documents

/// A question to the server: may I do this? (authorization.k8s.io/v1 SelfSubjectAccessReview)
package struct AccessReview: Sendable, Equatable {
  /// e.g. "list".
  package var verb: String
  /// API group; empty for core.
  package var group: String
  /// e.g. "pods".
  package var resource: String
  /// e.g. "log"; empty for none.
  package var subresource: String
  /// Nil for the whole cluster.
  package var namespace: String?
  /// One object; empty for all.
  package var name: String

  package init(
    verb: String, group: String = "", resource: String, subresource: String = "", namespace: String? = nil,
    name: String = ""
  ) {
    self.verb = verb
    self.group = group
    self.resource = resource
    self.subresource = subresource
    self.namespace = namespace
    self.name = name
  }

  /// The request. It stores nothing in the cluster.
  package var request: APIRequest {
    var attributes = [("verb", verb), ("resource", resource)]
    for (key, value) in [
      ("group", group), ("subresource", subresource), ("namespace", namespace ?? ""), ("name", name),
    ] where !value.isEmpty {
      attributes.append((key, value))
    }
    let members = attributes.map { "\"\($0.0)\":\($0.1.jsonQuoted)" }.joined(separator: ",")
    let body =
      #"{"apiVersion":"authorization.k8s.io/v1","kind":"SelfSubjectAccessReview","spec":{"resourceAttributes":{"#
      + members + "}}}"
    return APIRequest(
      method: .post, path: "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", body: Array(body.utf8))
  }

  /// The answer: status.allowed; nil where the body is no answer.
  package static func allowed(_ body: [UInt8]) -> Bool? {
    (try? JSONDocument(body))?.bool("status", "allowed")
  }
}
