internal import Documents
package import Incidents
package import Kubernetes
package import KubernetesClient
package import Logging
package import Time

/// What is found out before the watch begins: that the cluster is there, and which one it is. Whether it lets us list pods the watch's
/// own first list says.
package struct StartCheck: Sendable {
  private let client: APIClient
  private let logger: Logger
  private let time: any TimeSource

  /// Between two tries inside a cluster, where the API server is sure to come back.
  private static let pause: Duration = .seconds(2)

  package init(client: APIClient, logger: Logger, time: any TimeSource) {
    self.client = client
    self.logger = logger
    self.time = time
  }

  /// Asks the server for its version, which it returns, and for the namespace of each scope. A person at a terminal wants to know at once
  /// that the address is wrong; a pod in the cluster waits for the API server.
  @discardableResult
  package func reach(_ scopes: [PodScope], waits: Bool) async throws(APIError) -> ServerVersion? {
    let version: ServerVersion?
    while true {
      do throws(APIError) {
        version = ServerVersion(json: try await client.send(.version).body)
        break
      } catch {
        guard waits, error.code == .unreachable || error.code == .timeout else { throw error }
        logger.warning("API server not reachable yet", metadata: ["error": "\(error.message)"])
        do { try await time.sleep(for: Self.pause) } catch { throw APIError(.cancelled, "cancelled") }
      }
    }
    for namespace in scopes.compactMap(\.namespace) { try await check(namespace) }
    return version
  }

  /// A namespace that the server says does not exist is a mistake of the configuration. The promised role may not ask.
  private func check(_ namespace: String) async throws(APIError) {
    do { _ = try await client.send(.namespace(namespace)) } catch {
      guard error.code == .notFound else { return }
      throw APIError(.notFound, "namespace \(namespace) not found at \(client.access)")
    }
  }

  /// The cluster's name and identity: as configured; else the uid of a ConfigMap that every API server writes once in a
  /// cluster's life (`kube-system/extension-apiserver-authentication`); else, where the role is limited to namespaces, a
  /// fingerprint of the server's address. Every replica has to come to the same, for incident ids are made from it.
  package func identity(name: String, uid: String) async throws(APIError) -> ClusterIdentity {
    let name = name.isEmpty ? client.access.clusterName : name
    if !uid.isEmpty { return ClusterIdentity(name: name, uid: uid) }
    do throws(APIError) {
      let request = APIRequest.configMap(namespace: "kube-system", name: "extension-apiserver-authentication")
      let response = try await client.send(request)
      if let metadata = try? ObjectMetadata(json: response.body), !metadata.uid.isEmpty {
        return ClusterIdentity(name: name, uid: metadata.uid)
      }
    } catch {
      guard error.code == .forbidden || error.code == .notFound else { throw error }
    }
    return ClusterIdentity(name: name, uid: ClusterIdentity.fingerprint(of: "\(client.access.server)"))
  }
}
