/// What a bad network does to the bytes that a server sends, as a value. Byte counts begin where the toxic is switched on, or where a
/// later connection begins.
package enum Toxic: Sendable, Equatable, CaseIterable {
  /// The connection ends after so many bytes.
  case cut(after: Int)
  /// After so many bytes nothing passes for so long; then everything does.
  case stall(after: Int, for: Duration)
  /// Each piece comes so much later.
  case delay(Duration)
  /// Eight bytes after so many are zeros. What TLS protects turns that into a broken connection; plain JSON and chunked HTTP have no
  /// place for a zero byte.
  case corrupt(after: Int)
  /// Pieces of at most so many bytes.
  case split(Int)
  /// New connections are closed as soon as they are there, and old ones at once.
  case refuse

  /// One of each, with figures that hit the middle of a pod.
  package static let allCases: [Toxic] = [
    .cut(after: 5_000), .stall(after: 700, for: .milliseconds(200)), .delay(.milliseconds(5)), .corrupt(after: 3_000),
    .split(113), .refuse,
  ]
}

/// One direction of one connection under a toxic: a machine without I/O.
package struct ToxicStream: Sendable {
  /// What to do with the bytes, in this order.
  package enum Step: Sendable, Equatable {
    case pass([UInt8])
    case pause(Duration)
    case close
  }

  private enum State {
    /// Bytes until it strikes.
    case armed(left: Int)
    /// It struck, or does nothing.
    case spent
    case closed
  }

  /// Bytes that `.corrupt` spoils: more than the shortest token, so that no flip is left unseen.
  private static let spoiled = 8

  private let toxic: Toxic?
  private var state: State

  package init(_ toxic: Toxic?) {
    self.toxic = toxic
    switch toxic {
    case .cut(let after), .stall(let after, _), .corrupt(let after): state = .armed(left: max(0, after))
    case .refuse: state = .armed(left: 0)
    case .delay, .split, nil: state = .spent
    }
  }

  /// Bytes came from the server.
  package mutating func received(_ bytes: [UInt8]) -> [Step] {
    switch state {
    case .closed: return []
    case .spent:
      switch toxic {
      case .delay(let duration): return [.pause(duration), .pass(bytes)]
      case .split(let size):
        return stride(from: 0, to: bytes.count, by: max(1, size)).map {
          .pass(Array(bytes[$0..<min($0 + max(1, size), bytes.count)]))
        }
      case .cut, .stall, .corrupt, .refuse, nil: return [.pass(bytes)]
      }
    case .armed(let left):
      guard bytes.count > left else {
        state = .armed(left: left - bytes.count)
        return [.pass(bytes)]
      }
      return strike(Array(bytes[..<left]), Array(bytes[left...]))
    }
  }

  private mutating func strike(_ before: [UInt8], _ after: [UInt8]) -> [Step] {
    let head: [Step] = before.isEmpty ? [] : [.pass(before)]
    state = .spent
    switch toxic {
    case .cut, .refuse:
      state = .closed
      return head + [.close]
    case .stall(_, let duration): return head + [.pause(duration), .pass(after)]
    case .corrupt:
      let count = min(Self.spoiled, after.count)
      return head + [.pass([UInt8](repeating: 0, count: count) + after[count...])]
    case .delay, .split, nil: return head + [.pass(after)]
    }
  }
}
