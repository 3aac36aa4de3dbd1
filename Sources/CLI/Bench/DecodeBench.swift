internal import Kubernetes
internal import Time

/// How fast a watch is taken in: bytes of watch events, in the chunks that the client gives, through the decoder and the
/// reflector, on one core of this machine. In-process; nothing is sent.
enum DecodeBench {
  /// The middle and the ends of several passes.
  struct Spread: Sendable, Equatable {
    var median: Double
    var lowest: Double
    var highest: Double

    init(_ values: [Double]) {
      let sorted = values.sorted()
      median = sorted.isEmpty ? 0 : sorted[sorted.count / 2]
      lowest = sorted.first ?? 0
      highest = sorted.last ?? 0
    }
  }

  /// What decoding a stream costs.
  struct DecodeFigures: Sendable, Equatable {
    /// Bytes of one pass.
    var bytes: Int
    /// Events of one pass.
    var events: Int
    /// 10^6 bytes a second.
    var megabytesPerSecond: Spread
    var eventsPerSecond: Spread
  }

  /// What one event costs in a reflector that holds so many pods.
  struct ReflectorFigures: Sendable, Equatable {
    var pods: Int
    /// Nanoseconds an event.
    var nanosecondsPerEvent: Spread
  }

  /// Bytes that the client hands over at once: libcurl's buffer.
  private static let chunkSize = 16 << 10
  /// Passes that are thrown away, so that caches and branch predictors are warm.
  private static let warmUps = 2

  /// Decodes `stream` (lines of a watch) again and again.
  static func decode(_ stream: [UInt8], passes: Int = 15) -> DecodeFigures {
    let chunks = stride(from: 0, to: stream.count, by: chunkSize).map { start in
      Array(stream[start..<min(start + chunkSize, stream.count)])
    }
    var events = 0
    let seconds = measure(passes: passes) {
      var decoder = WatchDecoder()
      events = 0
      for chunk in chunks { events += (try? decoder.receive(chunk))?.count ?? 0 }
    }
    return DecodeFigures(
      bytes: stream.count, events: events,
      megabytesPerSecond: Spread(seconds.map { Double(stream.count) / $0 / 1_000_000 }),
      eventsPerSecond: Spread(seconds.map { Double(events) / $0 }))
  }

  /// Feeds a reflector that holds `pods` pods with events of them. The cost should not grow with their number.
  static func reflect(pods: Int, events: Int = 20_000, passes: Int = 7) -> ReflectorFigures {
    var random = SplitMix64(state: 5)
    let all = (0..<pods).map { WatchCorpus.pod($0) }
    var reflector = Reflector(scope: PodScope(), random: random)
    _ = reflector.start()
    for pod in all { reflector.podListed(pod) }
    _ = reflector.pageReceived(ListMetadata(resourceVersion: "1"), at: .origin)
    let changed = (0..<events).map { _ in WatchEvent.modified(all[Int.random(in: 0..<pods, using: &random)]) }
    let seconds = measure(passes: passes) {
      for event in changed { _ = reflector.eventReceived(event, at: .origin) }
    }
    return ReflectorFigures(pods: pods, nanosecondsPerEvent: Spread(seconds.map { $0 * 1e9 / Double(events) }))
  }

  /// Seconds of each pass.
  private static func measure(passes: Int, _ body: () -> Void) -> [Double] {
    for _ in 0..<warmUps { body() }
    return (0..<passes).map { _ in
      let time = ContinuousClock().measure(body)
      return Double(time.wholeNanoseconds) / 1e9
    }
  }
}
