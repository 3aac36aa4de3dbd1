/// RFC 3339 (https://www.rfc-editor.org/rfc/rfc3339) as Kubernetes and this program write it.
extension Timestamp {
  /// Digits of the second's fraction in a formatted time.
  package enum Precision: Int, Sendable {
    /// `2026-11-23T02:05:35Z`: Kubernetes' `Time`.
    case seconds = 0
    /// `2026-11-23T02:05:35.123Z`: our log lines.
    case milliseconds = 3
    /// `2026-11-23T02:05:35.123456Z`: Kubernetes' `MicroTime`, which a Lease wants.
    case microseconds = 6
  }

  /// This time in UTC. The fraction is cut, not rounded, so that a time is never shown later than it was.
  package func formatted(_ precision: Precision = .milliseconds) -> String {
    let days = seconds.floorDivided(by: 86_400)
    let secondOfDay = Int(seconds - days * 86_400)
    let (year, month, day) = Self.civil(fromDays: days)
    var text = "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))T"
    text += "\(padded(secondOfDay / 3600, 2)):\(padded(secondOfDay / 60 % 60, 2)):\(padded(secondOfDay % 60, 2))"
    switch precision {
    case .seconds: break
    case .milliseconds: text += "." + padded(Int(nanoseconds) / 1_000_000, 3)
    case .microseconds: text += "." + padded(Int(nanoseconds) / 1_000, 6)
    }
    return text + "Z"
  }

  /// Reads a date-time of RFC 3339 with `Z` or a numeric offset; nil for anything else. A leap second (`:60`) counts as
  /// the second after it. Digits beyond nanoseconds are dropped.
  package init?(rfc3339 text: some StringProtocol) {
    guard let parsed = text.utf8.withContiguousStorageIfAvailable({ Self(rfc3339Bytes: $0) }) else {
      self.init(rfc3339: String(text))
      return
    }
    guard let parsed else { return nil }
    self = parsed
  }

  /// As `init(rfc3339:)`, from the bytes of a document.
  package init?(rfc3339Bytes bytes: some RandomAccessCollection<UInt8>) {
    var cursor = bytes.startIndex
    func number(_ digits: Int) -> Int? {
      guard bytes.distance(from: cursor, to: bytes.endIndex) >= digits else { return nil }
      var value = 0
      for _ in 0..<digits {
        let digit = Int(bytes[cursor]) - 0x30
        guard (0...9).contains(digit) else { return nil }
        value = value * 10 + digit
        cursor = bytes.index(after: cursor)
      }
      return value
    }
    func take(_ allowed: UInt8...) -> UInt8? {
      guard cursor < bytes.endIndex, allowed.contains(bytes[cursor]) else { return nil }
      defer { cursor = bytes.index(after: cursor) }
      return bytes[cursor]
    }

    guard let year = number(4), take(0x2D) != nil, let month = number(2), take(0x2D) != nil, let day = number(2),
      take(0x54, 0x74, 0x20) != nil, let hour = number(2), take(0x3A) != nil, let minute = number(2),
      take(0x3A) != nil, let second = number(2),
      (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second <= 60
    else { return nil }

    var nanoseconds = 0
    if take(0x2E) != nil {
      var scale = 100_000_000
      var digits = 0
      while let digit = number(1) {
        nanoseconds += digit * scale
        scale /= 10
        digits += 1
      }
      guard digits > 0 else { return nil }
    }

    var offset = 0
    if take(0x5A, 0x7A) == nil {
      guard let sign = take(0x2B, 0x2D), let hours = number(2), take(0x3A) != nil, let minutes = number(2), hours < 24,
        minutes < 60
      else { return nil }
      offset = (hours * 3600 + minutes * 60) * (sign == 0x2D ? -1 : 1)
    }
    guard cursor == bytes.endIndex, (1678...2261).contains(year) else { return nil }
    let time =
      Self.days(year: year, month: month, day: day) * 86_400 + Int64(hour * 3600 + minute * 60 + second - offset)
    self.init(seconds: time, nanoseconds: Int32(nanoseconds))
  }

  /// Days since 1970-01-01 of a date in the proleptic Gregorian calendar, in eras of 400 years that start in March, so that
  /// the leap day is the last of its year.
  private static func days(year: Int, month: Int, day: Int) -> Int64 {
    let shifted = Int64(month <= 2 ? year - 1 : year)
    let era = shifted.floorDivided(by: 400)
    let yearOfEra = shifted - era * 400
    let dayOfYear = Int64((153 * ((month + 9) % 12) + 2) / 5 + day - 1)
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  /// The inverse of `days(year:month:day:)`.
  private static func civil(fromDays days: Int64) -> (year: Int, month: Int, day: Int) {
    let shifted = days + 719_468
    let era = shifted.floorDivided(by: 146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = Int(dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100))
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let month = (monthFromMarch + 2) % 12 + 1
    let year = Int(yearOfEra + era * 400) + (month <= 2 ? 1 : 0)
    return (year, month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
  }
}

/// A number with leading zeros. `String(format:)` would pull in full Foundation.
private func padded(_ value: Int, _ width: Int) -> String {
  let digits = String(value)
  return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
}
