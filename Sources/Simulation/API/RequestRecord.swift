/// A request that came, in the words of RBAC.
package struct RequestRecord: Sendable, Equatable {
  /// Requests kept; at this number the older half is dropped.
  static let limit = 10_000

  /// What it is for.
  package let kind: RequestKind
  /// HTTP method.
  package let method: String
  /// Path and query as sent.
  package let target: String
  /// "get", "list", "watch", "create", "update", …; empty for a path that names no resource.
  package let verb: String
  /// API group; empty for core.
  package let group: String
  /// Plural with its subresource, e.g. "pods/log"; empty for a path that names no resource.
  package let resource: String
  /// Nil for a request over all namespaces.
  package let namespace: String?
  /// Nil for a collection.
  package let name: String?
}
