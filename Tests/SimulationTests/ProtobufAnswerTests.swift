import FoundationEssentials
import Kubernetes
import Testing

@testable import Simulation

/// Our protobuf of the recorded streams against their JSON: every event of a real cluster's day reads the same.
@Suite("Protobuf of the simulated API server")
struct ProtobufAnswerTests {
  @Test func recordedStreamsReadTheSame() throws {
    var lines = 0
    for name in try Fixture.names("watch") where name.hasSuffix(".jsonl") {
      for line in try Fixture.bytes("watch/\(name)").split(separator: 0x0A).map(Array.init) {
        guard let frame = ProtobufAnswer.frame(line) else { continue }
        var json = PodWatchReader(.json)
        var protobuf = PodWatchReader(.protobuf)
        var (expected, read): ([WatchEvent], [WatchEvent]) = ([], [])
        try json.receive(line + [0x0A], into: &expected)
        try protobuf.receive(frame, into: &read)
        #expect(read == expected)
        lines += expected.count
      }
    }
    #expect(lines > 100)
  }
}
