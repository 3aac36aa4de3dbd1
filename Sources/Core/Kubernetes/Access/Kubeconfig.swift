internal import Documents

/// One or several kubeconfig files, merged as client-go's `clientcmd` merges them: the first file to set a value or to name an
/// entry wins.
package struct Kubeconfig: Sendable, Equatable {
  /// A cluster, user or context, and where it stands.
  struct Entry: Sendable, Equatable {
    var name: String
    var fields: YAMLNode
    var file: String
  }

  /// Files that it was read from, in order.
  package private(set) var files: [String]
  /// `current-context`; nil where none is set.
  package private(set) var currentContext: String?
  private var clusters: [Entry] = []
  private var users: [Entry] = []
  private var contexts: [Entry] = []

  /// Reads one file. `path` is for relative paths in it and for messages: FILE:LINE: what is wrong.
  package init(_ bytes: [UInt8], path: String) throws(APIError) {
    files = [path]
    let root: YAMLNode
    do throws(YAMLError) { root = try YAMLNode.parse(bytes) } catch {
      throw APIError(.configuration, "\(path):\(error.line): not a kubeconfig: \(error.problem)")
    }
    let fields = KubeconfigFields(node: root, file: path)
    guard root.entries != nil else { throw fields.error("not a kubeconfig: a mapping is expected") }
    currentContext = try fields.text("current-context")
    clusters = try fields.named("clusters", "cluster")
    users = try fields.named("users", "user")
    contexts = try fields.named("contexts", "context")
  }

  /// Adds what `other`, a file with less weight, has and this does not.
  package func merging(_ other: Kubeconfig) -> Kubeconfig {
    func merged(_ first: [Entry], _ second: [Entry]) -> [Entry] {
      first + second.filter { entry in !first.contains { $0.name == entry.name } }
    }
    var result = self
    result.files += other.files
    result.currentContext = currentContext ?? other.currentContext
    result.clusters = merged(clusters, other.clusters)
    result.users = merged(users, other.users)
    result.contexts = merged(contexts, other.contexts)
    return result
  }

  /// Names of the contexts, in order.
  package var contextNames: [String] { contexts.map(\.name) }

  /// What a context comes down to; nil is the current one.
  package func access(context wanted: String? = nil) throws(APIError) -> ClusterAccess {
    let place = files.joined(separator: ":")
    guard let name = wanted ?? currentContext else {
      throw APIError(
        .configuration, "\(place) sets no current-context; choose one of \(known(contexts)) with --context")
    }
    guard let entry = contexts.first(where: { $0.name == name }) else {
      let origin = wanted == nil ? "the current-context " : "the context "
      throw APIError(.configuration, "\(origin)\"\(name)\" is not in \(place); known: \(known(contexts))")
    }
    let context = KubeconfigFields(node: entry.fields, file: entry.file)
    guard let clusterName = try context.text("cluster") else {
      throw context.error("the context \"\(name)\" names no cluster")
    }
    guard let cluster = clusters.first(where: { $0.name == clusterName }) else {
      throw context.error(
        "the cluster \"\(clusterName)\" of context \"\(name)\" is not there; known: \(known(clusters))")
    }
    var access = try Self.access(cluster: cluster)
    access.source = "context \(name) of \(entry.file)"
    access.namespace = try context.text("namespace") ?? "default"
    if let userName = try context.text("user") {
      guard let user = users.first(where: { $0.name == userName }) else {
        throw context.error("the user \"\(userName)\" of context \"\(name)\" is not there; known: \(known(users))")
      }
      try Self.add(user: user, to: &access)
    }
    return access
  }

  private func known(_ entries: [Entry]) -> String {
    entries.isEmpty ? "none" : entries.map(\.name).joined(separator: ", ")
  }

  private static func access(cluster: Entry) throws(APIError) -> ClusterAccess {
    let fields = KubeconfigFields(node: cluster.fields, file: cluster.file)
    guard let address = try fields.text("server") else {
      throw fields.error("the cluster \"\(cluster.name)\" has no server")
    }
    guard let server = ServerURL(address) else {
      throw fields.error("the server of cluster \"\(cluster.name)\" is not an http or https URL", at: "server")
    }
    var access = ClusterAccess(server: server, clusterName: cluster.name)
    let authorities = try fields.material("certificate-authority")
    if try fields.bool("insecure-skip-tls-verify") {
      guard authorities == nil else {
        throw fields.error(
          "insecure-skip-tls-verify and a certificate-authority exclude each other", at: "insecure-skip-tls-verify")
      }
      access.trust = .none
    } else if let authorities {
      access.trust = .authorities(authorities)
    }
    access.serverName = try fields.text("tls-server-name")
    if let name = access.serverName, !name.utf8.allSatisfy({ $0.isHostCharacter }) {
      throw fields.error("tls-server-name is not a host name", at: "tls-server-name")
    }
    if let proxy = try fields.text("proxy-url") {
      guard ["http://", "https://", "socks5://"].contains(where: proxy.lowercased().hasPrefix) else {
        throw fields.error("proxy-url has to begin with http://, https:// or socks5://", at: "proxy-url")
      }
      // The names are resolved by the proxy, as Go does: the cluster's may mean nothing here.
      access.proxy = proxy.lowercased().hasPrefix("socks5://") ? "socks5h" + proxy.dropFirst(6) : proxy
    }
    return access
  }

  private static func add(user: Entry, to access: inout ClusterAccess) throws(APIError) {
    let fields = KubeconfigFields(node: user.fields, file: user.file)
    let (certificate, key) = (try fields.material("client-certificate"), try fields.material("client-key"))
    switch (certificate, key) {
    case (nil, nil): break
    case (let certificate?, let key?): access.identity = .init(certificate: certificate, key: key)
    case (_?, nil): throw fields.error("the user \"\(user.name)\" has a client-certificate and no client-key")
    case (nil, _?): throw fields.error("the user \"\(user.name)\" has a client-key and no client-certificate")
    }
    if let path = try fields.path("tokenFile") {
      access.credential = .tokenFile(path)
    } else if let token = try fields.text("token") {
      access.credential = .token(token)
    } else if let plugin = try fields.child("exec") {
      access.credential = .exec(try plugin.execPlugin(user: user.name))
    } else if let name = try fields.text("username") {
      access.credential = .basic(user: name, password: try fields.text("password") ?? "")
    } else if try fields.child("auth-provider") != nil {
      throw fields.error("auth-provider is gone from Kubernetes since 1.26; use an exec plugin", at: "auth-provider")
    }
    access.impersonation = try fields.impersonation()
  }
}

extension UInt8 {
  /// Letters, digits, dot, hyphen, underscore, and the colon of IPv6.
  fileprivate var isHostCharacter: Bool {
    switch self {
    case 0x30...0x3A, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
    default: false
    }
  }
}
