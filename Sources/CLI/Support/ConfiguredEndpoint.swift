internal import Observer
internal import OrchestratorClient

extension ObserverConfiguration {
  /// The orchestrator as configured.
  func endpoint() throws(CommandFailure) -> OrchestratorEndpoint {
    guard !orchestratorURL.isEmpty else {
      throw CommandFailure("no orchestrator: say --orchestrator URL or set orchestrator.url", status: .usage)
    }
    func named(_ path: String) -> String? { path.isEmpty ? nil : path }
    let tls = TLSFiles(
      authorities: named(orchestratorCA), certificate: named(orchestratorCertificate),
      privateKey: named(orchestratorKey), serverName: named(orchestratorServerName))
    do {
      return try OrchestratorEndpoint(
        url: orchestratorURL, tls: tls, allowsPlaintext: orchestratorAllowPlaintext, proxy: orchestratorProxy,
        environment: Terminal.environment, isCompressing: orchestratorCompression == .gzip)
    } catch {
      throw CommandFailure("orchestrator: \(error.message)", status: .usage)
    }
  }
}
