internal import Delivery
internal import GRPCCore
package import Time

/// Asks an orchestrator once whether it is there and serves; sends no incident.
package enum OrchestratorProbe {
  /// What came of it.
  package enum Outcome: Sendable, Equatable {
    case serving
    case notServing
    /// It answers, and has no health service.
    case withoutHealth
    /// It could not be reached, or not be trusted.
    case failed(String)
  }

  /// Connects, asks for the health of the whole server, and hangs up.
  package static func probe(
    _ endpoint: OrchestratorEndpoint, within limit: Duration, time: any TimeSource
  ) async -> Outcome {
    let (outcomes, tell) = AsyncStream<Outcome>.makeStream(bufferingPolicy: .bufferingOldest(1))
    let transport = OrchestratorTransport(target: ChannelTarget(endpoint: endpoint), eventLoop: nil) { event in
      if case .lost(let reason, _) = event { tell.yield(.failed(reason)) }
    }
    let client = GRPCClient(transport: transport)
    return await withTaskGroup(of: Void.self) { group in
      group.addTask {
        do { try await client.runConnections() } catch { tell.yield(.failed(PeerText.oneLine("\(error)"))) }
      }
      group.addTask { tell.yield(await ask(client)) }
      group.addTask {
        // Cancelled: there is an answer.
        guard (try? await time.sleep(for: limit)) != nil else { return }
        tell.yield(.failed("no answer within \(limit.components.seconds) s"))
      }
      var answers = outcomes.makeAsyncIterator()
      let first = await answers.next() ?? .failed("cancelled")
      group.cancelAll()
      return first
    }
  }

  private static func ask(_ client: GRPCClient<OrchestratorTransport>) async -> Outcome {
    do {
      return try await client.serverStreaming(
        request: ClientRequest(message: HealthRequestSerializer.WholeServer()), descriptor: HealthStatus.watch,
        serializer: HealthRequestSerializer(), deserializer: HealthStatusDeserializer(), options: .defaults
      ) { response in
        for try await status in response.messages { return status == .notServing ? .notServing : .serving }
        return .withoutHealth
      }
    } catch let error as RPCError where error.code == .unimplemented || error.code == .notFound {
      return .withoutHealth
    } catch let error as RPCError {
      return .failed(PeerText.oneLine(error.message))
    } catch {
      return .failed(PeerText.oneLine("\(error)"))
    }
  }
}
