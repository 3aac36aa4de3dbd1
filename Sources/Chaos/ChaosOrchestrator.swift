internal import ArgumentParser
internal import Delivery
internal import Simulation
internal import Telemetry
internal import Time

/// The orchestrator of a run: writes down each incident before it answers, so that what it has outlives it. Commands come on
/// standard input, one a line.
struct ChaosOrchestrator: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "orchestrator", shouldDisplay: false)

  @Option var port: Int
  @Option var journal: String

  func run() async throws {
    let file = try AppendedFile(path: journal)
    let orchestrator = try MockOrchestrator(port: port, time: SystemTime())
    orchestrator.receiver.onReceived { incident in
      let hash = incident.encoded.withUnsafeBytes { XXHash64.hash($0, seed: 0) }
      // In the kernel before the answer is on its way: a kill loses none of it.
      file.append("\(incident.id) \(incident.encoded.count) \(hash)\n")
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await orchestrator.run() }
      for await line in StandardInput.lines() {
        guard let disturbance = ChaosBehaviour(rawValue: line) else { continue }
        if disturbance == .cut { orchestrator.cutConnections() }
        orchestrator.receiver.behave(disturbance.behaviour)
      }
      orchestrator.stop()
      try await group.waitForAll()
    }
  }
}

/// What an orchestrator can be told.
enum ChaosBehaviour: String, CaseIterable {
  case willing
  case cut
  case slow
  case losesAcknowledgements
  case goesAway
  case endsStreams
  case refuses

  var behaviour: OrchestratorBehaviour {
    var behaviour = OrchestratorBehaviour()
    switch self {
    case .willing, .cut: break
    case .slow: behaviour.delay = .milliseconds(40)
    case .losesAcknowledgements: behaviour.lostAcknowledgements = 3
    case .goesAway: behaviour.goesAwayAfter = 20
    case .endsStreams: behaviour.closesStreamAfter = 15
    case .refuses: behaviour.refusedStreams = 2
    }
    return behaviour
  }
}
