import Delivery
import Incidents
import Kubernetes
import Synchronization
import Testing
import Time

@testable import Observer
@testable import Redaction

private func crashing(_ uid: String, run: Int = 1) -> PodSnapshot {
  let ended = Termination(exitCode: 1, reason: "Error", containerID: "containerd://\(run)")
  let container = ContainerSnapshot(
    name: "app", restartCount: run, state: .waiting(reason: "CrashLoopBackOff", message: ""), lastTermination: ended)
  return PodSnapshot(namespace: "shop", name: "pod-\(uid)", uid: uid, containers: [container])
}

/// What the pipeline said, in order.
private final class Record: Sendable {
  private let lines = Mutex<[String]>([])
  let sealed = Mutex<[SealedIncident]>([])

  var all: [String] { lines.withLock { $0 } }

  func take(_ event: PipelineEvent) {
    let line: String? =
      switch event {
      case .detected(let job, _): "detected \(job.occurrence.pod.uid)"
      case .suppressed(let occurrence): "suppressed \(occurrence.pod.uid)"
      case .harvested(_, _, let gaps): "harvested \(gaps.count)"
      case .sealed(let incident, _, _): "sealed \(incident.podUID)"
      case .withheld(let job, _, let error): "withheld \(job.occurrence.pod.uid) \(error.code.rawValue)"
      case .released(let job, _, let reason): "released \(job.occurrence.pod.uid): \(reason)"
      case .acknowledged(let acknowledgement):
        "acknowledged \(acknowledgement.podUID) \(acknowledgement.latency.milliseconds)"
      case .rejected(_, let podUID, let reason): "rejected \(podUID): \(reason)"
      case .synced, .connected, .disconnected: nil
      }
    if let line { lines.withLock { $0.append(line) } }
  }
}

@Suite("Pipeline")
struct PipelineTests {
  private let time = ManualTime()
  private let record = Record()

  private func pipeline(
    classes: Set<FailureClass> = Set(FailureClass.reported),
    redact: @escaping @Sendable (Incident) throws(RedactionError) -> Redacted<Incident> = {
      incident throws(RedactionError) in
      Redacted(incident, report: RedactionReport(ruleSetVersion: "test"))
    },
    submit: @escaping @Sendable (SealedIncident) throws(DeliveryError) -> Void = { _ throws(DeliveryError) in }
  ) -> Pipeline {
    let record = record
    return Pipeline(
      cluster: ClusterIdentity(name: "test", uid: "cluster"), detection: .init(classes: classes), debounce: .init(),
      harvest: HarvestOptions(), toolVersion: "0", time: time,
      stages: .init(
        harvest: { _ in Evidence() }, redact: redact,
        submit: { incident throws(DeliveryError) in
          try submit(incident)
          record.sealed.withLock { $0.append(incident) }
        }, report: { record.take($0) }))
  }

  private func apply(_ pod: PodSnapshot, to pipeline: Pipeline) {
    pipeline.podApplied(pod, at: time.monotonic, wall: time.wall)
  }

