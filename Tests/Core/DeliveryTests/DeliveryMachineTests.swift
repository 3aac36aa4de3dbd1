internal import Delivery
internal import Testing
internal import Time

struct DeliveryMachineTests {
  static let accepted = DeliveryMachine.Outcome.accepted(receivedAt: nil)

  static func machine(_ change: (inout DeliveryLimits) -> Void = { _ in }) -> DeliveryMachine {
    var limits = DeliveryLimits()
    change(&limits)
    return DeliveryMachine(limits: limits)
  }

  @Test func anIncidentGoesItsWay() throws {
    var machine = Self.machine()
    #expect(machine.step(at: at(0)) == .openStream)
    machine.streamOpening()
    try machine.submitAll("a", at: at(1))
    // No connection yet.
    #expect(machine.nextToSend(at: at(1)) == nil)
    #expect(machine.step(at: at(1)) == .idle)
    machine.streamOpened()
    #expect(machine.nextToSend(at: at(2)) == .sent(.sample("a"), attempt: 1))
    #expect(machine.nextToSend(at: at(2)) == nil)
    #expect(machine.step(at: at(2)) == .wait(until: at(32)))
    let receipt = DeliveryEvent.Receipt(
      isDuplicate: true, receivedAt: Timestamp(seconds: 5), latency: .seconds(1), age: .seconds(2))
    let event = machine.acknowledged(id: "a", .duplicate(receivedAt: Timestamp(seconds: 5)), at: at(3))
    #expect(event == .acknowledged(.sample("a"), receipt))
    #expect(machine.held == 0 && machine.heldBytes == 0 && machine.unacknowledged == 0)
    #expect(machine.step(at: at(3)) == .idle)
  }

  @Test func acknowledgementsOfOtherIncidentsChangeNothing() throws {
    var machine = Self.machine()
    machine.open()
    try machine.submitAll("a", "b")
    #expect(machine.sendAll(at: at(0)) == ["a", "b"])
    #expect(machine.acknowledged(id: "z", Self.accepted, at: at(1)) == nil)
    #expect(machine.acknowledged(id: "a", .unknown, at: at(1)) == nil)
    #expect(machine.held == 2)
    #expect(machine.acknowledged(id: "b", Self.accepted, at: at(1)) != nil)
    // A second acknowledgement, and a late one for what was not sent on this stream.
    #expect(machine.acknowledged(id: "b", Self.accepted, at: at(1)) == nil)
    _ = machine.streamEnded(.connectionLost("cut"), at: at(2), random: 0.5)
    #expect(machine.acknowledged(id: "a", Self.accepted, at: at(2)) == nil)
    #expect(machine.held == 1)
  }

  @Test func onlyWhatWasNotAcknowledgedIsSentAgainInOrder() throws {
    var machine = Self.machine()
    machine.open()
    try machine.submitAll("a", "b", "c", "d")
    #expect(machine.sendAll(at: at(0)) == ["a", "b", "c", "d"])
    _ = machine.acknowledged(id: "b", Self.accepted, at: at(1))
    _ = machine.acknowledged(id: "d", Self.accepted, at: at(1))
    let events = machine.streamEnded(.connectionLost("cut"), at: at(2), random: 0.5)
    #expect(events == [.disconnected(reason: "cut", retryIn: .zero)])
    #expect(machine.step(at: at(2)) == .openStream)
    try machine.submitAll("e", at: at(2))
    machine.open()
    #expect(machine.nextToSend(at: at(3)) == .sent(.sample("a"), attempt: 2))
    #expect(machine.sendAll(at: at(3)) == ["c", "e"])
  }

  @Test func theWindowHolds() throws {
    var machine = Self.machine {
      $0.windowCount = 3
      $0.windowBytes = 1_000
    }
    machine.open()
    _ = try machine.submitted(.sample("large", bytes: 5_000), at: at(0))
    try machine.submitAll("a", "b", "c", "d")
    // One may always go, however large; with it on the way, nothing else.
    #expect(machine.sendAll(at: at(0)) == ["large"])
    _ = machine.acknowledged(id: "large", Self.accepted, at: at(0))
    #expect(machine.sendAll(at: at(0)) == ["a", "b", "c"])
    _ = machine.acknowledged(id: "b", Self.accepted, at: at(0))
    #expect(machine.sendAll(at: at(0)) == ["d"])
  }

