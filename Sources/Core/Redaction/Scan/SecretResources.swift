/// Secrets of Kubernetes where their manifest is not shown as one: what the API server says of a wrong one, resources of
/// Terraform; and private keys in the XML of .NET.
extension TextScan {
  /// Bytes of a message or of a key, and lines of a resource, that are looked at.
  private static let messageReach = 4_096
  private static let keyReach = 16_384
  private static let resourceLines = 200

  /// `Secret in version "v1" cannot be handled as a Secret: … found in #10 byte of ...|"mode":"x"},"kind|..., bigger context
  /// ...|":{"mode":"x"}|...`: the texts of the pieces of JSON, each of which may be cut at both ends.
  mutating func rejectedSecret(at hit: Int, length: Int) {
    let end = bytes.lineEnd(from: hit + length, limit: min(bytes.count, hit + Self.messageReach))
    var index = hit + length
    while let mark = bytes.first("...|", in: index..<end) {
      let start = mark + 4
      let close = bytes.firstByte(0x7C, from: start, to: end) ?? end
      pieceOfJSON(start..<close)
      index = min(close + 1, end)
    }
  }

  private mutating func pieceOfJSON(_ piece: Range<Int>) {
    var text = piece.lowerBound
    var name = text..<text
    var isValue = true
    // A quote that opens a text has none of these behind it; one that opens it right away cuts nothing.
    if let quote = bytes.firstByte(0x22, from: text, to: piece.upperBound), !":,}".utf8.contains(bytes.at(quote + 1)) {
      isValue = false
      text = quote + 1
    }
    while text < piece.upperBound {
      var end = text
      while end < piece.upperBound, bytes[end] != 0x22 { end += bytes[end] == 0x5C ? 2 : 1 }
      end = min(end, piece.upperBound)
      let isName = bytes.at(end + 1) == 0x3A
      if isValue, !isName, end - text >= 4, !Self.plainMembers.contains(where: { isMember($0, name) }),
        !bytes[text..<end].contains(where: { $0 == 0x7B || $0 == 0x3A || $0 == 0x2C }),
        !ValueShape.isPlaceholder(bytes, text..<end)
      {
        found(text..<end, engine.builtin.kubernetesSecret)
      }
      if isName { name = text..<end }
      // Behind the quote that ends a text stands a colon, a comma or a brace up to the next one.
      guard let open = bytes.firstByte(0x22, from: min(end + 1, piece.upperBound), to: piece.upperBound) else { return }
      isValue = bytes[end..<open].contains(0x3A)
      text = open + 1
    }
  }

  /// Members of a manifest whose texts everybody may read.
  private static let plainMembers: [StaticString] = [
    "kind", "apiVersion", "type", "name", "namespace", "creationTimestamp",
  ]

  private func isMember(_ word: StaticString, _ name: Range<Int>) -> Bool {
    name.count == word.utf8CodeUnitCount && bytes.has(word, at: name.lowerBound)
  }

  /// `resource "kubernetes_secret" "app" {` of Terraform, in a file or in a plan: the texts under its `data` and its like, and its
  /// `value`, where the type of the resource says that it is a secret.
  mutating func secretResource(at hit: Int, length: Int) {
    var type = hit
    while type > 0, hit - type < 80, bytes[type - 1].isWord { type -= 1 }
    guard bytes.has("resource \"", at: type - 10) else { return }
    var line = hit + length
    var depth = 0
    var isData = false
    for _ in 0..<Self.resourceLines {
      guard let next = nextLine(after: line) else { return }
      line = next.lowerBound
      var text = next
      while let first = text.first, bytes[first].isBlank || "+-~".utf8.contains(bytes[first]) {
        text = text.dropFirst()
      }
      while let last = text.last, bytes[last].isSpace { text = text.dropLast() }
      guard !text.isEmpty else { continue }
      if bytes[text.lowerBound] == 0x7D {
        if depth == 0 { return }
        depth -= 1
        isData = false
      } else if bytes[text.upperBound - 1] == 0x7B {
        isData = depth == 0 && Self.dataMembers.contains { bytes.has($0, at: text.lowerBound) }
        depth += 1
      } else if isData || depth == 0 && Self.valueMembers.contains(where: { bytes.has($0, at: text.lowerBound) }) {
        assignedText(text)
      }
    }
  }

  private static let dataMembers: [StaticString] = ["data ", "string_data ", "binary_data ", "data_wo "]
  private static let valueMembers: [StaticString] = ["value ", "plaintext_value ", "secret_string ", "secret_data "]

  /// `name = "x"`, `"name" = "x" -> "y"`: each text behind the sign.
  private mutating func assignedText(_ line: Range<Int>) {
    guard let equals = bytes.first("= ", in: line) else { return }
    var index = equals
    while let open = bytes.firstByte(0x22, from: index, to: line.upperBound) {
      var end = open + 1
      while end < line.upperBound, bytes[end] != 0x22 { end += bytes[end] == 0x5C ? 2 : 1 }
      guard end < line.upperBound else { return }
      let text = open + 1..<end
      if !text.isEmpty, !ValueShape.isPlaceholder(bytes, text), !ValueShape.isReference(bytes, text) {
        found(text, engine.builtin.kubernetesSecret)
      }
      index = end + 1
    }
  }

  /// `<RSAKeyValue>` of .NET: the elements that a public key lacks.
  mutating func xmlKey(at hit: Int, length: Int) {
    let limit = min(bytes.count, hit + Self.keyReach)
    let end = bytes.first("KeyValue>", in: hit + length..<limit) ?? limit
    for tag in ["<D>", "<P>", "<Q>", "<DP>", "<DQ>", "<InverseQ>", "<X>"] as [StaticString] {
      guard let open = bytes.first(tag, in: hit..<end) else { continue }
      let start = open + tag.utf8CodeUnitCount
      var stop = start
      while stop < end, bytes[stop].isBase64 || bytes[stop] == 0x3D || bytes[stop].isSpace { stop += 1 }
      // The prime of a DSA key is public, and short ones are no key.
      if stop - start >= 20, bytes.at(stop) == 0x3C,
        bytes[hit + 1] | 0x20 == 0x72 || tag.utf8CodeUnitCount == 3 && bytes[open + 1] == 0x58
      {
        found(start..<stop, engine.builtin.privateKey)
      }
    }
  }
}
