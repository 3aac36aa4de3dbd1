internal import Delivery
internal import Incidents
internal import Randomness
internal import Testing
internal import Time

@testable internal import Storage

/// The outbox is ended at every one of its operations, in every way, and must come back with what it promised.
struct OutboxCrashTests {
  /// Small segments and little slack, so that a short script begins new ones, deletes and rewrites.
  static func open(
    _ disk: SimulatedDisk, _ policy: SyncPolicy = .always
  ) throws(StorageError) -> OutboxLog {
    try OutboxLog(
      folder: "/outbox", policy: policy, files: disk, newSalt: 42, index: OutboxIndex(segmentSize: 700, slack: 1_500))
  }

  /// What a run promised: the truth that a restart is compared with.
  struct Promises {
    /// Incidents whose append and flush returned.
    var stored: Set<UInt64> = []
    /// Incidents that were handed over, whatever came of it.
    var tried: Set<UInt64> = []
    /// Incidents that are done with.
    var settled: Set<UInt64> = []
  }

  static func incident(_ sequence: UInt64) -> SealedIncident {
    .sample("incident-\(sequence)", pod: "pod-\(sequence % 3)", bytes: 60 + Int(sequence * 37 % 180))
  }

  /// The script: an incident stays for a while, one for the whole of it, so that segments go and are rewritten.
  static func play(_ log: inout OutboxLog, from first: UInt64, count: UInt64, _ promises: inout Promises) {
    for sequence in first..<(first + count) {
      let sealed = incident(sequence)
      promises.tried.insert(sequence)
      do throws(FileFault) {
        try log.append(
          sealed, as: StoredIncident(sequence: sequence, label: sealed.label, enteredAt: Timestamp(seconds: 5)))
        try log.sync()
        promises.stored.insert(sequence)
      } catch {}
      guard sequence > 2, sequence % 7 != 0 else { continue }
      let done = sequence - 2
      guard done % 5 != 0 else { continue }
      promises.settled.insert(done)
      do throws(FileFault) {
        try log.settle([done])
        try log.tidy()
      } catch {}
    }
  }

  /// What a restart finds is what was promised, in its order, whole.
  static func check(_ log: OutboxLog, _ promises: Promises, _ context: Comment) {
    let found = log.recovery.incidents.map(\.sequence)
    #expect(found == found.sorted(), context)
    let owed = promises.stored.subtracting(promises.settled)
    #expect(owed.isSubset(of: found), "lost: \(owed.subtracting(found).sorted()) \(context)")
    #expect(Set(found).isSubset(of: promises.tried), context)
    for stored in log.recovery.incidents {
      let sealed = incident(stored.sequence)
      #expect(stored.label == sealed.label, context)
      let read = try? log.read(stored.sequence).0
      #expect(read == sealed, context)
    }
  }

  /// The operations of the whole script.
  static func operations() throws -> [FileFault.Operation] {
    let disk = SimulatedDisk()
    var log = try open(disk)
    var promises = Promises()
    play(&log, from: 1, count: 30, &promises)
    return disk.log
  }

  @Test func theScriptDoesAllThatAnOutboxDoes() throws {
    let disk = SimulatedDisk()
    var log = try Self.open(disk)
    var promises = Promises()
    Self.play(&log, from: 1, count: 30, &promises)
    #expect(promises.stored.count == 30)
    let all = Set(disk.log)
    #expect(all.isSuperset(of: [.makeFolder, .lock, .list, .create, .write, .sync, .read, .remove]))
    #expect(disk.log.count { $0 == .remove } >= 3)
    // The first incidents' segments are gone although some of their incidents wait.
    #expect(!disk.paths.contains("/outbox/0000000000000001.segment"))
  }

  @Test(arguments: SimulatedDisk.Loss.allCases)
  func aCrashAtAnyOperationLosesNothing(loss: SimulatedDisk.Loss) throws {
    // Within the record's header, its label, its content, and at its last byte.
    let parts = [30, 130, 500, 999].map { SimulatedDisk.Fault.endsWithin(part: $0) }
    for (operation, kind) in try Self.operations().enumerated() {
      for fault in [SimulatedDisk.Fault.ends] + (kind == .write ? parts : []) {
        var random = SplitMix64(seed: UInt64(operation))
        let disk = SimulatedDisk()
        disk.plan(fault, at: operation)
        var promises = Promises()
        if var log = try? Self.open(disk) { Self.play(&log, from: 1, count: 30, &promises) }
        #expect(disk.isOver)
        disk.restart(losing: loss, using: &random)
        var log = try Self.open(disk)
        let context: Comment = "\(fault) at \(operation), losing \(loss)"
        Self.check(log, promises, context)
        // What was settled for good may come back once, as a duplicate, but a second life has to work as well.
        let next = log.recovery.nextSequence
        #expect(next > (promises.stored.subtracting(promises.settled).max() ?? 0), context)
        promises.settled = promises.settled.filter { $0 < next }
        promises.tried = promises.tried.filter { $0 < next }
        promises.stored = promises.stored.filter { $0 < next }
        Self.play(&log, from: next, count: 6, &promises)
        log.close()
        disk.restart(losing: loss, using: &random)
        Self.check(try Self.open(disk), promises, context)
      }
    }
  }

