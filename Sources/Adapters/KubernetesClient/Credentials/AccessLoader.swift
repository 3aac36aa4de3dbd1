internal import FoundationEssentials
package import Kubernetes

/// Finds out how to reach a cluster: `--kubeconfig`, then KUBECONFIG, then the ServiceAccount of this pod, then
/// `~/.kube/config`.
package enum AccessLoader {
  /// Where a pod finds its ServiceAccount.
  package static let serviceAccountFolder = "/var/run/secrets/kubernetes.io/serviceaccount"

  /// The access. `kubeconfig` and `context` are the flags' values; a context that is asked for is looked for in files only.
  /// Throws `.configuration` with one line that says what, where, and what to do.
  package static func load(
    kubeconfig: String? = nil, context: String? = nil, environment: [String: String],
    serviceAccountFolder: String = serviceAccountFolder
  ) throws(APIError) -> ClusterAccess {
    if let kubeconfig {
      return try read([kubeconfig], required: true).access(context: context)
    }
    if let list = environment["KUBECONFIG"], !list.isEmpty {
      let files = list.split(separator: ":").map(String.init)
      return try read(files, required: false, named: "KUBECONFIG").access(context: context)
    }
    if context == nil, let access = try inCluster(environment, folder: serviceAccountFolder) { return access }
    let home = environment["HOME"] ?? ""
    let standard = home + "/.kube/config"
    guard !home.isEmpty, FileManager.default.fileExists(atPath: standard) else {
      throw APIError(
        .configuration,
        "no cluster to speak to: give --kubeconfig, set KUBECONFIG, put a file at ~/.kube/config, or run in a pod with a ServiceAccount"
      )
    }
    return try read([standard], required: true).access(context: context)
  }

  /// The names of the contexts in the files that `load` would read, in their order.
  package static func contextNames(
    kubeconfig: String? = nil, environment: [String: String]
  ) throws(APIError) -> [String] {
    if let kubeconfig { return try read([kubeconfig], required: true).contextNames }
    if let list = environment["KUBECONFIG"], !list.isEmpty {
      return try read(list.split(separator: ":").map(String.init), required: false, named: "KUBECONFIG").contextNames
    }
    guard let home = environment["HOME"], !home.isEmpty else { return [] }
    return try read([home + "/.kube/config"], required: true).contextNames
  }

  /// The ServiceAccount of the pod that this runs in; nil elsewhere.
  private static func inCluster(_ environment: [String: String], folder: String) throws(APIError) -> ClusterAccess? {
    guard let host = environment["KUBERNETES_SERVICE_HOST"], !host.isEmpty,
      let port = environment["KUBERNETES_SERVICE_PORT"].flatMap({ Int($0) })
    else { return nil }
    let token = folder + "/token"
    guard FileManager.default.fileExists(atPath: token) else {
      throw APIError(
        .configuration,
        "this is a pod (KUBERNETES_SERVICE_HOST is set), but \(token) is missing: does its ServiceAccount mount a token?"
      )
    }
    var access = ClusterAccess(
      server: ServerURL(isTLS: true, host: host, port: port), trust: .authorities(.file(folder + "/ca.crt")),
      credential: .tokenFile(token), clusterName: "in-cluster", source: "the ServiceAccount in \(folder)")
    if let namespace = try? bytes(of: folder + "/namespace") {
      let name = String(decoding: namespace, as: UTF8.self).trimmed
      if !name.isEmpty { access.namespace = name }
    }
    return access
  }

  /// Reads and merges files. Missing ones are passed over, as kubectl does, unless `required` or none is left.
  private static func read(_ files: [String], required: Bool, named: String = "") throws(APIError) -> Kubeconfig {
    var merged: Kubeconfig?
    for file in files where !file.isEmpty {
      if !required, !FileManager.default.fileExists(atPath: file) { continue }
      let config = try Kubeconfig(try bytes(of: file), path: file)
      merged = merged?.merging(config) ?? config
    }
    guard let merged else {
      throw APIError(.configuration, "\(named) names no file that is there: \(files.joined(separator: ", "))")
    }
    return merged
  }

  private static func bytes(of file: String) throws(APIError) -> [UInt8] {
    do { return Array(try Data(contentsOf: URL(filePath: file))) } catch {
      throw APIError(.configuration, "cannot read \(file): \(fileProblem(error))")
    }
  }
}
