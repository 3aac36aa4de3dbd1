/// FNV-1a (https://datatracker.ietf.org/doc/html/draft-eastlake-fnv) over fields, each behind its length, so that
/// ("ab", "c") and ("a", "bc") differ. Unlike `Hasher` it gives the same value in every process, which an incident's id
/// needs. It is no protection against somebody who wants two incidents to collide; nobody gains by that, since uids are
/// the API server's.
struct StableHash {
  /// The hash so far, 128 bits.
  private(set) var value = StableHash.offsetBasis

  private static let offsetBasis = UInt128(0x6c62_272e_07bb_0142) << 64 | UInt128(0x62b8_2175_6295_c58d)
  private static let prime = UInt128(0x0100_0000) << 64 | UInt128(0x13B)

  mutating func add(_ field: String) {
    add(Int64(field.utf8.count))
    for byte in field.utf8 { add(byte) }
  }

  mutating func add(_ number: Int64) {
    for shift in stride(from: 0, to: 64, by: 8) { add(UInt8(truncatingIfNeeded: number >> Int64(shift))) }
  }

  private mutating func add(_ byte: UInt8) {
    value = (value ^ UInt128(byte)) &* Self.prime
  }

  /// 32 hexadecimal digits.
  var hexadecimal: String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 32 - digits.utf8.count) + digits
  }
}

extension Occurrence.Identity {
  /// The incident's id in a cluster: see `incident_id` in the contract.
  package func incidentID(clusterUID: String) -> String {
    var hash = StableHash()
    hash.add(clusterUID)
    addFields(to: &hash)
    return hash.hexadecimal
  }

  /// For recognising it within one process.
  var stableHash: UInt64 {
    var hash = StableHash()
    addFields(to: &hash)
    return UInt64(truncatingIfNeeded: hash.value ^ (hash.value >> 64))
  }

  private func addFields(to hash: inout StableHash) {
    hash.add(podUID)
    hash.add(container)
    hash.add(failureClass.rawValue)
    hash.add(subject)
    hash.add(time)
  }
}

extension ClusterIdentity {
  /// A stand-in for a cluster's uid where none can be read: 32 hexadecimal digits of its address.
  package static func fingerprint(of address: String) -> String {
    var hash = StableHash()
    hash.add(address)
    return hash.hexadecimal
  }
}
