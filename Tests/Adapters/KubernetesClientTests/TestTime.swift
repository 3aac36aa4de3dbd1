import Kubernetes
import KubernetesClient
import Logging
import Synchronization
import Time

/// A clock that runs, whose sleeps end at once and are written down.
final class TestTime: TimeSource {
  private let start = ContinuousClock.now
  private let slept = Mutex<[Duration]>([])

  var sleeps: [Duration] { slept.withLock { $0 } }
  var monotonic: MonotonicInstant { .origin.advanced(by: start.duration(to: .now)) }
  var wall: Timestamp { Timestamp(seconds: 1_800_000_000).advanced(by: start.duration(to: .now)) }

  func sleep(for duration: Duration) async throws {
    slept.withLock { $0.append(duration) }
    try Task.checkCancellation()
  }
}

/// A client of a server of these tests.
func withClient<T>(
  of server: ScriptedServer, time: any TimeSource = TestTime(), _ adapt: (inout ClusterAccess) -> Void = { _ in },
  _ body: (APIClient) async throws -> T
) async throws -> T {
  var access = ClusterAccess(server: ServerURL(isTLS: false, host: "127.0.0.1", port: server.port))
  adapt(&access)
  let client = try APIClient(
    access: access, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, time: time)
  defer { client.shutdown() }
  return try await body(client)
}
