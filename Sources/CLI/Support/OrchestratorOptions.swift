internal import ArgumentParser
internal import Observer
internal import OrchestratorClient

/// Where incidents go, for the commands that send them.
struct OrchestratorOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Where to deliver: https://host:port, http://host:port on this machine, or a gRPC target: dns:///host:port, \
      ipv4:address:port,…, ipv6:[address]:port,…, unix:/path.
      """, valueName: "url"))
  var orchestrator: String?

  @Option(
    help: ArgumentHelp(
      "CA certificates (PEM) for the orchestrator's certificate. Default: the system's.", valueName: "file"),
    completion: .file())
  var ca: String?

  @Option(help: ArgumentHelp("Client certificate and chain (PEM), for mTLS.", valueName: "file"), completion: .file())
  var cert: String?

  @Option(help: ArgumentHelp("Key of the client certificate (PEM).", valueName: "file"), completion: .file())
  var key: String?

  @Option(
    help: ArgumentHelp("Name to expect in the orchestrator's certificate. Default: the URL's host.", valueName: "name"))
  var tlsServerName: String?

  @Option(
    help: ArgumentHelp(
      "Proxy on the way, http://user:password@host:port, or none. Default: HTTPS_PROXY, unless NO_PROXY has the host.",
      valueName: "url"))
  var proxy: String?

  @Option(
    help: ArgumentHelp(
      "none, or gzip for messages of 1 KiB and more where the orchestrator takes it. Default: none.",
      valueName: "kind"))
  var compression: OrchestratorCompression?

  @Flag(help: "Allow http:// to a host that is not this machine. Not for production.")
  var allowPlaintext = false

  /// The endpoint; wrong URLs and unusable files are mistakes of the command line.
  func endpoint() throws(CommandFailure) -> OrchestratorEndpoint {
    guard let orchestrator else { throw CommandFailure("--orchestrator is missing", status: .usage) }
    let tls = TLSFiles(authorities: ca, certificate: cert, privateKey: key, serverName: tlsServerName)
    do {
      return try OrchestratorEndpoint(
        url: orchestrator, tls: tls, allowsPlaintext: allowPlaintext, proxy: proxy ?? "",
        environment: Terminal.environment, isCompressing: compression == .gzip)
    } catch {
      throw CommandFailure(error.message, status: .usage)
    }
  }
}

extension OrchestratorCompression: ExpressibleByArgument {}
