internal import Logging
internal import Synchronization
internal import Time

/// Looks at the files of certificates once a minute: has the channel made anew when they were renewed, and warns before the
/// client certificate ends.
final class CertificateWatch: Sendable {
  private let files: TLSFiles
  private let logger: Logger
  private let time: any TimeSource
  private let monitor = Mutex(CertificateMonitor())
  private let renew: @Sendable () -> Void

  /// Between two looks. The kubelet updates a projected volume within about a minute as well.
  static let interval = Duration.seconds(60)

  /// `renew` is called when the files have changed and can be used.
  init(files: TLSFiles, logger: Logger, time: any TimeSource, renew: @escaping @Sendable () -> Void) {
    self.files = files
    self.logger = logger
    self.time = time
    self.renew = renew
  }

  /// When the client certificate ends, as of the last look; nil: there is none.
  var expiry: Timestamp? { monitor.withLock { $0.expiry } }

  /// Looks again and again until its task is cancelled. Ends at once where there are no files.
  func run() async {
    guard files.isNamingFiles else { return }
    while !Task.isCancelled {
      look()
      // Cancelled: the loop ends.
      try? await time.sleep(for: Self.interval)
    }
  }

  /// One look.
  func look() {
    let reading: CertificateMonitor.Reading
    do throws(OrchestratorError) {
      let material = try files.load()
      // Made to see whether it can be: a connection reads the files for itself.
      let context = try files.makeContext(.client, from: material)
      reading = .usable(fingerprint: material.hashValue, expiry: context.certificateExpiry)
    } catch {
      reading = .unusable(error.message)
    }
    let now = time.wall
    for action in monitor.withLock({ $0.looked(reading, at: now) }) { perform(action) }
  }

  private func perform(_ action: CertificateMonitor.Action) {
    let file: Logger.MetadataValue = "\(files.certificate ?? "")"
    switch action {
    case .renew:
      logger.info("certificates were renewed: the connection to the orchestrator is made anew")
      renew()
    case .warnOfExpiry(let end, let days):
      logger.warning(
        "the client certificate ends soon",
        metadata: ["file": file, "expires_at": "\(end.formatted(.seconds))", "within_days": "\(days)"])
    case .warnExpired(let end):
      logger.error(
        "the client certificate has ended", metadata: ["file": file, "expired_at": "\(end.formatted(.seconds))"])
    case .warnUnusable(let reason):
      logger.warning(
        "the certificates' files cannot be used; the connection goes on with those of before",
        metadata: ["error": "\(reason)"])
    }
  }
}
