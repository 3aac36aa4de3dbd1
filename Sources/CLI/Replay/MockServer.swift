internal import Contract
internal import Documents
internal import Incidents
internal import OrchestratorClient
internal import Simulation
internal import Synchronization
internal import Time

/// The mock orchestrator of `replay`: for the replay itself, or for others on an address of its own.
struct MockServer {
  /// host:port; nil: a free port of this machine for the replay alone.
  let address: String?
  let behaviour: OrchestratorBehaviour
  /// Certificate, key and authorities of the server; nil: plaintext.
  let tls: TLSFiles?
  let allowsPlaintext: Bool

  /// The server, which does not listen yet.
  func make(time: any TimeSource) throws(CommandFailure) -> MockOrchestrator {
    var host = "127.0.0.1"
    var port = 0
    if let address {
      guard let colon = address.lastIndex(of: ":"), let number = Int(address[address.index(after: colon)...]),
        (0...65_535).contains(number)
      else { throw CommandFailure("--serve-mock \(address): is not host:port", status: .usage) }
      host = address[..<colon].filter { $0 != "[" && $0 != "]" }
      if host.isEmpty { host = "127.0.0.1" }
      port = number
    }
    guard tls != nil || allowsPlaintext || OrchestratorEndpoint.isLoopback(host) else {
      throw CommandFailure(
        "--serve-mock \(address ?? ""): would take incidents unencrypted from other machines; say --cert and --key, or "
          + "--allow-plaintext", status: .usage)
    }
    do {
      return try MockOrchestrator(host: host, port: port, tls: tls, time: time, behaviour: behaviour)
    } catch {
      throw CommandFailure(error.message, status: error.code == .cannotListen ? .failure : .usage)
    }
  }

  /// Serves others until somebody wants an end, or until so many incidents came. Each gets a line.
  static func serve(
    _ orchestrator: MockOrchestrator, count: Int?, json: Bool,
    interrupts: @escaping @Sendable (_ wanted: @escaping @Sendable () -> Void) async -> Void
  ) async throws {
    let (ends, end) = AsyncStream.makeStream(of: Void.self)
    let received = Mutex(0)
    orchestrator.receiver.onReceived { incident in
      // Where standard output is gone, nobody reads what comes.
      do { try SystemStreams.writeOutput(line(for: incident, json: json) + "\n") } catch { end.yield() }
      let total = received.withLock { received in
        received += 1
        return received
      }
      if let count, total >= count { end.yield() }
    }
    do {
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await orchestrator.run() }
        SystemStreams.writeError("listening on \(try await orchestrator.url)")
        group.addTask { await interrupts { end.yield() } }
        for await _ in ends { break }
        // The last acknowledgements are still on their way: streams may end in order.
        orchestrator.stop()
        try await group.next()
        group.cancelAll()
      }
    } catch let error as OrchestratorError {
      throw CommandFailure(error.message)
    }
    let counts = orchestrator.receiver.counts
    SystemStreams.writeError(
      "received \(received.withLock { $0 }): accepted \(counts[.accepted, default: 0]), "
        + "duplicates \(counts[.duplicate, default: 0]), rejected \(counts[.rejected, default: 0])")
  }

  private static func line(for incident: ReceivedIncident, json: Bool) -> String {
    let outcome =
      switch incident.outcome {
      case .accepted: "accepted"
      case .duplicate: "duplicate"
      case .rejected: "rejected"
      default: "none"
      }
    guard json else {
      return "\(incident.receivedAt.formatted())  \(incident.id)  \(outcome)  "
        + "\(incident.namespace)/\(incident.pod)  \(incident.reason)"
    }
    return """
      {"receivedAt":\(incident.receivedAt.formatted().jsonQuoted),"incidentId":\(incident.id.jsonQuoted),\
      "outcome":\(outcome.jsonQuoted),"acknowledged":\(incident.isAcknowledged),"bytes":\(incident.encoded.count),\
      "namespace":\(incident.namespace.jsonQuoted),"pod":\(incident.pod.jsonQuoted),\
      "reason":\(incident.reason.jsonQuoted)}
      """
  }
}
