internal import Delivery
internal import Testing
internal import Time

/// Until when a replica may deliver, as the election tells it.
@Suite("Delivery by permission")
struct PermissionTests {
  @Test("who may not deliver opens no stream, and takes what comes")
  func standby() throws {
    var machine = DeliveryMachineTests.machine()
    machine.permitted(until: .origin)
    try machine.submitAll("a", at: at(1))
    #expect(machine.step(at: at(1)) == .idle)
    #expect(machine.held == 1)
    machine.permitted(until: at(12))
    #expect(machine.step(at: at(2)) == .openStream)
    machine.open()
    #expect(machine.sendAll(at: at(2)) == ["a"])
    // It is woken when its time is over, which is sooner than the acknowledgement's limit.
    #expect(machine.step(at: at(2)) == .wait(until: at(12)))
  }

  @Test(
    "when the time is over nothing more goes on the wire and the stream is withdrawn; all of it goes again later, in order"
  )
  func timeIsOver() throws {
    var machine = DeliveryMachineTests.machine { $0.windowCount = 1 }
    machine.permitted(until: at(10))
    machine.open()
    try machine.submitAll("a", "b", at: at(1))
    #expect(machine.sendAll(at: at(9)) == ["a"])
    _ = machine.acknowledged(id: "a", DeliveryMachineTests.accepted, at: at(9.5))
    // The instant itself is too late.
    #expect(machine.sendAll(at: at(10)) == [])
    #expect(machine.step(at: at(10)) == .withdraw)
    _ = machine.streamEnded(.connectionLost("withdrawn"), at: at(10), random: 0.5)
    #expect(machine.step(at: at(11)) == .idle)
    #expect(machine.held == 1)

    machine.permitted(until: at(30))
    // A withdrawal is no failure: nothing is waited for.
    #expect(machine.step(at: at(20)) == .openStream)
    machine.open()
    #expect(machine.sendAll(at: at(20)) == ["b"])
  }

  @Test("a stream that is being opened when the time ends is withdrawn")
  func opening() {
    var machine = DeliveryMachineTests.machine()
    machine.permitted(until: at(10))
    machine.streamOpening()
    #expect(machine.step(at: at(9)) == .wait(until: at(10)))
    #expect(machine.step(at: at(10)) == .withdraw)
  }

  @Test("a renewal moves the end while the stream is open")
  func renewed() throws {
    var machine = DeliveryMachineTests.machine()
    machine.permitted(until: at(10))
    machine.open()
    machine.permitted(until: at(12))
    try machine.submitAll("a", at: at(11))
    #expect(machine.sendAll(at: at(11)) == ["a"])
    #expect(machine.step(at: at(11)) == .wait(until: at(12)))
  }

  @Test("a standby that is told to end ends at once, with what it holds; a leader ends with its time")
  func draining() throws {
    var standby = DeliveryMachineTests.machine()
    standby.permitted(until: .origin)
    try standby.submitAll("a", at: at(0))
    standby.shutdownRequested(drainUntil: at(20))
    #expect(standby.step(at: at(1)) == .finished)
    #expect(standby.held == 1)

    var leader = DeliveryMachineTests.machine()
    leader.permitted(until: at(10))
    leader.open()
    try leader.submitAll("a", at: at(0))
    #expect(leader.sendAll(at: at(0)) == ["a"])
    leader.shutdownRequested(drainUntil: at(20))
    #expect(leader.step(at: at(1)) == .wait(until: at(10)))
    #expect(leader.step(at: at(10)) == .withdraw)
    _ = leader.streamEnded(.connectionLost("withdrawn"), at: at(10), random: 0.5)
    #expect(leader.step(at: at(10)) == .finished)
  }
}
