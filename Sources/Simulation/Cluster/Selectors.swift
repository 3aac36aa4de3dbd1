internal import Kubernetes

/// A field selector: `a=b,c!=d`.
struct FieldSelector: Sendable, Equatable {
  var terms: [(field: String, value: String, equal: Bool)] = []

  init(_ text: String) {
    for part in text.split(separator: ",") {
      guard let equals = part.firstIndex(of: "=") else {
        terms.append((trimmed(part), "", true))
        continue
      }
      var field = part[..<equals]
      var value = part[part.index(after: equals)...]
      if value.first == "=" { value = value.dropFirst() }
      let equal = field.last != "!"
      if !equal { field = field.dropLast() }
      terms.append((trimmed(field), trimmed(value), equal))
    }
  }

  /// The first field that objects of this kind cannot be selected by.
  func unsupported(for kind: ResourceKind) -> String? {
    let probe = StoredObject(kind: kind, namespace: "", name: "", uid: "", resourceVersion: 0, value: [:])
    return terms.first { probe.fields[$0.field] == nil }?.field
  }

  func matches(_ fields: [String: String]) -> Bool {
    terms.allSatisfy { (fields[$0.field] == $0.value) == $0.equal }
  }

  static func == (left: FieldSelector, right: FieldSelector) -> Bool {
    left.terms.elementsEqual(right.terms, by: ==)
  }
}

/// The text without spaces at its ends.
private func trimmed(_ text: some StringProtocol) -> String {
  var rest = text[...]
  while rest.first == " " { rest = rest.dropFirst() }
  while rest.last == " " { rest = rest.dropLast() }
  return String(rest)
}

/// Which objects of a kind a request is about.
struct Selection: Sendable, Equatable {
  /// Nil for all namespaces.
  var namespace: String?
  var labels: LabelSelector?
  var fields: FieldSelector?

  func includes(_ object: StoredObject) -> Bool {
    (namespace == nil || namespace == object.namespace) && (labels?.matches(object.labels) ?? true)
      && (fields?.matches(object.fields) ?? true)
  }

  /// True where nothing but the namespace selects: only then does a page say how many items remain.
  var isUnfiltered: Bool { labels == nil && fields == nil }
}
