internal import Contract
package import Delivery
internal import GRPCCore
internal import GRPCProtobuf
package import Incidents
package import Logging
package import NIOCore
internal import Synchronization
package import Time

/// Delivers sealed incidents over one long-lived stream until the orchestrator has said that it has each of them.
///
/// The driver of `DeliveryMachine`. `run` has the shape of swift-service-lifecycle's `Service`: it returns once delivery
/// was shut down and drained. Events are reported in the order in which they happened for each incident, from whatever task
/// they happen in, and must not block.
package final class IncidentDelivery: Sendable {
  private let machine: Mutex<DeliveryMachine>
  private let transport: OrchestratorTransport
  private let logger: Logger
  private let time: any TimeSource
  private let store: any IncidentStore
  private let deadLetters: (any DeadLetters)?
  /// False after a dead letter could not be written, until one can.
  private let burialWorks = Mutex(true)
  private let onEvent: @Sendable (DeliveryEvent) -> Void
  private let certificates: CertificateWatch
  /// Wakes the stream's sender: an incident came, the window has room, or the stream is to end.
  private let sender: Alarm
  /// Wakes whoever watches the clock: something is on the way, or delivery is to end.
  private let watcher: Alarm

  /// Wakes whoever looks after the store: there is no room.
  private let keeper: Alarm

  /// Delivery to an orchestrator; nothing happens before `run`. Incidents may be submitted before that, and those that an
  /// earlier process left in the store come first. What is rejected or given up becomes a dead letter, where these are kept,
  /// before its event; what is left over at the end as well, unless it is safe in the store.
  package convenience init(
    endpoint: OrchestratorEndpoint, limits: DeliveryLimits = DeliveryLimits(),
    store: any IncidentStore = MemoryStore(), deadLetters: (any DeadLetters)? = nil, logger: Logger,
    time: any TimeSource, eventLoop: (any EventLoop)? = nil,
    onEvent: @escaping @Sendable (DeliveryEvent) -> Void
  ) {
    self.init(
      target: ChannelTarget(endpoint: endpoint), limits: limits, store: store, deadLetters: deadLetters,
      logger: logger, time: time, eventLoop: eventLoop, onEvent: onEvent)
  }

  init(
    target: ChannelTarget, limits: DeliveryLimits, store: any IncidentStore = MemoryStore(),
    deadLetters: (any DeadLetters)? = nil, logger: Logger, time: any TimeSource, eventLoop: (any EventLoop)? = nil,
    onEvent: @escaping @Sendable (DeliveryEvent) -> Void
  ) {
    var limits = limits
    if deadLetters == nil { limits.overflow = .refusesNewcomer }
    var state = DeliveryMachine(limits: limits)
    let (now, wall) = (time.monotonic, time.wall)
    for stored in store.restored {
      // A clock that was set back makes nothing younger than now.
      let age = max(stored.enteredAt.duration(to: wall), .zero)
      state.restored(stored.label, enteredAt: now.advanced(by: .zero - age))
    }
    let sender = Alarm()
    let watcher = Alarm()
    let leaving = Leaving()
    machine = Mutex(state)
    transport = OrchestratorTransport(target: target, eventLoop: eventLoop) { leaving.report($0) }
    certificates = CertificateWatch(files: target.endpoint.tls, logger: logger, time: time) { [transport] in
      transport.renewConnection("certificates were renewed")
    }
    self.logger = logger
    self.time = time
    self.store = store
    self.deadLetters = deadLetters
    self.onEvent = onEvent
    self.sender = sender
    self.watcher = watcher
    keeper = Alarm()
    leaving.delivery.withLock { $0 = WeakDelivery(value: self) }
  }

  /// When the client certificate ends, for a metric; nil: there is none, or `run` has not begun.
  package var certificateExpiry: Timestamp? { certificates.expiry }

  /// Incidents held, those on the way included.
  package var held: Int { machine.withLock { $0.held } }
  /// Encoded bytes held.
  package var heldBytes: Int { machine.withLock { $0.heldBytes } }

  /// Incidents on the wire that are not acknowledged.
  package var unacknowledged: Int { machine.withLock { $0.unacknowledged } }
  /// How long the one that is on the wire for longest has waited for its acknowledgement; zero where none is.
  package var longestUnacknowledged: Duration {
    let now = time.monotonic
    return machine.withLock { $0.oldestSent }.map { $0.duration(to: now) } ?? .zero
  }

  /// How long the oldest incident has waited.
  package var oldestAge: Duration {
    let now = time.monotonic
    return machine.withLock { $0.oldestEntry }.map { $0.duration(to: now) } ?? .zero
  }

  /// True while the outbox takes incidents: it has room for one of the largest size, or can make room by a dead letter.
  package var hasRoom: Bool {
    let canBury = deadLetters != nil && burialWorks.withLock { $0 }
    return store.hasRoom && (canBury || machine.withLock { $0.hasRoom })
  }

  /// Takes an incident into the outbox. One that is held already is the same incident, and is not taken twice.
  package func submit(_ incident: SealedIncident) throws(DeliveryError) {
    let (now, wall) = (time.monotonic, time.wall)
    let error: DeliveryError? = machine.withLock { machine in
      do throws(DeliveryError) {
        guard try machine.submitted(incident.label, at: now) else { return nil }
      } catch { return error }
      // Under the machine's lock, so that both have the same order.
      do throws(DeliveryError) { try store.put(incident, enteredAt: wall) } catch {
        machine.withdrawn(id: incident.id)
        return error
      }
      return nil
    }
    guard let error else { return sender.ring() }
    keeper.ring()
    throw error
  }

  /// Returns once an incident that was submitted is as safe as the store makes it. What was noted about the failure may be
  /// forgotten from then on.
  package func secured(_ incident: SealedIncident) async {
    await store.secured(incident.id)
  }

  /// Until when this replica may deliver (for ever, unless this is called); told anew with each renewal of its lease. An instant in
  /// the past ends the stream at once, and what is held waits.
  package func permit(until end: MonotonicInstant) {
    machine.withLock { $0.permitted(until: end) }
    sender.ring()
    watcher.ring()
  }

  /// Takes no more incidents; `run` returns once those held are delivered, or after `drain` with what is left reported as
  /// dropped.
  package func beginGracefulShutdown(drain: Duration = .seconds(5)) {
    let deadline = time.monotonic.advanced(by: drain)
    machine.withLock { $0.shutdownRequested(drainUntil: deadline) }
    sender.ring()
    watcher.ring()
  }

  /// Delivers until shut down. Throws CancellationError if its task is cancelled; what is held then is reported as dropped.
  package func run() async throws {
    let client = GRPCClient(transport: transport)
    await withTaskGroup { group in
      group.addTask { [logger] in
        do {
          try await client.runConnections()
        } catch {
          logger.error("orchestrator connection ended", metadata: ["error": "\(error)"])
        }
      }
      group.addTask {
        await HealthWatch(client: client, time: self.time) { self.healthReported(isServing: $0) }.run()
      }
      group.addTask { await self.keep() }
      group.addTask { await self.certificates.run() }
      await deliver(over: client)
      // What came last may still be on its way to the disk.
      for label in machine.withLock({ $0.waiting }) { await store.secured(label.id) }
      group.cancelAll()
    }
    await end(Task.isCancelled ? "delivery was cancelled" : "delivery was shut down before it was acknowledged")
    try Task.checkCancellation()
  }

  /// Looks after the store once a second, and whenever there is no room: incidents that are too old, or in the way, become
  /// dead letters.
  private func keep() async {
    while !Task.isCancelled {
      await keeper.wait(atMost: .seconds(1), by: time)
      await store.maintain()
      while let label = nextToBury() {
        if let failure = await bury(label) {
          machine.withLock { $0.unburied(id: label.id) }
          // Said once: whoever waits for room tries again and again.
          if burialWorks.withLock({ $0 }) { logger.error("no dead letter, no room", metadata: ["error": "\(failure)"]) }
          burialWorks.withLock { $0 = false }
          break
        }
        burialWorks.withLock { $0 = true }
        let now = time.monotonic
        let event = machine.withLock { $0.buried(id: label.id, at: now) }
        store.settled(label.id)
        if let event { onEvent(event) }
      }
      sender.ring()
    }
  }

  private func nextToBury() -> IncidentLabel? {
    let now = time.monotonic
    return machine.withLock { $0.nextToBury(at: now) }
  }

  /// What is left at the end becomes dead letters, or lies in the store for the next start.
  private func end(_ reason: String) async {
    var left = 0
    for event in machine.withLock({ $0.drainEnded(reason) }) {
      if case .dropped(let label, _) = event, store.isSafe(label.id) { left += 1 } else { await emit(event) }
    }
    if left > 0 { logger.notice("incidents stay in the outbox for the next start", metadata: ["incidents": "\(left)"]) }
  }

  private func deliver(over client: GRPCClient<OrchestratorTransport>) async {
    while !Task.isCancelled {
      switch step() {
      case .openStream:
        machine.withLock { $0.streamOpening() }
        let end = await runStream(over: client)
        let now = time.monotonic
        let events = machine.withLock { $0.streamEnded(end, at: now, random: .random(in: 0..<1)) }
        for event in events { await emit(event) }
      case .wait(let until): await watcher.wait(atMost: time.monotonic.duration(to: until), by: time)
      case .idle, .abandonStream, .withdraw: await watcher.wait()
      case .finished: return
      }
    }
  }

  /// One stream, from its opening to its end.
  private func runStream(over client: GRPCClient<OrchestratorTransport>) async -> StreamEnd {
    await withTaskGroup(of: StreamEnd.self) { group in
      group.addTask { await self.call(client) }
      group.addTask { await self.watch() }
      let end = await group.next() ?? .connectionLost("the stream was cancelled")
      group.cancelAll()
      return end
    }
  }

  private func call(_ client: GRPCClient<OrchestratorTransport>) async -> StreamEnd {
    do {
      try await client.bidirectionalStreaming(
        request: StreamingClientRequest { writer in try await self.send(to: writer) },
        descriptor: KMIncidentService.Method.StreamIncidents.descriptor, serializer: SealedIncidentSerializer(),
        deserializer: ProtobufDeserializer<KMIncidentAck>(), options: .defaults
      ) { response in
        for try await acknowledgement in response.messages { await self.received(acknowledgement) }
      }
      return .status(code: 0, message: "the orchestrator ended the stream")
    } catch let error as RPCError where error.cause is ConnectionLost {
      return .connectionLost(PeerText.oneLine(error.message))
    } catch let error as RPCError {
      return .status(code: error.code.rawValue, message: PeerText.oneLine(error.message))
    } catch {
      return .connectionLost("\(error)")
    }
  }

  private func send(to writer: RPCWriter<SealedIncident>) async throws {
    machine.withLock { $0.streamOpened() }
    while !Task.isCancelled {
      let now = time.monotonic
      let (next, wasIdle, isSending) = machine.withLock { machine in
        let wasIdle = machine.unacknowledged == 0
        return (machine.nextToSend(at: now), wasIdle, machine.isSending)
      }
      guard let next, case .sent(let label, _) = next else {
        guard isSending else { return }
        await sender.wait()
        continue
      }
      if wasIdle { watcher.ring() }
      guard let incident = await content(of: label) else { continue }
      onEvent(next)
      try await writer.write(incident)
    }
  }

  /// The incident for the wire, or nil where it is no longer to be had.
  private func content(of label: IncidentLabel) async -> SealedIncident? {
    do throws(StoreFailure) { return try await store.content(of: label.id) } catch {
      logger.error("incident lost", metadata: ["incident_id": "\(label.id)", "error": "\(error)"])
      if let event = machine.withLock({ $0.contentLost(id: label.id, reason: "\(error)") }) {
        store.settled(label.id)
        onEvent(event)
      }
      return nil
    }
  }

  private func received(_ message: KMIncidentAck) async {
    let now = time.monotonic
    let event = machine.withLock { $0.acknowledged(id: message.incidentID, DeliveryMachine.Outcome(message), at: now) }
    if let event { await emit(event) }
    sender.ring()
    if !machine.withLock({ $0.isSending }) { watcher.ring() }
  }

  /// Watches the clock for as long as a stream runs. Returns where the stream is to be given up.
  private func watch() async -> StreamEnd {
    while !Task.isCancelled {
      switch step() {
      case .wait(let until): await watcher.wait(atMost: time.monotonic.duration(to: until), by: time)
      case .idle, .openStream: await watcher.wait()
      case .abandonStream:
        transport.probe()
        return .connectionLost("the orchestrator did not answer in time")
      case .withdraw: return .connectionLost("this replica does not lead any more")
      case .finished: return .connectionLost("delivery ends")
      }
    }
    return .connectionLost("the stream was cancelled")
  }

  private func healthReported(isServing: Bool) {
    guard machine.withLock({ $0.healthReported(isServing: isServing) }) else { return }
    if isServing {
      logger.info("the orchestrator serves again")
    } else {
      logger.warning("the orchestrator does not serve: incidents wait in the outbox")
    }
    sender.ring()
  }

  private func step() -> DeliveryMachine.Step {
    let now = time.monotonic
    return machine.withLock { $0.step(at: now) }
  }

  private func emit(_ event: DeliveryEvent) async {
    switch event {
    case .disconnected(let reason, let pause):
      logger.warning("delivery stream ended", metadata: ["reason": "\(reason)", "retry_in": "\(pause)"])
    case .acknowledged(let label, _): store.settled(label.id)
    case .rejected(let label, _), .deadLettered(let label, _), .dropped(let label, _):
      if let failure = await bury(label) {
        logger.error("incident lost", metadata: ["incident_id": "\(label.id)", "error": "\(failure)"])
      }
      store.settled(label.id)
    case .connected, .sent: break
    }
    onEvent(event)
  }

  /// Writes a dead letter, where these are kept. Nil if that is done, else why not.
  private func bury(_ label: IncidentLabel) async -> StoreFailure? {
    guard let deadLetters else { return nil }
    do throws(StoreFailure) {
      let file = try await deadLetters.keep(try await store.content(of: label.id))
      logger.warning("dead letter written", metadata: ["incident_id": "\(label.id)", "file": "\(file)"])
      return nil
    } catch { return error }
  }

  // MARK: The transport

  fileprivate func transportReported(_ event: TransportEvent) {
    switch event {
    case .ready:
      logger.info("connected to the orchestrator")
      onEvent(.connected)
    case .lost(let reason, let pause):
      logger.debug("orchestrator connection lost", metadata: ["reason": "\(reason)", "retry_in": "\(pause)"])
      let now = time.monotonic
      machine.withLock { $0.serverIsLeaving(at: now) }
      sender.ring()
      watcher.ring()
      onEvent(.disconnected(reason: reason, retryIn: pause))
    case .keepaliveSlowed(let interval):
      logger.warning("the orchestrator wants fewer pings", metadata: ["interval": "\(interval)"])
    }
  }
}

/// The transport's way back to the delivery, which owns it.
private final class Leaving: Sendable {
  let delivery = Mutex(WeakDelivery(value: nil))

  func report(_ event: TransportEvent) {
    delivery.withLock { $0.value }?.transportReported(event)
  }
}

private struct WeakDelivery: Sendable {
  weak var value: IncidentDelivery?
}
