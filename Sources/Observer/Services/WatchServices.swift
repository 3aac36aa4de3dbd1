package import Delivery
package import Incidents
package import Kubernetes
package import KubernetesClient
package import Logging
package import OrchestratorClient
internal import Redaction
package import ServiceLifecycle
internal import Storage
internal import Synchronization
package import Time

/// The services of `watch`, wired: watcher → pipeline → delivery.
///
/// `all` is in order of dependence. A service group stops services from the last to the first, so intake ends before harvests do,
/// and these end before delivery has drained.
package struct WatchServices: Sendable {
  /// For a `ServiceGroup`.
  package let all: [any Service]
  /// True once the first list of every scope is in.
  package let readiness: Readiness
  /// False while the outbox could not take an incident of the largest size.
  package let outboxHasRoom: @Sendable () -> Bool
  /// How long the incident that has been on the wire for longest waits for its acknowledgement.
  package let deliveryWait: @Sendable () -> Duration
  /// Watches what these label and field selectors select from now on; the same ones disturb nothing.
  package let select: @Sendable (_ labels: String, _ fields: String) -> Void
  /// The pipeline, for limits that change while it runs.
  package let pipeline: Pipeline

  /// Builds everything; nothing runs yet. `streamsLists` says whether the server may have streaming lists, `recorder` keeps
  /// what the watches say. `endsIfRefused`: a service ends with an `APIError` where the server refuses its first list. With an election this replica acts only while it leads. `report` hears every event, after it was
  /// logged and counted.
  package init(
    configuration: ObserverConfiguration, client: APIClient, endpoint: OrchestratorEndpoint, cluster: ClusterIdentity,
    redactor: RedactorBox, toolVersion: String, logger: Logger, time: any TimeSource, metrics: WatchMetrics,
    storage: OutboxStorage = OutboxStorage(), streamsLists: Bool = false, endsIfRefused: Bool = false,
    recorder: WatchRecorder? = nil, election: LeaderElection? = nil,
    report: @escaping @Sendable (PipelineEvent) -> Void = { _ in }
  ) {
    let log = PipelineLog(logger: logger)
    let everyone: @Sendable (PipelineEvent) -> Void = { event in
      log.write(event)
      metrics.record(event)
      report(event)
    }
    let harvester = Harvester(options: configuration.harvest, time: time) { request in
      let start = time.monotonic
      defer { metrics.harvestExchanged(request, took: start.duration(to: time.monotonic)) }
      do throws(APIError) { return .success(try await client.send(request)) } catch { return .failure(error) }
    }

    // The pipeline submits to delivery and delivery tells the pipeline what came of it: the one of the two that is made
    // later is handed on through this box.
    let receiver = Mutex<Pipeline?>(nil)
    let delivery = IncidentDelivery(
      endpoint: endpoint,
      limits: configuration.deliveryLimits, store: storage.store, deadLetters: storage.deadLetters, logger: logger,
      time: time
    ) { event in receiver.withLock { $0 }?.deliveryReported(event) }
    let pipeline = Pipeline(
      cluster: cluster, detection: configuration.detection, debounce: configuration.debounce,
      storms: configuration.storms, harvest: configuration.harvest, toolVersion: toolVersion, time: time,
      permittedUntil: election == nil ? MonotonicInstant(nanoseconds: .max) : .origin,
      stages: .init(
        harvest: { await harvester.harvest($0) },
        redact: { incident throws(RedactionError) in
          let budget = RedactionBudget(time: time)
          return try redactor.current.redact(incident, isOverTime: { budget.isUsedUp })
        },
        submit: { incident throws(DeliveryError) in
          try delivery.submit(incident)
          await delivery.secured(incident)
        }, report: everyone))
    receiver.withLock { $0 = pipeline }
    self.pipeline = pipeline
    metrics.observe(MetricCatalog.outboxIncidents) { Double(delivery.held) }
    metrics.observe(MetricCatalog.outboxBytes) { Double(delivery.heldBytes) }
    metrics.observe(MetricCatalog.outboxAge) { delivery.oldestAge.milliseconds / 1_000 }
    if let disk = storage.disk {
      metrics.observe(MetricCatalog.outboxDiskBytes) { Double(disk.status.diskBytes) }
      metrics.observe(MetricCatalog.outboxMemoryBytes) { Double(disk.status.memoryBytes) }
      metrics.observe(MetricCatalog.outboxFailures) { Double(disk.status.failures) }
    }
    metrics.observe(MetricCatalog.unacknowledged) { Double(delivery.unacknowledged) }
    outboxHasRoom = { delivery.hasRoom }
    deliveryWait = { delivery.longestUnacknowledged }
    metrics.observe(MetricCatalog.certificateExpiry) { delivery.certificateExpiry.map { Double($0.seconds) } }

    let scopes = configuration.podScopes
    let readiness = Readiness(scopes: scopes)
    self.readiness = readiness
    var services: [any Service] = []
    if let election {
      let leadsUntil = Mutex(MonotonicInstant.origin)
      delivery.permit(until: .origin)
      metrics.observe(MetricCatalog.leading) { leadsUntil.withLock { $0 } > time.monotonic ? 1 : 0 }
      services.append(
        ElectionService(election: election, logger: logger) { end in
          leadsUntil.withLock { $0 = end }
          delivery.permit(until: end)
          pipeline.permit(until: end)
        })
    }
    services += [
      DeliveryService(delivery: delivery, drain: configuration.shutdownTimeout), PipelineService(pipeline: pipeline),
    ]
    var selections: [(scope: PodScope, changes: AsyncStream<PodScope>.Continuation)] = []
    for (number, scope) in scopes.enumerated() {
      let (changes, continuation) = AsyncStream<PodScope>.makeStream(bufferingPolicy: .bufferingNewest(1))
      selections.append((scope, continuation))
      services.append(
        WatchService(
          number: number, scope: scope, changes: changes, pipeline: pipeline, readiness: readiness, metrics: metrics,
          logger: logger, time: time, report: everyone
        ) { scope, isFirst in
          PodWatcher(
            client: client, scope: scope, time: time, streamsLists: streamsLists,
            endsIfRefused: endsIfRefused && isFirst, tap: recorder?.tap(),
            holds: { metrics.holds($0, watch: number) })
        })
    }
    select = { [selections] labels, fields in
      for (scope, changes) in selections {
        changes.yield(PodScope(namespace: scope.namespace, labelSelector: labels, fieldSelector: fields))
      }
    }
    all = services
  }
}

