internal import Contract
internal import Delivery
internal import Randomness
internal import SwiftProtobuf
internal import Testing

@testable internal import Incidents
@testable internal import Storage

#if canImport(Darwin)
  internal import Darwin
#else
  internal import Glibc
#endif

struct DeadLetterFolderTests {
  /// A folder for the time of one test.
  static func withFolder(_ body: (String) async throws -> Void) async throws {
    var template = Array("/tmp/kube-mind-letters-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw FileFault(.create, "/tmp", code: errno) }
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer {
      for name in names(in: path) { unlink("\(path)/\(name)") }
      rmdir(path)
    }
    try await body(path)
  }

  static func mode(of path: String) throws -> mode_t {
    var facts = stat()
    guard stat(path, &facts) == 0 else { throw FileFault(.inspect, path, code: errno) }
    return facts.st_mode & 0o777
  }

  static func removeFolder(_ path: String) {
    rmdir(path)
  }

  static func names(in path: String) -> [String] {
    guard let folder = opendir(path) else { return [] }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  @Test func aLetterCanBeReadAgainByItsOwnerAlone() async throws {
    try await Self.withFolder { path in
      let folder = try DeadLetterFolder(path: path + "/")
      let incident = try SealedIncident.letter("00ff")
      let file = try folder.write(incident)
      _ = try folder.write(incident)
      #expect(Self.names(in: path) == ["00ff.json"])
      let json = try SystemFiles().read(file, at: 0, count: 1 << 20)
      #expect(json.last == 0x0A && json.count { $0 == 0x0A } == 1)
      #expect(try KMIncidentContext(jsonUTF8Bytes: json).serializedBytes() == incident.encoded)
      #expect(try Self.mode(of: file) == 0o600)
      #expect(try folder.usage() == (1, json.count))
    }
  }

  @Test(arguments: [
    ("../../etc/passwd", "______etc_passwd"), ("", "_"), ("a b\n", "a_b_"), (".hidden", "_hidden"),
    (String(repeating: "é", count: 400), String(repeating: "_", count: 100)),
  ])
  func idsOfStrangersStayInTheFolder(id: String, name: String) {
    #expect(DeadLetterFolder.fileName(id) == name)
  }

  @Test func aFullFolderTakesNothingMore() async throws {
    try await Self.withFolder { path in
      let folder = try DeadLetterFolder(path: path, countLimit: 2)
      _ = try folder.write(.letter("a"))
      _ = try folder.write(.letter("b"))
      #expect(throws: StoreFailure.self) { try folder.write(.letter("c")) }
      // What is there already may be written anew.
      _ = try folder.write(.letter("a"))
      let small = try DeadLetterFolder(path: path, byteLimit: 10)
      #expect(throws: StoreFailure.self) { try small.write(.letter("c")) }
      #expect(Self.names(in: path) == ["a.json", "b.json"])
    }
  }

  @Test func aFolderThatCannotBeIsNamed() {
    #expect { try DeadLetterFolder(path: "/proc/none") } throws: { "\($0)".hasPrefix("cannot make /proc/none: ") }
    #expect { try DeadLetterFolder(path: "/dev/null") } throws: { "\($0)".contains("/dev/null: ") }
  }

  /// What a folder held before is there whatever happens while a letter is written, and a letter is there whole or not at all.
  @Test func aCrashAtAnyOperationLeavesWholeLetters() throws {
    for operation in 0..<12 {
      for fault in [SimulatedDisk.Fault.ends, .endsWithin(part: 500), .fails(28)] {
        for loss in SimulatedDisk.Loss.allCases {
          var random = SplitMix64(seed: UInt64(operation))
          let disk = SimulatedDisk()
          let folder = try DeadLetterFolder(path: "/letters", files: disk)
          let first = try folder.write(.letter("a"))
          disk.plan(fault, at: disk.operations + operation)
          let second = try? folder.write(.letter("b", bytes: 5_000))
          disk.restart(losing: loss, using: &random)
          for (file, id) in [(first, "a"), (second, "b")] {
            guard let file else { continue }
            let json = try disk.read(file, at: 0, count: 1 << 20)
            #expect(throws: Never.self) { try KMIncidentContext(jsonUTF8Bytes: json).incidentID == id }
          }
          for path in disk.paths where path.hasSuffix(".json") {
            let json = try disk.read(path, at: 0, count: 1 << 20)
            #expect(throws: Never.self, "\(fault) at \(operation), losing \(loss)") {
              try KMIncidentContext(jsonUTF8Bytes: json)
            }
          }
        }
      }
    }
  }
}

extension SealedIncident {
  /// An incident that is one: a letter is written from its message.
  static func letter(_ id: String, bytes: Int = 10) throws -> SealedIncident {
    var message = KMIncidentContext()
    message.incidentID = id
    message.cluster.name = String(repeating: "x", count: bytes)
    return SealedIncident(
      id: id, podUID: "pod",
      headline: Headline(namespace: "default", pod: "pod", container: "app", failureClass: "OOMKilled", masked: 0),
      encoded: try message.serializedBytes())
  }
}
