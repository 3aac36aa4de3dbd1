import Kubernetes
import KubernetesClient
import Synchronization
import Testing
import Time

private func object(_ uid: String, _ version: Int) -> String {
  #"{"metadata":{"name":"p-\#(uid)","namespace":"shop","uid":"\#(uid)","resourceVersion":"\#(version)"},"status":{"phase":"Running"}}"#
}

private func list(_ uids: [String], version: Int, next: String = "") -> ScriptedServer.Answer {
  let items = uids.map { object($0, version) }.joined(separator: ",")
  let text =
    #"{"kind":"PodList","metadata":{"resourceVersion":"\#(version)","continue":"\#(next)"},"items":[\#(items)]}"#
  return .init(parts: [Array(text.utf8)])
}

private func event(_ type: String, _ object: String) -> [UInt8] {
  Array(#"{"type":"\#(type)","object":\#(object)}"#.utf8) + [0x0A]
}

private final class Recorder: Sendable {
  private let texts = Mutex<[String]>([])

  var all: [String] { texts.withLock { $0 } }

  func append(_ text: String) {
    texts.withLock { $0.append(text) }
  }
}

/// What a watcher told, in short, until it told `last`.
private func told(
  until last: String, _ script: @escaping @Sendable (ScriptedServer.Request, Int) -> ScriptedServer.Answer
) async throws -> (changes: [String], targets: [String]) {
  try await ScriptedServer.run(script) { server in
    try await withClient(of: server) { client in
      let changes = Recorder()
      await withTaskGroup(of: Void.self) { group in
        let (done, finished) = AsyncStream<Void>.makeStream()
        group.addTask {
          _ = try? await PodWatcher(client: client, scope: PodScope(namespace: "shop"), time: TestTime()).run {
            change in
            let text =
              switch change {
              case .applied(let pod, _, _): "+\(pod.uid)@\(pod.resourceVersion)"
              case .deleted(let uid, let pod): "-\(uid)\(pod == nil ? " by list" : "")"
              case .synced(let listed): "synced \(listed.count)"
              case .progressed(let version): "at \(version)"
              case .watching: "watching"
              case .skipped: "skipped"
              case .failed(let error, _): "failed \(error.code)"
              }
            changes.append(text)
            if text == last { finished.finish() }
          }
        }
        for await _ in done {}
        group.cancelAll()
      }
      // The watcher may get further before it is cancelled; what it told until then is the claim.
      let all = changes.all
      let told = all.prefix((all.firstIndex(of: last) ?? all.endIndex - 1) + 1)
      return (Array(told), server.requests.map { $0.target.replacing("/api/v1/namespaces/shop/pods?", with: "") })
    }
  }
}

extension String {
  fileprivate func replacing(_ prefix: String, with other: String) -> String {
    hasPrefix(prefix) ? other + dropFirst(prefix.count) : self
  }
}

@Suite("Pod watcher", .timeLimit(.minutes(15)))
struct PodWatcherTests {
  @Test func pagesWatchCutAndExpiry() async throws {
    let result = try await told(until: "-b by list") { _, index in
      switch index {
      case 0: return list(["a"], version: 10, next: "T")
      case 1: return list(["b"], version: 10)
      case 2:
        let split = event("MODIFIED", object("a", 11))
        return .init(
          parts: [
            Array(split[..<20]), Array(split[20...]) + event("BOOKMARK", #"{"metadata":{"resourceVersion":"12"}}"#),
            event("ADDED", #"{"metadata":{"name":7}}"#), event("ADDED", object("c", 13)),
          ], end: .cut)
      case 3: return .init(status: 429, parts: [Array("slow down".utf8)])
      case 4:
        return .init(parts: [event("ERROR", #"{"kind":"Status","code":410,"reason":"Expired","message":"too old"}"#)])
      case 5: return list(["a", "c"], version: 20)
      default: return .init(end: .stall)
      }
    }
    #expect(
      result.changes.prefix(13) == [
        "+a@10", "+b@10", "synced 2", "watching", "+a@11", "at 12", "skipped", "+c@13", "failed unreachable",
        "failed tooManyRequests(retryAfter: nil)", "watching", "failed expired", "+a@20",
      ])
    #expect(result.changes.dropFirst(13).prefix(2) == ["+c@20", "-b by list"])
    let watches = result.targets.filter { $0.hasPrefix("watch=1") }
    #expect(result.targets.prefix(2) == ["resourceVersion=0", "limit=500&continue=T"])
    #expect(watches.count >= 3)
    for (target, version) in zip(watches, [10, 13, 13]) {
      #expect(target.hasPrefix("watch=1&resourceVersion=\(version)&allowWatchBookmarks=true&timeoutSeconds="))
    }
    #expect(result.targets[5] == "limit=500")
  }

  @Test("a hostile server: each break costs a watch, what stood before it is told, and the watcher gets on")
  func hostile() async throws {
    let deep = String(repeating: "[", count: 100_000)
    let result = try await told(until: "+a@99") { _, index in
      switch index {
      case 0: return list(["a"], version: 10)
      // A line without end, of more than any object may have.
      case 1:
        return .init(
          parts: [event("MODIFIED", object("a", 11))]
            + Array(repeating: [UInt8](repeating: 0x20, count: 1 << 20), count: 9))
      case 2: return .init(parts: [event("MODIFIED", object("a", 12)) + Array((deep + "\n").utf8)])
      // Wrong types are an object's fault, and the watch goes on.
      case 3:
        return .init(
          parts: [
            event("MODIFIED", #"{"metadata":[]}"#), event("MODIFIED", "7"), event("MODIFIED", "null"),
            event("MODIFIED", #"{"metadata":{"uid":{},"resourceVersion":"13"}}"#), event("RENAMED", object("a", 14)),
            Array("\n\n\n".utf8), event("MODIFIED", object("a", 15)),
            Array(#"{"type":"MODIFIED","object":{"metadata":"#.utf8),
          ], end: .cut)
      case 4: return .init(parts: [Array("<html>\n".utf8)])
      // A compressed body that nobody asked for.
      case 5: return .init(parts: [[0x1F, 0x8B, 0x08, 0x00, 0x0A, 0xFF]])
      default: return .init(parts: [event("MODIFIED", object("a", 99))], end: .stall)
      }
    }
    #expect(result.changes.filter { $0.hasPrefix("+") } == ["+a@10", "+a@11", "+a@12", "+a@15", "+a@99"])
    #expect(result.changes.filter { $0 == "skipped" }.count == 5)
    #expect(result.changes.filter { $0.hasPrefix("failed malformed") }.count == 4)
    #expect(result.changes.filter { $0.hasPrefix("synced") }.count == 1, "no list was needed")
  }

  @Test func anEndlessListBodyOrOneThatIsNotJSONIsAFailure() async throws {
    let result = try await told(until: "synced 1") { _, index in
      switch index {
      case 0: .init(parts: [Array("<html>".utf8)])
      case 1: .init(parts: [Array(#"{"items":[{"#.utf8)])
      default: list(["a"], version: 1)
      }
    }
    #expect(result.changes == ["failed malformed", "failed malformed", "+a@1", "synced 1"])
  }
}