  @Test func theOutboxRefusesAndKeepsWhatItHas() throws {
    var machine = Self.machine {
      $0.outboxCount = 3
      $0.outboxBytes = 250
      $0.incidentBytes = 200
    }
    try machine.submitAll("a", "b")
    #expect(try machine.submitted(.sample("a"), at: at(0)) == false)
    #expect { try machine.submitted(.sample("c"), at: at(0)) } throws: {
      ($0 as? DeliveryError) == DeliveryError(.outboxFull, "the outbox is full: 2 incidents, 200 bytes")
    }
    _ = try machine.submitted(.sample("c", bytes: 50), at: at(0))
    #expect { try machine.submitted(.sample("d", bytes: 0), at: at(0)) } throws: {
      ($0 as? DeliveryError)?.code == .outboxFull
    }
    #expect { try machine.submitted(.sample("e", bytes: 201), at: at(0)) } throws: {
      ($0 as? DeliveryError)?.code == .tooLarge
    }
    #expect(machine.held == 3 && machine.heldBytes == 250)
  }

  @Test func aRejectedIncidentIsDone() throws {
    var machine = Self.machine()
    machine.open()
    try machine.submitAll("a")
    _ = machine.sendAll(at: at(0))
    #expect(
      machine.acknowledged(id: "a", .rejected(reason: "no"), at: at(1)) == .rejected(.sample("a"), reason: "no"))
    #expect(machine.held == 0)
  }

  @Test(arguments: [
    (StreamEnd.status(code: 14, message: "x"), 1.0), (.status(code: 8, message: ""), 1),
    (.status(code: 10, message: ""), 1),
    (.status(code: 4, message: ""), 1), (.status(code: 13, message: ""), 1), (.status(code: 2, message: ""), 1),
    (.status(code: 16, message: ""), 30), (.status(code: 7, message: ""), 30), (.status(code: 0, message: ""), 1),
    (.connectionLost("x"), 0),
  ])
  func theNextStreamComesAfterAPause(end: StreamEnd, seconds: Double) throws {
    var machine = Self.machine()
    machine.open()
    try machine.submitAll("a")
    _ = machine.sendAll(at: at(0))
    let events = machine.streamEnded(end, at: at(10), random: 0.5)
    #expect(events == [.disconnected(reason: end.description, retryIn: .seconds(seconds))])
    #expect(machine.held == 1)
    #expect(machine.step(at: at(10)) == (seconds == 0 ? .openStream : .wait(until: at(10 + seconds))))
    #expect(machine.step(at: at(10 + seconds)) == .openStream)
  }

  @Test func pausesGrowUntilAnAcknowledgement() throws {
    var machine = Self.machine()
    try machine.submitAll("a", "b")
    for pause in [1, 1.6, 2.56] {
      machine.open()
      _ = machine.streamEnded(.status(code: 14, message: ""), at: at(0), random: 0.5)
      #expect(machine.step(at: at(0)) == .wait(until: at(pause)))
    }
    machine.open()
    _ = machine.sendAll(at: at(0))
    _ = machine.acknowledged(id: "a", Self.accepted, at: at(0))
    _ = machine.streamEnded(.status(code: 14, message: ""), at: at(0), random: 0.5)
    #expect(machine.step(at: at(0)) == .wait(until: at(1)))
  }

  @Test(arguments: [3, 11])
  func theIncidentAtFaultIsFoundAndTheOthersGoOn(code: Int) throws {
    let end = StreamEnd.status(code: code, message: "bad")
    var machine = Self.machine()
    try machine.submitAll("a", "bad", "c", "d")
    machine.open()
    #expect(machine.sendAll(at: at(0)) == ["a", "bad", "c", "d"])
    // One of four, and nobody knows which: none is given up.
    #expect(machine.streamEnded(end, at: at(0), random: 0.5).count == 1)
    #expect(machine.held == 4)
    machine.open()
    #expect(machine.sendAll(at: at(0)) == ["a"])
    _ = machine.acknowledged(id: "a", Self.accepted, at: at(0))
    #expect(machine.sendAll(at: at(0)) == ["bad", "c", "d"])
    _ = machine.streamEnded(end, at: at(0), random: 0.5)
    machine.open()
    #expect(machine.sendAll(at: at(0)) == ["bad"])
    let events = machine.streamEnded(end, at: at(0), random: 0.5)
    #expect(events.first == .deadLettered(.sample("bad"), reason: end.description))
    machine.open()
    #expect(machine.sendAll(at: at(0)) == ["c"])
    _ = machine.acknowledged(id: "c", Self.accepted, at: at(0))
    #expect(machine.sendAll(at: at(0)) == ["d"])
  }

  @Test func anIncidentThatFailsTheServerAgainAndAgainIsGivenUp() throws {
    var machine = Self.machine { $0.attempts = 3 }
    try machine.submitAll("poison")
    for attempt in 1...3 {
      machine.open()
      #expect(machine.sendAll(at: at(0)) == ["poison"])
      // A lost connection and an absent server are nobody's fault.
      _ = machine.streamEnded(.connectionLost("cut"), at: at(0), random: 0.5)
      machine.open()
      _ = machine.sendAll(at: at(0))
      _ = machine.streamEnded(.status(code: 14, message: ""), at: at(0), random: 0.5)
      machine.open()
      _ = machine.sendAll(at: at(0))
      let events = machine.streamEnded(.status(code: 13, message: "crash"), at: at(0), random: 0.5)
      #expect(events.contains(.deadLettered(.sample("poison"), reason: "INTERNAL: crash")) == (attempt == 3))
    }
    #expect(machine.held == 0)
  }

  @Test func aServerThatDoesNotAcknowledgeIsGivenUp() throws {
    var machine = Self.machine { $0.acknowledgementTimeout = .seconds(30) }
    machine.open()
    try machine.submitAll("a", "b")
    #expect(machine.nextToSend(at: at(0)) != nil)
    #expect(machine.nextToSend(at: at(10)) != nil)
    #expect(machine.step(at: at(10)) == .wait(until: at(30)))
    _ = machine.acknowledged(id: "a", Self.accepted, at: at(20))
    #expect(machine.step(at: at(30)) == .wait(until: at(40)))
    #expect(machine.step(at: at(40)) == .abandonStream)
  }

  @Test func aServerThatLeavesGetsNothingMoreOnThisStream() throws {
    var machine = Self.machine()
    machine.open()
    try machine.submitAll("a")
    _ = machine.sendAll(at: at(0))
    machine.serverIsLeaving(at: at(1))
    #expect(!machine.isSending)
    try machine.submitAll("b")
    #expect(machine.nextToSend(at: at(1)) == nil)
    #expect(machine.acknowledged(id: "a", Self.accepted, at: at(2)) != nil)
    // A server that never ends the stream does not hold up the next one.
    #expect(machine.step(at: at(3)) == .wait(until: at(31)))
    #expect(machine.step(at: at(31)) == .abandonStream)
    #expect(machine.streamEnded(.status(code: 0, message: ""), at: at(4), random: 0.5) == [])
    #expect(machine.step(at: at(4)) == .openStream)
    machine.open()
    #expect(machine.sendAll(at: at(4)) == ["b"])
  }

  @Test func anOrchestratorThatDoesNotServeGetsNothing() throws {
    var machine = Self.machine()
    machine.open()
    try machine.submitAll("a", "b")
    #expect(machine.nextToSend(at: at(0)) != nil)
    let news = [machine.healthReported(isServing: false), machine.healthReported(isServing: false)]
    #expect(news == [true, false])
    #expect(machine.nextToSend(at: at(0)) == nil)
    // What is on the way may still be acknowledged.
    #expect(machine.acknowledged(id: "a", Self.accepted, at: at(1)) != nil)
    #expect(machine.step(at: at(1)) == .idle)
    #expect(machine.isSending)
    let isNews = machine.healthReported(isServing: true)
    #expect(isNews)
    #expect(machine.sendAll(at: at(2)) == ["b"])
  }

  @Test func shutdownDrains() throws {
    var machine = Self.machine()
    machine.open()
    try machine.submitAll("a", "b")
    _ = machine.sendAll(at: at(0))
    machine.shutdownRequested(drainUntil: at(5))
    #expect { try machine.submitted(.sample("c"), at: at(0)) } throws: { ($0 as? DeliveryError)?.code == .shutDown }
    #expect(machine.isSending)
    #expect(machine.step(at: at(1)) == .wait(until: at(5)))
    _ = machine.acknowledged(id: "a", Self.accepted, at: at(1))
    _ = machine.acknowledged(id: "b", Self.accepted, at: at(1))
    #expect(!machine.isSending)
    #expect(machine.step(at: at(1)) == .wait(until: at(3)))
    #expect(machine.streamEnded(.status(code: 0, message: ""), at: at(2), random: 0.5) == [])
    #expect(machine.step(at: at(2)) == .finished)
    #expect(machine.drainEnded("over") == [])
  }

  @Test func whatCannotBeDrainedIsHandedBack() throws {
    var machine = Self.machine()
    machine.open()
    try machine.submitAll("a", "b")
    _ = machine.sendAll(at: at(0))
    _ = machine.acknowledged(id: "a", Self.accepted, at: at(0))
    machine.shutdownRequested(drainUntil: at(5))
    #expect(machine.step(at: at(5)) == .finished)
    #expect(machine.drainEnded("time is up") == [.dropped(.sample("b"), reason: "time is up")])
    #expect(machine.held == 0 && machine.heldBytes == 0)
    #expect(machine.step(at: at(6)) == .finished)
  }

  @Test(arguments: [false, true])
  func shutdownWithAnEmptyOutboxNeedsNoServer(isOpening: Bool) {
    var machine = Self.machine()
    if isOpening { machine.streamOpening() }
    machine.shutdownRequested(drainUntil: at(5))
    #expect(machine.step(at: at(0)) == .finished)
  }
}
