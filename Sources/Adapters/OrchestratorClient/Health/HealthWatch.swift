internal import Delivery
internal import GRPCCore
internal import Time

/// Follows a server's health for as long as its task runs. A server without a health service counts as healthy.
struct HealthWatch: Sendable {
  let client: GRPCClient<OrchestratorTransport>
  let time: any TimeSource
  /// Called with true when the server serves, or says nothing of it, and with false when it says that it does not.
  let report: @Sendable (Bool) -> Void

  /// A watch that lasted this long was in order, and its end is none of a series of failures.
  private static let healthy = Duration.seconds(60)

  func run() async {
    var backoff = Backoff(.connection)
    var slowBackoff = Backoff(.slow)
    var options = CallOptions.defaults
    // An empty request. And a server without this service says UNIMPLEMENTED, as one without gzip does.
    options.compression = CompressionAlgorithm.none
    while !Task.isCancelled {
      let begun = time.monotonic
      var hasService = true
      do {
        try await client.serverStreaming(
          request: ClientRequest(message: HealthRequestSerializer.WholeServer()), descriptor: HealthStatus.watch,
          serializer: HealthRequestSerializer(), deserializer: HealthStatusDeserializer(), options: options
        ) { response in
          for try await status in response.messages { report(status != .notServing) }
        }
      } catch let error as RPCError where error.code == .unimplemented || error.code == .notFound {
        // It may have one after its next release: asked again, seldom.
        hasService = false
      } catch {
        // Whatever else it is, delivery meets it on its own stream, and tells.
      }
      report(true)
      if begun.duration(to: time.monotonic) > Self.healthy { backoff.reset() }
      let random = Double.random(in: 0..<1)
      let pause = hasService ? backoff.next(random: random) : slowBackoff.next(random: random)
      // Cancelled: the loop ends.
      try? await time.sleep(for: pause)
    }
  }
}
