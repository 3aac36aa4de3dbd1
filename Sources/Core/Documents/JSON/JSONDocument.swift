/// The bytes of one JSON document, read by path: for the few places that want single values of an object, and for copies of
/// it with members left out. Each call scans anew; where many values are wanted, use `JSONScanner`.
package struct JSONDocument: Sendable, Equatable {
  /// The whole document.
  package let bytes: [UInt8]

  /// Checks that `bytes` are one JSON document.
  package init(_ bytes: [UInt8]) throws(JSONError) {
    self.bytes = bytes
    try Self.scan(bytes) { scanner throws(JSONError) in
      try scanner.skipValue()
      try scanner.finish()
    }
  }

  /// The bytes of the value at `path` (keys of nested objects); nil where there is none. Of a repeated key the last counts,
  /// as in Go's decoder.
  package func range(at path: [String]) -> Range<Int>? {
    try? Self.scan(bytes) { scanner throws(JSONError) in try Self.find(path[...], in: &scanner) }
  }

  /// The text of the string at `path`; nil for another value or none.
  package func string(_ path: String...) -> String? {
    value(at: path) { scanner throws(JSONError) in try scanner.string().text }
  }

  /// The integer at `path`; nil for another value or none.
  package func integer(_ path: String...) -> Int? {
    value(at: path) { scanner throws(JSONError) in try scanner.peek() == .number ? scanner.integer() : nil }
  }

  /// The boolean at `path`; nil for another value or none.
  package func bool(_ path: String...) -> Bool? {
    value(at: path) { scanner throws(JSONError) in try scanner.peek() == .bool ? scanner.bool() : nil }
  }

  /// The value at `path` as a document of its own.
  package func value(_ path: String...) -> JSONDocument? {
    range(at: path).flatMap { try? JSONDocument(Array(bytes[$0])) }
  }

  /// The elements of the array at `path`, each as a document of its own; none where there is no array.
  package func elements(_ path: String...) -> [JSONDocument] {
    let ranges: [Range<Int>]? = value(at: path) { scanner throws(JSONError) in
      var ranges: [Range<Int>] = []
      try scanner.beginArray()
      while try scanner.nextElement() { ranges.append(try scanner.skipValue()) }
      return ranges
    }
    guard let ranges, let array = range(at: path) else { return [] }
    return ranges.compactMap { range in
      try? JSONDocument(Array(bytes[array.lowerBound + range.lowerBound..<array.lowerBound + range.upperBound]))
    }
  }

  /// The keys and values of the object at `path`, in its order; none where there is no object.
  package func members(_ path: String...) -> [(key: String, value: JSONDocument)] {
    guard let object = range(at: path) else { return [] }
    let slice = Array(bytes[object])
    let ranges: [(String, Range<Int>)]? = try? Self.scan(slice) { scanner throws(JSONError) in
      var ranges: [(String, Range<Int>)] = []
      try scanner.beginObject()
      while let key = try scanner.nextKey() { ranges.append((key.text, try scanner.skipValue())) }
      return ranges
    }
    return (ranges ?? []).compactMap { key, range in
      (try? JSONDocument(Array(slice[range]))).map { (key, $0) }
    }
  }

  /// A copy without the members at `paths`, e.g. `["metadata", "managedFields"]`. The rest stays byte for byte what it was;
  /// with a member go its comma and the white space before it.
  package func removing(_ paths: [String]...) -> JSONDocument {
    var cuts: [Range<Int>] = []
    _ = try? Self.scan(bytes) { scanner throws(JSONError) in
      try Self.collect(paths.map { $0[...] }, in: &scanner, into: &cuts)
    }
    var rest: [UInt8] = []
    rest.reserveCapacity(bytes.count)
    var position = 0
    for cut in cuts {
      rest += bytes[position..<cut.lowerBound]
      position = cut.upperBound
    }
    rest += bytes[position...]
    return JSONDocument(checked: rest)
  }

  private init(checked bytes: [UInt8]) {
    self.bytes = bytes
  }

  private func value<T>(at path: [String], _ read: (inout JSONScanner) throws(JSONError) -> T?) -> T? {
    guard let range = range(at: path) else { return nil }
    return try? Self.scan(Array(bytes[range]), read)
  }

  /// Lends the bytes to a scanner.
  package static func scan<T>(
    _ bytes: [UInt8], _ body: (inout JSONScanner) throws(JSONError) -> T
  ) throws(JSONError) -> T {
    let result: Result<T, JSONError> = bytes.withUnsafeBytes { buffer in
      var scanner = JSONScanner(buffer)
      do throws(JSONError) { return .success(try body(&scanner)) } catch { return .failure(error) }
    }
    return try result.get()
  }

  private static func find(_ path: ArraySlice<String>, in scanner: inout JSONScanner) throws(JSONError) -> Range<Int>? {
    guard let wanted = path.first else { return try scanner.skipValue() }
    guard try scanner.peek() == .object else {
      try scanner.skipValue()
      return nil
    }
    var found: Range<Int>?
    try scanner.beginObject()
    while let key = try scanner.nextKey() {
      if key.text == wanted { found = try find(path.dropFirst(), in: &scanner) } else { try scanner.skipValue() }
    }
    return found
  }

  /// The ranges to leave out, in order. Each takes in the comma on its left, or, for first members, the one on its right.
  private static func collect(
    _ paths: [ArraySlice<String>], in scanner: inout JSONScanner, into cuts: inout [Range<Int>]
  ) throws(JSONError) {
    guard !paths.isEmpty, try scanner.peek() == .object else {
      try scanner.skipValue()
      return
    }
    try scanner.beginObject()
    // Where the text of the member begins: behind the brace or behind the value before it.
    var start = scanner.offset
    var keptOne = false
    var leading: Range<Int>?
    while true {
      let beforeKey = scanner
      guard let key = try scanner.nextKey() else { break }
      let deeper = paths.filter { $0.first == key.text }.map { $0.dropFirst() }
      if deeper.contains(where: \.isEmpty) {
        try scanner.skipValue()
        if keptOne {
          cuts.append(start..<scanner.offset)
        } else {
          leading = (leading?.lowerBound ?? start)..<scanner.offset
        }
      } else {
        if let cut = leading {
          // The comma behind the cut members goes with them.
          cuts.append(cut.lowerBound..<beforeKey.offsetAfterComma)
          leading = nil
        }
        keptOne = true
        try collect(deeper, in: &scanner, into: &cuts)
      }
      start = scanner.offset
    }
    if let leading { cuts.append(leading) }
  }
}