extension ObserverConfiguration {
  /// What delivery may hold: on disk where there is a folder for it, else in memory.
  package var deliveryLimits: DeliveryLimits {
    DeliveryLimits(
      outboxCount: outboxIncidents, outboxBytes: outboxDirectory.isEmpty ? outboxBytes : outboxDiskBytes,
      overflow: .deadLettersOldest, age: outboxAge > .zero ? outboxAge : nil)
  }

  /// What is watched: the whole cluster, or each namespace on its own.
  package var podScopes: [PodScope] {
    let wholeCluster: [String?] = [nil]
    return (namespaces.isEmpty ? wholeCluster : namespaces).map {
      PodScope(namespace: $0, labelSelector: labelSelector, fieldSelector: fieldSelector)
    }
  }
}

/// Runs delivery, and drains it before it ends.
private struct DeliveryService: Service {
  let delivery: IncidentDelivery
  let drain: Duration

  func run() async throws {
    try await withGracefulShutdownHandler {
      try await delivery.run()
    } onGracefulShutdown: {
      delivery.beginGracefulShutdown(drain: drain)
    }
  }
}

/// Runs the harvests, and ends what has begun.
private struct PipelineService: Service {
  let pipeline: Pipeline

  func run() async {
    await withGracefulShutdownHandler {
      await pipeline.run()
    } onGracefulShutdown: {
      pipeline.finish()
    }
  }
}
