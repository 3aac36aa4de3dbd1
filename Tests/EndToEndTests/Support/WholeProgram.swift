internal import Incidents
internal import Logging
internal import Observer
internal import Testing

/// All services of `watch` over real sockets, in this process. One after the other: each run takes all the cores there are.
@Suite(.serialized)
enum WholeProgram {
  /// What a run would log is in its events.
  static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

  /// The defaults, with time for a harvest on a machine that has little of it: a gap would be the machine's.
  static var configuration: ObserverConfiguration {
    var configuration = ObserverConfiguration()
    configuration.harvest.deadline = .seconds(60)
    return configuration
  }
}
