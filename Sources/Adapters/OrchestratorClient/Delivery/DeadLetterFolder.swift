internal import Contract
package import Incidents
internal import SwiftProtobuf

#if canImport(Darwin)
  internal import Darwin
#else
  internal import Glibc
#endif

/// Incidents that could not be delivered, one file each, in the form that `send` takes: proto3 JSON on one line.
///
/// A file appears whole or not at all (written beside, flushed to the disk, then renamed), and only its owner may read it.
/// Policy: a full folder takes nothing more, and says so; a person has to look at what lies there, and nothing of it is
/// thrown away for something newer.
package struct DeadLetterFolder: Sendable {
  /// Why an incident is not in the folder. One line for a person.
  package struct Failure: Error, Sendable, Equatable, CustomStringConvertible {
    package let message: String
    package var description: String { message }
  }

  /// The folder.
  package let path: String
  /// Files that it may hold. 1,000: enough for a bad day, few enough to look through.
  package let countLimit: Int
  /// Bytes that it may hold. 256 MiB: a quarter of a usual emptyDir limit of 1 GiB.
  package let byteLimit: Int

  /// The folder at this path, made if it is not there (readable by its owner alone). Throws where it cannot be written to.
  package init(path: String, countLimit: Int = 1_000, byteLimit: Int = 256 << 20) throws(Failure) {
    self.path = path
    self.countLimit = countLimit
    self.byteLimit = byteLimit
    if mkdir(path, 0o700) != 0, errno != EEXIST { throw Self.failure("cannot make \(path)") }
    guard access(path, W_OK | X_OK) == 0 else { throw Self.failure("cannot write to \(path)") }
    _ = try usage()
  }

  /// Writes an incident and returns the path of its file. One that lies there already is written anew.
  package func write(_ incident: SealedIncident) throws(Failure) -> String {
    var json: [UInt8]
    do {
      json = try KMIncidentContext(serializedBytes: incident.encoded).jsonUTF8Bytes()
    } catch {
      throw Failure(message: "incident \(Self.fileName(incident.id)) cannot be written as JSON")
    }
    json.append(0x0A)
    let target = "\(path)/\(Self.fileName(incident.id)).json"
    if access(target, F_OK) != 0 {
      let used = try usage()
      guard used.count < countLimit, used.bytes + json.count <= byteLimit else {
        throw Failure(message: "\(path) is full: \(used.count) incidents, \(used.bytes) bytes")
      }
    }
    // A dot file: a glob over the folder does not see a half-written one.
    let temporary = "\(path)/.\(Self.fileName(incident.id)).part"
    do throws(Failure) {
      try Self.writeFile(json, to: temporary)
      guard rename(temporary, target) == 0 else { throw Self.failure("cannot write \(target)") }
    } catch {
      unlink(temporary)
      throw error
    }
    return target
  }

  /// What lies in the folder now.
  package func usage() throws(Failure) -> (count: Int, bytes: Int) {
    guard let folder = opendir(path) else { throw Self.failure("cannot read \(path)") }
    defer { closedir(folder) }
    var count = 0
    var bytes = 0
    while let entry = readdir(folder) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      var facts = stat()
      guard name.hasSuffix(".json"), !name.hasPrefix("."), stat("\(path)/\(name)", &facts) == 0 else { continue }
      count += 1
      bytes += Int(facts.st_size)
    }
    return (count, bytes)
  }

  private static func writeFile(_ bytes: [UInt8], to file: String) throws(Failure) {
    let descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw failure("cannot write \(file)") }
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes { bytes in
        systemWrite(descriptor, bytes.baseAddress.map { $0 + written }, bytes.count - written)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        let error = failure("cannot write \(file)")
        close(descriptor)
        throw error
      }
      written += count
    }
    // The disk may be full at the last moment, and says so here.
    let isFlushed = fsync(descriptor) == 0
    let error = failure("cannot write \(file)")
    guard close(descriptor) == 0, isFlushed else { throw error }
  }

  /// An id as a file name. Ids of ours are 32 hexadecimal digits; one from a stranger's file may be anything.
  static func fileName(_ id: String) -> String {
    let safe = id.utf8.prefix(100).map { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x5F: byte
      default: UInt8(ascii: "_")
      }
    }
    return safe.isEmpty ? "_" : String(decoding: safe, as: UTF8.self)
  }

  private static func failure(_ what: String) -> Failure {
    Failure(message: "\(what): \(String(cString: strerror(errno)))")
  }
}

/// `write` by another name: inside the type, the plain one means its own method.
private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
  write(descriptor, bytes, count)
}
