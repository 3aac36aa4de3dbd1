internal import Kubernetes
internal import Randomness
internal import Simulation
internal import Time

/// How fast a watch is taken in: bytes of watch events, in the chunks that the client gives, through the decoder and the
/// reflector, on one core of this machine. In-process; nothing is sent.
enum DecodeBench {
  /// Bytes that the client hands over at once: libcurl's buffer.
  private static let chunkSize = 16 << 10
  /// Events of the stream that is decoded: 9 MB, more than a second-level cache holds.
  private static let streamEvents = 2_000
  /// Pods that a reflector holds: from a small cluster to the largest that is promised.
  private static let populations = [1_000, 10_000, 100_000]
  /// Events that a reflector is fed in one pass.
  private static let reflectedEvents = 20_000

  static func run(runs: Int) -> [BenchResult] {
    decode(.json, runs: runs) + decode(.protobuf, runs: runs) + populations.map { reflect(pods: $0, runs: runs) }
  }

  private static func decode(_ encoding: PodEncoding, runs: Int) -> [BenchResult] {
    let stream = WatchCorpus.stream(events: streamEvents, encoding: encoding)
    let chunks = stride(from: 0, to: stream.count, by: chunkSize).map { start in
      Array(stream[start..<min(start + chunkSize, stream.count)])
    }
    var count = 0
    var events: [WatchEvent] = []
    let seconds = BenchTimer.seconds(runs: runs) {
      var reader = PodWatchReader(encoding)
      count = 0
      for chunk in chunks {
        // The stream is our own.
        try? reader.receive(chunk, into: &events)
        count += events.count
        events.removeAll(keepingCapacity: true)
      }
    }
    let name = encoding == .json ? "watch events" : "watch events in protobuf"
    return [
      BenchResult(
        suite: "decode", name: name, unit: "MB/s", values: seconds.map { Double(stream.count) / $0 / 1e6 }),
      BenchResult(suite: "decode", name: name, unit: "events/s", values: seconds.map { Double(count) / $0 }),
    ]
  }

  /// Feeds a reflector that holds `pods` pods with events of them. The cost should not grow with their number.
  private static func reflect(pods: Int, runs: Int) -> BenchResult {
    var random = SplitMix64(seed: 5)
    let all = (0..<pods).map { WatchCorpus.pod($0) }
    var reflector = Reflector(scope: PodScope(), random: random)
    _ = reflector.start()
    for pod in all { reflector.podListed(pod) }
    _ = reflector.pageReceived(ListMetadata(resourceVersion: "1"), at: .origin)
    // Pods of their own, for an event that comes is warm in the cache, whichever of the pods it is about.
    let changed = (0..<reflectedEvents).map { _ in
      WatchEvent.modified(WatchCorpus.pod(Int.random(in: 0..<pods, using: &random)))
    }
    let seconds = BenchTimer.seconds(runs: runs) {
      for event in changed { _ = reflector.eventReceived(event, at: .origin) }
    }
    return BenchResult(
      suite: "decode", name: "reflector holding \(pods) pods", unit: "ns/event",
      values: seconds.map { $0 * 1e9 / Double(reflectedEvents) })
  }
}
