internal import Time

/// What a certificate's files say from one look to the next: when they were renewed, and how long the certificate lasts.
///
/// A machine; `CertificateWatch` is its driver.
struct CertificateMonitor: Sendable, Equatable {
  /// One look at the files.
  enum Reading: Sendable, Equatable {
    /// They can be used. `fingerprint` differs where any byte does; nil as the expiry: no client certificate.
    case usable(fingerprint: Int, expiry: Timestamp?)
    /// They cannot, for this reason. A swap of certificate and key may be looked at in the middle.
    case unusable(String)
  }

  /// What the driver does.
  enum Action: Equatable {
    /// The files were renewed and can be used: go over to them.
    case renew
    /// The certificate ends within so many days.
    case warnOfExpiry(Timestamp, days: Int)
    /// The certificate ended.
    case warnExpired(Timestamp)
    case warnUnusable(String)
  }

  /// Days before the end at which a warning comes, once each: a month to plan, a week to act, a day to hurry.
  static let warningDays = [30, 7, 1]

  private var fingerprint: Int?
  /// The fewest days for which a warning was given; -1 after the one of the end.
  private var warned = Int.max
  private var trouble: String?

  /// When the certificate that is in use ends; nil: there is none, or it was never read.
  private(set) var expiry: Timestamp?

  /// The files were looked at.
  mutating func looked(_ reading: Reading, at now: Timestamp) -> [Action] {
    switch reading {
    case .unusable(let reason):
      // The connection lives on with what it was made with.
      guard trouble != reason else { return expiryActions(at: now) }
      trouble = reason
      return [.warnUnusable(reason)] + expiryActions(at: now)
    case .usable(let fingerprint, let expiry):
      trouble = nil
      let isRenewed = self.fingerprint != nil && self.fingerprint != fingerprint
      if self.expiry != expiry { warned = .max }
      self.fingerprint = fingerprint
      self.expiry = expiry
      return (isRenewed ? [.renew] : []) + expiryActions(at: now)
    }
  }

  private mutating func expiryActions(at now: Timestamp) -> [Action] {
    guard let expiry else { return [] }
    guard now < expiry else {
      guard warned != -1 else { return [] }
      warned = -1
      return [.warnExpired(expiry)]
    }
    let left = now.duration(to: expiry)
    guard let limit = Self.warningDays.last(where: { left <= .seconds($0 * 86_400) }), limit < warned else { return [] }
    warned = limit
    return [.warnOfExpiry(expiry, days: limit)]
  }
}
