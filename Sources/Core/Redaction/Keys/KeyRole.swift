/// Keys that mean something to the walk over a document.
enum KeyRole: UInt8 {
  case other, name, value, kind, data
  /// The kind of a value, which is a name where it says `password`.
  case type
  /// `secretGenerator` of kustomize, and the `literals` in it.
  case generator, literals
  /// The type of a JSON Web Key, and a private member of one. Its `k` is a `name`.
  case keyType, keyMember
  /// What an entry of the audit log is about.
  case resource

  /// What Kubernetes names is written as Kubernetes writes it.
  init(_ bytes: Bytes, _ range: Range<Int>) { self = Self.role(bytes, range) }

  private static func role(_ bytes: Bytes, _ range: Range<Int>) -> KeyRole {
    let start = range.lowerBound
    func named(_ word: StaticString) -> Bool { bytes.hasIgnoringCase(word, at: start) }
    switch range.count {
    case 1:
      if named("k") { return .name }
      return named("v")
        ? .value
        : bytes.has("d", at: start) || bytes.has("p", at: start) || bytes.has("q", at: start) ? .keyMember : .other
    case 2:
      return bytes.has("dp", at: start) || bytes.has("dq", at: start) || bytes.has("qi", at: start)
        ? .keyMember : .other
    case 3:
      if bytes.has("kty", at: start) { return .keyType }
      return named("key") ? .name : named("val") || named("old") || named("new") ? .value : .other
    case 4:
      if named("name") || named("path") { return .name }
      if named("type") { return .type }
      if named("text") { return .value }
      return bytes.has("kind", at: start) ? .kind : bytes.has("data", at: start) ? .data : .other
    case 5:
      return named("value") || named("after")
        ? .value : named("field") || named("label") || named("title") ? .name : .other
    case 6: return named("option") ? .name : named("before") ? .value : .other
    case 7: return named("setting") ? .name : named("default") || named("current") || named("content") ? .value : .other
    case 8:
      if bytes.has("literals", at: start) { return .literals }
      if bytes.has("resource", at: start) { return .resource }
      return named("variable") || named("property")
        ? .name : named("previous") || named("oldvalue") || named("newvalue") ? .value : .other
    case 10: return bytes.has("stringData", at: start) ? .data : .other
    case 12: return named("parameterkey") ? .name : named("defaultvalue") ? .value : .other
    case 13: return named("parametername") ? .name : .other
    case 15: return bytes.has("secretGenerator", at: start) ? .generator : .other
    case 14: return named("parametervalue") ? .value : .other
    default: return .other
    }
  }
}
