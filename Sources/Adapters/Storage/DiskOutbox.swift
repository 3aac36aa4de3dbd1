package import Delivery
internal import Dispatch
package import Incidents
package import Logging
internal import Synchronization
package import Time

/// Incidents on disk until they are done with.
///
/// What is put lies in memory until its record is on the disk, and may be sent meanwhile; from then on it is read back when it is
/// sent. One thread writes, and incidents that come while it does share the next flush. A disk that fails or hangs holds up
/// nothing but the memory: incidents stay there within a limit, one line says so, and the disk is tried again every second.
package final class DiskOutbox: IncidentStore {
  /// What is counted since the start.
  package struct Status: Sendable, Equatable {
    /// Bytes of the segments.
    package var diskBytes = 0
    /// Bytes of incidents that are not on the disk yet.
    package var memoryBytes = 0
    /// Writes that failed.
    package var failures = 0
    /// What is wrong with the disk now.
    package var trouble: String?
  }

  private struct Entry {
    let stored: StoredIncident
    /// Nil once it is on the disk.
    var content: SealedIncident?
    /// True if something of it may be on the disk.
    var wasTried: Bool
  }

  private struct Waiter {
    let id: String
    let since: MonotonicInstant
    let continuation: CheckedContinuation<Void, Never>
  }

  private struct State {
    var entries: [String: Entry] = [:]
    /// Ids that are to be written, in their order.
    var unwritten: [String] = []
    /// Sequences whose incident is done with.
    var settled: [UInt64] = []
    var nextSequence: UInt64
    var waiters: [Int: Waiter] = [:]
    var nextWaiter = 0
    /// True while the thread has work, or is about to look for it.
    var isWorking = false
    /// False after a failure, until it is time to try again.
    var mayTry = true
    /// True where what was written is to be flushed for its own sake.
    var isFlushDue = false
    /// True where the disk has no record yet of some that are done with.
    var isRecordDue = false
    var status = Status()

    init(nextSequence: UInt64) {
      self.nextSequence = nextSequence
    }

    var hasWork: Bool { !unwritten.isEmpty || !settled.isEmpty || isFlushDue || isRecordDue }

    /// Takes out those whose incident is as safe as it gets, and those who wait since this moment or longer.
    mutating func releasedWaiters(since latest: MonotonicInstant? = nil) -> [Waiter] {
      let released = waiters.filter { _, waiter in
        entries[waiter.id]?.content == nil || status.trouble != nil || latest.map { waiter.since <= $0 } ?? false
      }
      for number in released.keys { waiters[number] = nil }
      return Array(released.values)
    }
  }

  private struct Batch {
    var incidents: [(incident: SealedIncident, stored: StoredIncident)] = []
    var settled: [UInt64] = []
    var isFlushDue = false
  }

  /// How long an incident waits for a disk that hangs before it counts as kept in memory.
  private static let patience = Duration.seconds(5)
  /// Largest incident, for the question whether there is room: the contract's 3.5 MiB.
  private static let largest = 3_670_016

  private let state: Mutex<State>
  private let log: Mutex<OutboxLog>
  private let policy: SyncPolicy
  private let memoryLimit: Int
  private let logger: Logger
  private let time: any TimeSource
  private let thread = DispatchQueue(label: "kube-mind.outbox")

  package let restored: [StoredIncident]

  /// Opens the outbox in a folder and reads what lies there. Holds at most `memoryLimit` bytes of incidents that are not on the
  /// disk.
  package init(
    folder: String, policy: SyncPolicy, memoryLimit: Int, files: any FileOperations = SystemFiles(), logger: Logger,
    time: any TimeSource, index: OutboxIndex = OutboxIndex()
  ) throws(StorageError) {
    let log = try OutboxLog(
      folder: folder, policy: policy, files: files, newSalt: .random(in: .min ... .max), index: index)
    let recovery = log.recovery
    var state = State(nextSequence: recovery.nextSequence)
    for stored in recovery.incidents {
      state.entries[stored.label.id] = Entry(stored: stored, content: nil, wasTried: true)
    }
    state.status.diskBytes = log.totalBytes
    restored = recovery.incidents
    self.state = Mutex(state)
    self.log = Mutex(log)
    self.policy = policy
    self.memoryLimit = memoryLimit
    self.logger = logger
    self.time = time
    if recovery.damagedBytes > 0 {
      logger.error("outbox damaged", metadata: ["folder": "\(folder)", "bytes": "\(recovery.damagedBytes)"])
    }
    if !recovery.incidents.isEmpty || recovery.tornBytes > 0 {
      logger.info(
        "outbox restored",
        metadata: ["incidents": "\(recovery.incidents.count)", "torn_bytes": "\(recovery.tornBytes)"])
    }
  }

  deinit {
    log.withLock { $0.close() }
  }

  /// What is counted since the start.
  package var status: Status { state.withLock { $0.status } }

  package var hasRoom: Bool {
    state.withLock { $0.status.memoryBytes == 0 || $0.status.memoryBytes + Self.largest <= memoryLimit }
  }

  package func put(_ incident: SealedIncident, enteredAt: Timestamp) throws(DeliveryError) {
    let limit = memoryLimit
    let error: DeliveryError? = state.withLock { state in
      let used = state.status.memoryBytes
      guard used == 0 || used + incident.label.size <= limit else {
        let cause = state.status.trouble ?? "the disk does not keep up"
        return DeliveryError(.outboxFull, "\(used) bytes of incidents wait in memory for the outbox's disk: \(cause)")
      }
      let stored = StoredIncident(sequence: state.nextSequence, label: incident.label, enteredAt: enteredAt)
      state.nextSequence += 1
      state.entries[incident.id] = Entry(stored: stored, content: incident, wasTried: false)
      state.unwritten.append(incident.id)
      state.status.memoryBytes += incident.label.size
      return nil
    }
    if let error { throw error }
    workSoon()
  }

  package func secured(_ id: String) async {
    let now = time.monotonic
    let number = state.withLock { state in
      state.nextWaiter += 1
      return state.nextWaiter
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
        let isOver = state.withLock { state in
          guard state.entries[id]?.content != nil, state.status.trouble == nil, !Task.isCancelled else { return true }
          state.waiters[number] = Waiter(id: id, since: now, continuation: continuation)
          return false
        }
        if isOver { continuation.resume() }
      }
    } onCancel: {
      state.withLock { $0.waiters.removeValue(forKey: number) }?.continuation.resume()
    }
  }

  package func isSafe(_ id: String) -> Bool {
    state.withLock { state in state.entries[id].map { $0.content == nil } ?? false }
  }

  package func content(of id: String) async throws(StoreFailure) -> SealedIncident {
    let (content, sequence) = state.withLock { ($0.entries[id]?.content, $0.entries[id]?.stored.sequence) }
    if let content { return content }
    guard let sequence else { throw StoreFailure("incident \(id) is not held") }
    let result: Result<SealedIncident, FileFault> = await onThread {
      self.log.withLock { log in
        do throws(FileFault) { return .success(try log.read(sequence).0) } catch { return .failure(error) }
      }
    }
    do { return try result.get() } catch { throw StoreFailure("the outbox's record of incident \(id): \(error)") }
  }

  package func settled(_ id: String) {
    let released = state.withLock { state -> [Waiter] in
      guard let entry = state.entries.removeValue(forKey: id) else { return [] }
      if entry.content != nil { state.status.memoryBytes -= entry.stored.label.size }
      if entry.wasTried { state.settled.append(entry.stored.sequence) }
      return state.releasedWaiters()
    }
    for waiter in released { waiter.continuation.resume() }
    workSoon()
  }

  package func maintain() async {
    let latest = time.monotonic.advanced(by: .zero - Self.patience)
    let released = state.withLock { state in
      state.mayTry = true
      state.isFlushDue = policy == .interval
      return state.releasedWaiters(since: latest)
    }
    for waiter in released { waiter.continuation.resume() }
    workSoon()
  }

  // MARK: The thread

  private func workSoon() {
    let isNews = state.withLock { state -> Bool in
      guard !state.isWorking, state.mayTry, state.hasWork else { return false }
      state.isWorking = true
      return true
    }
    if isNews { thread.async { self.work() } }
  }

  private func work() {
    while let batch = nextBatch() {
      let (stored, faults, diskBytes, owesRecords) = log.withLock { log in
        var faults: [FileFault] = []
        let stored = Self.write(batch, to: &log, policy: policy, &faults)
        return (stored, faults, log.totalBytes, log.owesRecords)
      }
      finished(batch, stored: stored, faults, diskBytes: diskBytes, owesRecords: owesRecords)
    }
  }

  private func nextBatch() -> Batch? {
    state.withLock { state in
      guard state.mayTry, state.hasWork else {
        state.isWorking = false
        return nil
      }
      var batch = Batch(settled: state.settled, isFlushDue: state.isFlushDue)
      for id in state.unwritten {
        // Settled before it was written: it need not be.
        guard let entry = state.entries[id], let content = entry.content else { continue }
        state.entries[id]?.wasTried = true
        batch.incidents.append((content, entry.stored))
      }
      state.unwritten = []
      state.settled = []
      state.isFlushDue = false
      return batch
    }
  }

  /// Writes as much of a batch as the disk takes: how many of its incidents count as stored.
  private static func write(
    _ batch: Batch, to log: inout OutboxLog, policy: SyncPolicy, _ faults: inout [FileFault]
  ) -> Int {
    var stored = 0
    do throws(FileFault) {
      for (incident, place) in batch.incidents {
        try log.append(incident, as: place)
        stored += 1
      }
    } catch { faults.append(error) }
    // Before the flush, which takes them along.
    do throws(FileFault) { try log.settle(batch.settled) } catch { faults.append(error) }
    do throws(FileFault) {
      if batch.isFlushDue || (policy == .always && stored > 0) { try log.sync() }
    } catch {
      faults.append(error)
      stored = 0
    }
    do throws(FileFault) { try log.tidy(isPressed: !faults.isEmpty) } catch { faults.append(error) }
    return stored
  }

  private func finished(_ batch: Batch, stored: Int, _ faults: [FileFault], diskBytes: Int, owesRecords: Bool) {
    let (released, news) = state.withLock { state -> ([Waiter], String?) in
      for (_, place) in batch.incidents.prefix(stored) {
        // One that was settled meanwhile may have come again, under another sequence.
        guard let entry = state.entries[place.label.id], entry.content != nil,
          entry.stored.sequence == place.sequence
        else { continue }
        state.entries[place.label.id]?.content = nil
        state.status.memoryBytes -= place.label.size
      }
      // In front of what came meanwhile.
      state.unwritten.insert(contentsOf: batch.incidents.dropFirst(stored).map(\.stored.label.id), at: 0)
      state.isRecordDue = owesRecords
      state.status.diskBytes = diskBytes
      state.status.failures += faults.count
      let before = state.status.trouble
      state.status.trouble = faults.first.map { "\($0)" }
      state.mayTry = faults.isEmpty
      let news: String? = (before == nil) == (state.status.trouble == nil) ? nil : state.status.trouble ?? ""
      return (state.releasedWaiters(), news)
    }
    for waiter in released { waiter.continuation.resume() }
    guard let news else { return }
    if news.isEmpty {
      logger.info("the outbox's disk works again")
    } else {
      logger.error("the outbox's disk fails: incidents stay in memory meanwhile", metadata: ["error": "\(news)"])
    }
  }

  private func onThread<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result {
    await withCheckedContinuation { continuation in
      thread.async { continuation.resume(returning: body()) }
    }
  }
}
