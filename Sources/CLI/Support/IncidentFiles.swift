internal import Documents
internal import Incidents

/// Reads incidents that were written to files: capsules, one JSON document, one a line (JSON Lines), or one binary
/// `kubemind.v2.IncidentContext`. `-` is standard input.
enum IncidentFiles {
  /// Bytes of all files together: some 70 incidents of the largest size, and what a sensor may hold in memory.
  static let byteLimit = 256 << 20

  /// The incidents of all paths in their order. The first thing that is no incident ends it, by its place; nothing has been
  /// sent then.
  static func read(_ paths: [String]) throws(CommandFailure) -> [Incident] {
    var incidents: [Incident] = []
    var left = byteLimit
    func take(_ bytes: [UInt8], _ name: String) throws(CommandFailure) {
      left -= bytes.count
      incidents += try parse(bytes, name: name)
    }
    for path in paths {
      if path == "-" {
        try take(try SystemStreams.readInput(limit: left), "standard input")
      } else {
        for file in try SystemStreams.files(under: path) {
          try take(try SystemStreams.readFile(file, limit: left), file)
        }
      }
    }
    return incidents
  }

  static func parse(_ bytes: [UInt8], name: String) throws(CommandFailure) -> [Incident] {
    if Capsule.begins(bytes) { return try capsules(bytes, name: name) }
    guard let start = bytes.first(where: { !$0.isBlank }) else {
      throw CommandFailure("\(name): empty; an incident was expected")
    }
    // A binary message of ours begins with the key of its first field, 0x08, which is no JSON.
    guard start == UInt8(ascii: "{") else {
      do { return [try Incident(binary: bytes)] } catch {
        throw CommandFailure("\(name): neither JSON, nor a capsule, nor a binary incident: \(error)")
      }
    }
    return try json(bytes, name: name)
  }

  private static func capsules(_ bytes: [UInt8], name: String) throws(CommandFailure) -> [Incident] {
    var incidents: [Incident] = []
    var position = 0
    while position < bytes.count {
      let start = position
      do { incidents.append(try Capsule.read(bytes, at: &position).incident) } catch {
        throw CommandFailure("\(name): capsule \(incidents.count + 1) at byte \(start): \(error)")
      }
    }
    return incidents
  }

  private static func json(_ bytes: [UInt8], name: String) throws(CommandFailure) -> [Incident] {
    let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
    let used = lines.indices.filter { !lines[$0].allSatisfy(\.isBlank) }
    // A document over several lines does not end on its first one.
    guard used.count > 1, let first = used.first, (try? JSONDocument(Array(lines[first]))) != nil else {
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
