import Testing

@testable import Archives

/// Gives bytes in chunks of a size.
private func source(_ bytes: [UInt8], chunk: Int = 7) -> ByteSource {
  var position = 0
  return { () throws(ArchiveError) in
    let end = min(position + chunk, bytes.count)
    defer { position = end }
    return Array(bytes[position..<end])
  }
}

private func gunzip(_ bytes: [UInt8], limit: Int = 1 << 30, chunk: Int = 7) throws -> [UInt8] {
  let reader = GzipReader(limit: limit, source(bytes, chunk: chunk))
  var output: [UInt8] = []
  while true {
    let next = try reader.next()
    if next.isEmpty { return output }
    output += next
  }
}

/// A gzip file of stored blocks, as any text can be one.
private func stored(_ text: [UInt8]) -> [UInt8] {
  var bytes: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3]
  var position = 0
  repeat {
    let end = min(position + 60_000, text.count)
    let count = UInt16(end - position)
    bytes += [
      end == text.count ? 1 : 0, UInt8(count & 0xFF), UInt8(count >> 8), UInt8(~count & 0xFF), UInt8(~count >> 8),
    ]
    bytes += text[position..<end]
    position = end
  } while position < text.count
  for value in [crc32(text), UInt32(text.count)] {
    bytes += (0..<4).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
  }
  return bytes
}

/// CRC-32 as gzip has it (RFC 1952 section 8).
private func crc32(_ bytes: [UInt8]) -> UInt32 {
  ~bytes.reduce(UInt32.max) { sum, byte in
    (0..<8).reduce(sum ^ UInt32(byte)) { value, _ in value & 1 == 1 ? 0xEDB8_8320 ^ (value >> 1) : value >> 1 }
  }
}

private func hex(_ text: String) -> [UInt8] {
  let digits = Array(text.utf8).compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
  return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}

@Suite("gzip")
struct GzipTests {
  /// Nothing; a text with many repetitions (fixed tables); words (dynamic tables). Written by zlib.
  @Test(
    "what gzip writes is read",
    arguments: [
      ("1f8b08000000000002ff03000000000000000000", ""),
      (
        "1f8b08000000000002ffcb2e4d4ad5cdcdcc4b51c81e650d02161700c3da020791010000",
        String(repeating: "kube-mind ", count: 40) + "\n"
      ),
      (
        """
        1f8b08000000000002ff5551d90dc3200c5d850590620cc68c13a5348a944b6d55a9db37e18af367633fbf83f88deb4777ea15f7791a7a
        0d6ad8d6e7346a5b8b500b20b56f0f6d9c9ab75163ee6c506bbfc4f7de0f51530331886714b5b1ea71506dbfe5e4b55e8cbca968a36292
        859038c888ade0d21b625df69d98825c75d86c056abe2e63f9ba45a9285879a04b56592e906b2a7d91c9dc789ccd19990c0c597f26c2ac
        1c409e636a582a89b28ccec865e0c24832909b7ece243eb4b3de1590bf22933f72cc4573e1b8e20e82d30c95166e7160fdab4376b94e52
        1dd31fdc92bb5d62020000
        """,
        """
        event-0 replica-1 config-4 config-9 config-16 pod-25 log-36 pod-49 namespace-64 config-81 namespace-3 \
        namespace-24 deployment-47 namespace-72 config-2 event-31 pod-62 namespace-95 pod-33 config-70 namespace-12 \
        namespace-53 replica-96 config-44 config-91 pod-43 deployment-94 namespace-50 log-8 deployment-65 config-27 \
        event-88 replica-54 pod-22 log-89 pod-61 pod-35 pod-11 deployment-86 replica-66 pod-48 namespace-32 \
        deployment-18 event-6 namespace-93 deployment-85 pod-79 replica-75 event-73 config-73 namespace-75 \
        namespace-79 replica-85 event-93 log-6 event-18 deployment-32 event-48 config-66 namespace-86
        """
      ),
    ])
  func fixed(file: String, text: String) throws {
    #expect(try gunzip(hex(file)) == Array(text.utf8))
  }

  @Test("stored blocks, members one after the other, zeros behind the last", arguments: [1, 7, 100_000])
  func members(chunk: Int) throws {
    let text = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
    #expect(try gunzip(stored(text), chunk: chunk) == text)
    #expect(try gunzip(stored([1, 2]) + stored([3]) + [0, 0, 0], chunk: chunk) == [1, 2, 3])
    // With a name and a comment in the header.
    var named = stored([9])
    named[3] = 0x18
    named.insert(contentsOf: Array("a.tar".utf8) + [0] + Array("c".utf8) + [0], at: 10)
    #expect(try gunzip(named, chunk: chunk) == [9])
  }

  @Test("a broken file is an error of its kind, never a crash and never other bytes")
  func broken() {
    let good = stored(Array("some text".utf8))
    #expect(throws: ArchiveError.self) { try gunzip([]) }
    for length in 1..<good.count { #expect(throws: ArchiveError.self) { try gunzip(Array(good[..<length])) } }
    var flipped = good
    flipped[17] ^= 1
    #expect(throws: ArchiveError(.corrupt, "the archive's checksum is wrong")) { try gunzip(flipped) }
    #expect(throws: ArchiveError(.corrupt, "not a gzip file")) { try gunzip(Array("no gzip at all".utf8)) }
  }

  @Test("more than the limit is not decompressed")
  func bomb() {
    let bytes = stored(Array(repeating: 0, count: 500_000))
    #expect(throws: ArchiveError(.tooLarge, "the archive has more than 0 MiB decompressed")) {
      try gunzip(bytes, limit: 100_000)
    }
  }

