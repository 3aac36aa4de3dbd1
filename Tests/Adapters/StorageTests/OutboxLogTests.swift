internal import Delivery
internal import Incidents
internal import Randomness
internal import Testing
internal import Time

@testable internal import Storage

struct OutboxLogTests {
  static func version(_ number: UInt32) -> [UInt8] {
    var bytes = SegmentHeader(number: 1, salt: 1).encoded
    bytes[8] = UInt8(number)
    return bytes
  }

  @Test(arguments: [
    (version(2), "version 2"), (Array("a text that somebody put here, of some length".utf8), "not a segment"),
    (SegmentHeader(number: 2, salt: 1).encoded, "not a segment"), (Array("KM".utf8) + [0], "not a segment"),
  ])
  func aFileOfAnotherKindIsRefusedAndNotTouched(bytes: [UInt8], words: String) throws {
    let disk = SimulatedDisk()
    let path = "/outbox/0000000000000001.segment"
    disk.place(bytes, at: path)
    #expect {
      try OutboxLog(folder: "/outbox", policy: .always, files: disk, newSalt: 1)
    } throws: {
      "\($0)".contains(words) && "\($0)".contains(path) && "\($0)".contains("move it out of the folder")
    }
    #expect(try disk.read(path, at: 0, count: 1_000) == bytes)
    // The lock is free again.
    try disk.remove(path)
    #expect(throws: Never.self) { try OutboxLog(folder: "/outbox", policy: .always, files: disk, newSalt: 1) }
  }

  @Test(arguments: [[], Array("KMOUTBO".utf8), [UInt8](repeating: 0, count: 300)])
  func aBeginningThatNeverReachedTheDiskIsAnEmptySegment(bytes: [UInt8]) throws {
    let disk = SimulatedDisk()
    disk.place(bytes, at: "/outbox/0000000000000005.segment")
    var log = try OutboxLog(folder: "/outbox", policy: .always, files: disk, newSalt: 1)
    #expect(log.recovery.incidents.isEmpty && log.recovery.damagedBytes == 0)
    let sealed = SealedIncident.sample("a")
    try log.append(sealed, as: StoredIncident(sequence: 1, label: sealed.label, enteredAt: Timestamp(seconds: 1)))
    try log.tidy()
    #expect(disk.paths == ["/outbox/0000000000000006.segment", "/outbox/lock"])
  }

  @Test func filesOfOthersAreLeftAlone() throws {
    let disk = SimulatedDisk()
    let names = ["notes.txt", "1.segment", "zzzzzzzzzzzzzzzz.segment", "ffffffffffffffff.segment"]
    for name in names { disk.place([1, 2, 3], at: "/outbox/\(name)") }
    _ = try OutboxLog(folder: "/outbox", policy: .always, files: disk, newSalt: 1)
    #expect(Set(disk.paths).isSuperset(of: names.map { "/outbox/\($0)" }))
  }

  @Test func oneProcessAtATime() throws {
    let disk = SimulatedDisk()
    var first = try OutboxLog(folder: "/outbox", policy: .always, files: disk, newSalt: 1)
    #expect { try OutboxLog(folder: "/outbox", policy: .always, files: disk, newSalt: 1) } throws: {
      "\($0)" == "/outbox is in use by another kube-mind: each process needs an outbox of its own"
    }
    first.close()
    #expect(throws: Never.self) { try OutboxLog(folder: "/outbox", policy: .always, files: disk, newSalt: 1) }
  }

  @Test func textThatLooksLikeARecordIsNotOne() throws {
    // Whoever writes a pod's log cannot know the salt; here it has even a record of another outbox in it.
    var random = SplitMix64(seed: 3)
    let inner = SealedIncident.sample("evil")
    let forged = try #require(
      OutboxRecord.encode(inner, sequence: 77, enteredAt: Timestamp(seconds: 1), salt: 1))
    let disk = SimulatedDisk()
    var log = try OutboxLog(folder: "/outbox", policy: .always, files: disk, newSalt: 2)
    let outer = SealedIncident(label: inner.label, storedInOutbox: forged + forged)
    try log.append(outer, as: StoredIncident(sequence: 1, label: outer.label, enteredAt: Timestamp(seconds: 1)))
    log.close()
    // The outer record is damaged, and the search begins within it.
    disk.damage("/outbox/0000000000000001.segment") { $0[SegmentHeader.size + 1] ^= 1 }
    disk.restart(losing: .nothing, using: &random)
    let again = try OutboxLog(folder: "/outbox", policy: .always, files: disk, newSalt: 3)
    #expect(again.recovery.incidents.isEmpty)
  }

  @Test func theSystemsFilesBehaveAsTheSimulatedOnes() async throws {
    try await DeadLetterFolderTests.withFolder { path in
      let folder = path + "/outbox"
      var log = try OutboxLog(folder: folder, policy: .always, files: SystemFiles(), newSalt: 9)
      var promises = OutboxCrashTests.Promises()
      OutboxCrashTests.play(&log, from: 1, count: 30, &promises)
      #expect(promises.stored.count == 30)
      #expect { try OutboxLog(folder: folder, policy: .always, files: SystemFiles(), newSalt: 9) } throws: {
        "\($0)".contains("in use by another kube-mind")
      }
      log.close()
      var again = try OutboxLog(folder: folder, policy: .always, files: SystemFiles(), newSalt: 9)
      OutboxCrashTests.check(again, promises, "real files")
      again.close()
      #expect(try DeadLetterFolderTests.mode(of: folder) == 0o700)
      for name in DeadLetterFolderTests.names(in: folder) {
        #expect(try DeadLetterFolderTests.mode(of: "\(folder)/\(name)") == 0o600)
        try SystemFiles().remove("\(folder)/\(name)")
      }
      DeadLetterFolderTests.removeFolder(folder)
    }
  }

  @Test(arguments: ["/proc/none", "/dev/null", "/proc/self"])
  func aFolderThatCannotBeIsNamed(path: String) {
    #expect { try OutboxLog(folder: path, policy: .always, files: SystemFiles(), newSalt: 9) } throws: {
      "\($0)".hasPrefix("cannot ") && "\($0)".contains(path)
    }
  }
}

