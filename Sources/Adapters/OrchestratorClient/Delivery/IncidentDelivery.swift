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
  private let deadLetters: DeadLetterFolder?
  private let onEvent: @Sendable (DeliveryEvent) -> Void
  /// Wakes the stream's sender: an incident came, the window has room, or the stream is to end.
  private let sender: Alarm
  /// Wakes whoever watches the clock: something is on the way, or delivery is to end.
  private let watcher: Alarm

  /// Delivery to an orchestrator; nothing happens before `run`. Incidents may be submitted before that. What is rejected,
  /// given up or left over at the end is written to the folder of dead letters, where there is one, before its event.
  package convenience init(
    endpoint: OrchestratorEndpoint, limits: DeliveryLimits = DeliveryLimits(), deadLetters: DeadLetterFolder? = nil,
    logger: Logger, time: any TimeSource, eventLoop: (any EventLoop)? = nil,
    onEvent: @escaping @Sendable (DeliveryEvent) -> Void
  ) {
    self.init(
      target: ChannelTarget(endpoint: endpoint), limits: limits, deadLetters: deadLetters, logger: logger, time: time,
      eventLoop: eventLoop, onEvent: onEvent)
  }

  init(
    target: ChannelTarget, limits: DeliveryLimits, deadLetters: DeadLetterFolder? = nil, logger: Logger,
    time: any TimeSource, eventLoop: (any EventLoop)? = nil, onEvent: @escaping @Sendable (DeliveryEvent) -> Void
  ) {
    let sender = Alarm()
    let watcher = Alarm()
    let leaving = Leaving()
    machine = Mutex(DeliveryMachine(limits: limits))
    transport = OrchestratorTransport(target: target, eventLoop: eventLoop) { leaving.report($0) }
    self.logger = logger
    self.time = time
    self.deadLetters = deadLetters
    self.onEvent = onEvent
    self.sender = sender
    self.watcher = watcher
    leaving.delivery.withLock { $0 = WeakDelivery(value: self) }
  }

  /// Incidents held, those on the way included.
  package var held: Int { machine.withLock { $0.held } }
  /// Encoded bytes held.
  package var heldBytes: Int { machine.withLock { $0.heldBytes } }

  /// Takes an incident into the outbox. One that is held already is the same incident, and is not taken twice.
  package func submit(_ incident: SealedIncident) throws(DeliveryError) {
    let now = time.monotonic
    let result = machine.withLock { machine -> Result<Bool, DeliveryError> in
      do throws(DeliveryError) {
        return .success(try machine.submitted(incident, at: now))
      } catch {
        return .failure(error)
      }
    }
    if try result.get() { sender.ring() }
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
      await deliver(over: client)
      group.cancelAll()
    }
    let reason = Task.isCancelled ? "delivery was cancelled" : "delivery was shut down before it was acknowledged"
    for event in machine.withLock({ $0.drainEnded(reason) }) { emit(event) }
    try Task.checkCancellation()
  }

  private func deliver(over client: GRPCClient<OrchestratorTransport>) async {
    while !Task.isCancelled {
      switch step() {
      case .openStream:
        machine.withLock { $0.streamOpening() }
        let end = await runStream(over: client)
        let now = time.monotonic
        let events = machine.withLock { $0.streamEnded(end, at: now, random: .random(in: 0..<1)) }
        for event in events { emit(event) }
      case .wait(let until): await watcher.wait(atMost: time.monotonic.duration(to: until), by: time)
      case .idle, .abandonStream: await watcher.wait()
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
        for try await acknowledgement in response.messages { self.received(acknowledgement) }
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
      guard let next, case .sent(let incident, _) = next else {
        guard isSending else { return }
        await sender.wait()
        continue
      }
      if wasIdle { watcher.ring() }
      emit(next)
      try await writer.write(incident)
    }
  }

  private func received(_ message: KMIncidentAck) {
    let now = time.monotonic
    let event = machine.withLock { $0.acknowledged(id: message.incidentID, DeliveryMachine.Outcome(message), at: now) }
    if let event { emit(event) }
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

  private func emit(_ event: DeliveryEvent) {
    switch event {
    case .disconnected(let reason, let pause):
      logger.warning("delivery stream ended", metadata: ["reason": "\(reason)", "retry_in": "\(pause)"])
    case .rejected(let incident, _), .deadLettered(let incident, _), .dropped(let incident, _): keep(incident)
    case .connected, .sent, .acknowledged: break
    }
    onEvent(event)
  }

  private func keep(_ incident: SealedIncident) {
    guard let deadLetters else { return }
    do {
      let file = try deadLetters.write(incident)
      logger.warning("dead letter written", metadata: ["incident_id": "\(incident.id)", "file": "\(file)"])
    } catch {
      logger.error("dead letter lost", metadata: ["incident_id": "\(incident.id)", "error": "\(error)"])
    }
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
