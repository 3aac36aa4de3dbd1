internal import FoundationEssentials
internal import Simulation

/// What was recorded from a real cluster: the watch of its namespace "shop", objects, logs, and the values planted there.
enum Recording {
  private static let folder =
    #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")
    + "/SimulationTests/Fixtures"

  /// Everything, as the simulated API server gives it: the watch ends after its last line.
  static func traffic() throws -> RecordedTraffic {
    var traffic = try RecordedTraffic.load(folder: folder + "/objects")
    traffic.merge(try RecordedTraffic.load(folder: folder + "/logs"))
    let stream = try RecordedStream.load(
      path: folder + "/watch/pods.jsonl", pacing: .immediate, endsAfterLastLine: true)
    // 408: the resourceVersion that the recorded watch was opened at, when the namespace was empty.
    traffic.add(stream, podsOf: "shop", openedAt: 408)
    return traffic
  }

  /// The planted secrets and personal data: the first column, without the head of the table.
  static func secrets() throws -> [SecretSearch] {
    let table = String(decoding: try Data(contentsOf: URL(filePath: folder + "/planted-secrets.tsv")), as: UTF8.self)
    return table.split(separator: "\n").dropFirst().compactMap { line in
      line.split(separator: "\t").first.map { SecretSearch(String($0)) }
    }
  }
}
