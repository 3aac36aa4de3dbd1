/// A JSON document as a tree that keeps the order of keys, for the objects of the simulated cluster: a real API server
/// writes its fields in a fixed order, and readers must not come to rely on any other.
package enum JSONValue: Sendable, Equatable {
  case null
  case bool(Bool)
  /// A number as it stands in the text.
  case number(String)
  case string(String)
  case array([JSONValue])
  case object([Member])

  /// A key and its value.
  package struct Member: Sendable, Equatable {
    package var key: String
    package var value: JSONValue

    package init(_ key: String, _ value: JSONValue) {
      self.key = key
      self.value = value
    }
  }

  /// The value of a key; nil where this is no object or has no such key. Setting nil removes the key, setting a new key
  /// puts it last; setting in something that is no object makes it one.
  package subscript(key: String) -> JSONValue? {
    get {
      guard case .object(let members) = self else { return nil }
      return members.first { $0.key == key }?.value
    }
    set {
      var members: [Member] = if case .object(let held) = self { held } else { [] }
      let index = members.firstIndex { $0.key == key }
      switch (index, newValue) {
      case (let index?, let value?): members[index].value = value
      case (let index?, nil): members.remove(at: index)
      case (nil, let value?): members.append(Member(key, value))
      case (nil, nil): break
      }
      self = .object(members)
    }
  }

  /// The value at a path of keys.
  package func at(_ path: String...) -> JSONValue? {
    var value = self
    for key in path {
      guard let next = value[key] else { return nil }
      value = next
    }
    return value
  }

  /// The text of a string; nil for another value.
  package var text: String? {
    if case .string(let text) = self { text } else { nil }
  }

  /// The value of a whole number; nil for another value.
  package var int: Int? {
    if case .number(let text) = self { Int(text) } else { nil }
  }

  /// The elements of an array; empty for another value.
  package var elements: [JSONValue] {
    if case .array(let elements) = self { elements } else { [] }
  }

  /// The members of an object; empty for another value.
  package var members: [Member] {
    if case .object(let members) = self { members } else { [] }
  }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
  package init(stringLiteral value: String) { self = .string(value) }
  package init(integerLiteral value: Int) { self = .number(String(value)) }
  package init(booleanLiteral value: Bool) { self = .bool(value) }
  package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  package init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(elements.map { Member($0.0, $0.1) })
  }
  package init(nilLiteral: ()) { self = .null }

  /// A whole number.
  package init(_ value: Int) { self = .number(String(value)) }

  /// An object of texts in the order of their keys, as Go's encoder writes a map.
  package init(_ map: [String: String]) {
    self = .object(map.sorted { $0.key < $1.key }.map { Member($0.key, .string($0.value)) })
  }
}
