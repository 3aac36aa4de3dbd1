/// Order statistics of measured values, nearest rank.
struct Percentiles {
  private let sorted: [Double]

  init(_ values: [Double]) {
    sorted = values.sorted()
  }

  /// How many values.
  var count: Int { sorted.count }

  /// The smallest value that at least this share of all values does not exceed; nil of none. `share` is from 0 to 1.
  func value(_ share: Double) -> Double? {
    guard !sorted.isEmpty else { return nil }
    let rank = Int((share * Double(sorted.count)).rounded(.up))
    return sorted[min(max(rank, 1), sorted.count) - 1]
  }

  /// The largest value; nil of none.
  var maximum: Double? { sorted.last }
}
