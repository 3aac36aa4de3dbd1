/// What a file of a bundle holds, told from its path. Bundles are what `kubectl cluster-info dump --output-directory`, OpenShift's
/// `oc adm must-gather` and troubleshoot.sh leave.
package enum BundlePath: Sendable, Equatable {
  /// Objects: a list, an array or a single one, as JSON or YAML. `kind` is that of objects that do not say it themselves.
  case objects(kind: String?, isYAML: Bool)
  /// The log of one run of a container.
  case log(BundleLog)
  /// Logs of all containers of a pod, between marks (`kubectl cluster-info dump`).
  case markedLogs

  /// What is worth reading; nil for everything else.
  ///
  /// - `…/NAMESPACE/pods.json`, `…/NAMESPACE/POD/logs.txt`: cluster-info dump
  /// - `…/namespaces/NAMESPACE/core/pods.yaml`, `…/pods/POD/POD.yaml`, `…/pods/POD/CONTAINER/CONTAINER/logs/current.log`: must-gather
  /// - `…/cluster-resources/pods/NAMESPACE.json`, `…/cluster-resources/pods/logs/NAMESPACE/POD/CONTAINER-previous.log`: troubleshoot.sh
  package init?(_ path: String) {
    let parts = path.split(separator: "/").map(String.init)
    guard let file = parts.last, !parts.contains("..") else { return nil }
    let folders = parts.dropLast()
    if file.hasSuffix(".log") {
      guard let log = BundleLog(file: String(file.dropLast(4)), folders: Array(folders)) else { return nil }
      self = .log(log)
      return
    }
    if file == "logs.txt" {
      self = .markedLogs
      return
    }
    guard let dot = file.lastIndex(of: "."),
      let isYAML = ["json": false, "yaml": true, "yml": true][file[file.index(after: dot)...]]
    else { return nil }
    let stem = String(file[..<dot])
    if let kind = Self.kinds[stem] {
      self = .objects(kind: kind, isYAML: isYAML)
    } else if let kind = folders.last.flatMap({ Self.kinds[$0] }) {
      self = .objects(kind: kind, isYAML: isYAML)
    } else if folders.dropLast().last == "pods" {
      // must-gather writes a pod into a folder of its own.
      self = .objects(kind: "Pod", isYAML: isYAML)
    } else {
      return nil
    }
  }

  /// The kinds that a harvest reads, by the names of their collections.
  private static let kinds = [
    "pods": "Pod", "events": "Event", "replicasets": "ReplicaSet", "deployments": "Deployment",
    "configmaps": "ConfigMap", "jobs": "Job",
  ]
}

/// Whose log it is.
package struct BundleLog: Sendable, Hashable {
  /// Namespace of the pod.
  package var namespace: String
  /// Name of the pod.
  package var pod: String
  /// Name of the container.
  package var container: String
  /// Of the run before the one that was current.
  package var previous: Bool

  package init(namespace: String, pod: String, container: String, previous: Bool) {
    self.namespace = namespace
    self.pod = pod
    self.container = container
    self.previous = previous
  }

  /// From the places where bundles keep logs; nil for a log of something else.
  fileprivate init?(file: String, folders: [String]) {
    // namespaces/NS/pods/POD/CONTAINER/CONTAINER/logs/current.log
    if folders.last == "logs", let namespaces = folders.lastIndex(of: "namespaces"), folders.count >= namespaces + 6,
      folders[namespaces + 2] == "pods", ["current", "previous"].contains(file)
    {
      self.init(
        namespace: folders[namespaces + 1], pod: folders[namespaces + 3], container: folders[namespaces + 4],
        previous: file == "previous")
      return
    }
    // cluster-resources/pods/logs/NS/POD/CONTAINER.log
    guard folders.count >= 4, Array(folders.suffix(4).prefix(2)) == ["pods", "logs"] else { return nil }
    let isPrevious = file.hasSuffix("-previous")
    self.init(
      namespace: folders[folders.count - 2], pod: folders[folders.count - 1],
      container: isPrevious ? String(file.dropLast("-previous".count)) : file, previous: isPrevious)
  }
}
