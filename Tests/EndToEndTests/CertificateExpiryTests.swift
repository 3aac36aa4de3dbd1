internal import Contract
internal import FoundationEssentials
internal import Incidents
internal import Kubernetes
internal import KubernetesClient
internal import Logging
internal import Observer
internal import OrchestratorClient
internal import Redaction
internal import ServiceLifecycle
internal import Simulation
internal import Synchronization
internal import Telemetry
internal import Testing
internal import Time

extension WholeProgram {
  private static let openssl = "/usr/bin/openssl"

  /// A client certificate that ends soon: the log says so, and the metric when.
  @Suite(.timeLimit(.minutes(15)), .enabled(if: FileManager.default.isExecutableFile(atPath: openssl), "needs openssl"))
  struct CertificateExpiryTests {
    @Test(arguments: [(days: 5, warning: "7"), (days: 20, warning: "30"), (days: 90, warning: nil)])
    func endsSoon(days: Int, warning: String?) async throws {
      let folder = FileManager.default.temporaryDirectory.appending(path: "expiry-\(UUID().uuidString)").path
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(atPath: folder) }
      let (certificate, key) = (folder + "/tls.crt", folder + "/tls.key")
      let time = SystemTime()
      let made = time.wall.seconds
      let outcome = try await ProgramUnderTest(path: WholeProgram.openssl, environment: ["PATH": "/usr/bin:/bin"]).run([
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "\(days)",
        "-subj", "/CN=sensor", "-keyout", key, "-out", certificate,
      ])
      try #require(outcome.status == 0, "\(outcome.errors)")

      let cluster = SimulatedCluster(time: time)
      let port = try await cluster.start()
      let log = Lines()
      let client = try APIClient(
        access: ClusterAccess(
          server: ServerURL(isTLS: false, host: "127.0.0.1", port: port), clusterName: "expiry", source: "test"),
        logger: WholeProgram.logger, time: time)
      defer { client.shutdown() }
      let metrics = WatchMetrics(version: "test", time: time)
      // Nobody is there: the files are looked at all the same.
      let endpoint = try OrchestratorEndpoint(
        url: "https://127.0.0.1:1", tls: TLSFiles(certificate: certificate, privateKey: key))
      let services = WatchServices(
        configuration: ObserverConfiguration(), client: client, endpoint: endpoint,
        cluster: ClusterIdentity(name: "expiry", uid: "expiry"), redactor: RedactorBox(try Redactor()),
        toolVersion: "test", logger: log.logger, time: time, metrics: metrics)
      let scrape = Scrape(metrics)
      let group = ServiceGroupConfiguration(
        services: services.all.map { .init(service: $0) }
          + [.init(service: scrape, successTerminationBehavior: .gracefullyShutdownGroup)],
        logger: WholeProgram.logger)
      try await ServiceGroup(configuration: group).run()
      await cluster.stop()

      let end = Int64(try #require(scrape.value))
      #expect((made + Int64(days) * 86_400...time.wall.seconds + Int64(days) * 86_400).contains(end))
      let warnings = log.all.withLock { $0 }.filter { $0.contains("the client certificate ends soon") }
      guard let warning else {
        #expect(warnings.isEmpty)
        return
      }
      #expect(warnings.count == 1)
      #expect(warnings.first?.hasPrefix("warning ") == true)
      #expect(warnings.first?.contains("file=\(certificate)") == true)
      #expect(warnings.first?.contains("within_days=\(warning)") == true)
    }

    /// Looks until the metric is there, which is after the first look at the files.
    private final class Scrape: Service {
      private let metrics: WatchMetrics
      private let found = Mutex<Double?>(nil)

      init(_ metrics: WatchMetrics) {
        self.metrics = metrics
      }

      var value: Double? { found.withLock { $0 } }

      func run() async throws {
        try await cancelWhenGracefulShutdown {
          while self.value == nil {
            let text = String(decoding: self.metrics.registry.text(), as: UTF8.self)
            let line = text.split(separator: "\n").first {
              $0.hasPrefix("kube_mind_orchestrator_certificate_expiry_timestamp_seconds ")
            }
            let value = line?.split(separator: " ").last.flatMap { Double($0) }
            self.found.withLock { $0 = value }
            try await Task.sleep(for: .milliseconds(5))
          }
        }
      }
    }

    /// Lines of a log as `level message key=value …`.
    private final class Lines: Sendable {
      let all = Mutex<[String]>([])

      var logger: Logger {
        LogTap.logger(.trace) { event in
          let pairs = (event.metadata ?? [:]).map { "\($0.key)=\($0.value)" }.sorted().joined(separator: " ")
          self.all.withLock { $0.append("\(event.level) \(event.message) \(pairs)") }
        }
      }
    }
  }
}
