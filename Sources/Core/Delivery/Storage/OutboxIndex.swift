/// Where the live incidents of an outbox lie in its segments, which segment is done with, and which one is to be compacted. The
/// machine of an outbox on disk: it decides, `OutboxLog` reads and writes.
///
/// - Only the last segment is written to. The first one goes as soon as nothing in it is alive. Because segments go from the first
///   to the last, a record that settles an incident is there for as long as the incident's own record.
/// - An incident that waits for long would hold up all segments behind its own. So where more than `slack` is used beyond
///   twice what is alive, what is alive in the first segment is written again at the end. Each byte that was written off
///   costs at most one byte of such copies.
package struct OutboxIndex: Sendable {
  /// Where a record lies.
  package struct Place: Sendable, Equatable {
    /// Number of the segment.
    package let segment: UInt64
    /// Offset of the record's header, bytes.
    package let offset: Int
    /// Bytes of the record.
    package let size: Int

    package init(segment: UInt64, offset: Int, size: Int) {
      self.segment = segment
      self.offset = offset
      self.size = size
    }
  }

  private struct Segment: Sendable {
    let number: UInt64
    var bytes: Int
    var live = 0
  }

  /// A new segment begins once the last one has so many bytes. 4 MiB: few files for a day's incidents, and little to write
  /// again.
  package static let segmentSize = 4 << 20
  /// Bytes that dead records may use besides those that are as many as the live ones: four segments.
  package static let slack = 16 << 20

  private let segmentSize: Int
  private let slack: Int
  private var segments: [Segment] = []
  private var places: [UInt64: Place] = [:]
  private var liveBytes = 0

  /// Sizes other than the usual ones are for tests.
  package init(segmentSize: Int = Self.segmentSize, slack: Int = Self.slack) {
    self.segmentSize = segmentSize
    self.slack = slack
  }

  /// Bytes of all segments.
  package var totalBytes: Int { segments.reduce(0) { $0 + $1.bytes } }
  /// Number of the last segment; 0 where there is none yet.
  package var lastNumber: UInt64 { segments.last?.number ?? 0 }
  /// The highest sequence among those alive.
  package var highestSequence: UInt64? { places.keys.max() }
  /// True once the next record belongs into a new segment.
  package var lastIsFull: Bool { (segments.last?.bytes ?? segmentSize) >= segmentSize }

  /// Where an incident lies.
  package func place(of sequence: UInt64) -> Place? { places[sequence] }

  /// A segment was found, or begun. Numbers only grow.
  package mutating func segmentOpened(_ number: UInt64, bytes: Int) {
    segments.append(Segment(number: number, bytes: bytes))
  }

  /// The last segment has so many bytes now.
  package mutating func lastGrew(to bytes: Int) {
    guard let last = segments.indices.last else { return }
    segments[last].bytes = bytes
  }

  /// An incident's record was found or written: the newest one of a sequence counts.
  package mutating func placed(_ sequence: UInt64, at place: Place) {
    settled(sequence)
    places[sequence] = place
    liveBytes += place.size
    change(place.segment) { $0.live += 1 }
  }

  /// An incident is done with.
  package mutating func settled(_ sequence: UInt64) {
    guard let place = places.removeValue(forKey: sequence) else { return }
    liveBytes -= place.size
    change(place.segment) { $0.live -= 1 }
  }

  /// The first segment, where nothing in it is needed any more. The one that is written to goes only where the disk takes no more:
  /// there is nothing else then to make room.
  package func obsolete(isPressed: Bool) -> UInt64? {
    guard segments.count > 1 || isPressed, let first = segments.first, first.live == 0 else { return nil }
    return first.number
  }

  /// The first segment is deleted.
  package mutating func firstDeleted() {
    segments.removeFirst()
  }

  /// The incidents that are to be written again at the end, so that the first segment can go; empty where all is well.
  package var toRewrite: [UInt64] {
    guard segments.count > 1, let first = segments.first, totalBytes > 2 * liveBytes + slack else { return [] }
    return places.filter { $0.value.segment == first.number }.map(\.key).sorted()
  }

  private mutating func change(_ number: UInt64, _ change: (inout Segment) -> Void) {
    // A binary search is not worth it: there are some dozen segments, and the last ones are asked for.
    guard let index = segments.lastIndex(where: { $0.number == number }) else { return }
    change(&segments[index])
  }
}
