package import Delivery
package import Incidents

/// When what was written is made to survive a crash of the machine. A crash or a kill of the program alone loses nothing under
/// any of them: what was written is the kernel's.
package enum SyncPolicy: String, Sendable, CaseIterable {
  /// Before an incident counts as stored. Incidents that come together share one flush.
  case always
  /// Once a second.
  case interval
  /// When the kernel likes.
  case never
}

/// Why an outbox on disk cannot be used. One line for a person.
package struct StorageError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What is wrong, where, and what to do.
  package let message: String

  package init(_ message: String) {
    self.message = message
  }

  package var description: String { message }
}

/// The segments of an outbox, read at the start and written from then on. Blocks; for one thread at a time.
///
/// What it does is decided by `OutboxIndex`; it knows about files. After an error the segment that it wrote to is cut back to its
/// last whole record or given up, so that a disk that comes back finds all in order.
package struct OutboxLog: Sendable {
  /// What a start found.
  package struct Recovery: Sendable, Equatable {
    /// Incidents that are not done with, in their order.
    package var incidents: [StoredIncident] = []
    /// Bytes of records that were damaged between whole ones.
    package var damagedBytes = 0
    /// Bytes of writes that a crash cut short.
    package var tornBytes = 0
    /// The first sequence that no record has.
    package var nextSequence: UInt64 = 1
  }

  /// A file of another size is not a segment of ours: the last record of a full one may be of the largest size, and versions to
  /// come may have larger ones.
  private static let fileLimit = 32 << 20

  private let folder: String
  private let files: any FileOperations
  private let policy: SyncPolicy
  private let lock: OpenFile
  private var index: OutboxIndex
  private var nextNumber: UInt64 = 1
  /// The salt of new segments.
  private var salt: UInt64
  /// The salts of segments that have others.
  private var salts: [UInt64: UInt64] = [:]
  /// The segment that is written to, and where it ends.
  private var active: OpenFile?
  private var end = 0
  /// True while something in it is not known to be on the disk.
  private var isDirty = false
  /// Incidents that are done with, and no record says so yet.
  private var unrecorded: [UInt64] = []
  /// What the start found.
  package private(set) var recovery = Recovery()

  /// Opens the outbox in a folder, made where there is none, and reads what lies there. Writes nothing but the lock, and deletes
  /// nothing. `newSalt`: a random number for a folder that has none yet.
  package init(
    folder: String, policy: SyncPolicy, files: any FileOperations, newSalt: UInt64, index: OutboxIndex = OutboxIndex()
  ) throws(StorageError) {
    self.folder = folder
    self.policy = policy
    self.files = files
    self.index = index
    salt = newSalt
    lock = try Self.lock(folder, files)
    do throws(StorageError) { try recover() } catch {
      files.close(lock)
      throw error
    }
  }

  private static func lock(_ folder: String, _ files: any FileOperations) throws(StorageError) -> OpenFile {
    let lock: OpenFile?
    do throws(FileFault) {
      try files.makeFolder(folder)
      lock = try files.lock("\(folder)/lock")
    } catch { throw StorageError("\(error)") }
    guard let lock else {
      throw StorageError("\(folder) is in use by another kube-mind: each process needs an outbox of its own")
    }
    return lock
  }

  /// Ends it; the folder may be opened again.
  package mutating func close() {
    if let active { files.close(active) }
    active = nil
    files.close(lock)
  }

  /// Bytes of all segments.
  package var totalBytes: Int { index.totalBytes }

  // MARK: The start

  private mutating func recover() throws(StorageError) {
    var live: [UInt64: StoredIncident] = [:]
    var highest: UInt64 = 0
    for number in try beginnings() {
      let bytes = try content(of: number)
      index.segmentOpened(number, bytes: bytes.count)
      var scanner = SegmentScanner(bytes, salt: salts[number] ?? salt)
      while let finding = scanner.next() {
        switch finding {
        case .record(.incident(let incident, _), let offset, let size):
          live[incident.sequence] = incident
          index.placed(incident.sequence, at: OutboxIndex.Place(segment: number, offset: offset, size: size))
          highest = max(highest, incident.sequence)
        case .record(.settled(let sequence), _, _):
          live[sequence] = nil
          index.settled(sequence)
          highest = max(highest, sequence)
        case .damaged(let bytes): recovery.damagedBytes += bytes
        case .torn(let bytes): recovery.tornBytes += bytes
        }
      }
      nextNumber = number + 1
    }
    recovery.incidents = live.values.sorted { $0.sequence < $1.sequence }
    recovery.nextSequence = highest + 1
  }

  /// Reads the header of every segment, so that none of them is touched where one is not ours. The segments in their order.
  private mutating func beginnings() throws(StorageError) -> [UInt64] {
    var numbers: [UInt64] = []
    do throws(FileFault) {
      numbers = try files.names(in: folder).compactMap(Self.number).sorted()
    } catch { throw StorageError("\(error)") }
    var found: UInt64?
    for number in numbers {
      let path = path(of: number)
      let start: [UInt8]
      let size: Int
      do throws(FileFault) {
        start = try files.read(path, at: 0, count: SegmentHeader.size)
        size = try files.size(of: path) ?? 0
      } catch { throw StorageError("\(error)") }
      let advice = "move it out of the folder, or start the version that wrote it"
      switch SegmentHeader.read(start) {
      case .segment(let header) where header.number == number && size <= Self.fileLimit:
        salts[number] = header.salt
        found = found ?? header.salt
      case .damaged where size <= Self.fileLimit: break
      case .foreignVersion(let version):
        throw StorageError(
          "\(path) has version \(version) of the outbox's format, this program reads \(SegmentHeader.version): \(advice)"
        )
      case .segment, .damaged, .foreign: throw StorageError("\(path) is not a segment of this outbox: \(advice)")
      }
    }
    salt = found ?? salt
    return numbers
  }

  private func content(of number: UInt64) throws(StorageError) -> [UInt8] {
    do throws(FileFault) { return try files.read(path(of: number), at: 0, count: Self.fileLimit) } catch {
      throw StorageError("\(error)")
    }
  }

  private static let suffix = ".segment"

  /// `000000000000002a.segment`: in the order of their names, as a person sorts them.
  private func path(of number: UInt64) -> String {
    let digits = String(number, radix: 16)
    return "\(folder)/\(String(repeating: "0", count: 16 - digits.utf8.count))\(digits)\(Self.suffix)"
  }

  private static func number(of name: String) -> UInt64? {
    guard name.hasSuffix(suffix), name.utf8.count == 16 + suffix.utf8.count else { return nil }
    // The last number would have no next one.
    return UInt64(name.prefix(16), radix: 16).flatMap { $0 > 0 && $0 < .max ? $0 : nil }
  }

  // MARK: Writing

  /// Writes an incident. It is on the disk after the next `sync`.
  package mutating func append(_ incident: SealedIncident, as stored: StoredIncident) throws(FileFault) {
    let salt = try openSegment()
    guard
      let record = OutboxRecord.encode(
        incident, sequence: stored.sequence, enteredAt: stored.enteredAt, salt: salt)
    else { throw FileFault(.write, path(of: index.lastNumber), code: Self.tooLarge) }
    let offset = end
    try write(record)
    index.placed(
      stored.sequence, at: OutboxIndex.Place(segment: index.lastNumber, offset: offset, size: record.count))
  }

  /// EFBIG. Sealed incidents have at most the contract's 3.5 MiB, which fit.
  private static let tooLarge: Int32 = 27

  /// Writes that incidents are done with. Their room can be had from now on, even where the disk takes no record of it: what is
  /// not written is tried again with the next ones. Until then they may come back after a restart, and are known as duplicates by
  /// their ids then.
  package mutating func settle(_ sequences: [UInt64]) throws(FileFault) {
    for sequence in sequences where index.place(of: sequence) != nil {
      index.settled(sequence)
      unrecorded.append(sequence)
    }
    var written = 0
    defer { unrecorded.removeFirst(written) }
    for sequence in unrecorded {
      try openSegment()
      try write(OutboxRecord.encodeSettled(sequence, salt: salt))
      written += 1
    }
  }

  /// True while `settle` has something to try again.
  package var owesRecords: Bool { !unrecorded.isEmpty }

  /// Returns once all that was written is on the disk. After an error none of it may be taken to be there: the kernel drops what
  /// it could not write and says so once (fsync(2)). The segment is given up then.
  package mutating func sync() throws(FileFault) {
    guard let active, isDirty else { return }
    do throws(FileFault) { try files.sync(active) } catch {
      giveUpSegment()
      throw error
    }
    isDirty = false
  }

  /// Deletes what is done with, and writes again what holds up much that is. `isPressed`: the disk took no more.
  package mutating func tidy(isPressed: Bool = false) throws(FileFault) {
    while true {
      while let number = index.obsolete(isPressed: isPressed) {
        if number == index.lastNumber { giveUpSegment() }
        try files.remove(path(of: number))
        index.firstDeleted()
        salts[number] = nil
        // Nothing is left that a record could be about.
        if index.lastNumber == 0 { unrecorded = [] }
        // One after the other also on the disk: a settled incident's record must be gone before the one that settles it.
        if policy != .never { try files.syncFolder(folder) }
      }
      let sequences = index.toRewrite
      guard !sequences.isEmpty else { return }
      try rewrite(sequences)
    }
  }

  private mutating func rewrite(_ sequences: [UInt64]) throws(FileFault) {
    let before = sequences.map { index.place(of: $0) }
    do throws(FileFault) {
      for sequence in sequences {
        let (incident, stored) = try read(sequence)
        try append(incident, as: stored)
      }
      if policy != .never { try sync() }
    } catch {
      // The copies may never reach the disk: the originals count again.
      for (sequence, place) in zip(sequences, before) {
        if let place { index.placed(sequence, at: place) }
      }
      throw error
    }
  }

  /// The incident of this sequence, read back and checked.
  package func read(_ sequence: UInt64) throws(FileFault) -> (SealedIncident, StoredIncident) {
    guard let place = index.place(of: sequence) else { throw FileFault(.read, folder, code: Self.noEntry) }
    let path = path(of: place.segment)
    let bytes = try files.read(path, at: place.offset, count: place.size)
    guard case .incident(let stored, let encoded)? = OutboxRecord.decode(bytes, salt: salts[place.segment] ?? salt),
      stored.sequence == sequence
    else { throw FileFault(.read, path, code: Self.damaged) }
    return (SealedIncident(label: stored.label, storedInOutbox: encoded), stored)
  }

  /// ENOENT and EIO.
  private static let noEntry: Int32 = 2
  private static let damaged: Int32 = 5

  /// Makes sure that there is a segment to write to.
  @discardableResult
  private mutating func openSegment() throws(FileFault) -> UInt64 {
    if active != nil, !index.lastIsFull { return salt }
    if policy != .never { try sync() }
    giveUpSegment()
    let number = nextNumber
    let path = path(of: number)
    let header = SegmentHeader(number: number, salt: salt).encoded
    // A number is tried once, so that a file that cannot be removed is in nobody's way.
    nextNumber += 1
    let file = try files.create(path, isNew: true)
    do throws(FileFault) {
      try files.writeAll(header, to: file, at: 0)
      if policy != .never { try files.syncFolder(folder) }
    } catch {
      files.close(file)
      // Left behind it would be an empty segment, which the next start passes over.
      try? files.remove(path)
      throw error
    }
    active = file
    end = header.count
    isDirty = true
    salts[number] = salt
    index.segmentOpened(number, bytes: end)
    return salt
  }

  private mutating func write(_ record: [UInt8]) throws(FileFault) {
    guard let active else { return }
    isDirty = true
    do throws(FileFault) { try files.writeAll(record, to: active, at: end) } catch {
      // Half a record in the middle would be skipped at a start; better there is none.
      do throws(FileFault) { try files.truncate(active, to: end) } catch { giveUpSegment() }
      throw error
    }
    end += record.count
    index.lastGrew(to: end)
  }

  private mutating func giveUpSegment() {
    if let active { files.close(active) }
    active = nil
    isDirty = false
  }
}
