/// Requests for what surrounds a pod.
extension APIRequest {
  /// The events of one object. By uid, for names are used again; the name narrows nothing for the server, which has no index
  /// of either.
  package static func events(namespace: String, involvedUID uid: String) -> APIRequest {
    APIRequest(
      path: "/api/v1/namespaces/\(namespace.percentEncoded)/events",
      query: [.init("fieldSelector", "involvedObject.uid=\(uid)"), .init("limit", "\(pageSize)")])
  }

  /// A ReplicaSet.
  package static func replicaSet(namespace: String, name: String) -> APIRequest {
    APIRequest(path: "/apis/apps/v1/namespaces/\(namespace.percentEncoded)/replicasets/\(name.percentEncoded)")
  }

  /// The ReplicaSets of one Deployment, by its selector. It keeps ten old ones by default (`revisionHistoryLimit`); of more than 100,
  /// which the API server gives in the order of their names, some are missing.
  package static func replicaSets(namespace: String, labelSelector: String) -> APIRequest {
    APIRequest(
      path: "/apis/apps/v1/namespaces/\(namespace.percentEncoded)/replicasets",
      query: [.init("labelSelector", labelSelector), .init("limit", "100")], responseLimit: .refuse(bytes: 8 << 20))
  }

  /// A Job.
  package static func job(namespace: String, name: String) -> APIRequest {
    APIRequest(path: "/apis/batch/v1/namespaces/\(namespace.percentEncoded)/jobs/\(name.percentEncoded)")
  }

  /// A Deployment.
  package static func deployment(namespace: String, name: String) -> APIRequest {
    APIRequest(path: "/apis/apps/v1/namespaces/\(namespace.percentEncoded)/deployments/\(name.percentEncoded)")
  }

  /// A ConfigMap.
  package static func configMap(namespace: String, name: String) -> APIRequest {
    APIRequest(path: "/api/v1/namespaces/\(namespace.percentEncoded)/configmaps/\(name.percentEncoded)")
  }

  /// A namespace: tells an unknown one from an empty one where the role allows.
  package static func namespace(_ name: String) -> APIRequest {
    APIRequest(path: "/api/v1/namespaces/\(name.percentEncoded)")
  }

  /// The server's version: small, allowed to everybody, and so a proof of address, trust and credentials.
  package static let version = APIRequest(path: "/version", timeout: .seconds(10))
}
