/// Shapes that tell a password which somebody chose, and a reference to where a secret lies, from words.
extension ValueShape {
  /// True for what no sentence says: a letter and a digit, a special character, or three words that are joined; at least 5
  /// bytes, and no path.
  static func looksChosen(_ bytes: Bytes, _ range: Range<Int>) -> Bool {
    guard range.count >= 5 else { return false }
    var letters = 0
    var digits = 0
    var joints = 0
    var special = 0
    for (offset, index) in range.enumerated() {
      let byte = bytes[index]
      if byte.isLetter || byte >= 0x80 {
        letters += 1
      } else if byte.isDigit {
        digits += 1
      } else if byte == 0x2D || byte == 0x5F || byte == 0x2E || byte == 0x2F {
        joints += byte == 0x2F ? 0 : 1
      } else if offset + 1 < range.count || ![0x2C, 0x3B, 0x29, 0x3A, 0x21, 0x3F].contains(byte) {
        special += byte == 0x27 || byte == 0x22 ? 0 : 1
      }
    }
    if special > 0 { return !isPath(bytes, range) && !isReference(bytes, range) }
    if letters > 0, digits > 0 { return !isMeasure(bytes, range) }
    return digits == range.count && digits >= 6 || joints >= 2 && range.count >= 12
  }

  /// True for a decimal with its unit: `0.012s`, `1.5GiB`.
  private static func isMeasure(_ bytes: Bytes, _ range: Range<Int>) -> Bool {
    guard bytes[range.lowerBound].isDigit, let unit = range.first(where: { bytes[$0].isLetter }),
      range.upperBound - unit <= 3
    else { return false }
    return (unit..<range.upperBound).allSatisfy { bytes[$0].isLetter }
      && (range.lowerBound..<unit).allSatisfy { bytes[$0].isDigit || bytes[$0] == 0x2E }
      && (range.lowerBound..<unit).contains { bytes[$0] == 0x2E }
  }

  /// True for the address of a secret in a store, which is none: `op://…`, `vault:secret/…`, `arn:aws:…`, `ENC[…]`.
  static func isReference(_ bytes: Bytes, _ range: Range<Int>) -> Bool {
    let start = range.lowerBound
    let first: UInt8 = bytes[start]
    switch first {
    case 0x2E:  // .Values.auth.password of a template
      return bytes.has(".Values.", at: start) || bytes.has(".Release.", at: start) || bytes.has(".Data.", at: start)
    case 0x3C: return bytes.has("<(", at: start)  // what a command writes
    case 0x40: return bytes.has("@Microsoft.KeyVault(", at: start)
    case 0x41: return bytes.has("AKV[", at: start) || isSealed(bytes, range)
    case 0x45: return bytes.has("ENC[", at: start)
    case 0x21: return bytes.has("!vault", at: start) || bytes.has("!Ref ", at: start) || bytes.has("!Sub ", at: start)
    case 0x7B: return bytes.has("{cipher}", at: start)
    case 0x3F: return range.count == 1  // a parameter of SQL
    case 0x3A:  // :password
      return range.count < 40 && range.count > 1
        && range.dropFirst().allSatisfy { bytes[$0].isLetter || bytes[$0] == 0x5F }
    case 0x24:  // $1
      if bytes.has("$ANSIBLE_VAULT;", at: start) { return true }  // encrypted
      return range.count <= 3 && range.count > 1 && range.dropFirst().allSatisfy { bytes[$0].isDigit }
    case 0x61:
      return bytes.has("arn:aws", at: start) || bytes.has("awssm://", at: start) || bytes.has("aws-sm://", at: start)
    case 0x68: return bytes.has("hmac-sha256:", at: start) && range.count == 76  // of Vault's audit log
    case 0x6F: return bytes.has("op://", at: start) || bytes.has("os.environ/", at: start)
    case 0x72: return bytes.has("ref+", at: start)
    case 0x70:
      return bytes.has("projects/", at: start) && bytes.first("/secrets/", in: range) != nil
    case 0x76: return bytes.has("vault:", at: start) || bytes.has("vault://", at: start)
    case 0x73:
      return isDigest(bytes, range) || bytes.has("sm://", at: start) || bytes.has("secretsmanager:", at: start)
        || bytes.has("ssm:/", at: start)
        || bytes.has("secret:///", at: start)
    case 0x67: return bytes.has("gcpsm://", at: start) || bytes.has("gcp-sm:", at: start)
    case 0x65: return bytes.has("env:", at: start) || bytes.has("env.", at: start) || bytes.has("env://", at: start)
    case 0x59, 0x79: return isExample(bytes, range)
    default: return false
    }
  }

  /// A value of a SealedSecret: base64 of the length of an RSA key's block, 0x0200, and what only the cluster can open.
  private static func isSealed(_ bytes: Bytes, _ range: Range<Int>) -> Bool {
    range.count >= 300 && bytes[range.lowerBound + 1] == 0x67 && (0x41...0x44).contains(bytes[range.lowerBound + 2])
      && range.allSatisfy { bytes[$0].isBase64 || bytes[$0] == 0x3D }
  }

  /// `sha256:…`, `sha512-…`: a digest, which says itself that it is one.
  private static func isDigest(_ bytes: Bytes, _ range: Range<Int>) -> Bool {
    for name in ["sha256", "sha384", "sha512"] as [StaticString]
    where bytes.has(name, at: range.lowerBound) && range.count >= 50 {
      let mark = bytes[range.lowerBound + 6]
      let rest = range.dropFirst(7)
      if mark == 0x3A { return rest.allSatisfy { bytes[$0].isHexDigit } }
      if mark == 0x2D { return rest.allSatisfy { bytes[$0].isBase64 || bytes[$0] == 0x3D } }
    }
    return false
  }

  /// `YOUR_API_KEY_HERE`, `your-token`: words of an example, joined.
  private static func isExample(_ bytes: Bytes, _ range: Range<Int>) -> Bool {
    guard bytes.hasIgnoringCase("your", at: range.lowerBound), range.count > 5, range.count < 48 else { return false }
    let joint = bytes[range.lowerBound + 4]
    guard joint == 0x5F || joint == 0x2D || joint == 0x20 else { return false }
    return range.allSatisfy { bytes[$0].isLetter || bytes[$0] == joint }
  }
}
