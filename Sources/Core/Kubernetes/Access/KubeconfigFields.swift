internal import Documents
internal import FoundationEssentials

/// The fields of one mapping of a kubeconfig file, read with errors that name file and line.
struct KubeconfigFields {
  let node: YAMLNode
  let file: String

  /// An error at the line of `key`, or of the mapping.
  func error(_ problem: String, at key: String? = nil) -> APIError {
    let line = key.flatMap { key in node.entries?.first { $0.key == key }?.line } ?? node.line
    return APIError(.configuration, "\(file):\(line): \(problem)")
  }

  /// A text; nil where it is missing, null or empty, which Go reads alike.
  func text(_ key: String) throws(APIError) -> String? {
    guard let value = node[key], !value.isNull else { return nil }
    guard let text = value.text else { throw error("\(key) has to be a text", at: key) }
    return text.isEmpty ? nil : text
  }

  func bool(_ key: String) throws(APIError) -> Bool {
    guard let value = node[key], !value.isNull else { return false }
    guard let bool = value.bool else { throw error("\(key) has to be true or false", at: key) }
    return bool
  }

  func texts(_ key: String) throws(APIError) -> [String] {
    guard let value = node[key], !value.isNull else { return [] }
    guard let elements = value.elements else { throw error("\(key) has to be a list", at: key) }
    var texts: [String] = []
    for element in elements {
      guard let text = element.text else { throw error("\(key) has to be a list of texts", at: key) }
      texts.append(text)
    }
    return texts
  }

  func child(_ key: String) throws(APIError) -> KubeconfigFields? {
    guard let value = node[key], !value.isNull else { return nil }
    guard value.entries != nil else { throw error("\(key) has to be a mapping", at: key) }
    return KubeconfigFields(node: value, file: file)
  }

  /// A path; relative ones begin at the file's folder.
  func path(_ key: String) throws(APIError) -> String? {
    try text(key).map(resolved)
  }

  /// PEM in `KEY-data` (base64), which beats the path in `KEY`.
  func material(_ key: String) throws(APIError) -> ClusterAccess.Material? {
    guard let encoded = try text(key + "-data") else { return try path(key).map { .file($0) } }
    guard let data = Data(base64Encoded: String(encoded.filter { !$0.isWhitespace })) else {
      throw error("\(key)-data is not base64", at: key + "-data")
    }
    guard data.starts(with: "-----BEGIN ".utf8) || String(decoding: data, as: UTF8.self).contains("-----BEGIN ") else {
      throw error("\(key)-data is not PEM", at: key + "-data")
    }
    return .pem(Array(data))
  }

  /// The entries of a list of `name` and `kind`.
  func named(_ list: String, _ kind: String) throws(APIError) -> [Kubeconfig.Entry] {
    guard let value = node[list], !value.isNull else { return [] }
    guard let elements = value.elements else { throw error("\(list) has to be a list", at: list) }
    var entries: [Kubeconfig.Entry] = []
    for element in elements {
      let item = KubeconfigFields(node: element, file: file)
      guard let name = try item.text("name") else { throw item.error("an entry of \(list) has no name") }
      guard let fields = try item.child(kind) else { throw item.error("\(name) in \(list) has no \(kind)") }
      entries.append(Kubeconfig.Entry(name: name, fields: fields.node, file: file))
    }
    return entries
  }

  func impersonation() throws(APIError) -> ClusterAccess.Impersonation? {
    let (groups, uid) = (try texts("as-groups"), try text("as-uid") ?? "")
    var extra: [ClusterAccess.Impersonation.Extra] = []
    if let fields = try child("as-user-extra") {
      for entry in fields.node.entries ?? [] {
        extra.append(.init(key: entry.key, values: try fields.texts(entry.key)))
      }
    }
    guard let user = try text("as") else {
      guard groups.isEmpty, uid.isEmpty, extra.isEmpty else { throw error("impersonation needs a user: as") }
      return nil
    }
    return .init(user: user, groups: groups, uid: uid, extra: extra)
  }

  func execPlugin(user: String) throws(APIError) -> ClusterAccess.ExecPlugin {
    guard var command = try text("command") else { throw error("the plugin of user \"\(user)\" has no command") }
    // A name is looked for in PATH; a path is taken from the file's folder.
    if command.contains("/") { command = resolved(command) }
    let version = try text("apiVersion") ?? ""
    let versions = ["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"]
    guard versions.contains(version) else {
      throw error(
        "the plugin of user \"\(user)\" has to have one of the apiVersions \(versions.joined(separator: ", "))")
    }
    var environment: [ClusterAccess.ExecPlugin.EnvironmentVariable] = []
    for item in node["env"]?.elements ?? [] {
      let fields = KubeconfigFields(node: item, file: file)
      guard let name = try fields.text("name") else { throw fields.error("an entry of env has no name") }
      environment.append(.init(name: name, value: try fields.text("value") ?? ""))
    }
    return .init(
      apiVersion: version, command: command, arguments: try texts("args"), environment: environment,
      installHint: try text("installHint") ?? "", providesClusterInfo: try bool("provideClusterInfo"),
      needsTerminal: try text("interactiveMode") == "Always")
  }

  private func resolved(_ path: String) -> String {
    guard !path.hasPrefix("/"), let slash = file.lastIndex(of: "/") else { return path }
    return String(file[...slash]) + path
  }
}
