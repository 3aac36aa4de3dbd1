/// What became of a client's connections.
package enum TransportEvent: Sendable, Equatable {
  /// The server answered with its SETTINGS: calls can begin.
  case ready
  /// The connection failed, was lost, or takes no new call (GOAWAY; its calls may still end). The next try comes after
  /// the pause.
  case lost(reason: String, retryIn: Duration)
  /// The server found our pings too many: they come at this interval from now on.
  case keepaliveSlowed(interval: Duration)
}
