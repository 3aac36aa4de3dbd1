internal import Delivery
internal import Randomness
internal import Testing
internal import Time

@testable internal import Incidents

/// Random lives of a delivery against the simplest orchestrator that keeps a list, and a network that loses what it likes.
struct DeliveryModelTests {
  /// What the orchestrator has seen.
  private struct Orchestrator {
    var received: [String] = []
    /// On the way back, in an order of the orchestrator's own.
    var acknowledgements: [(id: String, outcome: DeliveryMachine.Outcome)] = []

    mutating func receive(_ id: String, _ random: inout SplitMix64) {
      let outcome: DeliveryMachine.Outcome =
        if received.contains(id) {
          .duplicate(receivedAt: nil)
        } else if id.hasSuffix("7") {
          .rejected(reason: "seven")
        } else {
          .accepted(receivedAt: nil)
        }
      received.append(id)
      acknowledgements.insert((id, outcome), at: Int.random(in: 0...acknowledgements.count, using: &random))
    }
  }

  @Test(arguments: 0..<60)
  func nothingIsLostAndTheOrderPerPodIsKept(seed: Int) throws {
    var random = SplitMix64(seed: UInt64(seed))
    var limits = DeliveryLimits()
    limits.windowCount = Int.random(in: 1...6, using: &random)
    limits.outboxCount = Int.random(in: 5...20, using: &random)
    var machine = DeliveryMachine(limits: limits)
    var orchestrator = Orchestrator()
    var wire: [String] = []
    var now = MonotonicInstant.origin
    var taken: [(id: String, pod: Int)] = []
    var settled: [String: Int] = [:]
    var isOpen = false

    func settle(_ event: DeliveryEvent) {
      switch event {
      case .acknowledged(let incident, _), .rejected(let incident, _), .deadLettered(let incident, _),
        .dropped(let incident, _):
        settled[incident.id, default: 0] += 1
      case .connected, .disconnected, .sent: break
      }
    }
    func end(_ end: StreamEnd) {
      for event in machine.streamEnded(end, at: now, random: 0.5) { settle(event) }
      wire = []
      orchestrator.acknowledgements = []
      isOpen = false
    }

    for number in 0..<600 {
      now = now.advanced(by: .milliseconds(Int.random(in: 0...500, using: &random)))
      switch Int.random(in: 0..<10, using: &random) {
      case 0...2:
        let id = "incident-\(number)"
        let pod = Int.random(in: 0..<3, using: &random)
        do {
          _ = try machine.submitted(.sample(id, pod: "pod-\(pod)"), at: now)
          taken.append((id, pod))
        } catch {
          #expect(error.code == .outboxFull)
        }
      case 3...4:
        if !isOpen, machine.step(at: now) == .openStream {
          machine.streamOpening()
          machine.streamOpened()
          isOpen = true
        }
        if case .sent(let incident, _)? = machine.nextToSend(at: now) { wire.append(incident.id) }
      case 5...6: if !wire.isEmpty { orchestrator.receive(wire.removeFirst(), &random) }
      case 7...8:
        if !orchestrator.acknowledgements.isEmpty {
          let next = orchestrator.acknowledgements.removeFirst()
          if let event = machine.acknowledged(id: next.id, next.outcome, at: now) { settle(event) }
        }
      default:
        guard isOpen, Int.random(in: 0..<4, using: &random) == 0 else { break }
        let ends: [StreamEnd] = [
          .connectionLost("cut"), .status(code: 14, message: ""), .status(code: 0, message: ""),
          .status(code: 16, message: ""),
        ]
        end(ends.randomElement(using: &random) ?? .connectionLost("cut"))
      }
      #expect(machine.unacknowledged <= limits.windowCount)
      #expect(machine.held <= limits.outboxCount)
      #expect(machine.heldBytes == machine.held * 100)
      #expect(machine.held + settled.count == taken.count)
    }

    // The network is well again: all is delivered.
    for _ in 0..<2_000 where machine.held > 0 {
      now = now.advanced(by: .seconds(1))
      if !isOpen, machine.step(at: now) == .openStream {
        machine.streamOpening()
        machine.streamOpened()
        isOpen = true
      }
      if case .sent(let incident, _)? = machine.nextToSend(at: now) { wire.append(incident.id) }
      if !wire.isEmpty { orchestrator.receive(wire.removeFirst(), &random) }
      if !orchestrator.acknowledgements.isEmpty {
        let next = orchestrator.acknowledgements.removeFirst()
        if let event = machine.acknowledged(id: next.id, next.outcome, at: now) { settle(event) }
      }
      if isOpen, machine.step(at: now) == .abandonStream { end(.connectionLost("no answer")) }
    }
    #expect(machine.held == 0)
    #expect(settled.count == taken.count && settled.values.allSatisfy { $0 == 1 })
    #expect(Set(orchestrator.received) == Set(taken.map(\.id)))
    for pod in 0..<3 {
      let expected = taken.filter { $0.pod == pod }.map(\.id)
      var seen: [String] = []
      for id in orchestrator.received where expected.contains(id) && !seen.contains(id) { seen.append(id) }
      #expect(seen == expected)
    }
  }
}

/// Ten minutes without an orchestrator, one incident a second.
struct OutageTests {
  @Test(arguments: 0..<20)
  func allIsDeliveredWithinHalfAMinuteOfItsReturn(seed: Int) throws {
    var random = SplitMix64(seed: UInt64(seed))
    var machine = DeliveryMachine(limits: DeliveryLimits())
    let back = MonotonicInstant.origin.advanced(by: .seconds(600))
    // Where it stands between two tries is chance.
    var now = MonotonicInstant.origin.advanced(by: .milliseconds(Int.random(in: 0..<1_000, using: &random)))
    var submitted = 0
    while now < back {
      while submitted < 600, MonotonicInstant.origin.advanced(by: .seconds(submitted)) <= now {
        _ = try machine.submitted(.sample("\(submitted)", pod: "pod-\(submitted % 7)"), at: now)
        submitted += 1
      }
      if machine.step(at: now) == .openStream {
        machine.streamOpening()
        _ = machine.streamEnded(.status(code: 14, message: ""), at: now, random: .random(in: 0..<1, using: &random))
      }
      now = now.advanced(by: .milliseconds(100))
    }
    while submitted < 600 {
      _ = try machine.submitted(.sample("\(submitted)", pod: "pod-\(submitted % 7)"), at: now)
      submitted += 1
    }
    var arrived: [Int] = []
    // An acknowledgement takes a tenth of a second: more than between continents.
    while machine.held > 0, now < back.advanced(by: .seconds(60)) {
      if machine.step(at: now) == .openStream { machine.open() }
      let sent = machine.sendAll(at: now)
      now = now.advanced(by: .milliseconds(100))
      for id in sent {
        _ = machine.acknowledged(id: id, .accepted(receivedAt: nil), at: now)
        arrived.append(try #require(Int(id)))
      }
    }
    #expect(arrived == Array(0..<600))
    #expect(back.duration(to: now) < .seconds(30))
  }
}
