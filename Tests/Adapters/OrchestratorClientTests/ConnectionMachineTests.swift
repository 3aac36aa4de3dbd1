internal import Delivery
internal import Testing
internal import Time

@testable internal import OrchestratorClient

private func at(_ seconds: Double) -> MonotonicInstant {
  MonotonicInstant(nanoseconds: Int64(seconds * 1e9))
}

struct ClientChannelMachineTests {
  @Test func failuresBackOffAndReadinessResetsIt() {
    var machine = ClientChannelMachine()
    #expect(machine.started(at: at(0)) == .connect(1))
    #expect(!machine.isFailing)
    #expect(machine.becameUnusable(1, at: at(0), random: 0.5) == .wait(.seconds(1)))
    #expect(machine.isFailing)
    #expect(machine.timerFired(at: at(1)) == .connect(2))
    #expect(machine.isFailing)
    // What the try took counts.
    #expect(machine.becameUnusable(2, at: at(1.5), random: 0.5) == .wait(.milliseconds(1_100)))
    #expect(machine.timerFired(at: at(2.6)) == .connect(3))
    machine.becameReady(3)
    #expect(machine.current == 3)
    #expect(!machine.isFailing)
    // Lost after a while: at once, and the backoff begins anew.
    #expect(machine.becameUnusable(3, at: at(100), random: 0.5) == .connect(4))
    #expect(machine.becameUnusable(4, at: at(100), random: 0.5) == .wait(.seconds(1)))
    // One that waited for longer than the pause has paused.
    #expect(machine.timerFired(at: at(101)) == .connect(5))
    #expect(machine.becameUnusable(5, at: at(121), random: 0.5) == .wait(.zero))
  }

  @Test func aServerThatHangsUpAtOnceIsNoBusyLoop() {
    var machine = ClientChannelMachine()
    _ = machine.started(at: at(0))
    machine.becameReady(1)
    #expect(machine.becameUnusable(1, at: at(0.25), random: 0.5) == .wait(.milliseconds(750)))
    #expect(machine.timerFired(at: at(1)) == .connect(2))
    machine.becameReady(2)
    #expect(machine.becameUnusable(2, at: at(1), random: 0.5) == .wait(.seconds(1)))
  }

  @Test func theOldConnectionDrainsWhileTheNextOneOpens() {
    var machine = ClientChannelMachine()
    _ = machine.started(at: at(0))
    machine.becameReady(1)
    #expect(machine.becameUnusable(1, at: at(60), random: 0.5) == .connect(2))
    // Its end is no news.
    #expect(machine.becameUnusable(1, at: at(61), random: 0.5) == .none)
    machine.becameReady(2)
    #expect(machine.becameUnusable(1, at: at(62), random: 0.5) == .none)
    #expect(machine.current == 2)
  }

  @Test func nothingHappensAfterTheEnd() {
    var machine = ClientChannelMachine()
    _ = machine.started(at: at(0))
    machine.stopped()
    machine.becameReady(1)
    #expect(machine.current == nil)
    #expect(machine.becameUnusable(1, at: at(1), random: 0.5) == .none)
    #expect(machine.timerFired(at: at(2)) == .none)
    #expect(machine.started(at: at(3)) == .none)
    #expect(machine.isStopped)
  }
}

struct KeepaliveTests {
  @Test func aSilentServerIsAskedAndGivenUp() {
    var keepalive = Keepalive(interval: .seconds(300), timeout: .seconds(20))
    #expect(keepalive.connected(at: at(0)) == .wait(until: at(300)))
    keepalive.heard(at: at(100))
    #expect(keepalive.timerFired(at: at(300)) == .wait(until: at(400)))
    #expect(keepalive.timerFired(at: at(400)) == .ping(until: at(420)))
    #expect(keepalive.timerFired(at: at(410)) == .wait(until: at(420)))
    // Only the answer counts now: bytes may come from what lay in a buffer.
    keepalive.heard(at: at(415))
    #expect(keepalive.timerFired(at: at(420)) == .giveUp)
  }

  @Test func anAnswerBeginsTheNextPause() {
    var keepalive = Keepalive(interval: .seconds(300), timeout: .seconds(20))
    _ = keepalive.connected(at: at(0))
    _ = keepalive.timerFired(at: at(300))
    #expect(keepalive.pingAnswered(at: at(301)) == .wait(until: at(601)))
    #expect(keepalive.pingAnswered(at: at(302)) == .none)
  }

  @Test func aDoubtAsksAtOnceAndOnce() {
    var keepalive = Keepalive(interval: .seconds(300), timeout: .seconds(20))
    #expect(keepalive.doubted(at: at(0)) == .none)
    _ = keepalive.connected(at: at(0))
    #expect(keepalive.doubted(at: at(10)) == .ping(until: at(30)))
    #expect(keepalive.doubted(at: at(11)) == .none)
    keepalive.disconnected()
    #expect(keepalive.timerFired(at: at(30)) == .none)
  }

  @Test func calmDoublesThePause() {
    var keepalive = Keepalive(interval: .seconds(300), timeout: .seconds(20))
    keepalive.calmDemanded()
    keepalive.calmDemanded()
    #expect(keepalive.interval == .seconds(1_200))
  }
}
