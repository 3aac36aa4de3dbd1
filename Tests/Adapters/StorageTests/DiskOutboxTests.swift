internal import Delivery
internal import Logging
internal import Randomness
internal import Synchronization
internal import Testing
internal import Time

@testable internal import Incidents
@testable internal import Storage

/// Log lines, for a test to look at.
private final class Lines: Sendable {
  let all = Mutex<[String]>([])

  var logger: Logger { Logger(label: "test") { _ in Handler(lines: self) } }

  private struct Handler: LogHandler {
    let lines: Lines
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace
    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }
    func log(event: LogEvent) {
      lines.all.withLock { $0.append("\(event.level) \(event.message)") }
    }
  }
}

@Suite(.timeLimit(.minutes(15)))
struct DiskOutboxTests {
  private let disk = SimulatedDisk()
  private let time = ManualTime()
  private let lines = Lines()

  private func open(_ policy: SyncPolicy = .always, memory: Int = 1_000) throws -> DiskOutbox {
    try DiskOutbox(
      folder: "/outbox", policy: policy, memoryLimit: memory, files: disk, logger: lines.logger, time: time)
  }

  private let at = Timestamp(seconds: 77)

  @Test func whatIsPutSurvivesAndWhatIsSettledDoesNotComeBack() async throws {
    var random = SplitMix64(seed: 1)
    do {
      let outbox = try open()
      for id in ["a", "b", "c"] {
        try outbox.put(.sample(id), enteredAt: at)
        await outbox.secured(id)
        #expect(outbox.isSafe(id))
      }
      #expect(outbox.status.memoryBytes == 0)
      #expect(try await outbox.content(of: "b") == .sample("b"))
      outbox.settled("b")
      // The next incident's flush takes the settlement with it.
      try outbox.put(.sample("d"), enteredAt: at)
      await outbox.secured("d")
    }
    disk.restart(losing: .everything, using: &random)
    let again = try open()
    #expect(again.restored.map(\.label.id) == ["a", "c", "d"])
    #expect(again.restored.map(\.enteredAt) == [at, at, at])
    for id in ["a", "c", "d"] { #expect(try await again.content(of: id) == .sample(id)) }
    await #expect(throws: StoreFailure.self) { try await again.content(of: "b") }
    #expect(lines.all.withLock { $0 } == ["info outbox restored"])
  }

  @Test(arguments: [28, 30, 5] as [Int32])
  func aDiskThatFailsKeepsIncidentsInMemoryAndIsTriedAgain(code: Int32) async throws {
    let outbox = try open()
    disk.fail([.create, .write, .sync], with: code)
    for id in ["a", "b", "c"] {
      try outbox.put(.sample(id, bytes: 300), enteredAt: at)
      // Not safe, and nobody waits for it.
      await outbox.secured(id)
      #expect(!outbox.isSafe(id))
      #expect(try await outbox.content(of: id) == .sample(id, bytes: 300))
    }
    #expect(outbox.status.memoryBytes == 900)
    #expect(outbox.status.trouble?.hasPrefix("cannot create /outbox/") == true)
    #expect(!outbox.hasRoom)
    // 1,000 bytes may wait in memory.
    #expect { try outbox.put(.sample("d", bytes: 300), enteredAt: at) } throws: {
      guard let error = $0 as? DeliveryError else { return false }
      return error.code == .outboxFull && error.message.contains("cannot create")
    }
    await outbox.maintain()
    disk.fail([.create, .write, .sync], with: nil)
    outbox.settled("b")
    while !outbox.isSafe("a") || !outbox.isSafe("c") {
      await outbox.maintain()
      await Task.yield()
    }
    #expect(outbox.status.memoryBytes == 0 && outbox.status.trouble == nil && outbox.hasRoom)
    #expect(outbox.status.failures >= 1)
    try outbox.put(.sample("d", bytes: 300), enteredAt: at)
    await outbox.secured("d")
    // Said once, and once that it is over.
    #expect(
      lines.all.withLock { $0 } == [
        "error the outbox's disk fails: incidents stay in memory meanwhile", "info the outbox's disk works again",
      ])
  }

  /// A disk that is full of what the orchestrator has by now: it takes no acknowledgement either, and must not stay full for that.
  @Test(arguments: [OutboxIndex(), OutboxIndex(segmentSize: 700, slack: 1_400)])
  func aFullDiskIsFreedByWhatIsDoneWith(index: OutboxIndex) async throws {
    var random = SplitMix64(seed: 2)
    do {
      let outbox = try DiskOutbox(
        folder: "/outbox", policy: .always, memoryLimit: 10_000, files: disk, logger: lines.logger, time: time,
        index: index)
      disk.limit(to: 3_000)
      let ids = (0..<8).map { "i\($0)" }
      for id in ids {
        try outbox.put(.sample(id, bytes: 400), enteredAt: at)
        await outbox.secured(id)
      }
      let held = ids.filter { outbox.isSafe($0) }
      #expect((3..<8).contains(held.count) && outbox.status.trouble?.contains("No space left") == true)
      for id in held { outbox.settled(id) }
      while outbox.status.memoryBytes > 0 {
        await outbox.maintain()
        await Task.yield()
      }
      #expect(outbox.status.trouble == nil)
      for id in ids.dropFirst(held.count).dropLast() { outbox.settled(id) }
      // Written after all that was settled before it.
      try outbox.put(.sample("last", bytes: 10), enteredAt: at)
      await outbox.secured("last")
    }
    disk.restart(losing: .nothing, using: &random)
    #expect(try open().restored.map(\.label.id) == ["i7", "last"])
  }

  @Test func theOrderIsKeptOverADiskThatFailed() async throws {
    var random = SplitMix64(seed: 1)
    do {
      let outbox = try open(memory: 1 << 20)
      disk.fail([.sync], with: 5)
      for number in 0..<9 {
        try outbox.put(.sample("i\(number)"), enteredAt: at)
        await outbox.secured("i\(number)")
        if number == 5 { disk.fail([.sync], with: nil) }
        await outbox.maintain()
      }
      while outbox.status.memoryBytes > 0 {
        await outbox.maintain()
        await Task.yield()
      }
    }
    disk.restart(losing: .everything, using: &random)
    #expect(try open().restored.map(\.label.id) == (0..<9).map { "i\($0)" })
  }

  @Test func anIncidentThatComesAgainIsAnotherOne() async throws {
    var random = SplitMix64(seed: 1)
    do {
      let outbox = try open()
      for round in 0..<50 {
        disk.fail([.sync], with: round % 3 == 0 ? 5 : nil)
        try outbox.put(.sample("a"), enteredAt: at)
        if round % 2 == 0 { await outbox.secured("a") }
        outbox.settled("a")
        await outbox.maintain()
      }
      disk.fail([.sync], with: nil)
      try outbox.put(.sample("a"), enteredAt: at)
      while !outbox.isSafe("a") {
        await outbox.maintain()
        await Task.yield()
      }
      #expect(try await outbox.content(of: "a") == .sample("a"))
      #expect(outbox.status.memoryBytes == 0)
    }
    disk.restart(losing: .everything, using: &random)
    #expect(try open().restored.map(\.label.id).contains("a"))
  }

  @Test func aRecordThatTheDiskDamagedIsNotSent() async throws {
    let outbox = try open()
    try outbox.put(.sample("a"), enteredAt: at)
    await outbox.secured("a")
    disk.damage("/outbox/0000000000000001.segment") { $0[200] ^= 1 }
    await #expect {
      try await outbox.content(of: "a")
    } throws: {
      "\($0)".contains("incident a")
    }
  }

  @Test func flushesAreAsThePolicySays() async throws {
    for (policy, flushes) in [(SyncPolicy.always, 2), (.interval, 1), (.never, 0)] {
      let disk = SimulatedDisk()
      let outbox = try DiskOutbox(
        folder: "/outbox", policy: policy, memoryLimit: 1_000, files: disk, logger: lines.logger, time: time)
      try outbox.put(.sample("a"), enteredAt: at)
      await outbox.secured("a")
      // The folder's one, for the new segment's name, and the segment's.
      #expect(disk.log.count { $0 == .sync } == flushes)
      guard policy == .interval else { continue }
      await outbox.maintain()
      _ = try await outbox.content(of: "a")
      #expect(disk.log.count { $0 == .sync } == 2)
    }
  }

  @Test func manyAtOnceShareAFlush() async throws {
    let outbox = try open(memory: 1 << 20)
    for number in 0..<200 { try outbox.put(.sample("i\(number)"), enteredAt: at) }
    await withTaskGroup { group in
      for number in 0..<200 { group.addTask { await outbox.secured("i\(number)") } }
    }
    #expect(outbox.status.memoryBytes == 0)
    #expect(disk.log.count { $0 == .sync } < 200)
  }
}
