internal import Time

/// Which incident of a recording is sent when: a machine without a clock, asked for one step after the other.
struct ReplayPlan {
  /// How fast.
  enum Pace: Equatable {
    /// In the recorded spacing, so many times as fast.
    case recorded(speed: Double)
    /// So many a second, evenly.
    case rate(Double)
    /// Without a pause.
    case atOnce
  }

  /// One incident to send.
  struct Step: Equatable {
    /// Its place in the recording as it was given.
    let index: Int
    /// How often the recording was sent before.
    let round: Int
    /// Time since the start of the replay.
    let offset: Duration
  }

  /// Time between two rounds where the recording has no spacing of its own.
  private static let pause = Duration.seconds(1)

  private let pace: Pace
  /// Indices in the order of sending, with their distance from the first at the recorded speed.
  private let order: [(index: Int, offset: Duration)]
  /// From the first of a round to the first of the next, at the recorded speed.
  private let period: Duration
  /// Nil: without end.
  private let total: Int?
  private var sent = 0

  /// A plan for incidents that were detected at these times. Those without a time follow the last one that has one; equal times
  /// keep the order of the files. Goes round until `count` are sent, or for ever if it loops without a count, else once.
  init(times: [Timestamp?], pace: Pace, loops: Bool = false, count: Int? = nil) {
    self.pace = pace
    let known = times.compactMap(\.self)
    let first = known.min() ?? .epoch
    let last = known.max() ?? .epoch
    order = times.enumerated()
      .map { (index: $0.offset, time: $0.element ?? last) }
      .sorted { ($0.time, $0.index) < ($1.time, $1.index) }
      .map { ($0.index, first.duration(to: $0.time)) }
    let span = first.duration(to: last)
    // The next round follows at the recording's mean spacing.
    period = span > .zero && times.count > 1 ? span + span / (times.count - 1) : Self.pause
    total = times.isEmpty ? 0 : count ?? (loops ? nil : times.count)
  }

  /// Incidents that will be sent in all; nil for a loop without end.
  var size: Int? { total }

  /// The next incident, or nil at the end.
  mutating func next() -> Step? {
    if let total, sent >= total { return nil }
    defer { sent += 1 }
    let round = sent / order.count
    let (index, recorded) = order[sent % order.count]
    let offset: Duration =
      switch pace {
      case .recorded(let speed): (recorded + period * round) / speed
      case .rate(let rate): .seconds(1) * (Double(sent) / rate)
      case .atOnce: .zero
      }
    return Step(index: index, round: round, offset: offset)
  }
}
