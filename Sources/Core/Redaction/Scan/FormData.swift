/// Parts of a multipart form (RFC 7578): the value stands after the blank line that ends the part's headers.
extension TextScan {
  /// `form-data; name=` was seen at `hit`.
  mutating func formPart(at hit: Int, length: Int) {
    var name = hit + length
    if bytes.at(name).isQuote { name += 1 }
    var end = name
    while end < bytes.count, end - name < KeyClassifier.longestName,
      bytes[end].isKey || bytes[end] == 0x5B || bytes[end] == 0x5D
    { end += 1 }
    while end > name, bytes[end - 1] == 0x5D { end -= 1 }
    let key = Key(name: name..<end, dashes: 0, end: end, verdict: verdict(name..<end))
    guard key.verdict > .none else { return }
    var line = end
    var isBody = false
    for _ in 0..<8 {
      guard let next = nextLine(after: line) else { return }
      line = next.lowerBound
      var last = next.upperBound
      while last > line, bytes[last - 1] == 0x0D { last -= 1 }
      if last == line {
        if isBody { return }
        isBody = true
      } else if isBody {
        if bytes.has("--", at: line) { return }
        accept(line..<last, key, .element, isQuoted: true)
        return
      }
    }
  }
}
