internal import FoundationEssentials
internal import Incidents
internal import Kubernetes
internal import Logging
internal import Observer
internal import Synchronization

@testable internal import Simulation

/// How often a failure of each pod was found: as an incident, as a reference to another's, or as a count on one.
final class FoundFailures: Sendable {
  private let found = Mutex<[String: Int]>([:])

  /// By pod uid.
  var counts: [String: Int] { found.withLock { $0 } }

  func take(_ event: PipelineEvent) {
    switch event {
    case .detected(let job, _): found.withLock { $0[job.occurrence.pod.uid, default: 0] += 1 }
    case .suppressed(let occurrence): found.withLock { $0[occurrence.pod.uid, default: 0] += 1 }
    default: break
    }
  }
}

/// The file of a ServiceAccount's token, and the one token that the cluster takes.
final class TokenFile: Sendable {
  let path = FileManager.default.temporaryDirectory.appending(path: "token-\(UUID().uuidString)").path
  private let cluster: SimulatedCluster
  private let number = Mutex(0)

  init(_ cluster: SimulatedCluster) throws {
    self.cluster = cluster
    try write(change())
  }

  /// A new token, which is the only one from now on. Its file is not written.
  func change() -> String {
    let token = number.withLock { number in
      number += 1
      return "token-\(number)"
    }
    cluster.setAccess(.observer(token: token))
    return token
  }

  /// In one step, as the kubelet does.
  func write(_ token: String) throws { try Data(token.utf8).write(to: URL(filePath: path), options: .atomic) }

  func remove() { try? FileManager.default.removeItem(atPath: path) }
}

/// Counts lines of the log by their message.
final class LineCounts: Sendable {
  private let lines = Mutex<[String: Int]>([:])

  /// Into which the lines are to be written.
  var logger: Logger {
    LogTap.logger { event in self.lines.withLock { $0["\(event.message)", default: 0] += 1 } }
  }

  subscript(message: String) -> Int { lines.withLock { $0[message, default: 0] } }
}