struct RecordFormatTests {
  @Test(
    arguments: [
      ("", 0, 0xEF46_DB37_51D8_E999), ("a", 0, 0xD24E_C4F1_A98C_6E5B), ("abc", 0, 0x44BC_2CF5_AD77_0999),
      ("Nobody inspects the spammish repetition", 0, 0xFBCE_A83C_8A37_8BF1),
      ("xxhash", 20_141_025, 0xB559_B98D_844E_0635),
    ] as [(String, UInt64, UInt64)])
  func theHashIsXXH64(text: String, seed: UInt64, hash: UInt64) {
    #expect(Array(text.utf8).withUnsafeBytes { XXHash64.hash($0, seed: seed) } == hash)
  }

  @Test func aRecordComesBackAsItWas() throws {
    let sealed = SealedIncident.sample("id", pod: "pod-ü", bytes: 5_000)
    let at = Timestamp(seconds: 12, nanoseconds: 34)
    let bytes = try #require(OutboxRecord.encode(sealed, sequence: .max, enteredAt: at, salt: 5))
    let stored = StoredIncident(sequence: .max, label: sealed.label, enteredAt: at)
    #expect(OutboxRecord.decode(bytes, salt: 5) == .incident(stored, encoded: sealed.encoded))
    #expect(OutboxRecord.decode(bytes, salt: 6) == nil)
    #expect(OutboxRecord.decode(OutboxRecord.encodeSettled(9, salt: 5), salt: 5) == .settled(sequence: 9))
    #expect(OutboxRecord.encode(.sample("id", bytes: 4 << 20), sequence: 1, enteredAt: at, salt: 5) == nil)
  }

  @Test func everyFlippedBitIsNoticed() throws {
    let bytes = try #require(
      OutboxRecord.encode(.sample("id", bytes: 40), sequence: 3, enteredAt: Timestamp(seconds: 1), salt: 5))
    for at in bytes.indices {
      for bit in 0..<8 {
        var changed = bytes
        changed[at] ^= 1 << bit
        #expect(OutboxRecord.decode(changed, salt: 5) == nil, "byte \(at), bit \(bit)")
      }
    }
  }

  @Test func everyCutIsATornTail() throws {
    let record = try #require(
      OutboxRecord.encode(.sample("id", bytes: 40), sequence: 3, enteredAt: Timestamp(seconds: 1), salt: 5))
    let header = SegmentHeader(number: 1, salt: 5).encoded
    for count in 0..<record.count {
      var scanner = SegmentScanner(header + record + record.prefix(count), salt: 5)
      guard case .record? = scanner.next() else {
        Issue.record("the whole record before the cut is gone")
        return
      }
      #expect(scanner.next() == (count == 0 ? nil : .torn(bytes: count)))
      #expect(scanner.next() == nil)
    }
  }

  @Test(arguments: 0..<50)
  func anyBytesAtAllAreRead(seed: Int) {
    var random = SplitMix64(seed: UInt64(seed))
    let bytes = (0..<3_000).map { _ in [0x6B, 0x6D, 0x72, 0x31, 0, 1, 2].randomElement(using: &random) ?? UInt8(0) }
    var scanner = SegmentScanner(bytes, salt: 5)
    var total = 40
    while let finding = scanner.next() {
      switch finding {
      case .record: Issue.record("a record out of nothing")
      case .damaged(let count), .torn(let count): total += count
      }
    }
    #expect(total == bytes.count)
  }
}
