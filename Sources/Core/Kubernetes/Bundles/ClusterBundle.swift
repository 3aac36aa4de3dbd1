internal import Documents
package import Time

/// The objects, events and logs that a bundle holds, answering as the API server would: so that an incident is made of them by the
/// same machine.
package struct ClusterBundle: Sendable {
  /// Bytes that are kept of all objects together, and of all logs: what a sensor may hold in memory, with room.
  package static let objectLimit = 512 << 20
  package static let logLimit = 256 << 20

  private struct Key: Hashable {
    var kind: String
    var namespace: String
    var name: String
  }

  private var objects: [Key: [UInt8]] = [:]
  /// Events by the uid of what they are about.
  private var events: [String: [[UInt8]]] = [:]
  private var logs: [BundleLog: [UInt8]] = [:]
  private var objectSize = 0
  private var logSize = 0
  /// Objects that could not be read, or found no room.
  package private(set) var skipped = 0
  /// The newest time in its objects and events: when it was taken.
  package private(set) var takenAt: Timestamp?

  package init() {}

  /// Pods, in the order of namespace and name.
  package var pods: [PodSnapshot] {
    let keys = objects.keys.filter { $0.kind == "Pod" }.sorted { ($0.namespace, $0.name) < ($1.namespace, $1.name) }
    return keys.compactMap { key in objects[key].flatMap { try? PodSnapshot(json: $0) } }
  }

  /// Those of the pods whose labels a selector selects.
  package func pods(selectedBy selector: LabelSelector) -> [PodSnapshot] {
    pods.filter { pod in
      let object = objects[Key(kind: "Pod", namespace: pod.namespace, name: pod.name)].flatMap { try? JSONDocument($0) }
      let labels = object?.members("metadata", "labels").map { ($0.key, $0.value.string() ?? "") } ?? []
      return selector.matches(Dictionary(labels) { $1 })
    }
  }

  /// Everything that it holds.
  package var isEmpty: Bool { objects.isEmpty && logs.isEmpty }

  /// uid of the ConfigMap that an API server writes once in a cluster's life; nil where the bundle does not have it.
  package var clusterUID: String? {
    objects[Key(kind: "ConfigMap", namespace: "kube-system", name: "extension-apiserver-authentication")]
      .flatMap { try? ObjectMetadata(json: $0) }?.uid
  }

  // MARK: Filling it

  /// Takes in a JSON document: a list, an array, or one object. `kind` is that of objects that do not say it themselves.
  package mutating func add(json: [UInt8], kind: String?) {
    guard let document = try? JSONDocument(json) else {
      skipped += 1
      return
    }
    let named = document.string("kind")
    if document.bytes.first(where: { $0 > 0x20 }) == 0x5B {
      for element in document.elements() { addObject(element, kind: element.string("kind") ?? kind) }
    } else if let named, named.hasSuffix("List") {
      let items = String(named.dropLast(4))
      // "List" alone holds objects that say what they are.
      for element in document.elements("items") {
        addObject(element, kind: element.string("kind") ?? (items.isEmpty ? kind : items))
      }
    } else {
      addObject(document, kind: named ?? kind)
    }
  }

  /// Takes in a YAML document of the same kinds.
  package mutating func add(yaml: [UInt8], kind: String?) {
    guard let node = try? YAMLNode.parse(yaml) else {
      skipped += 1
      return
    }
    add(json: node.json, kind: kind)
  }

  /// Takes in the log of a run; the end of a long one.
  package mutating func add(log: BundleLog, text: [UInt8]) {
    guard logSize + text.count <= Self.logLimit else {
      skipped += 1
      return
    }
    logSize += text.count
    logs[log] = text
  }

  private mutating func addObject(_ object: JSONDocument, kind: String?) {
    guard let kind, let version = Self.versions[kind] else { return }
    // An item of a list does not say what it is; alone it has to.
    var bytes = object.bytes
    if object.string("kind") == nil, let brace = bytes.firstIndex(of: 0x7B) {
      let rest = bytes[(brace + 1)...]
      let comma = rest.first { $0 > 0x20 } == 0x7D ? "" : ","
      bytes = Array(#"{"apiVersion":"\#(version)","kind":"\#(kind)"\#(comma)"#.utf8) + rest
    }
    guard objectSize + bytes.count <= Self.objectLimit, let metadata = try? ObjectMetadata(json: bytes),
      !metadata.name.isEmpty
    else {
      skipped += 1
      return
    }
    objectSize += bytes.count
    if kind == "Event" {
      guard let uid = object.string("involvedObject", "uid") else { return }
      events[uid, default: []].append(bytes)
      note(object.string("lastTimestamp") ?? object.string("eventTime"))
    } else {
      objects[Key(kind: kind, namespace: metadata.namespace, name: metadata.name)] = bytes
      if kind == "Pod" {
        for status in object.elements("status", "containerStatuses") {
          for state in ["state", "lastState"] { note(status.string(state, "terminated", "finishedAt")) }
        }
      }
    }
  }

  private mutating func note(_ time: String?) {
    guard let time = time.flatMap({ Timestamp(rfc3339: $0) }) else { return }
    takenAt = max(takenAt ?? time, time)
  }

  private static let versions = [
    "Pod": "v1", "Event": "v1", "ConfigMap": "v1", "ReplicaSet": "apps/v1", "Deployment": "apps/v1", "Job": "batch/v1",
  ]
}

// MARK: - Answering

extension ClusterBundle {
  /// What the API server would have answered, as far as the bundle knows.
  package func answer(_ request: APIRequest) -> Result<APIResponse, APIError> {
    let parts = request.path.split(separator: "/").map { String($0) }
    guard let namespaces = parts.firstIndex(of: "namespaces"), parts.count > namespaces + 2 else {
      return missing("that")
    }
    let namespace = parts[namespaces + 1]
    let rest = Array(parts[(namespaces + 2)...])
    let query = Dictionary(request.query.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
    switch (rest[0], rest.count) {
    case ("pods", 3):
      return log(
        BundleLog(
          namespace: namespace, pod: rest[1], container: query["container"] ?? "", previous: query["previous"] == "true"
        ),
        lines: query["tailLines"].flatMap { Int($0) }, limit: request.responseLimit)
    case ("events", 1):
      let uid = query["fieldSelector"]?.split(separator: "=").last.map(String.init) ?? ""
      return list(events[uid] ?? [])
    case ("replicasets", 1):
      // All of the namespace: who asks compares their owners' uid.
      let keys = objects.keys.filter { $0.kind == "ReplicaSet" && $0.namespace == namespace }.sorted {
        $0.name < $1.name
      }
      return list(keys.compactMap { objects[$0] })
    case (let plural, 2):
      guard let kind = Self.kinds[plural] else { return missing(plural) }
      guard let object = objects[Key(kind: kind, namespace: namespace, name: rest[1])] else {
        return missing("\(kind) \(rest[1])")
      }
      return .success(APIResponse(status: 200, body: object))
    default: return missing(rest[0])
    }
  }

  private static let kinds = [
    "pods": "Pod", "configmaps": "ConfigMap", "replicasets": "ReplicaSet", "deployments": "Deployment", "jobs": "Job",
  ]

  private func missing(_ what: String) -> Result<APIResponse, APIError> {
    .failure(APIError(.notFound, "\(what) is not in the bundle"))
  }

  private func list(_ items: [[UInt8]]) -> Result<APIResponse, APIError> {
    let joined = items.joined(separator: [UInt8(ascii: ",")])
    return .success(
      APIResponse(status: 200, body: Array(#"{"metadata":{},"items":["#.utf8) + joined + Array("]}".utf8)))
  }

  private func log(_ wanted: BundleLog, lines: Int?, limit: APIRequest.ResponseLimit) -> Result<APIResponse, APIError> {
    guard let text = logs[wanted] else {
      // As the kubelet answers where there is no such run.
      return .failure(APIError(.status(400), "the bundle has no log of that run"))
    }
    var start = text.endIndex
    if let lines {
      var left = lines
      if start > text.startIndex, text[start - 1] == 0x0A { start -= 1 }
      while start > text.startIndex {
        if text[start - 1] == 0x0A {
          left -= 1
          if left == 0 { break }
        }
        start -= 1
      }
    } else {
      start = text.startIndex
    }
    var omitted = 0
    if case .keepEnd(let bytes) = limit, text.count - start > bytes {
      omitted = text.count - start - bytes
      start += omitted
    }
    return .success(APIResponse(status: 200, body: Array(text[start...]), omittedBytes: omitted))
  }
}
