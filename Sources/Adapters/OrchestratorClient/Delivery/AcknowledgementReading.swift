internal import Contract
internal import Delivery
internal import SwiftProtobuf
internal import Time

extension DeliveryMachine.Outcome {
  /// What an acknowledgement says. Its sender is believed in nothing that could do harm here.
  init(_ message: KMIncidentAck) {
    switch message.outcome {
    case .accepted: self = .accepted(receivedAt: message.time)
    case .duplicate: self = .duplicate(receivedAt: message.time)
    case .rejected: self = .rejected(reason: PeerText.oneLine(message.reason))
    case .unspecified, .UNRECOGNIZED: self = .unknown
    }
  }
}

extension KMIncidentAck {
  /// received_at, where it is a time that protobuf allows (nanoseconds from 0 to 999,999,999) and `Timestamp` can hold.
  fileprivate var time: Timestamp? {
    // 2262-04-11: the last second that fits in 64 bits of nanoseconds; the first mirrors it.
    let seconds: ClosedRange<Int64> = -9_223_372_035...9_223_372_035
    guard hasReceivedAt, seconds.contains(receivedAt.seconds), (0..<1_000_000_000).contains(receivedAt.nanos) else {
      return nil
    }
    return Timestamp(seconds: receivedAt.seconds, nanoseconds: receivedAt.nanos)
  }
}
