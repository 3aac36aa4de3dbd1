internal import Logging
internal import Testing

/// All services of `watch` over real sockets, in this process. One after the other: each run takes all the cores there are.
@Suite(.serialized)
enum WholeProgram {
  /// What a run would log is in its events.
  static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
}
