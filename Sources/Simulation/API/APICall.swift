/// A request as it came over HTTP, as far as the API looks at it.
struct APICall: Sendable, Equatable {
  var method: String
  /// Path segments, percent-decoded.
  var path: [String]
  /// Query items in order, decoded.
  var query: [(name: String, value: String)]
  /// The whole target as sent.
  var target: String
  /// `Authorization` header.
  var authorization: String?
  /// `Accept` header.
  var accept: String?
  var body: [UInt8]

  init(
    method: String = "GET", target: String, authorization: String? = nil, accept: String? = nil, body: [UInt8] = []
  ) {
    self.method = method
    self.target = target
    self.authorization = authorization
    self.accept = accept
    self.body = body
    let halves = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    path = (halves.first ?? "").split(separator: "/").map { Self.decoded($0, plusIsSpace: false) }
    query = (halves.count > 1 ? halves[1] : "").split(separator: "&").map { item in
      let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      return (
        Self.decoded(parts[0], plusIsSpace: true), parts.count > 1 ? Self.decoded(parts[1], plusIsSpace: true) : ""
      )
    }
  }

  /// The first value of a query item.
  subscript(name: String) -> String? {
    query.first { $0.name == name }?.value
  }

  /// A boolean query item as Go reads it; absent is false.
  func flag(_ name: String) -> Bool {
    ["1", "t", "T", "true", "TRUE", "True"].contains(self[name] ?? "")
  }

  static func == (left: APICall, right: APICall) -> Bool {
    left.method == right.method && left.target == right.target && left.authorization == right.authorization
      && left.accept == right.accept && left.body == right.body
  }

  private static func decoded(_ text: Substring, plusIsSpace: Bool) -> String {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      if byte == 0x25, let code = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16), rest.count >= 2 {
        bytes.append(code)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte == 0x2B && plusIsSpace ? 0x20 : byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// What a path of the API names.
struct ResourcePath: Sendable, Equatable {
  /// API group; empty for core.
  var group: String
  /// e.g. "v1".
  var version: String
  /// Nil for a request over all namespaces.
  var namespace: String?
  /// Plural, e.g. "pods".
  var resource: String
  /// Nil for a collection.
  var name: String?
  /// e.g. "log".
  var subresource: String?

  /// Reads `/api/v1/…` and `/apis/GROUP/VERSION/…`; nil for any other path.
  init?(_ path: [String]) {
    var rest = path[...]
    switch rest.popFirst() {
    case "api": group = ""
    case "apis":
      guard let named = rest.popFirst() else { return nil }
      group = named
    default: return nil
    }
    guard let version = rest.popFirst() else { return nil }
    self.version = version
    if rest.first == "namespaces", rest.count >= 3 {
      namespace = rest[rest.startIndex + 1]
      rest = rest.dropFirst(2)
    }
    guard let resource = rest.popFirst() else { return nil }
    self.resource = resource
    name = rest.popFirst()
    subresource = rest.popFirst()
    guard rest.isEmpty else { return nil }
  }

  /// The kind of objects it names, if the cluster holds any of that kind.
  var kind: ResourceKind? {
    version == "v1" ? ResourceKind(plural: resource, group: group) : nil
  }
}
