internal import FoundationEssentials
internal import Incidents
internal import Kubernetes
internal import KubernetesClient
internal import Logging
internal import Observer
internal import OrchestratorClient
internal import Redaction
internal import ServiceLifecycle
internal import Telemetry
internal import UnixSignals

/// `watch` against a real cluster.
struct ClusterWatch {
  let configuration: ObserverConfiguration
  let logs: LogSetup
  let redactor: RedactorBox
  let reload: WatchReload
  /// File for what the watch says; nil for none.
  let record: String?

  /// What the services may take beyond the time for draining, before they are cancelled.
  private static let shutdownMargin: Duration = .seconds(5)

  func run() async throws {
    let time = SystemTime()
    let logger = logs.logger("kube-mind")
    let endpoint = try configuration.endpoint()
    let storage = try storage(logger: logger, time: time)
    let metrics = WatchMetrics(version: Version.number, parts: Version.parts, time: time)
    let recorder: WatchRecorder?
    do {
      recorder = try record.map { path throws(WatchRecorder.Failure) in
        try WatchRecorder(path: path, redactor: redactor, logger: logger)
      }
    } catch {
      throw CommandFailure("--record: \(error)", status: .usage)
    }
    let client = try Cluster.client(
      kubeconfig: configuration.kubeconfig, context: configuration.context, logger: logger
    ) { metrics.exchanged($0) }
    defer { client.shutdown() }

    // A client of its own: a renewal must not wait behind a harvest.
    let renewals = try electionClient(client.access, logger: logger) { metrics.exchanged($0) }
    defer { renewals?.shutdown() }
    let election: LeaderElection? = if let renewals { try candidate(renewals, time: time) } else { nil }

    let check = StartCheck(client: client, logger: logger, time: time)
    let services: WatchServices
    do throws(APIError) {
      let version = try await check.reach(configuration.podScopes, waits: Cluster.isInside(client.access))
      let identity = try await check.identity(name: configuration.clusterName, uid: configuration.clusterUID)
      logger.info(
        "watching",
        metadata: [
          "version": "\(Version.number)", "server": "\(client.access.server)", "cluster": "\(identity.name)",
          "cluster_uid": "\(identity.uid)", "orchestrator": "\(endpoint.authority)",
          "namespaces": "\(configuration.namespaces.isEmpty ? "all" : configuration.namespaces.joined(separator: ","))",
        ])
      services = WatchServices(
        configuration: configuration, client: client, endpoint: endpoint, cluster: identity, redactor: redactor,
        toolVersion: Version.number, logger: logger, time: time, metrics: metrics, storage: storage,
        streamsLists: version?.mayStreamLists ?? false,
        // A person wants to know at once. In the cluster it says at /readyz what it may not do, and goes on once it may.
        endsIfRefused: !Cluster.isInside(client.access), recorder: recorder, election: election)
    } catch {
      throw Cluster.failure(error)
    }

    // First in the list, so that the probes answer until everything else has ended.
    let running =
      (try probes(services, metrics).map { [$0] } ?? []) + services.all
      + [reload.service(services: services, redactor: redactor, logs: logs, time: time)]
    var group = ServiceGroupConfiguration(
      services: running, gracefulShutdownSignals: [.sigterm, .sigint], logger: logs.logger("lifecycle"))
    group.maximumGracefulShutdownDuration = configuration.shutdownTimeout + Self.shutdownMargin
    do { try await ServiceGroup(configuration: group).run() } catch let error as APIError {
      throw Cluster.failure(error)
    } catch {
      throw CommandFailure("stopped: \(error)")
    }
    logger.info("stopped")
  }

  private func electionClient(
    _ access: ClusterAccess, logger: Logger, onExchange: @escaping @Sendable (APIExchange) -> Void
  ) throws(CommandFailure) -> APIClient? {
    guard configuration.election.isOn(inCluster: Cluster.isInside(access)) else { return nil }
    return try Cluster.client(
      kubeconfig: configuration.kubeconfig, context: configuration.context, logger: logger, onExchange: onExchange)
  }

  private func candidate(_ client: APIClient, time: SystemTime) throws(CommandFailure) -> LeaderElection {
    let settings = configuration.election
    let namespace = try Cluster.leaseNamespace(settings, client.access)
    let host = ProcessInfo.processInfo.hostName
    let identity = settings.identity.isEmpty ? "\(host)_\(UUID().uuidString.lowercased())" : settings.identity
    return LeaderElection(
      identity: identity, namespace: namespace, name: settings.name, timing: settings.timing, client: client, time: time
    )
  }

  private func storage(logger: Logger, time: SystemTime) throws(CommandFailure) -> OutboxStorage {
    do { return try OutboxStorage(configuration, logger: logger, time: time) } catch {
      throw CommandFailure("\(error)", status: .usage)
    }
  }

  private func probes(_ services: WatchServices, _ metrics: WatchMetrics) throws(CommandFailure) -> (any Service)? {
    do {
      return try WatchProbes(services: services, metrics: metrics)
        .server(address: configuration.httpAddress, metrics: metrics)
    } catch {
      throw CommandFailure("\(error)", status: .usage)
    }
  }
}
