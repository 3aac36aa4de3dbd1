import Kubernetes
import Testing
import Time

@testable import Simulation

@Suite("Watch")
struct WatchCursorTests {
  private var store = ObjectStore(firstRevision: 100)
  private var faults = FaultPlan()

  private func pod(_ phase: String, app: String = "a") -> JSONValue {
    ["metadata": ["labels": ["app": .string(app)]], "status": ["phase": .string(phase)]]
  }

  private func cursor(
    after position: Int, labels: String? = nil, initial: [StoredObject] = [], marks: Bool = false
  ) -> WatchCursor {
    WatchCursor(
      kind: .pod, selection: Selection(namespace: "s", labels: labels.flatMap { LabelSelector($0) }),
      allowsBookmarks: true, timeout: nil, position: position, initial: initial, marksInitialEnd: marks)
  }

  /// Type and name of each line up to the next pause; steps that write nothing stand in brackets.
  private mutating func read(_ cursor: inout WatchCursor, steps: Int = 50) throws -> [String] {
    var seen: [String] = []
    for _ in 0..<steps {
      switch cursor.next(in: store, faults: &faults) {
      case .write(let bytes):
        guard let value = try? JSONValue(parsing: bytes) else {
          seen.append("[part]")
          continue
        }
        seen.append("\(value["type"]?.text ?? "") \(value.at("object", "metadata", "name")?.text ?? "")")
      case .pause: seen.append("[pause]")
      case .wait: return seen
      case .finish: return seen + ["[finish]"]
      case .cut: return seen + ["[cut]"]
      }
    }
    return seen
  }

  @Test("changes come in order, from the given version on, of one namespace")
  mutating func order() throws {
    _ = try store.create(.pod, "s", "old", uid: "0", pod("Running"))
    var cursor = cursor(after: store.revision)
    _ = try store.create(.pod, "s", "a", uid: "1", pod("Pending"))
    _ = try store.create(.pod, "other", "b", uid: "2", pod("Pending"))
    _ = try store.create(.event, "s", "e", uid: "3", [:])
    _ = try store.replace(.pod, "s", "a", pod("Running"))
    try store.delete(.pod, "s", "a")
    #expect(try read(&cursor) == ["ADDED a", "MODIFIED a", "DELETED a"])
    #expect(try read(&cursor) == [])
  }

  @Test("an object that comes to match a selector is added, one that ceases to is deleted")
  mutating func selectorBorders() throws {
    var cursor = cursor(after: store.revision, labels: "app=x")
    _ = try store.create(.pod, "s", "p", uid: "1", pod("Running", app: "y"))
    _ = try store.replace(.pod, "s", "p", pod("Running", app: "x"))
    _ = try store.replace(.pod, "s", "p", pod("Failed", app: "x"))
    _ = try store.replace(.pod, "s", "p", pod("Running", app: "y"))
    #expect(try read(&cursor) == ["ADDED p", "MODIFIED p", "DELETED p"])
  }

  @Test("a compacted version ends in an ERROR line, word for word")
  mutating func expired() throws {
    for index in 0..<1360 { _ = try store.create(.pod, "s", "p\(index)", uid: "\(index)", [:]) }
    store.compact()
    var cursor = cursor(after: 1)
    guard case .write(let line) = cursor.next(in: store, faults: &faults) else {
      Issue.record("no line")
      return
    }
    #expect(line == (try Fixture.bytes("errors/410-watch-pods-rv1.in-stream.jsonl")))
    #expect(cursor.next(in: store, faults: &faults) == .finish)
  }

  @Test("a version of the future is silent until it has come")
  mutating func future() throws {
    var cursor = cursor(after: store.revision + 1)
    _ = try store.create(.pod, "s", "a", uid: "1", [:])
    #expect(try read(&cursor) == [])
    _ = try store.create(.pod, "s", "b", uid: "2", [:])
    #expect(try read(&cursor) == ["ADDED b"])
  }

  @Test("a bookmark is written as 1.20 writes it and moves the version on")
  mutating func bookmark() throws {
    var cursor = cursor(after: store.revision)
    for index in 0..<938 { _ = try store.create(.configMap, "s", "c\(index)", uid: "\(index)", [:]) }
    let recorded = try Fixture.bytes("watch/pods.jsonl").split(separator: 0x0A)[160]
    #expect(cursor.bookmark(in: store) == Array(recorded) + [0x0A])
    store.compact()
    #expect(try read(&cursor) == [])
  }

  @Test("initial events come first, then the bookmark that ends them")
  mutating func initialEvents() throws {
    _ = try store.create(.pod, "s", "a", uid: "1", [:])
    var cursor = cursor(after: store.revision, initial: try store.list(.pod), marks: true)
    guard case .write = cursor.next(in: store, faults: &faults),
      case .write(let end) = cursor.next(in: store, faults: &faults)
    else {
      Issue.record("no lines")
      return
    }
    #expect(end.holds(#""annotations":{"k8s.io/initial-events-end":"true"}"#))
  }

  @Test(
    "faults",
    arguments: [
      (APIFault.duplicateEvent, ["ADDED a", "ADDED a", "MODIFIED a"]),
      (.garbageObject, ["MODIFIED ", "ADDED a", "MODIFIED a"]),
      (.splitLine, ["[part]", "[pause]", "[part]", "[pause]", "[part]", "MODIFIED a"]),
      (.stall(.seconds(1)), ["[pause]", "ADDED a", "MODIFIED a"]), (.cutMidLine, ["[part]", "[cut]"]),
      (.goneInStream, ["ERROR ", "[finish]"]),
    ])
  mutating func faults(fault: APIFault, expected: [String]) throws {
    faults.add(fault, on: .watch, times: 1, skipping: 0)
    var cursor = cursor(after: store.revision)
    _ = try store.create(.pod, "s", "a", uid: "1", [:])
    _ = try store.replace(.pod, "s", "a", [:])
    #expect(try read(&cursor) == expected)
  }

  @Test("a fault waits for its kind, lets some pass, and comes so many times")
  mutating func faultCounting() {
    faults.add(.internalError, on: .get, times: 2, skipping: 1)
    #expect(faults.take(for: .list, inStream: false) == nil)
    let taken = (0..<4).map { _ in faults.take(for: .get, inStream: false) }
    #expect(taken == [nil, .internalError, .internalError, nil])
  }
}
