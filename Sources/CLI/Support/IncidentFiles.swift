internal import Documents
internal import Incidents

/// Reads incidents that were written to files: one JSON document, or one a line (JSON Lines). `-` is standard input.
enum IncidentFiles {
  /// A file's limit: some 70 incidents of the largest size, and what a sensor may hold in memory.
  static let byteLimit = 256 << 20

  /// The incidents of all paths in their order. The first thing that is no incident ends it, by its place; nothing has been
  /// sent then.
  static func read(_ paths: [String]) throws(CommandFailure) -> [Incident] {
    var incidents: [Incident] = []
    for path in paths {
      if path == "-" {
        incidents += try parse(try SystemStreams.readInput(limit: byteLimit), name: "standard input")
      } else {
        for file in try SystemStreams.files(under: path) {
          incidents += try parse(try SystemStreams.readFile(file, limit: byteLimit), name: file)
        }
      }
    }
    return incidents
  }

  static func parse(_ bytes: [UInt8], name: String) throws(CommandFailure) -> [Incident] {
    let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
    let used = lines.indices.filter { !lines[$0].allSatisfy(\.isBlank) }
    guard let first = used.first else { throw CommandFailure("\(name): empty; an incident was expected") }
    // A document over several lines does not end on its first one.
    guard used.count > 1, (try? JSONDocument(Array(lines[first]))) != nil else {
      do { return [try Incident(json: bytes)] } catch { throw CommandFailure("\(name): \(error)") }
    }
    var incidents: [Incident] = []
    for index in used {
      do { incidents.append(try Incident(json: Array(lines[index]))) } catch {
        throw CommandFailure("\(name):\(index + 1): \(error)")
      }
    }
    return incidents
  }
}

extension UInt8 {
  /// White space as JSON has it.
  fileprivate var isBlank: Bool { self == 0x20 || self == 0x09 || self == 0x0D || self == 0x0A }
}
