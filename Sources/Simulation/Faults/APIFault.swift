/// A way in which the simulated API server misbehaves, as a value. Each was seen on a real one or on the way to it.
package enum APIFault: Sendable, Equatable {
  // Instead of an answer:
  /// HTTP 410 `Expired`.
  case gone
  /// HTTP 401.
  case unauthorized
  /// HTTP 403 with a Status body.
  case forbidden
  /// HTTP 429, text/plain, with Retry-After in seconds.
  case tooManyRequests(retryAfter: Int)
  /// HTTP 500 with a bare Status body.
  case internalError
  /// The connection is closed without an answer.
  case hangUp
  /// The answer comes later than wanted.
  case slow(Duration)

  // In a watch, where its next line would be written:
  /// A 410 as an ERROR line, then a clean end.
  case goneInStream
  /// The line comes in three writes with pauses.
  case splitLine
  /// Silence for so long, then the line.
  case stall(Duration)
  /// Half of the line, then the connection is cut.
  case cutMidLine
  /// The line twice.
  case duplicateEvent
  /// An object that is no pod before the line.
  case garbageObject

  /// True for those that a running watch shows, false for those that stand instead of an answer.
  package var isInStream: Bool {
    switch self {
    case .gone, .unauthorized, .forbidden, .tooManyRequests, .internalError, .hangUp, .slow: false
    case .goneInStream, .splitLine, .stall, .cutMidLine, .duplicateEvent, .garbageObject: true
    }
  }
}

/// What a request is for, for faults that should hit only some.
package enum RequestKind: String, Sendable, CaseIterable {
  /// List of anything but events and ReplicaSets.
  case list
  /// Watch.
  case watch
  /// One object.
  case get
  /// Log of a pod.
  case log
  /// List of events.
  case events
  /// List of ReplicaSets: a harvest compares the last two of a Deployment.
  case replicaSets
  /// Anything concerning Leases.
  case lease
  /// Everything else: version, access review, discovery.
  case other
}
