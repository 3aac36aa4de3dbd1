internal import Kubernetes
package import KubernetesClient
package import OrchestratorClient
package import Time

/// Looks at everything that `watch` will need, and changes nothing: access reviews are questions, and no incident is sent.
package struct Preflight: Sendable {
  /// A clock that is off by more makes ages and times in incidents misleading. Well above what a slow answer and the header's whole
  /// seconds explain.
  static let skewLimit: Duration = .seconds(5)
  /// A certificate that ends earlier is worth a word: the time that a renewal by hand may take.
  static let expiryNotice: Duration = .seconds(14 * 86_400)
  /// For the orchestrator's first word.
  private static let patience: Duration = .seconds(5)

  private let configuration: ObserverConfiguration
  private let client: APIClient
  private let endpoint: Result<OrchestratorEndpoint, PreflightProblem>
  private let lease: (namespace: String, name: String)?
  private let time: any TimeSource

  /// `endpoint` is the orchestrator, or why there is none.
  package init(
    configuration: ObserverConfiguration, client: APIClient,
    endpoint: Result<OrchestratorEndpoint, PreflightProblem>, lease: (namespace: String, name: String)?,
    time: any TimeSource
  ) {
    self.configuration = configuration
    self.client = client
    self.endpoint = endpoint
    self.lease = lease
    self.time = time
  }

  /// Looks. Takes at most some ten seconds.
  package func run() async -> PreflightReport {
    async let orchestrator = orchestrator()
    var findings = await server()
    if findings.first?.status == .ok { findings += await permissions() }
    return PreflightReport(findings: findings + (await orchestrator) + certificates())
  }

  private func server() async -> [PreflightReport.Finding] {
    let sent = time.wall
    do throws(APIError) {
      let response = try await client.send(.version)
      let reached = PreflightReport.Finding("server", "\(client.access.server)", .ok, isRequired: true)
      return [reached, Self.clock(response.headers["date"], between: sent, and: time.wall)]
    } catch {
      return [.init("server", "\(client.access.server)", .failed, isRequired: true, detail: error.message)]
    }
  }

  /// The server's clock against ours, by an answer that was made between two times of ours.
  static func clock(_ header: String?, between sent: Timestamp, and received: Timestamp) -> PreflightReport.Finding {
    guard let date = header.flatMap({ Timestamp(httpDate: $0) }) else {
      return .init("clock", "against the API server", .unknown, detail: "the answer has no Date")
    }
    // The header's second is cut: the server's clock was there or up to a second further.
    let ahead = date.duration(to: sent) - .seconds(1)
    let behind = received.duration(to: date)
    let skew = max(ahead, behind, .zero)
    let text = "\(skew.written) \(ahead > behind ? "ahead of" : "behind") the API server's clock"
    guard skew > skewLimit else { return .init("clock", "against the API server", .ok) }
    return .init("clock", "against the API server", .warning, detail: "this machine's clock is \(text)")
  }

  /// Rights, asked for a few at a time.
  private func permissions() async -> [PreflightReport.Finding] {
    let needs = PermissionNeed.all(of: configuration, lease: lease)
    return await withTaskGroup(of: (Int, PreflightReport.Finding).self) { group in
      var found: [(Int, PreflightReport.Finding)] = []
      for (index, need) in needs.enumerated() {
        if index >= Self.reviewsAtOnce, let one = await group.next() { found.append(one) }
        group.addTask { (index, await review(need)) }
      }
      for await one in group { found.append(one) }
      return found.sorted { $0.0 < $1.0 }.map(\.1)
    }
  }

  private static let reviewsAtOnce = 8

  private func review(_ need: PermissionNeed) async -> PreflightReport.Finding {
    func finding(_ status: PreflightReport.Finding.Status, _ detail: String) -> PreflightReport.Finding {
      .init("permission", need.text, status, isRequired: need.isRequired, detail: detail)
    }
    do throws(APIError) {
      switch AccessReview.allowed(try await client.send(need.review.request).body) {
      case true?: return finding(.ok, "")
      case false?: return finding(.missing, need.cost)
      case nil: return finding(.unknown, "the server's answer is no review")
      }
    } catch {
      return finding(.unknown, error.message)
    }
  }

  private func orchestrator() async -> [PreflightReport.Finding] {
    switch endpoint {
    case .failure(let problem):
      return [.init("orchestrator", "configuration", .failed, isRequired: true, detail: problem.message)]
    case .success(let endpoint):
      let check = endpoint.authority
      switch await OrchestratorProbe.probe(endpoint, within: Self.patience, time: time) {
      case .serving: return [.init("orchestrator", check, .ok, isRequired: true)]
      case .withoutHealth:
        return [.init("orchestrator", check, .ok, isRequired: true, detail: "reached; it has no health service")]
      case .notServing:
        return [
          .init("orchestrator", check, .warning, isRequired: true, detail: "reached; it says that it does not serve")
        ]
      case .failed(let reason): return [.init("orchestrator", check, .failed, isRequired: true, detail: reason)]
      }
    }
  }

  // MARK: Certificates

  private func certificates() -> [PreflightReport.Finding] {
    var findings: [PreflightReport.Finding] = []
    let now = time.wall
    // Of authorities the last one to end counts: a bundle often has old ones in it. Of a chain, the first.
    if case .authorities(let material) = client.access.trust {
      findings.append(Self.expiry("API server's authority", Self.dates(of: material)?.max(), now: now))
    }
    if let identity = client.access.identity {
      findings.append(Self.expiry("API client", Self.dates(of: identity.certificate)?.min(), now: now))
    }
    if !configuration.orchestratorCA.isEmpty {
      let dates = Self.dates(of: .file(configuration.orchestratorCA))
      findings.append(Self.expiry("orchestrator's authority", dates?.max(), now: now))
    }
    if !configuration.orchestratorCertificate.isEmpty {
      let dates = Self.dates(of: .file(configuration.orchestratorCertificate))
      findings.append(Self.expiry("orchestrator client", dates?.min(), now: now))
    }
    return findings
  }

  private static func dates(of material: ClusterAccess.Material) -> [Timestamp]? {
    switch material {
    case .pem(let bytes): CertificateDates.ends(pem: bytes)
    case .file(let path): try? CertificateDates.ends(file: path)
    }
  }

  static func expiry(_ name: String, _ end: Timestamp?, now: Timestamp) -> PreflightReport.Finding {
    guard let end else { return .init("certificate", name, .unknown, detail: "no certificate can be read there") }
    let until = "until \(end.formatted(.seconds))"
    if end <= now { return .init("certificate", name, .failed, isRequired: true, detail: "ended: valid \(until)") }
    let isNear = now.duration(to: end) < expiryNotice
    return .init("certificate", name, isNear ? .warning : .ok, isRequired: true, detail: "valid \(until)")
  }
}

/// Why something cannot even be tried: one line.
package struct PreflightProblem: Error, Sendable, Equatable {
  package let message: String

  package init(_ message: String) {
    self.message = message
  }
}
