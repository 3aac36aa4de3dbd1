internal import Simulation

/// What goes wrong in one part of a trace.
enum TraceFault: Sendable {
  case nothing
  /// The API server misbehaves; what has to be asked for again asks for it again.
  case server([(fault: APIFault, request: RequestKind)])
  /// Between the two.
  case network(Toxic)
  /// All connections are cut.
  case cutAll
  /// etcd's history is gone while no watch is open.
  case compaction
  /// kill -9 of the API server, which stays away for a while.
  case restart
  /// The wall clock jumps.
  case clock(Duration)
  /// The token is not accepted any more. Its file has the new one before the connections are cut, or some time after.
  case token(isFileLate: Bool)

  /// True where the watch cannot go on: a list comes after it.
  var endsInList: Bool {
    switch self {
    case .server(let faults): faults.contains { $0.fault == .gone || $0.fault == .goneInStream }
    case .compaction: true
    default: false
    }
  }

  /// Each of them.
  static let all: [TraceFault] = [
    .nothing, .server([(.goneInStream, .watch)]), .server([(.cutMidLine, .watch), (.gone, .watch)]),
    .server([(.splitLine, .watch)]), .server([(.stall(.milliseconds(100)), .watch)]),
    .server([(.duplicateEvent, .watch)]), .server([(.garbageObject, .watch)]),
    .server([(.cutMidLine, .watch), (.tooManyRequests(retryAfter: 1), .watch)]),
    .server([(.cutMidLine, .watch), (.unauthorized, .watch), (.unauthorized, .watch)]),
    .server([(.cutMidLine, .watch), (.forbidden, .watch), (.internalError, .watch), (.hangUp, .watch)]),
    .server([(.goneInStream, .watch), (.internalError, .list), (.tooManyRequests(retryAfter: 1), .list)]),
    .server([(.goneInStream, .watch), (.hangUp, .list), (.slow(.milliseconds(100)), .list)]),
    // Some pods pass before each of these strikes: they are found while it lasts.
    .network(.cut(after: 8_000)), .network(.stall(after: 700, for: .milliseconds(200))),
    .network(.delay(.milliseconds(2))), .network(.corrupt(after: 8_000)), .network(.split(113)),
    .network(.refuse), .cutAll, .compaction, .restart, .token(isFileLate: false), .token(isFileLate: true),
    .clock(.seconds(1_800)), .clock(.seconds(-3_600)), .nothing,
  ]
}
