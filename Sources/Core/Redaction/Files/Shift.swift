/// Where places of a text stand once some of its ranges have become longer or shorter.
struct Shift {
  /// Each replaced range, in the order of the text, and how far what stands behind it has moved.
  private var replaced: [(range: Range<Int>, delta: Int)] = []
  private let first: Int

  /// `by` is how far the beginning has moved.
  init(by first: Int) { self.first = first }

  /// A range behind all others was replaced.
  mutating func replaced(_ range: Range<Int>, by count: Int) {
    replaced.append((range, (replaced.last?.delta ?? first) + count - range.count))
  }

  /// True if any replaced range overlaps this one.
  func touches(_ range: Range<Int>) -> Bool {
    let next = index(behind: range.lowerBound)
    return next < replaced.count && replaced[next].range.lowerBound < range.upperBound
  }

  /// Where a place of the text stands now; of one inside of a replaced range, where what replaced it begins.
  func place(_ place: Int) -> Int {
    let next = index(behind: place)
    let inside = next < replaced.count ? min(place, replaced[next].range.lowerBound) : place
    return inside + (next > 0 ? replaced[next - 1].delta : first)
  }

  /// The first replaced range that ends behind a place.
  private func index(behind place: Int) -> Int {
    var low = 0
    var high = replaced.count
    while low < high {
      let middle = (low + high) / 2
      if replaced[middle].range.upperBound <= place { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