  @Test("of what is cut or grows too long, the beginning")
  func beginning() {
    let text = Array("some text, and some more of it".utf8)
    let packed = stored(text)
    #expect(Gzip.beginning(of: packed, limit: 1_000) == text)
    #expect(Gzip.beginning(of: packed, limit: 9) == Array(text[..<9]))
    #expect(Gzip.beginning(of: Array(packed.dropLast(20)), limit: 1_000) == Array(text[..<(text.count - 12)]))
    #expect(Gzip.beginning(of: packed + [1, 2, 3], limit: 1_000) == text)
    #expect(Gzip.beginning(of: Array("no gzip".utf8), limit: 1_000).isEmpty)
    #expect(Gzip.beginning(of: [], limit: 1_000).isEmpty)
  }

  @Test("random bytes behind a header end, with an error or with bytes", arguments: 0..<400)
  func fuzz(seed: UInt64) {
    var state = seed &* 77 &+ 1
    let body = (0..<200).map { _ -> UInt8 in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return UInt8(truncatingIfNeeded: state >> 40)
    }
    for kind in [UInt8(0b011), 0b101, 0b001] {
      _ = try? gunzip([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, body[0] & ~7 | kind] + body, limit: 1 << 20)
    }
  }
}

@Suite("tar")
struct TarTests {
  /// A header as `tar --format=ustar` writes it.
  static func header(_ name: String, size: Int, type: UInt8 = 0x30, prefix: String = "") -> [UInt8] {
    var block = [UInt8](repeating: 0, count: 512)
    func put(_ text: String, at offset: Int) {
      for (index, byte) in text.utf8.enumerated() { block[offset + index] = byte }
    }
    let octal = String(size, radix: 8)
    put(name, at: 0)
    put(String(repeating: "0", count: 11 - octal.count) + octal, at: 124)
    block[156] = type
    put("ustar\0" + "00", at: 257)
    put(prefix, at: 345)
    put("        ", at: 148)
    let sum = String(block.reduce(0) { $0 + Int($1) }, radix: 8)
    put(String(repeating: "0", count: 6 - sum.count) + sum + "\0 ", at: 148)
    return block
  }

  static func file(_ name: String, _ content: String, type: UInt8 = 0x30, prefix: String = "") -> [UInt8] {
    let bytes = Array(content.utf8)
    let padding = (512 - bytes.count % 512) % 512
    return header(name, size: bytes.count, type: type, prefix: prefix) + bytes + Array(repeating: 0, count: padding)
  }

  private func all(_ bytes: [UInt8], chunk: Int = 300) throws -> [String] {
    var tar = TarReader(source(bytes, chunk: chunk))
    var found: [String] = []
    while let entry = try tar.next() {
      found.append(entry.path + "=" + String(decoding: try tar.content(limit: 10_000), as: UTF8.self))
    }
    return found
  }

  @Test(
    "files with their names, however those are written; links and folders are passed over",
    arguments: [1, 300, 100_000])
  func entries(chunk: Int) throws {
    let long = String(repeating: "d/", count: 80) + "end"
    let record = " path=\(long)\n"
    let pax = "\(record.utf8.count + 3)\(record)"
    let archive =
      Self.file("a.json", "one") + Self.file("dir", "", type: 0x35) + Self.file("b", "two", prefix: "p/q")
      + Self.file("link", "", type: 0x32) + Self.file("././@LongLink", long + "\0", type: 0x4C)
      + Self.file("short", "three")
      + Self.file("PaxHeader", pax, type: 0x78) + Self.file("cut", String(repeating: "x", count: 1_000))
      + Self.file("../../etc/passwd", "p") + Array(repeating: 0, count: 1_024)
    #expect(
      try all(archive, chunk: chunk) == [
        "a.json=one", "p/q/b=two", "\(long)=three", "\(long)=" + String(repeating: "x", count: 1_000),
        "../../etc/passwd=p",
      ])
  }

  @Test("content is passed over unread, or its end alone is read")
  func parts() throws {
    var tar = TarReader(source(Self.file("a", String(repeating: "a", count: 2_000)) + Self.file("b", "0123456789")))
    #expect(try tar.next()?.path == "a")
    #expect(try tar.next() == TarReader.Entry(path: "b", size: 10))
    let end = try tar.end(limit: 3)
    #expect(end.bytes == Array("789".utf8))
    #expect(end.omitted == 7)
    #expect(try tar.next() == nil)
  }

  @Test("broken and hostile archives are errors")
  func broken() {
    let good = Self.file("a", "content of it")
    var flipped = good
    flipped[3] ^= 0x40
    #expect(throws: ArchiveError.self) { try all(flipped) }
    #expect(throws: ArchiveError(.truncated, "the archive ends in the middle")) { try all(Array(good[..<520])) }
    #expect(throws: ArchiveError(.truncated, "the archive ends in the middle")) { try all(Array(good[..<100])) }
    #expect(throws: ArchiveError.self) { try all(Self.file("a", String(repeating: "x", count: 10_001))) }
    // A size that would overflow, in base 256 and in octal.
    var large = Self.header("a", size: 0)
    large.replaceSubrange(124..<136, with: [0x80, 0, 0, 0, 0x7F] + Array(repeating: 0xFF, count: 7))
    #expect(throws: ArchiveError.self) { try all(large) }
    #expect(throws: ArchiveError.self) { try all(Self.header("a", size: 0o77777777777)) }
    #expect((try? all([])) == [])
  }

  @Test("random bytes are no archive, and end", arguments: 0..<100)
  func fuzz(seed: UInt64) {
    var state = seed &+ 5
    var bytes = Self.file("a", "b") + Self.file("c", "d", type: 0x78)
    for _ in 0..<20 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      bytes[Int(state >> 33) % bytes.count] = UInt8(truncatingIfNeeded: state >> 20)
    }
    _ = try? all(bytes)
  }
}