  /// One operation fails, and the next ones work again.
  @Test(arguments: SimulatedDisk.Loss.allCases)
  func anErrorAtAnyOperationLosesNothing(loss: SimulatedDisk.Loss) throws {
    for operation in try Self.operations().indices {
      var random = SplitMix64(seed: UInt64(operation))
      let disk = SimulatedDisk()
      disk.plan(.fails(28), at: operation)
      var promises = Promises()
      // A start that fails says so, and the next one is as good as the first.
      if var log = try? Self.open(disk) { Self.play(&log, from: 1, count: 30, &promises) }
      disk.restart(losing: loss, using: &random)
      Self.check(try Self.open(disk), promises, "an error at \(operation), losing \(loss)")
    }
  }

  @Test func shortWritesAreFinished() throws {
    let disk = SimulatedDisk()
    for operation in 0..<2_000 { disk.plan(.takes(1 + operation % 50), at: operation) }
    var log = try Self.open(disk)
    var promises = Promises()
    Self.play(&log, from: 1, count: 30, &promises)
    #expect(promises.stored.count == 30)
    log.close()
    Self.check(try Self.open(disk), promises, "short writes")
  }

  @Test(arguments: 0..<40)
  func randomLivesMatchTheModel(seed: Int) throws {
    var random = SplitMix64(seed: UInt64(seed))
    let policy = SyncPolicy.allCases.randomElement(using: &random) ?? .always
    let disk = SimulatedDisk()
    var model: [UInt64: SealedIncident] = [:]
    var settled: Set<UInt64> = []
    var next: UInt64 = 1
    for _ in 0..<12 {
      var log = try Self.open(disk, policy)
      let found = Set(log.recovery.incidents.map(\.sequence))
      // Only the program ended: all that was written is there, under every policy, and nothing that was settled.
      #expect(found == Set(model.keys))
      next = max(next, log.recovery.nextSequence)
      for _ in 0..<Int.random(in: 0...40, using: &random) {
        switch Int.random(in: 0..<5, using: &random) {
        case 0...2:
          let sealed = SealedIncident.sample("i\(next)", bytes: Int.random(in: 0...400, using: &random))
          try log.append(
            sealed, as: StoredIncident(sequence: next, label: sealed.label, enteredAt: Timestamp(seconds: 1)))
          model[next] = sealed
          next += 1
        case 3:
          guard let sequence = model.keys.sorted().randomElement(using: &random) else { continue }
          try log.settle([sequence])
          settled.insert(sequence)
          model[sequence] = nil
          try log.tidy(isPressed: Bool.random(using: &random))
        default: try log.sync()
        }
      }
      for (sequence, sealed) in model { #expect(try log.read(sequence).0 == sealed) }
      // Twice what is alive, the slack, and the segment in use.
      let live = model.values.reduce(0) { $0 + $1.encoded.count + 150 }
      try log.tidy()
      #expect(log.totalBytes <= 2 * live + 1_500 + 1_400)
      log.close()
      disk.restart(losing: .nothing, using: &random)
    }
  }

  @Test(arguments: 0..<60)
  func damagedBytesCostOnlyTheirRecords(seed: Int) throws {
    var random = SplitMix64(seed: UInt64(seed))
    let disk = SimulatedDisk()
    var log = try OutboxLog(folder: "/outbox", policy: .always, files: disk, newSalt: 7)
    for sequence in UInt64(1)...20 {
      let sealed = Self.incident(sequence)
      try log.append(
        sealed, as: StoredIncident(sequence: sequence, label: sealed.label, enteredAt: Timestamp(seconds: 5)))
    }
    try log.sync()
    log.close()
    let size = log.totalBytes
    let length = Int.random(in: 1...40, using: &random)
    let start = Int.random(in: SegmentHeader.size...(size - length), using: &random)
    disk.damage("/outbox/0000000000000001.segment") { bytes in
      for at in start..<(start + length) { bytes[at] ^= UInt8.random(in: 1...255, using: &random) }
    }
    disk.restart(losing: .nothing, using: &random)
    let again = try OutboxLog(folder: "/outbox", policy: .always, files: disk, newSalt: 8)
    // 40 bytes touch two records at most, and never make one that was not there.
    #expect(again.recovery.incidents.count >= 18 && again.recovery.incidents.count < 20)
    #expect(again.recovery.damagedBytes + again.recovery.tornBytes > 0)
    for stored in again.recovery.incidents {
      #expect(try again.read(stored.sequence).0 == Self.incident(stored.sequence))
    }
  }

  @Test func aDamagedBeginningDoesNotCostTheSegment() throws {
    var random = SplitMix64(seed: 1)
    let disk = SimulatedDisk()
    var log = try Self.open(disk)
    var promises = Promises()
    Self.play(&log, from: 1, count: 12, &promises)
    log.close()
    let segments = disk.paths.filter { $0.hasSuffix(".segment") }
    try #require(segments.count > 2)
    disk.damage(segments[1]) { bytes in for at in 12..<40 { bytes[at] = 0xFF } }
    disk.restart(losing: .nothing, using: &random)
    Self.check(try Self.open(disk), promises, "beginning damaged")
  }
}
