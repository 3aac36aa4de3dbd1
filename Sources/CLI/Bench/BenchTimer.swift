internal import Time

/// Times a piece of work in this process.
enum BenchTimer {
  /// Passes that are thrown away, so that caches and branch predictors are warm.
  private static let warmUps = 2

  /// Seconds of each of `runs` passes, after the warm-up.
  static func seconds<Failure: Error>(runs: Int, _ body: () throws(Failure) -> Void) throws(Failure) -> [Double] {
    for _ in 0..<warmUps { try body() }
    var seconds: [Double] = []
    for _ in 0..<runs {
      let clock = ContinuousClock()
      let start = clock.now
      try body()
      seconds.append(Double((clock.now - start).wholeNanoseconds) / 1e9)
    }
    return seconds
  }

  /// Seconds of processor time of each of `runs` passes, after one that is thrown away: what a busy machine gives to others
  /// does not count.
  static func processorSeconds<Failure: Error>(
    runs: Int, _ body: () throws(Failure) -> Void
  ) throws(Failure) -> [Double] {
    try body()
    var seconds: [Double] = []
    for _ in 0..<runs {
      let start = SystemStreams.processorSeconds
      try body()
      seconds.append(SystemStreams.processorSeconds - start)
    }
    return seconds
  }
}