  @Test("a failure goes the whole way, its repetition is counted, its latency is from event to acknowledgement")
  func wholeWay() async throws {
    let pipeline = pipeline()
    apply(crashing("a"), to: pipeline)
    apply(crashing("a"), to: pipeline)
    apply(crashing("a", run: 2), to: pipeline)
    pipeline.finish()
    await pipeline.run()
    time.advance(by: .milliseconds(40))
    let incident = try #require(record.sealed.withLock { $0.first })
    pipeline.deliveryReported(
      .acknowledged(incident.label, .init(isDuplicate: false, receivedAt: nil, latency: .zero, age: .zero)))
    #expect(
      record.all == ["detected a", "suppressed a", "harvested 0", "sealed a", "acknowledged a 40.0"])
    #expect(record.sealed.withLock { $0.count } == 1)
  }

  @Test("what redaction cannot vouch for is withheld, and nothing of it is submitted")
  func withheld() async {
    let pipeline = pipeline(redact: { _ throws(RedactionError) in
      throw RedactionError(.lastCheck, rule: "jwt", place: "log", message: "found")
    })
    apply(crashing("a"), to: pipeline)
    pipeline.finish()
    await pipeline.run()
    // The window stays closed: the next crash is counted and not withheld again.
    apply(crashing("a", run: 2), to: pipeline)
    #expect(record.all == ["detected a", "harvested 0", "withheld a last_check", "suppressed a"])
    #expect(record.sealed.withLock { $0.isEmpty })
  }

  @Test("a full outbox holds the pipeline up until it has room")
  func backpressure() async {
    let tries = Mutex(0)
    let pipeline = pipeline(submit: { _ throws(DeliveryError) in
      let count = tries.withLock { tries in
        tries += 1
        return tries
      }
      if count < 3 { throw DeliveryError(.outboxFull, "full") }
    })
    apply(crashing("a"), to: pipeline)
    pipeline.finish()
    async let done: Void = pipeline.run()
    for _ in 0..<2 {
      await time.someoneSleeps()
      time.advance(by: .seconds(1))
    }
    await done
    #expect(tries.withLock { $0 } == 3)
    #expect(record.all == ["detected a", "harvested 0", "sealed a"])
  }

  @Test("what cannot be kept is released, and found again at the next sight of the pod")
  func released() async {
    let pipeline = pipeline(submit: { _ throws(DeliveryError) in throw DeliveryError(.shutDown, "stopping") })
    apply(crashing("a"), to: pipeline)
    pipeline.finish()
    await pipeline.run()
    apply(crashing("a"), to: pipeline)
    #expect(
      record.all == [
        "detected a", "harvested 0", "sealed a", "released a: stopping", "detected a",
        "released a: the program is stopping",
      ])
  }

  @Test("a pod that no node takes is reported when it has waited long enough, with nothing new to see of it")
  func lasting() async {
    let pipeline = pipeline(classes: [.unschedulable])
    apply(
      PodSnapshot(
        name: "p", uid: "p", phase: "Pending", unscheduled: Unscheduled(since: time.wall, message: "0/1 nodes")),
      to: pipeline)
    async let done: Void = pipeline.run()
    for _ in 0..<30 {
      #expect(record.all.isEmpty)
      await time.someoneSleeps()
      time.advance(by: .seconds(10))
    }
    await time.someoneSleeps()
    pipeline.finish()
    await done
    #expect(record.all == ["detected p", "harvested 0", "sealed p"])
  }

  @Test("a storm beyond the queue is released, not forgotten")
  func storm() {
    let pipeline = pipeline()
    for index in 0..<1_010 { apply(crashing("\(index)"), to: pipeline) }
    #expect(record.all.filter { $0.hasPrefix("released") }.count == 10)
  }

  @Test("a rejected incident is reported with its reason")
  func rejected() async throws {
    let pipeline = pipeline()
    apply(crashing("a"), to: pipeline)
    pipeline.finish()
    await pipeline.run()
    let incident = try #require(record.sealed.withLock { $0.first })
    pipeline.deliveryReported(.rejected(incident.label, reason: "schema"))
    #expect(record.all.last == "rejected a: schema")
  }
}

@Suite("Harvester")
struct HarvesterTests {
  @Test("an answer that does not come is a gap once the deadline has passed")
  func deadline() async {
    let time = ManualTime()
    let harvester = Harvester(options: HarvestOptions(), time: time) { request in
      if request.path.hasSuffix("/events") {
        return .success(APIResponse(status: 200, body: Array(#"{"kind":"EventList","metadata":{},"items":[]}"#.utf8)))
      }
      // Comes to its end by cancellation alone.
      try? await time.sleep(for: .seconds(1_000_000))
      return .failure(APIError(.cancelled, "cancelled"))
    }
    let pod = crashing("a")
    let occurrence = Occurrence(
      identity: .init(podUID: "a", container: "app", failureClass: .crashLoopBackOff, subject: "", time: 0), pod: pod,
      container: pod.containers[0], reason: "CrashLoopBackOff")
    async let evidence = harvester.harvest(occurrence)
    await time.someoneSleeps()
    // The deadline's own sleep may not be the first: step until the harvest has ended.
    let advancing = Task {
      while !Task.isCancelled {
        time.advance(by: .seconds(1))
        await Task.yield()
      }
    }
    let gathered = await evidence
    advancing.cancel()
    #expect(gathered.gaps.map(\.reason) == [.timeout, .timeout, .timeout])
    #expect(gathered.logs.isEmpty)
  }
}
