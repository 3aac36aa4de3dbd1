/// A label selector: requirements that must all hold.
/// https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
package struct LabelSelector: Sendable, Equatable {
  private enum Requirement: Sendable, Equatable {
    case among(String, Set<String>)
    case notAmong(String, Set<String>)
    case exists(String)
    case absent(String)
  }

  private var requirements: [Requirement] = []

  /// Reads `a=b,c!=d,e in (f,g),h notin (i),j,!k`; nil where it cannot be read.
  package init?(_ text: String) {
    for part in Self.split(text) {
      guard let requirement = Self.requirement(part) else { return nil }
      requirements.append(requirement)
    }
  }

  /// Whether an object with these labels is selected.
  package func matches(_ labels: [String: String]) -> Bool {
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

/// The text without spaces at its ends.
private func trimmed(_ text: some StringProtocol) -> String {
  var rest = text[...]
  while rest.first == " " { rest = rest.dropFirst() }
  while rest.last == " " { rest = rest.dropLast() }
  return String(rest)
}
