/// The `Date` header of HTTP (RFC 9110 section 5.6.7, IMF-fixdate): `Mon, 23 Nov 2026 07:58:32 GMT`.
extension Timestamp {
  private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
  private static let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]

  /// Reads it; nil for anything else, the two obsolete forms among it.
  package init?(httpDate text: String) {
    let parts = text.split(separator: " ", omittingEmptySubsequences: false)
    guard parts.count == 6, parts[5] == "GMT", let month = Self.months.firstIndex(of: String(parts[2])) else {
      return nil
    }
    let number = month + 1
    self.init(rfc3339: "\(parts[3])-\(number < 10 ? "0" : "")\(number)-\(parts[1])T\(parts[4])Z")
  }

  /// Writes it, without the fraction of the second.
  package var httpDate: String {
    let text = formatted(.seconds)
    let parts = text.split(whereSeparator: { $0 == "-" || $0 == "T" || $0 == "Z" })
    let weekday = Int(seconds.floorDivided(by: 86_400) % 7 + 7) % 7
    guard parts.count == 4, let month = Int(parts[1]) else { return text }
    return "\(Self.weekdays[weekday]), \(parts[2]) \(Self.months[month - 1]) \(parts[0]) \(parts[3]) GMT"
  }
}
