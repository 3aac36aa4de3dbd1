internal import Time

/// Latencies by the million in a few kilobytes: buckets that grow with the value, each at most 1/32 wide, so that a percentile is
/// at most 3 % too high; count and maximum are exact.
struct LatencyHistogram: Sendable, Equatable {
  /// Buckets for each power of two.
  private static let steps = 32
  /// 2^5 = 32.
  private static let stepBits = 5
  /// Values of 2^40 microseconds (12 days) and more share the last bucket.
  private static let largest = 1 << 40

  private var buckets: [Int: Int] = [:]
  /// Values so far.
  private(set) var count = 0
  /// The largest value, microseconds.
  private(set) var maximum = 0

  /// Takes one latency.
  mutating func add(_ latency: Duration) {
    let microseconds = max(0, Int(latency.wholeNanoseconds / 1_000))
    buckets[Self.bucket(of: microseconds), default: 0] += 1
    count += 1
    maximum = max(maximum, microseconds)
  }

  /// The value that at least this share (0 to 1) of all values does not exceed, milliseconds; nil of none. Nearest rank.
  func milliseconds(at share: Double) -> Double? {
    guard count > 0 else { return nil }
    let rank = min(max(Int((share * Double(count)).rounded(.up)), 1), count)
    var seen = 0
    for (bucket, held) in buckets.sorted(by: { $0.key < $1.key }) {
      seen += held
      if seen >= rank { return Double(min(Self.end(of: bucket), maximum)) / 1_000 }
    }
    return Double(maximum) / 1_000
  }

  /// The counts by power of two, for a person: those of at most `milliseconds` and more than the one before.
  var bars: [(milliseconds: Double, count: Int)] {
    var bars: [Int: Int] = [:]
    for (bucket, held) in buckets { bars[max(bucket / Self.steps, 1), default: 0] += held }
    return bars.sorted { $0.key < $1.key }.map { power, held in
      (Double(Self.end(of: power * Self.steps + Self.steps - 1) + 1) / 1_000, held)
    }
  }

  private static func bucket(of value: Int) -> Int {
    let value = min(value, largest)
    guard value >= steps else { return value }
    let power = Int.bitWidth - 1 - value.leadingZeroBitCount
    return (power - stepBits + 1) * steps + (value >> (power - stepBits)) % steps
  }

  /// The largest value in a bucket.
  private static func end(of bucket: Int) -> Int {
    guard bucket >= steps else { return bucket }
    let power = bucket / steps + stepBits - 1
    return (steps + bucket % steps + 1) << (power - stepBits) - 1
  }
}
