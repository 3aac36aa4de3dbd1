internal import Contract
package import Delivery
internal import Dispatch
package import Incidents
internal import SwiftProtobuf

/// Incidents that could not be delivered, one file each, in the form that `send` takes: proto3 JSON on one line.
///
/// A file appears whole or not at all (written beside, flushed to the disk, then renamed), and only its owner may read it.
/// Policy: a full folder takes nothing more, and says so; a person has to look at what lies there, and nothing of it is
/// thrown away for something newer.
package struct DeadLetterFolder: DeadLetters {
  /// The folder.
  package let path: String
  /// Files that it may hold. 1,000: enough for a bad day, few enough to look through.
  package let countLimit: Int
  /// Bytes that it may hold. 256 MiB: a quarter of a usual emptyDir limit of 1 GiB.
  package let byteLimit: Int
  private let files: any FileOperations
  private let thread = DispatchQueue(label: "kube-mind.dead-letters")

  /// The folder at this path, made if it is not there (usable by its owner alone). Throws where it cannot be written to.
  package init(
    path: String, countLimit: Int = 1_000, byteLimit: Int = 256 << 20, files: any FileOperations = SystemFiles()
  ) throws(StorageError) {
    self.path = path
    self.countLimit = countLimit
    self.byteLimit = byteLimit
    self.files = files
    do throws(FileFault) {
      try files.makeFolder(path)
      _ = try usage()
    } catch { throw StorageError("\(error)") }
  }

  /// Writes an incident on a thread that may wait for the disk.
  package func keep(_ incident: SealedIncident) async throws(StoreFailure) -> String {
    let result: Result<String, StoreFailure> = await withCheckedContinuation { continuation in
      thread.async {
        do throws(StoreFailure) { continuation.resume(returning: .success(try write(incident))) } catch {
          continuation.resume(returning: .failure(error))
        }
      }
    }
    return try result.get()
  }

  /// Writes an incident and returns the path of its file. One that lies there already is written anew. Blocks.
  package func write(_ incident: SealedIncident) throws(StoreFailure) -> String {
    var json: [UInt8]
    do {
      json = try KMIncidentContext(serializedBytes: incident.encoded).jsonUTF8Bytes()
    } catch {
      throw StoreFailure("incident \(Self.fileName(incident.id)) cannot be written as JSON")
    }
    json.append(0x0A)
    let target = "\(path)/\(Self.fileName(incident.id)).json"
    let used: (count: Int, bytes: Int)?
    do throws(FileFault) { used = try files.size(of: target) == nil ? usage() : nil } catch {
      throw StoreFailure("\(error)")
    }
    if let used, used.count >= countLimit || used.bytes + json.count > byteLimit {
      throw StoreFailure("\(path) is full: \(used.count) incidents, \(used.bytes) bytes")
    }
    do throws(FileFault) { try write(json, to: target) } catch { throw StoreFailure("\(error)") }
    return target
  }

  private func write(_ json: [UInt8], to target: String) throws(FileFault) {
    let name = target.dropFirst(path.utf8.count + 1)
    // A dot file: a glob over the folder does not see a half-written one.
    let temporary = "\(path)/.\(name).part"
    do throws(FileFault) {
      let file = try files.create(temporary, isNew: false)
      defer { files.close(file) }
      try files.writeAll(json, to: file, at: 0)
      // The disk may be full at the last moment, and says so here.
      try files.sync(file)
      try files.rename(temporary, to: target)
    } catch {
      try? files.remove(temporary)
      throw error
    }
    try files.syncFolder(path)
  }

  /// What lies in the folder now.
  package func usage() throws(FileFault) -> (count: Int, bytes: Int) {
    var count = 0
    var bytes = 0
    for name in try files.names(in: path) where name.hasSuffix(".json") && !name.hasPrefix(".") {
      guard let size = try files.size(of: "\(path)/\(name)") else { continue }
      count += 1
      bytes += size
    }
    return (count, bytes)
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
}
