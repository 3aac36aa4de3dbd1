internal import Documents

/// Requests for names alone: what a shell completes with.
extension APIRequest {
  /// Names on a page: more than anybody reads.
  private static let nameLimit = 1_000
  /// The server leaves out everything but the metadata.
  private static let metadataOnly = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json"

  /// The namespaces of the cluster.
  package static func namespaceNames(timeout: Duration) -> APIRequest {
    names(path: "/api/v1/namespaces", timeout: timeout)
  }

  /// The pods of a namespace.
  package static func podNames(in namespace: String, timeout: Duration) -> APIRequest {
    names(path: PodScope(namespace: namespace).path, timeout: timeout)
  }

  private static func names(path: String, timeout: Duration) -> APIRequest {
    APIRequest(
      path: path, query: [.init("limit", "\(nameLimit)"), .init("resourceVersion", "0")], accept: metadataOnly,
      timeout: timeout)
  }

  /// The names in an answer to one of these; none where it is no list.
  package static func names(in body: [UInt8]) -> [String] {
    guard let document = try? JSONDocument(body) else { return [] }
    return document.elements("items").compactMap { $0.string("metadata", "name") }
  }
}
