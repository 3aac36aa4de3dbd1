import FoundationEssentials
import KubernetesClient
import Logging
import Redaction
import Testing

@testable import Observer

@Suite("Recording of a watch")
struct WatchRecorderTests {
  private let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
  private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

  private func recorder(_ path: String? = nil) throws -> WatchRecorder {
    try WatchRecorder(path: path ?? self.path, redactor: RedactorBox(try Redactor()), logger: logger)
  }

  private func lines() throws -> [String] {
    let text = String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
    #expect(text.hasSuffix("\n"))
    return text.split(separator: "\n").map(String.init)
  }

  private func pod(_ name: String, _ value: String = "x") -> String {
    #"{"metadata":{"name":"\#(name)","uid":"u-\#(name)"},"spec":{"containers":[{"env":[{"name":"DB_PASSWORD","value":"\#(value)"}]}]}}"#
  }

  @Test func pagesAndLinesComeOutRedactedAndForTheOwnerAlone() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    let tap = try recorder().tap()
    let page = Array(#"{"kind":"PodList","metadata":{},"items":[\#(pod("a", "hunter2-secret")),\#(pod("b"))]}"#.utf8)
    tap(.pageBegan)
    for byte in page { tap(.bytes([byte])) }
    tap(.pageEnded)
    tap(.watchBegan)
    let line = Array(#"{"type":"MODIFIED","object":\#(pod("a", "hunter2-secret"))}"#.utf8) + [0x0A]
    tap(.bytes(Array(line[..<20])))
    tap(.bytes(Array(line[20...]) + Array(#"{"type":"BOOKMARK","object":{}}"#.utf8)))
    // The next watch does not go on with a line of the last one.
    tap(.watchBegan)
    tap(.bytes(Array(#"{"type":"DELETED","object":\#(pod("a"))}"#.utf8) + [0x0A]))

    let lines = try lines()
    #expect(lines.count == 4)
    #expect(
      lines.map { $0.prefix(14) } == [#"{"type":"ADDED"#, #"{"type":"ADDED"#, #"{"type":"MODIF"#, #"{"type":"DELET"#])
    #expect(!lines.joined().contains("hunter2-secret"))
    #expect(lines[0].contains(#""name":"a","uid":"u-a""#))
    let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    #expect(mode == 0o600)
  }

  @Test func aPageThatBreaksOffIsNotRecorded() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    let tap = try recorder().tap()
    tap(.pageBegan)
    tap(.bytes(Array(#"{"items":[\#(pod("a"))"#.utf8)))
    tap(.pageBegan)
    tap(.bytes(Array(#"{"items":[\#(pod("b"))]}"#.utf8)))
    tap(.pageEnded)
    #expect(try lines().count == 1)
  }

  @Test func aTornLineIsEndedBeforeTheNextBegins() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Data(#"{"type":"ADDED","obj"#.utf8).write(to: URL(filePath: path))
    let tap = try recorder().tap()
    tap(.watchBegan)
    tap(.bytes(Array(#"{"type":"ADDED","object":{}}"#.utf8) + [0x0A]))
    #expect(try lines() == [#"{"type":"ADDED","obj"#, #"{"type":"ADDED","object":{}}"#])
  }

  @Test func aLinkOrAFolderIsRefused() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    #expect(throws: WatchRecorder.Failure.self) { try recorder("/nowhere/at/all") }
    #expect(throws: WatchRecorder.Failure.self) { try recorder(FileManager.default.temporaryDirectory.path) }
    try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "/dev/null")
    #expect(throws: WatchRecorder.Failure.self) { try recorder() }
  }
}
