/// How a cluster is reached, and as whom: what a kubeconfig or a ServiceAccount comes down to.
package struct ClusterAccess: Sendable, Equatable, CustomStringConvertible {
  /// The API server.
  package var server: ServerURL
  /// What the server's certificate has to be signed by.
  package var trust: Trust
  /// The name that the certificate has to have; nil for the host of `server` (kubeconfig's `tls-server-name`).
  package var serverName: String?
  /// The client certificate, where one is used.
  package var identity: ClientIdentity?
  /// What goes along with each request.
  package var credential: Credential
  /// Who to act as; nil for oneself.
  package var impersonation: Impersonation?
  /// `proxy-url`; nil for the proxy variables of the environment.
  package var proxy: String?
  /// Namespace of the context or of the ServiceAccount; "default" where none is set.
  package var namespace: String
  /// Name of the cluster in the kubeconfig; "in-cluster" for a ServiceAccount.
  package var clusterName: String
  /// Where this comes from, for people, e.g. "context admin of /root/.kube/config".
  package var source: String

  package init(
    server: ServerURL, trust: Trust = .system, serverName: String? = nil, identity: ClientIdentity? = nil,
    credential: Credential = .none, impersonation: Impersonation? = nil, proxy: String? = nil,
    namespace: String = "default",
    clusterName: String = "", source: String = ""
  ) {
    self.server = server
    self.trust = trust
    self.serverName = serverName
    self.identity = identity
    self.credential = credential
    self.impersonation = impersonation
    self.proxy = proxy
    self.namespace = namespace
    self.clusterName = clusterName
    self.source = source
  }

  package var description: String { source.isEmpty ? "\(server)" : "\(server) (\(source))" }
}

extension ClusterAccess {
  /// A certificate or key: its PEM text, or a file that is read anew for each connection, so that a rotation is seen.
  package enum Material: Sendable, Equatable, CustomStringConvertible {
    case pem([UInt8])
    case file(String)

    /// Never the material: a key may be in it.
    package var description: String {
      switch self {
      case .pem(let bytes): "\(bytes.count) bytes"
      case .file(let path): path
      }
    }
  }

  /// What the server's certificate has to be signed by.
  package enum Trust: Sendable, Equatable {
    /// The certificate authorities of this machine.
    case system
    /// These, and no others.
    case authorities(Material)
    /// Nothing is checked (`insecure-skip-tls-verify`).
    case none
  }

  /// A certificate with its key.
  package struct ClientIdentity: Sendable, Equatable {
    package var certificate: Material
    package var key: Material

    package init(certificate: Material, key: Material) {
      self.certificate = certificate
      self.key = key
    }
  }

  /// What a request carries.
  package enum Credential: Sendable, Equatable, CustomStringConvertible {
    case none
    case token(String)
    /// Read anew every 60 s and after a 401.
    case tokenFile(String)
    case basic(user: String, password: String)
    case exec(ExecPlugin)

    /// Never the secret.
    package var description: String {
      switch self {
      case .none: "none"
      case .token: "token"
      case .tokenFile(let path): "token file \(path)"
      case .basic: "user and password"
      case .exec(let plugin): "plugin \(plugin.command)"
      }
    }
  }

  /// Whom to act as (the `Impersonate-` headers).
  package struct Impersonation: Sendable, Equatable {
    package var user: String
    package var groups: [String]
    package var uid: String
    /// `as-user-extra`, in the order of the file.
    package var extra: [Extra]

    package init(user: String, groups: [String] = [], uid: String = "", extra: [Extra] = []) {
      self.user = user
      self.groups = groups
      self.uid = uid
      self.extra = extra
    }

    /// A key with its values.
    package struct Extra: Sendable, Equatable {
      package var key: String
      package var values: [String]

      package init(key: String, values: [String]) {
        self.key = key
        self.values = values
      }
    }

    /// The headers; the key of an extra is percent-encoded, as HTTP allows fewer characters than Kubernetes.
    package var headers: [(name: String, value: String)] {
      var headers = [(name: "Impersonate-User", value: user)]
      if !uid.isEmpty { headers.append(("Impersonate-Uid", uid)) }
      headers += groups.map { ("Impersonate-Group", $0) }
      for item in extra {
        headers += item.values.map { ("Impersonate-Extra-" + item.key.percentEncoded, $0) }
      }
      return headers
    }
  }

  /// A program that prints credentials (client.authentication.k8s.io).
  package struct ExecPlugin: Sendable, Equatable {
    /// "client.authentication.k8s.io/v1" or "…/v1beta1".
    package var apiVersion: String
    /// A path, absolute or from the kubeconfig's folder, or a name that is looked for in PATH.
    package var command: String
    package var arguments: [String]
    /// Set beside those of this process.
    package var environment: [EnvironmentVariable]
    /// What to tell a person who lacks the command.
    package var installHint: String
    /// Whether the cluster is described to it.
    package var providesClusterInfo: Bool
    /// Whether it may want a terminal; this program never gives it one.
    package var needsTerminal: Bool

    package init(
      apiVersion: String, command: String, arguments: [String] = [], environment: [EnvironmentVariable] = [],
      installHint: String = "", providesClusterInfo: Bool = false, needsTerminal: Bool = false
    ) {
      self.apiVersion = apiVersion
      self.command = command
      self.arguments = arguments
      self.environment = environment
      self.installHint = installHint
      self.providesClusterInfo = providesClusterInfo
      self.needsTerminal = needsTerminal
    }

    /// A name and its value.
    package struct EnvironmentVariable: Sendable, Equatable {
      package var name: String
      package var value: String

      package init(name: String, value: String) {
        self.name = name
        self.value = value
      }
    }
  }
}
