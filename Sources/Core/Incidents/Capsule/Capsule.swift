internal import Contract
internal import Documents
package import Redaction
internal import SwiftProtobuf

/// One redacted incident in one file that shows whether it was altered.
///
///     kube-mind-capsule 1
///     {"incidentId":…,"schemaVersion":2,"tool":…,"redaction":…,"incident":{"bytes":N,"sha256":…}}
///     N bytes: a binary kubemind.v2.IncidentContext
///     sha256 64 hexadecimal digits, of everything before this line
///
/// Each line ends in LF; an LF stands before the last line, too. Capsules may follow each other in one file. The first two
/// lines can be read with `head`, the incident with any protobuf library. A hash proves that a capsule is as it was written,
/// not who wrote it: whoever may write the file can write another capsule. So an incident read from one counts as not redacted.
package enum Capsule {
  /// What every version of the format begins with.
  static let name = "kube-mind-capsule "
  /// This version.
  static let version = "1"
  /// Bytes of the second line: some 60 a rule, and there are some 200 rules.
  static let manifestLimit = 64 << 10
  private static let seal = "\nsha256 "
  private static let newline: UInt8 = 0x0A

  /// What the second line says.
  package struct Manifest: Sendable, Equatable {
    /// incident_id.
    package var incidentID: String
    /// schema_version of the incident.
    package var schemaVersion: Int
    /// The program that wrote the capsule, e.g. "kube-mind".
    package var toolName: String
    /// Its version.
    package var toolVersion: String
    /// What redaction had done to the incident when the capsule was written.
    package var redaction: RedactionReport
  }

  /// True if bytes begin like a capsule, of whatever version.
  package static func begins(_ bytes: some Collection<UInt8>) -> Bool {
    bytes.starts(with: name.utf8)
  }

  /// Reads and checks the capsule at `position`, and moves `position` behind it.
  package static func read(
    _ bytes: [UInt8], at position: inout Int
  ) throws(IncidentFormatError) -> (incident: Incident, manifest: Manifest) {
    let start = position
    let first = try line(of: bytes, at: &position, limit: 80)
    guard begins(first) else { throw IncidentFormatError(message: "not a capsule") }
    guard first.dropFirst(name.utf8.count).elementsEqual(version.utf8) else {
      throw IncidentFormatError(message: "a capsule of a version that this program does not know; it knows \(version)")
    }
    let (manifest, size, hash) = try readManifest(try line(of: bytes, at: &position, limit: manifestLimit))

    let sealed = seal.utf8.count + SHA256.size * 2 + 1
    guard size <= bytes.count - position, sealed <= bytes.count - position - size else {
      throw IncidentFormatError(message: "the capsule is cut off")
    }
    let content = bytes[position..<position + size]
    position += size
    let whole = SHA256.hexadecimal(of: bytes[start..<position])
    guard bytes[position..<position + sealed].elementsEqual((seal + whole + "\n").utf8) else {
      throw IncidentFormatError(message: "the capsule was altered: its sha256 does not fit")
    }
    position += sealed
    guard SHA256.hexadecimal(of: content) == hash else {
      throw IncidentFormatError(message: "the capsule was altered: the sha256 of its incident does not fit")
    }
    let incident = try Incident(binary: Array(content))
    // All of it in one hash, so this differs only where somebody put the hashes right and the rest not.
    guard incident.id == manifest.incidentID, Int(incident.message.schemaVersion) == manifest.schemaVersion,
      incident.redactionReport == manifest.redaction
    else { throw IncidentFormatError(message: "the capsule was altered: its second line is about another incident") }
    return (incident, manifest)
  }

  /// The bytes up to the next LF, which `position` moves behind.
  private static func line(
    of bytes: [UInt8], at position: inout Int, limit: Int
  ) throws(IncidentFormatError) -> ArraySlice<UInt8> {
    guard let end = bytes[position...].prefix(limit + 1).firstIndex(of: newline) else {
      throw IncidentFormatError(
        message: bytes.count - position > limit ? "not a capsule: a line is too long" : "the capsule is cut off")
    }
    defer { position = end + 1 }
    return bytes[position..<end]
  }

  private static func readManifest(
    _ line: ArraySlice<UInt8>
  ) throws(IncidentFormatError) -> (manifest: Manifest, size: Int, hash: String) {
    guard let document = try? JSONDocument(Array(line)), let id = document.string("incidentId"),
      let schema = document.integer("schemaVersion"), let toolName = document.string("tool", "name"),
      let toolVersion = document.string("tool", "version"), let rules = document.string("redaction", "ruleSetVersion"),
      let size = document.integer("incident", "bytes"), let hash = document.string("incident", "sha256")
    else { throw IncidentFormatError(message: "not a capsule: its second line lacks something") }
    guard (0...EvidenceBudget.standard.encoded).contains(size) else {
      throw IncidentFormatError(
        message: "the capsule announces \(size) bytes, an incident has at most \(EvidenceBudget.standard.encoded)")
    }
    var counts: [String: Int] = [:]
    for (rule, count) in document.members("redaction", "rules") {
      guard let count = count.integer() else {
        throw IncidentFormatError(message: "not a capsule: its redaction report holds no counts")
      }
      counts[rule] = count
    }
    let manifest = Manifest(
      incidentID: id, schemaVersion: schema, toolName: toolName, toolVersion: toolVersion,
      redaction: RedactionReport(ruleSetVersion: rules, counts: counts))
    return (manifest, size, hash)
  }
}

extension Redacted<Incident> {
  /// This incident as a capsule written by the program of this version.
  package func capsule(toolVersion: String) throws(IncidentFormatError) -> [UInt8] {
    let content = try sealed().encoded
    let report = value.redactionReport
    let rules = report.counts.sorted { $0.key < $1.key }.map { "\($0.key.jsonQuoted):\($0.value)" }
    let manifest = """
      {"incidentId":\(value.id.jsonQuoted),"schemaVersion":\(value.message.schemaVersion),\
      "tool":{"name":"kube-mind","version":\(toolVersion.jsonQuoted)},\
      "redaction":{"ruleSetVersion":\(report.ruleSetVersion.jsonQuoted),"masked":\(report.total),\
      "rules":{\(rules.joined(separator: ","))}},\
      "incident":{"bytes":\(content.count),"sha256":"\(SHA256.hexadecimal(of: content))"}}
      """
    guard manifest.utf8.count <= Capsule.manifestLimit else {
      throw IncidentFormatError(message: "the redaction report is too long for a capsule")
    }
    var bytes = Array("\(Capsule.name)\(Capsule.version)\n\(manifest)\n".utf8)
    bytes += content
    bytes += Array("\nsha256 \(SHA256.hexadecimal(of: bytes))\n".utf8)
    return bytes
  }
}

extension Incident {
  /// What redaction has recorded in the incident.
  var redactionReport: RedactionReport {
    RedactionReport(
      ruleSetVersion: message.redaction.ruleSetVersion,
      counts: Dictionary(message.redaction.rules.map { ($0.rule, Int($0.count)) }, uniquingKeysWith: +))
  }
}
