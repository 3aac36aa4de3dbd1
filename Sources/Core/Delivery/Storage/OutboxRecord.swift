package import Incidents
package import Time

/// An incident as an outbox on disk has it.
package struct StoredIncident: Sendable, Equatable {
  /// Its place in the order in which incidents came.
  package let sequence: UInt64
  /// What is known of it without its content.
  package let label: IncidentLabel
  /// When it came into the outbox, by the wall clock: it may be another process that delivers it.
  package let enteredAt: Timestamp

  package init(sequence: UInt64, label: IncidentLabel, enteredAt: Timestamp) {
    self.sequence = sequence
    self.label = label
    self.enteredAt = enteredAt
  }
}

/// One record of a segment. A header of 32 bytes, little-endian: marker (4), kind (1), zero (3), length of the body (4), checksum
/// of the header (4), sequence (8), checksum of the body (8); then the body.
///
/// The header has a checksum of its own, so that its length can be believed where the body is damaged.
package enum OutboxRecord: Sendable, Equatable {
  /// An incident; its body holds label, time and content.
  case incident(StoredIncident, encoded: [UInt8])
  /// The incident of this sequence is done with.
  case settled(sequence: UInt64)

  /// Bytes of a header.
  package static let headerSize = 32
  /// Largest body: the contract's 3.5 MiB and 512 KiB for the label, whose strings are the names of Kubernetes.
  package static let bodyLimit = 4 << 20
  static let marker: UInt32 = 0x3172_6D6B

  enum Kind: UInt8 {
    case incident = 1
    case settled = 2
  }

  /// The header of a record, read and found to be right.
  struct Header: Equatable {
    let kind: Kind
    let bodySize: Int
    let sequence: UInt64
    let bodyChecksum: UInt64
  }

  /// Bytes of an incident's record, all in all, or nil where it is too large for one.
  package static func encode(
    _ incident: SealedIncident, sequence: UInt64, enteredAt: Timestamp, salt: UInt64
  ) -> [UInt8]? {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(headerSize + 512 + incident.encoded.count)
    bytes.append(contentsOf: repeatElement(0, count: headerSize))
    bytes.appendLittleEndian(enteredAt.nanosecondsSinceEpoch)
    bytes.appendLittleEndian(UInt32(clamping: incident.headline.masked))
    let headline = incident.headline
    for text in [
      incident.id, incident.podUID, headline.namespace, headline.pod, headline.container, headline.failureClass,
    ] {
      bytes.appendLittleEndian(UInt32(clamping: text.utf8.count))
      bytes.append(contentsOf: text.utf8)
    }
    bytes.append(contentsOf: incident.encoded)
    guard bytes.count - headerSize <= bodyLimit else { return nil }
    seal(&bytes, .incident, sequence: sequence, salt: salt)
    return bytes
  }

  /// Bytes of the record that says that an incident is done with.
  package static func encodeSettled(_ sequence: UInt64, salt: UInt64) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: headerSize)
    seal(&bytes, .settled, sequence: sequence, salt: salt)
    return bytes
  }

  /// Writes the header before a body that stands in its place already.
  private static func seal(_ bytes: inout [UInt8], _ kind: Kind, sequence: UInt64, salt: UInt64) {
    bytes.withUnsafeMutableBytes { bytes in
      let body = UnsafeRawBufferPointer(rebasing: bytes[headerSize...])
      bytes.storeBytes(of: marker.littleEndian, toByteOffset: 0, as: UInt32.self)
      bytes[4] = kind.rawValue
      bytes.storeBytes(of: UInt32(body.count).littleEndian, toByteOffset: 8, as: UInt32.self)
      bytes.storeBytes(of: sequence.littleEndian, toByteOffset: 16, as: UInt64.self)
      bytes.storeBytes(of: XXHash64.hash(body, seed: salt).littleEndian, toByteOffset: 24, as: UInt64.self)
      let check = headerChecksum(UnsafeRawBufferPointer(bytes), salt: salt)
      bytes.storeBytes(of: check.littleEndian, toByteOffset: 12, as: UInt32.self)
    }
  }

  /// Over both parts of the header, its own place left out.
  private static func headerChecksum(_ bytes: UnsafeRawBufferPointer, salt: UInt64) -> UInt32 {
    let first = XXHash64.hash(UnsafeRawBufferPointer(rebasing: bytes[..<12]), seed: salt)
    return UInt32(truncatingIfNeeded: XXHash64.hash(UnsafeRawBufferPointer(rebasing: bytes[16..<32]), seed: first))
  }

  /// The header at an offset, or nil where there is none that is right.
  static func header(in bytes: UnsafeRawBufferPointer, at offset: Int, salt: UInt64) -> Header? {
    guard offset + headerSize <= bytes.count, bytes.littleEndian(at: offset) == marker else { return nil }
    let header = UnsafeRawBufferPointer(rebasing: bytes[offset..<(offset + headerSize)])
    guard header.littleEndian(at: 12) == headerChecksum(header, salt: salt), let kind = Kind(rawValue: header[4])
    else { return nil }
    let size = Int(header.littleEndian(at: 8) as UInt32)
    guard size <= bodyLimit else { return nil }
    return Header(
      kind: kind, bodySize: size, sequence: header.littleEndian(at: 16), bodyChecksum: header.littleEndian(at: 24))
  }

  /// The record of a header, or nil where its body is not all there, damaged, or not what its kind has.
  static func record(
    _ header: Header, in bytes: UnsafeRawBufferPointer, at offset: Int, salt: UInt64
  ) -> OutboxRecord? {
    let start = offset + headerSize
    guard start + header.bodySize <= bytes.count else { return nil }
    let body = UnsafeRawBufferPointer(rebasing: bytes[start..<(start + header.bodySize)])
    guard XXHash64.hash(body, seed: salt) == header.bodyChecksum else { return nil }
    switch header.kind {
    case .settled: return .settled(sequence: header.sequence)
    case .incident: return incident(in: body, sequence: header.sequence)
    }
  }

  /// The record that fills these bytes, or nil.
  package static func decode(_ bytes: [UInt8], salt: UInt64) -> OutboxRecord? {
    bytes.withUnsafeBytes { bytes in
      header(in: bytes, at: 0, salt: salt).flatMap { record($0, in: bytes, at: 0, salt: salt) }
    }
  }

  private static func incident(in body: UnsafeRawBufferPointer, sequence: UInt64) -> OutboxRecord? {
    guard body.count >= 12 else { return nil }
    var at = 12
    var texts: [String] = []
    for _ in 0..<6 {
      guard at + 4 <= body.count else { return nil }
      let length = Int(body.littleEndian(at: at) as UInt32)
      at += 4
      guard at + length <= body.count else { return nil }
      texts.append(String(decoding: body[at..<(at + length)], as: UTF8.self))
      at += length
    }
    let encoded = [UInt8](body[at...])
    let label = IncidentLabel(
      id: texts[0], podUID: texts[1],
      headline: SealedIncident.Headline(
        namespace: texts[2], pod: texts[3], container: texts[4], failureClass: texts[5],
        masked: Int(body.littleEndian(at: 8) as UInt32)), size: encoded.count)
    let enteredAt = Timestamp(nanosecondsSinceEpoch: body.littleEndian(at: 0))
    return .incident(StoredIncident(sequence: sequence, label: label, enteredAt: enteredAt), encoded: encoded)
  }
}
