internal import Contract
internal import Delivery
internal import SwiftProtobuf
internal import Testing
internal import Time

@testable internal import OrchestratorClient

struct PeerTextTests {
  @Test(arguments: [
    ("plain", "plain"), ("", ""), ("two\r\nlines", "two  lines"), ("\u{1B}[31mred", " [31mred"),
    ("nul\u{0}del\u{7F}csi\u{9B}", "nul del csi "), ("a\u{2028}b\u{202E}c", "a b c"), ("Größe 大 🙂", "Größe 大 🙂"),
    (String(repeating: "x", count: 70_000), String(repeating: "x", count: 500)),
  ])
  func aPeersTextIsOneBoundedLine(text: String, line: String) {
    #expect(PeerText.oneLine(text) == line)
  }

  @Test(
    arguments: [
      (0, 0, Timestamp(seconds: 0)),
      (1_763_000_000, 999_999_999, Timestamp(seconds: 1_763_000_000, nanoseconds: 999_999_999)),
      (Int64.max, 0, nil), (Int64.min, 0, nil), (9_223_372_036, 900_000_000, nil), (-9_223_372_036, 0, nil),
      (9_223_372_035, 999_999_999, Timestamp(seconds: 9_223_372_035, nanoseconds: 999_999_999)),
      (0, -1, nil), (0, 1_000_000_000, nil), (0, Int32.max, nil),
    ] as [(Int64, Int32, Timestamp?)])
  func timesThatCannotBeAreLeftOut(seconds: Int64, nanoseconds: Int32, time: Timestamp?) {
    var message = KMIncidentAck()
    message.outcome = .accepted
    message.receivedAt = Google_Protobuf_Timestamp(seconds: seconds, nanos: nanoseconds)
    #expect(DeliveryMachine.Outcome(message) == .accepted(receivedAt: time))
  }

  @Test func outcomesAreRead() {
    var message = KMIncidentAck()
    #expect(DeliveryMachine.Outcome(message) == .unknown)
    message.outcome = .UNRECOGNIZED(9)
    #expect(DeliveryMachine.Outcome(message) == .unknown)
    message.outcome = .duplicate
    #expect(DeliveryMachine.Outcome(message) == .duplicate(receivedAt: nil))
    message.outcome = .rejected
    message.reason = "no\nmore"
    #expect(DeliveryMachine.Outcome(message) == .rejected(reason: "no more"))
  }
}
