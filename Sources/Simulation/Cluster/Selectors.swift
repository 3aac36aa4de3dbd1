/// A label selector: requirements that must all hold.
/// https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
struct LabelSelector: Sendable, Equatable {
  enum Requirement: Sendable, Equatable {
    case among(String, Set<String>)
    case notAmong(String, Set<String>)
    case exists(String)
    case absent(String)
  }

  var requirements: [Requirement] = []

  /// Reads `a=b,c!=d,e in (f,g),h notin (i),j,!k`; nil where it cannot be read.
  init?(_ text: String) {
    for part in Self.split(text) {
      guard let requirement = Self.requirement(part) else { return nil }
      requirements.append(requirement)
    }
  }

  func matches(_ labels: [String: String]) -> Bool {
    requirements.allSatisfy { requirement in
      switch requirement {
      case .among(let key, let values): labels[key].map(values.contains) ?? false
      case .notAmong(let key, let values): !(labels[key].map(values.contains) ?? false)
      case .exists(let key): labels[key] != nil
      case .absent(let key): labels[key] == nil
      }
    }
  }

  /// Splits at commas outside parentheses.
  private static func split(_ text: String) -> [Substring] {
    var parts: [Substring] = []
    var depth = 0
    var start = text.startIndex
    for index in text.indices {
      switch text[index] {
      case "(": depth += 1
      case ")": depth -= 1
      case "," where depth == 0:
        parts.append(text[start..<index])
        start = text.index(after: index)
      default: break
      }
    }
    parts.append(text[start...])
    return parts.filter { !$0.allSatisfy { $0 == " " } }
  }

  private static func requirement(_ part: Substring) -> Requirement? {
    if let open = part.firstIndex(of: "(") {
      guard part.last == ")" else { return nil }
      let words = part[..<open].split(separator: " ").map(String.init)
      let values = part[part.index(after: open)...].dropLast().split(separator: ",").map(trimmed)
      guard words.count == 2 else { return nil }
      return switch words[1] {
      case "in": .among(words[0], Set(values))
      case "notin": .notAmong(words[0], Set(values))
      default: nil
      }
    }
    guard let equals = part.firstIndex(of: "=") else {
      let word = trimmed(part)
      guard !word.contains(" ") else { return nil }
      return word.hasPrefix("!") ? .absent(String(word.dropFirst())) : .exists(word)
    }
    var key = part[..<equals]
    var value = part[part.index(after: equals)...]
    if value.first == "=" { value = value.dropFirst() }
    if key.last == "!" {
      key = key.dropLast()
      return .notAmong(trimmed(key), [trimmed(value)])
    }
    return .among(trimmed(key), [trimmed(value)])
  }
}

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
