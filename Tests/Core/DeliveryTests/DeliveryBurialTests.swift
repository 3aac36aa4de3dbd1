internal import Delivery
internal import Testing
internal import Time

/// What a full outbox does where there are dead letters, and what a restart brings.
struct DeliveryBurialTests {
  static func machine(_ change: (inout DeliveryLimits) -> Void = { _ in }) -> DeliveryMachine {
    DeliveryMachineTests.machine {
      $0.overflow = .deadLettersOldest
      $0.outboxCount = 3
      change(&$0)
    }
  }

  @Test func theOldestMakesRoomForANewcomer() throws {
    var machine = Self.machine()
    try machine.submitAll("a", "b", "c")
    #expect(machine.nextToBury(at: at(5)) == nil)
    #expect(throws: DeliveryError.self) { try machine.submitAll("d") }
    #expect(machine.nextToBury(at: at(5)) == .sample("a"))
    // It is on its way, and does not go on the wire meanwhile; nor does what is behind it.
    machine.open()
    #expect(machine.nextToSend(at: at(5)) == nil)
    let event = machine.buried(id: "a", at: at(5))
    #expect(event == .deadLettered(.sample("a"), reason: "it waited for 5 s, the oldest in the outbox"))
    // There is room now: no other one has to go.
    #expect(machine.nextToBury(at: at(5)) == nil)
    try machine.submitAll("d")
    #expect(machine.sendAll(at: at(6)) == ["b", "c", "d"])
    // What is on the way stays.
    #expect(throws: DeliveryError.self) { try machine.submitAll("e") }
    #expect(machine.nextToBury(at: at(6)) == nil)
  }

  @Test func aDeadLetterThatCannotBeWrittenChangesNothing() throws {
    var machine = Self.machine()
    try machine.submitAll("a", "b", "c")
    #expect(throws: DeliveryError.self) { try machine.submitAll("d") }
    #expect(machine.nextToBury(at: at(5)) == .sample("a"))
    machine.unburied(id: "a")
    #expect(machine.nextToBury(at: at(5)) == nil)
    machine.open()
    #expect(machine.sendAll(at: at(5)) == ["a", "b", "c"])
  }

  @Test func whatIsTooOldGoes() throws {
    var machine = Self.machine { $0.age = .seconds(60) }
    try machine.submitAll("a", at: at(0))
    try machine.submitAll("b", at: at(30))
    #expect(machine.nextToBury(at: at(60)) == nil)
    #expect(machine.nextToBury(at: at(61)) == .sample("a"))
    #expect(machine.buried(id: "a", at: at(61)) != nil)
    #expect(machine.nextToBury(at: at(61)) == nil)
    #expect(machine.nextToBury(at: at(91)) == .sample("b"))
  }

  @Test func withoutDeadLettersNothingGoes() throws {
    var machine = Self.machine {
      $0.overflow = .refusesNewcomer
      $0.age = .seconds(60)
    }
    try machine.submitAll("a", "b", "c")
    #expect(throws: DeliveryError.self) { try machine.submitAll("d") }
    #expect(machine.nextToBury(at: at(1_000)) == nil)
  }

  @Test func whatAnEarlierProcessLeftComesFirstAndInItsOrder() throws {
    var machine = Self.machine { $0.outboxCount = 2 }
    for id in ["a", "b", "c"] { machine.restored(.sample(id), enteredAt: at(-100)) }
    machine.restored(.sample("a"), enteredAt: at(-100))
    #expect(machine.held == 3 && machine.heldBytes == 300)
    // It was promised: a limit that is narrower now makes dead letters, and not losses.
    #expect(machine.nextToBury(at: at(0)) == .sample("a"))
    #expect(machine.buried(id: "a", at: at(0)) != nil)
    #expect(machine.nextToBury(at: at(0)) == nil)
    // The failure is found again after the restart, and is the same incident.
    #expect(try machine.submitted(.sample("b"), at: at(0)) == false)
    machine.open()
    #expect(machine.sendAll(at: at(0)) == ["b", "c"])
    guard case .acknowledged(_, let receipt)? = machine.acknowledged(id: "b", DeliveryMachineTests.accepted, at: at(1))
    else {
      Issue.record("no acknowledgement")
      return
    }
    #expect(receipt.age == .seconds(101))
  }

  @Test func contentThatIsLostHoldsUpNobody() throws {
    var machine = Self.machine { $0.windowCount = 1 }
    try machine.submitAll("a", "b")
    machine.open()
    #expect(machine.sendAll(at: at(0)) == ["a"])
    #expect(machine.contentLost(id: "a", reason: "damaged") == .deadLettered(.sample("a"), reason: "damaged"))
    #expect(machine.sendAll(at: at(0)) == ["b"])
    #expect(machine.held == 1 && machine.heldBytes == 100)
  }

  @Test func thereIsRoomForTheLargest() throws {
    var machine = Self.machine {
      $0.outboxBytes = 1_000
      $0.incidentBytes = 500
    }
    #expect(machine.hasRoom)
    _ = try machine.submitted(.sample("a", bytes: 500), at: at(0))
    _ = try machine.submitted(.sample("b", bytes: 1), at: at(0))
    #expect(!machine.hasRoom)
    machine.withdrawn(id: "a")
    #expect(machine.hasRoom && machine.held == 1)
  }
}
