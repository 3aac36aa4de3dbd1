internal import Documents
internal import FoundationEssentials
package import Time

/// What a credential plugin prints (client.authentication.k8s.io ExecCredential).
package struct ExecCredential: Sendable, Equatable {
  /// For `Authorization: Bearer`.
  package var token: String?
  /// Client certificate with its key.
  package var identity: ClusterAccess.ClientIdentity?
  /// When to run the plugin again; nil for the life of this program.
  package var expiresAt: Timestamp?

  package init(token: String? = nil, identity: ClusterAccess.ClientIdentity? = nil, expiresAt: Timestamp? = nil) {
    self.token = token
    self.identity = identity
    self.expiresAt = expiresAt
  }

  /// Reads a plugin's output. Throws `.configuration`, naming the plugin and never what it printed.
  package init(output: [UInt8], of plugin: ClusterAccess.ExecPlugin) throws(APIError) {
    func fail(_ problem: String) -> APIError {
      APIError(.configuration, "the credential plugin \(plugin.command) \(problem)")
    }
    guard let document = try? JSONDocument(output) else { throw fail("did not print JSON") }
    guard document.string("kind") == "ExecCredential" else { throw fail("did not print an ExecCredential") }
    let version = document.string("apiVersion") ?? "none"
    guard version == plugin.apiVersion else {
      throw fail(
        "printed an ExecCredential of apiVersion \(version.prefix(80)); the kubeconfig wants \(plugin.apiVersion)")
    }
    token = document.string("status", "token").flatMap { $0.isEmpty ? nil : $0 }
    let certificate = document.string("status", "clientCertificateData").flatMap { $0.isEmpty ? nil : $0 }
    let key = document.string("status", "clientKeyData").flatMap { $0.isEmpty ? nil : $0 }
    switch (certificate, key) {
    case (nil, nil): break
    case (let certificate?, let key?):
      identity = .init(certificate: .pem(Array(certificate.utf8)), key: .pem(Array(key.utf8)))
    default: throw fail("printed only one of certificate and key")
    }
    guard token != nil || identity != nil else { throw fail("printed neither a token nor a certificate") }
    if let time = document.string("status", "expirationTimestamp") {
      guard let time = Timestamp(rfc3339: time) else { throw fail("printed an expirationTimestamp that is no time") }
      expiresAt = time
    }
  }

  /// Whether it can still be used. A credential that is about to expire could expire on its way.
  package func isUsable(at now: Timestamp) -> Bool {
    expiresAt.map { now.duration(to: $0) > .seconds(10) } ?? true
  }
}

extension ClusterAccess.ExecPlugin {
  /// The value of KUBERNETES_EXEC_INFO. `authorities` is the PEM of the cluster's trust, where it has one.
  package func info(for access: ClusterAccess, authorities: [UInt8]?) -> String {
    var spec = #""interactive":false"#
    if providesClusterInfo {
      var cluster = #""server":\#("\(access.server)".jsonQuoted)"#
      if let name = access.serverName { cluster += #","tls-server-name":\#(name.jsonQuoted)"# }
      if access.trust == .none { cluster += #","insecure-skip-tls-verify":true"# }
      if let authorities {
        cluster += #","certificate-authority-data":"\#(Data(authorities).base64EncodedString())""#
      }
      if let proxy = access.proxy { cluster += #","proxy-url":\#(proxy.jsonQuoted)"# }
      spec += #","cluster":{\#(cluster)}"#
    }
    return #"{"apiVersion":\#(apiVersion.jsonQuoted),"kind":"ExecCredential","spec":{\#(spec)}}"#
  }
}
