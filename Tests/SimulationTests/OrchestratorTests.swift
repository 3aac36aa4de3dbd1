import Contract
import GRPCCore
import GRPCInProcessTransport
import OrchestratorClient
import SwiftProtobuf
import Testing
import Time

@testable import Simulation

@Suite("Mock orchestrator", .timeLimit(.minutes(15)))
struct OrchestratorTests {
  private static func incident(_ id: String) -> KMIncidentContext {
    var incident = KMIncidentContext()
    incident.incidentID = id
    incident.failure.message = "message of \(id)"
    return incident
  }

  /// Sends incidents of these ids over one stream; returns the answers as "id outcome".
  private static func send(_ ids: [String], to receiver: IncidentReceiver) async throws -> [String] {
    let transport = InProcessTransport()
    return try await withGRPCServer(transport: transport.server, services: [receiver]) { _ in
      try await withGRPCClient(transport: transport.client) { client in
        try await KMIncidentService.Client(wrapping: client).streamIncidents { writer in
          for id in ids { try await writer.write(incident(id)) }
        } onResponse: { response in
          var answers: [String] = []
          for try await ack in response.messages { answers.append("\(ack.incidentID) \(ack.outcome)") }
          return answers
        }
      }
    }
  }

  @Test("takes an incident once, knows it again, and keeps its bytes")
  func takes() async throws {
    let receiver = IncidentReceiver(time: ManualTime())
    #expect(try await Self.send(["a", "b", "a"], to: receiver) == ["a accepted", "b accepted", "a duplicate"])
    #expect(receiver.counts == [.accepted: 2, .duplicate: 1])
    #expect(receiver.incidents.map(\.encoded) == (try ["a", "b", "a"].map { try Self.incident($0).serializedBytes() }))
    #expect(receiver.incidents[0].context.failure.message == "message of a")
  }

  private static func behaviour(
    rejection: OrchestratorBehaviour.Rejection = .none, lost: Int = 0, closesAfter: Int? = nil,
    delay: Duration = .zero
  ) -> OrchestratorBehaviour {
    var behaviour = OrchestratorBehaviour()
    behaviour.rejection = rejection
    behaviour.lostAcknowledgements = lost
    behaviour.closesStreamAfter = closesAfter
    behaviour.delay = delay
    return behaviour
  }

  @Test(
    "behaves as it is told",
    arguments: [
      (behaviour(rejection: .all(reason: "no")), ["a rejected", "b rejected", "c rejected"]),
      (behaviour(rejection: .every(2, reason: "no")), ["a accepted", "b rejected", "c accepted"]),
      (behaviour(lost: 1), ["b accepted", "c accepted"]), (behaviour(closesAfter: 2), ["a accepted"]),
      (behaviour(delay: .seconds(3)), ["a accepted", "b accepted", "c accepted"]),
    ])
  func behaves(behaviour: OrchestratorBehaviour, answers: [String]) async throws {
    let receiver = IncidentReceiver(time: ManualTime(), behaviour: behaviour)
    #expect(try await Self.send(["a", "b", "c"], to: receiver) == answers)
  }

  @Test("a lost answer's incident is a duplicate when it comes again")
  func lost() async throws {
    var behaviour = OrchestratorBehaviour()
    behaviour.lostAcknowledgements = 1
    let receiver = IncidentReceiver(time: ManualTime(), behaviour: behaviour)
    #expect(try await Self.send(["a"], to: receiver) == [])
    #expect(try await Self.send(["a"], to: receiver) == ["a duplicate"])
    #expect(receiver.incidents.map(\.isAcknowledged) == [false, true])
  }

  @Test("refuses streams by number and by time")
  func refuses() async throws {
    let time = ManualTime()
    var behaviour = OrchestratorBehaviour()
    behaviour.refusedStreams = 1
    behaviour.unavailableFor = .seconds(5)
    let receiver = IncidentReceiver(time: time, behaviour: behaviour)
    for _ in 0..<2 {
      let error = await #expect(throws: RPCError.self) { try await Self.send(["a"], to: receiver) }
      #expect(error?.code == .unavailable)
      try await time.sleep(for: .seconds(5))
    }
    #expect(try await Self.send(["a"], to: receiver) == ["a accepted"])
    #expect(receiver.streamCount == 1)
  }

  @Test("waiting ends with the count, and with cancellation")
  func waiting() async throws {
    let receiver = IncidentReceiver(time: ManualTime())
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await receiver.waitForAccepted(2) }
      _ = try await Self.send(["a", "b"], to: receiver)
      try await group.waitForAll()
    }
    let task = Task { try await receiver.waitForAccepted(3) }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
  }

  @Test("over real HTTP/2; the same receiver behind a new server knows what it has")
  func wire() async throws {
    let receiver = IncidentReceiver(time: ManualTime())
    for expected in [["a accepted"], ["a duplicate"]] {
      let answers = try await MockOrchestrator(receiver: receiver).serving { url in
        #expect(url.hasPrefix("http://127.0.0.1:"))
        let transport = OrchestratorTransport(endpoint: try OrchestratorEndpoint(url: url))
        return try await withGRPCClient(transport: transport) { client in
          try await KMIncidentService.Client(wrapping: client).streamIncidents { writer in
            try await writer.write(Self.incident("a"))
          } onResponse: { response in
            var answers: [String] = []
            for try await ack in response.messages { answers.append("\(ack.incidentID) \(ack.outcome)") }
            return answers
          }
        }
      }
      #expect(answers == expected)
    }
  }

  @Test("memory is bounded, the newest stay")
  func bounded() {
    var model = ReceiverModel()
    let stream = model.streamOpened(at: .origin) ?? 0
    for index in 0..<(ReceiverModel.incidentLimit + 5) {
      _ = model.incidentReceived(Self.raw("\(index)", bytes: 1), on: stream, at: .epoch)
    }
    #expect(model.incidents.count == ReceiverModel.incidentLimit)
    #expect(model.dropped == 5)
    _ = model.incidentReceived(Self.raw("big", bytes: ReceiverModel.byteLimit), on: stream, at: .epoch)
    #expect(model.incidents.map(\.id) == ["big"])
  }

  private static func raw(_ id: String, bytes: Int) -> RawIncident {
    RawIncident(.with { $0.incidentID = id }, encoded: Array(repeating: 0, count: bytes))
  }
}
