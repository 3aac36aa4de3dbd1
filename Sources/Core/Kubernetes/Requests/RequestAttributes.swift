extension APIRequest {
  /// What the API server authorizes this request as; nil for a path that names no resource (`/version`).
  ///
  /// The rules are those of the server's RequestInfoFactory (k8s.io/apiserver, pkg/endpoints/request/requestinfo.go): the verb
  /// comes from the method, from whether a name is given, and from `watch`.
  package var attributes: AccessReview? {
    var parts = path.split(separator: "/").map(String.init)[...]
    let group: String
    switch parts.popFirst() {
    case "api": group = ""
    case "apis":
      guard let named = parts.popFirst() else { return nil }
      group = named
    default: return nil
    }
    guard parts.popFirst() != nil else { return nil }  // The version of the group.
    var namespace: String?
    // `namespaces/shop` alone is the namespace itself.
    if parts.count > 2, parts.first == "namespaces" {
      parts.removeFirst()
      namespace = parts.removeFirst()
    }
    guard let resource = parts.popFirst() else { return nil }
    let name = parts.popFirst() ?? ""
    let subresource = parts.first ?? ""
    let isWatch = query.contains { $0.name == "watch" && ($0.value == "true" || $0.value == "1") }
    let verb =
      switch method {
      case .post: "create"
      case .put: "update"
      case .get where !name.isEmpty: "get"
      case .get: isWatch ? "watch" : "list"
      }
    return AccessReview(
      verb: verb, group: group, resource: resource, subresource: subresource, namespace: namespace, name: name)
  }
}

extension APIRequest {
  /// True for a log: the API server passes it on to the node's kubelet, and waits for as long as that does not answer.
  package var isForNode: Bool { attributes?.subresource == "log" }
}

/// One request and its outcome, for measurements.
package struct APIExchange: Sendable, Equatable {
  /// get, list, watch, create or update; the HTTP method in lower case where no resource is named.
  package let verb: String
  /// e.g. "pods" or "pods/log"; "other" where none is named. Never an object's name.
  package let resource: String
  /// The HTTP status in digits; for a request that got no answer the kind of the failure, e.g. "unreachable".
  package let code: String
  /// From sending to the whole answer; for a stream, to its first byte.
  package let took: Duration

  package init(_ request: APIRequest, code: String, took: Duration) {
    let attributes = request.attributes
    verb = attributes?.verb ?? request.method.rawValue.lowercased()
    resource =
      attributes.map { $0.subresource.isEmpty ? $0.resource : "\($0.resource)/\($0.subresource)" } ?? "other"
    self.code = code
    self.took = took
  }
}

extension APIError.Code {
  /// A word for a label of a metric: one of some dozens.
  package var label: String {
    switch self {
    case .unreachable: "unreachable"
    case .tls: "tls"
    case .timeout: "timeout"
    case .unauthorized: "401"
    case .forbidden: "403"
    case .notFound: "404"
    case .expired: "410"
    case .tooManyRequests: "429"
    case .status(let status): String(status)
    case .tooLarge: "too_large"
    case .malformed: "malformed"
    case .cancelled: "cancelled"
    case .configuration: "configuration"
    }
  }
}
