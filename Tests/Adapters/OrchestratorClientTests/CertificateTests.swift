internal import Delivery
internal import Logging
internal import Synchronization
internal import Testing
internal import Time

@testable internal import Incidents
@testable internal import OrchestratorClient

#if canImport(Darwin)
  internal import Darwin
#else
  internal import Glibc
#endif

/// Certificates that are renewed, run out, or come half written.
@Suite(.timeLimit(.minutes(15)))
struct CertificateTests {
  private static let end = Timestamp(seconds: 10_000_000)

  private static func before(_ days: Double) -> Timestamp {
    end.advanced(by: .seconds(-days * 86_400))
  }

  @Test func warningsComeOnceEach() {
    var monitor = CertificateMonitor()
    let reading = CertificateMonitor.Reading.usable(fingerprint: 1, expiry: Self.end)
    var told: [Double: [CertificateMonitor.Action]] = [:]
    for days in [40, 30.1, 30, 29, 8, 7, 6.9, 2, 1, 0.5, 0, -1, -5] {
      told[days] = monitor.looked(reading, at: Self.before(days))
    }
    #expect(monitor.expiry == Self.end)
    #expect(
      told.filter { !$0.value.isEmpty } == [
        30: [.warnOfExpiry(Self.end, days: 30)], 7: [.warnOfExpiry(Self.end, days: 7)],
        1: [.warnOfExpiry(Self.end, days: 1)], 0: [.warnExpired(Self.end)],
      ])
    // Its successor is judged anew.
    let next = Self.end.advanced(by: .seconds(86_400 * 5))
    #expect(
      monitor.looked(.usable(fingerprint: 2, expiry: next), at: Self.end) == [.renew, .warnOfExpiry(next, days: 7)])
  }

  @Test func aCertificateFoundLateHasOneWarning() {
    var monitor = CertificateMonitor()
    #expect(
      monitor.looked(.usable(fingerprint: 1, expiry: Self.end), at: Self.before(0.2)) == [
        .warnOfExpiry(Self.end, days: 1)
      ])
    var late = CertificateMonitor()
    #expect(
      late.looked(.usable(fingerprint: 1, expiry: Self.end), at: Self.before(-9)) == [.warnExpired(Self.end)])
  }

  @Test func onlyFilesThatCanBeUsedAreGoneOverTo() {
    var monitor = CertificateMonitor()
    let far = Self.before(300)
    #expect(monitor.looked(.usable(fingerprint: 1, expiry: Self.end), at: far) == [])
    #expect(monitor.looked(.unusable("half"), at: far) == [.warnUnusable("half")])
    #expect(monitor.looked(.unusable("half"), at: far) == [])
    #expect(monitor.looked(.unusable("none"), at: far) == [.warnUnusable("none")])
    // The end of the one in use is still watched.
    #expect(monitor.looked(.unusable("none"), at: Self.before(1)) == [.warnOfExpiry(Self.end, days: 1)])
    // The old ones came back: nothing to go over to.
    #expect(monitor.looked(.usable(fingerprint: 1, expiry: Self.end), at: far) == [])
    #expect(monitor.looked(.usable(fingerprint: 2, expiry: nil), at: far) == [.renew])
    #expect(monitor.looked(.usable(fingerprint: 2, expiry: nil), at: far) == [])
  }

  @Test func theEndOfACertificateIsRead() async throws {
    try await TestFiles.with { files in
      let context = try files.client().makeContext(.client)
      // openssl x509 -enddate: Oct 30 04:21:15 2126 GMT.
      #expect(context.certificateExpiry == Timestamp(rfc3339: "2126-10-30T04:21:15Z"))
      #expect(try files.client(as: nil).makeContext(.client).certificateExpiry == nil)
      let watch = CertificateWatch(
        files: files.client(), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, time: ManualTime(),
        renew: {})
      #expect(watch.expiry == nil)
      watch.look()
      #expect(watch.expiry == context.certificateExpiry)
    }
  }

  /// As the kubelet updates a projected volume: `..data` is a link to a folder, a new link takes its place in one step.
  @Test func aSwappedLinkIsARenewal() async throws {
    try await TestFiles.with { files in
      let renewals = Mutex(0)
      for (folder, certificate, key) in [
        ("one", TestCertificates.client, TestCertificates.clientKey),
        ("two", TestCertificates.intruder, TestCertificates.intruderKey),
      ] {
        mkdir(files.path(folder), 0o700)
        try files.write(certificate, to: "\(folder)/tls.crt")
        try files.write(key, to: "\(folder)/tls.key")
      }
      defer {
        for name in ["one/tls.crt", "one/tls.key", "two/tls.crt", "two/tls.key", "..data"] { unlink(files.path(name)) }
        for name in ["one", "two"] { rmdir(files.path(name)) }
      }
      symlink("one", files.path("..data"))
      let tls = TLSFiles(
        authorities: files.path("authority.pem"), certificate: files.path("..data/tls.crt"),
        privateKey: files.path("..data/tls.key"))
      let watch = CertificateWatch(
        files: tls, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, time: ManualTime(),
        renew: { renewals.withLock { $0 += 1 } })
      watch.look()
      watch.look()
      #expect(renewals.withLock { $0 } == 0)
      symlink("two", files.path("..data.new"))
      rename(files.path("..data.new"), files.path("..data"))
      watch.look()
      watch.look()
      #expect(renewals.withLock { $0 } == 1)
      // A key that does not belong to its certificate is no renewal, and neither is its mending back.
      try files.write(TestCertificates.clientKey, to: "two/tls.key")
      watch.look()
      try files.write(TestCertificates.intruderKey, to: "two/tls.key")
      watch.look()
      #expect(renewals.withLock { $0 } == 1)
      // New authorities count as well.
      try files.write(TestCertificates.authority + "\n" + TestCertificates.strangerAuthority, to: "authority.pem")
      watch.look()
      #expect(renewals.withLock { $0 } == 2)
    }
  }

  /// The connection in use goes on to its end while the next one stands, and nothing is sent twice.
  @Test func aRenewalMovesToANewConnection() async throws {
    try await TestFiles.with { files in
      let time = ManualTime()
      let service = TestService()
      try await withServer(service, tls: files.server) { port, _ in
        let log = EventLog<DeliveryEvent>()
        let endpoint = try OrchestratorEndpoint(url: "https://localhost:\(port)", tls: files.client())
        let delivery = IncidentDelivery(
          endpoint: endpoint, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, time: time,
          onEvent: { log.append($0) })
        try await withThrowingTaskGroup(of: Void.self) { group in
          group.addTask { try await delivery.run() }
          try delivery.submit(.sample("a"))
          await log.wait { DeliveryOverTheWireTests.acknowledged($0) == ["a"] }
          // The first look is over once its end is known.
          while delivery.certificateExpiry == nil { await Task.yield() }
          try files.write(TestCertificates.authority + "\n" + TestCertificates.strangerAuthority, to: "authority.pem")
          time.advance(by: CertificateWatch.interval)
          await log.wait { $0.count { $0 == .connected } == 2 }
          try delivery.submit(.sample("b"))
          await log.wait { DeliveryOverTheWireTests.acknowledged($0) == ["a", "b"] }
          delivery.beginGracefulShutdown()
          try await group.waitForAll()
        }
        for case .sent(_, let attempt) in log.events { #expect(attempt == 1) }
      }
      #expect(service.received.withLock { $0 } == ["a", "b"])
    }
  }

  /// A server that chooses TLS 1.1 (RFC 4346): an alert, and no connection.
  @Test func aVersionBefore12IsRefused() throws {
    let endpoint = try OrchestratorEndpoint(url: "https://localhost:1")
    let session = try TLSSession(context: try endpoint.tls.makeContext(.client), serverName: "localhost")
    #expect(try session.handshake() == false)
    // ServerHello: version 3.2, 32 random bytes, no session id, TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA, no compression.
    let hello: [UInt8] = [3, 2] + [UInt8](repeating: 7, count: 32) + [0, 0xC0, 0x13, 0]
    let record: [UInt8] = [22, 3, 2, 0, UInt8(hello.count + 4), 2, 0, 0, UInt8(hello.count)] + hello
    try record.withUnsafeBytes { try session.receive($0) }
    #expect {
      _ = try session.handshake()
    } throws: { ($0 as? TLSError)?.message.contains("unsupported protocol") == true }
  }
}
