internal import FoundationEssentials
internal import Kubernetes
internal import Testing

@testable internal import kube_mind

@Suite("Replay of a recorded watch")
struct DetectionReplayTests {
  private static let fixtures =
    #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(2)
    .joined(separator: "/") + "/SimulationTests/Fixtures"

  @Test func aRecordedDayHasTheFailuresThatItHad() throws {
    let path = Self.fixtures + "/watch/pods.jsonl"
    #expect(DetectionReplay.reads([path]))
    var replay = DetectionReplay()
    try replay.read(try Data(contentsOf: URL(filePath: path)))
    #expect(replay.skipped == 0)
    #expect(replay.events > 200)
    for failure in ["CrashLoopBackOff", "OOMKilled", "ImagePullBackOff"] {
      #expect(replay.findings.contains { $0.failure == failure }, "no \(failure)")
    }
    // The same stream again tells nothing new of the pods that are still there.
    let count = replay.findings.count
    let last = try #require(replay.findings.last)
    #expect(last.event <= replay.events)
    var again = DetectionReplay()
    try again.read(try Data(contentsOf: URL(filePath: path)) + Data(#"{"type":"ADD"#.utf8))
    #expect(again.findings.count == count, "a torn last line is passed over")
  }

  @Test func incidentsAreNoRecording() {
    #expect(!DetectionReplay.reads([]))
    #expect(!DetectionReplay.reads(["/nowhere/at/all"]))
    #expect(!DetectionReplay.reads([Self.fixtures + "/watch/pods.jsonl", Self.fixtures + "/README.md"]))
  }
}
