/// One revision of an object: its bytes, encoded once, and the few fields that requests select by.
package struct StoredObject: Sendable, Equatable {
  /// Kind.
  package let kind: ResourceKind
  /// metadata.namespace.
  package let namespace: String
  /// metadata.name.
  package let name: String
  /// metadata.uid.
  package let uid: String
  /// The revision of the store at which this was written.
  package let resourceVersion: Int
  /// metadata.labels.
  package let labels: [String: String]
  /// What field selectors can ask for, e.g. "status.phase", "involvedObject.uid".
  package let fields: [String: String]
  /// Compact JSON without `kind` and `apiVersion`: lists leave them out.
  package let body: [UInt8]

  /// Takes an object as written by a client, gives it its place and revision.
  init(kind: ResourceKind, namespace: String, name: String, uid: String, resourceVersion: Int, value: JSONValue) {
    self.kind = kind
    self.namespace = namespace
    self.name = name
    self.uid = uid
    self.resourceVersion = resourceVersion
    var value = value
    value["kind"] = nil
    value["apiVersion"] = nil
    let metadata = Self.ordered(
      value["metadata"] ?? [:], name: name, namespace: namespace, uid: uid, resourceVersion: resourceVersion)
    value["metadata"] = metadata
    labels = Dictionary(
      (metadata["labels"]?.members ?? []).map { ($0.key, $0.value.text ?? "") }, uniquingKeysWith: { $1 })
    fields = Self.selectable(kind, value, namespace: namespace, name: name)
    body = value.encoded
  }

  /// Place in the order of etcd's keys, which lists follow.
  var key: String { namespace + "/" + name }

  /// The whole object as JSON, `kind` and `apiVersion` first.
  package var document: [UInt8] {
    Array(#"{"kind":"\#(kind.kind)","apiVersion":"\#(kind.apiVersion)","#.utf8) + body.dropFirst()
  }

  /// The object as a tree.
  package var value: JSONValue {
    // The bytes were made by the encoder: they parse.
    (try? JSONValue(parsing: body)) ?? [:]
  }

  /// metadata with its fields in the API server's order.
  private static func ordered(
    _ given: JSONValue, name: String, namespace: String, uid: String, resourceVersion: Int
  ) -> JSONValue {
    var metadata: JSONValue = ["name": .string(name)]
    metadata["generateName"] = given["generateName"]
    metadata["namespace"] = .string(namespace)
    metadata["uid"] = .string(uid)
    metadata["resourceVersion"] = .string(String(resourceVersion))
    for member in given.members where metadata[member.key] == nil { metadata[member.key] = member.value }
    return metadata
  }

  /// The fields that the API server of 1.20 can select each kind by.
  private static func selectable(
    _ kind: ResourceKind, _ value: JSONValue, namespace: String, name: String
  ) -> [String: String] {
    var fields = ["metadata.name": name, "metadata.namespace": namespace]
    func add(_ path: String...) {
      var found: JSONValue? = value
      for key in path { found = found?[key] }
      fields[path.joined(separator: ".")] = found?.text ?? ""
    }
    switch kind {
    case .pod:
      add("spec", "nodeName")
      add("spec", "restartPolicy")
      add("spec", "schedulerName")
      add("spec", "serviceAccountName")
      add("status", "phase")
      add("status", "podIP")
      add("status", "nominatedNodeName")
    case .event:
      for key in ["kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath"] {
        add("involvedObject", key)
      }
      add("reason")
      add("type")
    case .configMap, .replicaSet, .deployment, .lease: break
    }
    return fields
  }
}
