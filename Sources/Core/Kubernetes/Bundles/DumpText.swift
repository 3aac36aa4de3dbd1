internal import Documents

/// The text that `kubectl cluster-info dump` writes to standard output, and the logs of its folders: JSON documents one after the
/// other, and logs between marks.
///
/// Marks: `==== START logs for container C of pod NS/POD ====` (kubectl `clusterinfo_dump.go`).
package enum DumpText {
  private static let start = Array("==== START logs for container ".utf8)
  private static let end = Array("==== END logs for container ".utf8)

  /// Takes what a dump holds into a bundle. What is neither is passed over. Of each log the last `logLimit` bytes are kept.
  package static func read(_ text: [UInt8], into bundle: inout ClusterBundle, logLimit: Int) {
    var position = 0
    while position < text.count {
      if text[position] <= 0x20 {
        position += 1
      } else if text[position] == 0x7B || text[position] == 0x5B, let length = documentLength(text[position...]) {
        bundle.add(json: Array(text[position..<position + length]), kind: nil)
        position += length
      } else {
        let line = lineEnd(text, from: position)
        if let log = log(text[position..<line]) {
          let begin = min(line + 1, text.count)
          let stop = logEnd(text, from: begin)
          if stop > begin { bundle.add(log: log, text: Array(text[begin..<stop].suffix(logLimit))) }
          position = stop
        } else {
          position = line + 1
        }
      }
    }
  }

  /// Bytes of the JSON document that these begin with; nil where they do not.
  private static func documentLength(_ text: ArraySlice<UInt8>) -> Int? {
    text.withUnsafeBytes { bytes in
      var scanner = JSONScanner(bytes)
      return (try? scanner.skipValue())?.upperBound
    }
  }

  private static func lineEnd(_ text: [UInt8], from position: Int) -> Int {
    text[position...].firstIndex(of: 0x0A) ?? text.count
  }

  /// The start of the line with the mark that ends a log.
  private static func logEnd(_ text: [UInt8], from begin: Int) -> Int {
    var position = begin
    while position < text.count {
      if text[position...].starts(with: end) || text[position...].starts(with: start) { return position }
      position = lineEnd(text, from: position) + 1
    }
    return text.count
  }

  /// The log that a mark announces; nil for another line.
  private static func log(_ line: ArraySlice<UInt8>) -> BundleLog? {
    guard line.starts(with: start) else { return nil }
    // CONTAINER of pod NAMESPACE/POD ====
    let words = String(decoding: line.dropFirst(start.count), as: UTF8.self).split(separator: " ")
    guard words.count >= 4, words[1] == "of", words[2] == "pod" else { return nil }
    let names = words[3].split(separator: "/", maxSplits: 1)
    guard names.count == 2 else { return nil }
    return BundleLog(
      namespace: String(names[0]), pod: String(names[1].split(separator: " ")[0]), container: String(words[0]),
      previous: false)
  }
}
