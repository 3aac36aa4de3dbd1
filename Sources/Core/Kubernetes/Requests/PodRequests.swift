/// Which pods are listed and watched.
package struct PodScope: Sendable, Equatable {
  /// One namespace; nil for the whole cluster.
  package var namespace: String?
  /// Label selector as kubectl's `-l` takes it; empty for all.
  package var labelSelector: String
  /// Field selector, e.g. "spec.nodeName=node-1"; empty for all.
  package var fieldSelector: String

  package init(namespace: String? = nil, labelSelector: String = "", fieldSelector: String = "") {
    self.namespace = namespace
    self.labelSelector = labelSelector
    self.fieldSelector = fieldSelector
  }

  /// The collection's path.
  var path: String {
    namespace.map { "/api/v1/namespaces/\($0.percentEncoded)/pods" } ?? "/api/v1/pods"
  }

  var selectors: [APIRequest.QueryItem] {
    var items: [APIRequest.QueryItem] = []
    if !labelSelector.isEmpty { items.append(.init("labelSelector", labelSelector)) }
    if !fieldSelector.isEmpty { items.append(.init("fieldSelector", fieldSelector)) }
    return items
  }
}

/// Requests of the pods API (core/v1).
extension APIRequest {
  /// Items of a page, as client-go asks for: small enough that the server holds little, large enough to be few.
  package static let pageSize = 500

  /// A page of a list. The first one names a version (`"0"`: whatever the server's cache has; `""`: the newest), the others
  /// a token only, for the server refuses both. No limit goes with version "0", since the cache ignores it.
  package static func podList(
    _ scope: PodScope, resourceVersion: String = "0", continueToken: String = "", encoding: PodEncoding = .json
  ) -> APIRequest {
    var query = scope.selectors
    if !continueToken.isEmpty {
      query += [.init("limit", "\(pageSize)"), .init("continue", continueToken)]
    } else if resourceVersion == "0" {
      query.append(.init("resourceVersion", resourceVersion))
    } else {
      query.append(.init("limit", "\(pageSize)"))
      if !resourceVersion.isEmpty {
        query += [.init("resourceVersion", resourceVersion), .init("resourceVersionMatch", "NotOlderThan")]
      }
    }
    // A page comes as a stream, whose idle limit is the driver's; a whole list may take minutes on a slow line.
    return APIRequest(path: scope.path, query: query, accept: encoding.accept, timeout: nil)
  }

  /// A watch that goes on after `resourceVersion` and that the server ends after `timeoutSeconds`.
  package static func podWatch(
    _ scope: PodScope, resourceVersion: String, timeoutSeconds: Int, encoding: PodEncoding = .json
  ) -> APIRequest {
    let query =
      scope.selectors + [
        .init("watch", "1"), .init("resourceVersion", resourceVersion), .init("allowWatchBookmarks", "true"),
        .init("timeoutSeconds", "\(timeoutSeconds)"),
      ]
    return APIRequest(path: scope.path, query: query, accept: encoding.accept, timeout: nil)
  }

  /// A list and the watch after it in one stream (KEP-3157): what there is comes as ADDED events, then a bookmark that says so, then
  /// what happens. Without a version it is of the newest one.
  package static func podStreamingList(
    _ scope: PodScope, timeoutSeconds: Int, encoding: PodEncoding = .json
  ) -> APIRequest {
    let query =
      scope.selectors + [
        .init("watch", "1"), .init("sendInitialEvents", "true"), .init("resourceVersionMatch", "NotOlderThan"),
        .init("allowWatchBookmarks", "true"), .init("timeoutSeconds", "\(timeoutSeconds)"),
      ]
    return APIRequest(path: scope.path, query: query, accept: encoding.accept, timeout: nil)
  }

  /// One pod.
  package static func pod(namespace: String, name: String) -> APIRequest {
    APIRequest(path: "/api/v1/namespaces/\(namespace.percentEncoded)/pods/\(name.percentEncoded)")
  }

  /// A container's log: its last `tailLines` lines, of which the client keeps the last `limit` bytes. The server's own
  /// `limitBytes` is not used: it cuts off the newest lines.
  package static func podLog(
    namespace: String, name: String, container: String, previous: Bool = false, tailLines: Int, limit: Int
  ) -> APIRequest {
    var query: [QueryItem] = [.init("container", container)]
    if previous { query.append(.init("previous", "true")) }
    query.append(.init("tailLines", "\(tailLines)"))
    return APIRequest(
      path: "/api/v1/namespaces/\(namespace.percentEncoded)/pods/\(name.percentEncoded)/log", query: query,
      accept: "*/*", responseLimit: .keepEnd(bytes: limit))
  }
}
