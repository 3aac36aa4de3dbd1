package import Documents

/// How two pod templates differ, value by value.
package struct TemplateDiff: Sendable, Equatable {
  /// What happened to a value.
  package enum Kind: Sendable, Equatable {
    case added, removed, changed
  }

  /// One difference.
  package struct Change: Sendable, Equatable {
    /// Where, e.g. "spec.containers[api].env[LOG_LEVEL].value".
    package var path: String
    /// What happened.
    package var kind: Kind
    /// Before; empty where it is new.
    package var old: String
    /// Now; empty where it is gone.
    package var new: String

    package init(path: String, kind: Kind, old: String = "", new: String = "") {
      self.path = path
      self.kind = kind
      self.old = old
      self.new = new
    }
  }

  /// Changes that are kept. A rollout changes an image and some values; one that changes everything is told by its first hundred.
  static let changeLimit = 100
  /// Bytes of a value. A longer one is named by its size and not cut: half a secret is no longer known for one.
  static let valueLimit = 4 << 10
  /// Bytes of all changes together: a small part of an incident.
  private static let sizeLimit = 128 << 10
  /// Values of one template that are compared. etcd's limit of 1.5 MiB has room for some ten thousand.
  private static let leafLimit = 20_000

  /// In the order of the newer template; what is gone comes last.
  package private(set) var changes: [Change] = []
  /// True where changes or values were left out.
  package private(set) var isTruncated = false
  private var size = 0

  /// Compares two pod templates (`spec.template` of a ReplicaSet).
  package init(from old: JSONDocument, to new: JSONDocument) {
    var before = Leaves(limit: Self.leafLimit)
    before.collect(old, at: "")
    var after = Leaves(limit: Self.leafLimit)
    after.collect(new, at: "")
    isTruncated = before.isFull || after.isFull
    for path in after.order {
      guard let value = after.values[path] else { continue }
      switch before.values[path] {
      case nil: add(Change(path: path, kind: .added, new: shown(value)))
      case value?: break
      case let other?: add(Change(path: path, kind: .changed, old: shown(other), new: shown(value)))
      }
    }
    for path in before.order where after.values[path] == nil {
      if let value = before.values[path] { add(Change(path: path, kind: .removed, old: shown(value))) }
    }
  }

  private mutating func add(_ change: Change) {
    let size = change.path.utf8.count + change.old.utf8.count + change.new.utf8.count
    guard changes.count < Self.changeLimit, self.size + size <= Self.sizeLimit else {
      isTruncated = true
      return
    }
    self.size += size
    changes.append(change)
  }

  private mutating func shown(_ value: String) -> String {
    guard value.utf8.count > Self.valueLimit else { return value }
    isTruncated = true
    return "(\(value.utf8.count) bytes)"
  }
}

/// The values of a document by their paths.
private struct Leaves {
  let limit: Int
  var order: [String] = []
  var values: [String: String] = [:]
  var isFull: Bool { order.count >= limit }

  /// What the API server or the Deployment controller writes, and no person.
  private static let ignored: Set<String> = ["metadata.creationTimestamp", "metadata.labels.pod-template-hash"]

  init(limit: Int) {
    self.limit = limit
  }

  mutating func collect(_ value: JSONDocument, at path: String) {
    guard !isFull, !Self.ignored.contains(path) else { return }
    switch value.bytes.first {
    case 0x7B:
      let members = value.members()
      if members.isEmpty { return put("{}", at: path) }
      for (key, member) in members { collect(member, at: Self.path(path, key)) }
    case 0x5B:
      let elements = value.elements()
      // Arguments belong together: one flag alone does not say whose value the next one is.
      guard elements.contains(where: { [0x7B, 0x5B].contains($0.bytes.first) }) else {
        return put(String(decoding: value.bytes, as: UTF8.self), at: path)
      }
      let names = elements.map { $0.string("name") }
      let areNamed = names.allSatisfy { $0?.isEmpty == false } && Set(names).count == names.count
      for (index, element) in elements.enumerated() {
        guard areNamed, let name = names[index] else {
          collect(element, at: "\(path)[\(index)]")
          continue
        }
        // The path has the name already.
        let members = element.members().filter { $0.key != "name" }
        if members.isEmpty { put(name, at: "\(path)[\(name)]") }
        for (key, member) in members { collect(member, at: Self.path("\(path)[\(name)]", key)) }
      }
    case 0x22: put(value.string() ?? "", at: path)
    default: put(String(decoding: value.bytes, as: UTF8.self), at: path)
    }
  }

  private mutating func put(_ text: String, at path: String) {
    if values.updateValue(text, forKey: path) == nil { order.append(path) }
  }

  /// `a.b`, and `a["b.c"]` for a key that would read as more than one.
  private static func path(_ path: String, _ key: String) -> String {
    if key.utf8.contains(where: { [0x2E, 0x2F, 0x5B, 0x5D, 0x22].contains($0) }) { return "\(path)[\"\(key)\"]" }
    return path.isEmpty ? key : "\(path).\(key)"
  }
}

extension TemplateDiff {
  /// A value with the key that it stands under, as a document that redaction can read: the key is what tells a secret.
  static func document(path: String, value: String) -> String {
    if path.hasSuffix(".value"), let open = path.lastIndex(of: "["), path[..<open].hasSuffix(".env") {
      let name = path[path.index(after: open)...].dropLast("].value".count)
      return #"{"name":\#(String(name).jsonQuoted),"value":\#(value.jsonQuoted)}"#
    }
    return "{\(key(of: path).jsonQuoted):\(value.jsonQuoted)}"
  }

  /// The value out of such a document, after redaction; the mask where it cannot be read any more.
  static func value(path: String, document: String) -> String {
    guard let document = try? JSONDocument(Array(document.utf8)), let value = document.members().last?.value.string()
    else {
      return "[REDACTED]"
    }
    return value
  }

  /// The last key of a path.
  private static func key(of path: String) -> String {
    if path.hasSuffix("\"]"), let open = path.lastRange(ofText: "[\"") {
      return String(path[open.upperBound...].dropLast(2))
    }
    // `ports[0]` and `args`: the key before the index.
    var rest = path[...]
    while rest.hasSuffix("]"), let open = rest.lastIndex(of: "[") { rest = rest[..<open] }
    return String(rest.split(separator: ".").last ?? rest)
  }
}
