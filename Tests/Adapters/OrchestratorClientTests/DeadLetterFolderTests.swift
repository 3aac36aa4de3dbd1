internal import Contract
internal import Delivery
internal import Logging
internal import SwiftProtobuf
internal import Testing

@testable internal import Incidents
@testable internal import OrchestratorClient

#if canImport(Darwin)
  internal import Darwin
#else
  internal import Glibc
#endif

struct DeadLetterFolderTests {
  /// A folder for the time of one test.
  static func withFolder(_ body: (String) async throws -> Void) async throws {
    var template = Array("/tmp/kube-mind-letters-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw TestFiles.Failure(errno: errno) }
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer {
      for name in names(in: path) { unlink("\(path)/\(name)") }
      rmdir(path)
    }
    try await body(path)
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
      let incident = try SealedIncident.sample("00ff")
      let file = try folder.write(incident)
      _ = try folder.write(incident)
      #expect(Self.names(in: path) == ["00ff.json"])
      let json = try SmallFile.read(file)
      #expect(json.last == 0x0A && json.count { $0 == 0x0A } == 1)
      #expect(try KMIncidentContext(jsonUTF8Bytes: json).serializedBytes() == incident.encoded)
      var facts = stat()
      #expect(stat(file, &facts) == 0 && facts.st_mode & 0o777 == 0o600)
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
      _ = try folder.write(.sample("a"))
      _ = try folder.write(.sample("b"))
      #expect(throws: DeadLetterFolder.Failure.self) { try folder.write(.sample("c")) }
      // What is there already may be written anew.
      _ = try folder.write(.sample("a"))
      let small = try DeadLetterFolder(path: path, byteLimit: 10)
      #expect(throws: DeadLetterFolder.Failure.self) { try small.write(.sample("c")) }
      #expect(Self.names(in: path) == ["a.json", "b.json"])
    }
  }

  @Test func aFolderThatCannotBeIsNamed() {
    #expect { try DeadLetterFolder(path: "/proc/none") } throws: { "\($0)".hasPrefix("cannot make /proc/none: ") }
    #expect { try DeadLetterFolder(path: "/dev/null") } throws: { "\($0)".contains("/dev/null: ") }
  }

  @Test(.timeLimit(.minutes(1))) func whatIsNotDeliveredLiesThere() async throws {
    try await Self.withFolder { path in
      let folder = try DeadLetterFolder(path: path)
      let service = TestService { id, _ in id == "rejected" ? .reject("no") : .silence }
      try await withServer(service) { port, _ in
        let log = EventLog<DeliveryEvent>()
        let delivery = IncidentDelivery(
          endpoint: try DeliveryOverTheWireTests.plain(port), deadLetters: folder,
          logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, time: RealTime(),
          onEvent: { log.append($0) })
        try await withThrowingTaskGroup(of: Void.self) { group in
          group.addTask { try await delivery.run() }
          for id in ["rejected", "silent"] { try delivery.submit(.sample(id)) }
          await log.wait { $0.contains { if case .rejected = $0 { true } else { false } } }
          delivery.beginGracefulShutdown(drain: .zero)
          try await group.waitForAll()
        }
      }
      #expect(Self.names(in: path) == ["rejected.json", "silent.json"])
    }
  }
}
