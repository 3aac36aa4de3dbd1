import Contract
import Delivery
import Incidents
import Kubernetes
import SwiftProtobuf
import Synchronization
import Testing
import Time

@testable import Observer
@testable import Redaction

private func crashing(_ uid: String, run: Int = 1, owner: String? = nil) -> PodSnapshot {
  let ended = Termination(exitCode: 1, reason: "Error", containerID: "containerd://\(run)")
  let container = ContainerSnapshot(
    name: "app", restartCount: run, state: .waiting(reason: "CrashLoopBackOff", message: ""), lastTermination: ended)
  let controller = owner.map { OwnerReference(apiVersion: "apps/v1", kind: "ReplicaSet", name: $0, uid: $0) }
  return PodSnapshot(
    namespace: "shop", name: "pod-\(uid)", uid: uid, controller: controller, containers: [container])
}

/// What the pipeline said, in order.
private final class Record: Sendable {
  private let lines = Mutex<[String]>([])
  let sealed = Mutex<[SealedIncident]>([])

  var all: [String] { lines.withLock { $0 } }

  /// Returns once that line is there.
  func waits(for line: String) async {
    while !all.contains(line) { await Task.yield() }
  }

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
      case .inherited(let job, _): "inherited \(job.occurrence.pod.uid)"
      case .referenced(let job, _, _, _): "referenced \(job.occurrence.pod.uid)"
      case .countsLost(let count): "lost \(count)"
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
    permittedUntil: MonotonicInstant = MonotonicInstant(nanoseconds: .max),
    harvest: @escaping @Sendable () -> Void = {},
    redact: @escaping @Sendable (Incident) throws(RedactionError) -> Redacted<Incident> = {
      incident throws(RedactionError) in
      Redacted(incident, report: RedactionReport(ruleSetVersion: "test"))
    },
    submit: @escaping @Sendable (SealedIncident) throws(DeliveryError) -> Void = { _ throws(DeliveryError) in }
  ) -> Pipeline {
    let record = record
    return Pipeline(
      cluster: ClusterIdentity(name: "test", uid: "cluster"), detection: .init(classes: classes), debounce: .init(),
      harvest: HarvestOptions(), toolVersion: "0", time: time, permittedUntil: permittedUntil,
      stages: .init(
        harvest: { _ in
          harvest()
          return Evidence()
        }, redact: redact,
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

  @Test("a ring that nobody answers and a harvest that does not end are stalls, a full outbox is none")
  func stalls() async {
    let time = time
    let seen = Mutex<[Duration?]>([])
    let holder = Mutex<Pipeline?>(nil)
    let look: @Sendable () -> Void = {
      let stall = holder.withLock { $0 }?.stall
      seen.withLock { $0.append(stall) }
    }
    let pipeline = pipeline(
      harvest: {
        time.advance(by: .seconds(100))
        look()
      },
      submit: { _ throws(DeliveryError) in
        time.advance(by: .seconds(1_000))
        look()
      })
    holder.withLock { $0 = pipeline }
    #expect(pipeline.stall == nil)
    apply(crashing("a"), to: pipeline)
    time.advance(by: .seconds(7))
    #expect(pipeline.stall == .seconds(7), "nobody runs it")
    pipeline.finish()
    await pipeline.run()
    holder.withLock { $0 = nil }
    #expect(seen.withLock { $0.first } == .seconds(100))
    #expect(seen.withLock { $0.last } == .some(nil), "it waits for the outbox, as long as that takes")
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
        "released a: too many failures wait, or the program is stopping",
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

  @Test("a storm of one controller gives one harvest and references to it, each counted")
  func storm() async throws {
    let pipeline = pipeline()
    for index in 0..<50 { apply(crashing("\(index)", owner: "rs"), to: pipeline) }
    pipeline.finish()
    await pipeline.run()
    #expect(record.all.filter { $0.hasPrefix("harvested") }.count == 1)
    #expect(record.all.filter { $0.hasPrefix("referenced") }.count == 49)
    let sealed = record.sealed.withLock { $0 }
    #expect(sealed.count == 50)
    let contexts = try sealed.map { try KMIncidentContext(serializedBytes: $0.encoded) }
    #expect(Set(contexts.map(\.workload.podUid)).count == 50)
    let full = try #require(contexts.first { !$0.hasReference })
    for context in contexts where context.incidentID != full.incidentID {
      #expect(context.reference.incidentID == full.incidentID)
      #expect(context.logs.isEmpty && context.manifests.isEmpty && context.events.isEmpty)
      #expect(context.failure.reason == "CrashLoopBackOff" && context.failure.container == "app")
      #expect(context.workload.owners.map(\.uid) == ["rs"])
    }
  }

  @Test("who stands by keeps what it finds, and tells it once it leads")
  func standby() async {
    let pipeline = pipeline(permittedUntil: .origin)
    async let done: Void = pipeline.run()
    apply(crashing("a"), to: pipeline)
    #expect(record.all == ["inherited a"])
    pipeline.permit(until: time.monotonic.advanced(by: .seconds(10)))
    await record.waits(for: "sealed a")
    pipeline.permit(until: time.monotonic)
    apply(crashing("b"), to: pipeline)
    pipeline.finish()
    await done
    // What it found last is the next leader's.
    #expect(record.all == ["inherited a", "detected a", "harvested 0", "sealed a", "inherited b"])
  }

  @Test("whose lease ends during a harvest submits nothing of it, and tells it when it leads again")
  func interrupted() async {
    let time = time
    let harvests = Mutex(0)
    let pipeline = pipeline(
      permittedUntil: .origin.advanced(by: .seconds(10)),
      harvest: {
        let isFirst = harvests.withLock { count in
          defer { count += 1 }
          return count == 0
        }
        // As if the process had been stopped meanwhile.
        if isFirst { time.advance(by: .seconds(20)) }
      })
    apply(crashing("a"), to: pipeline)
    async let done: Void = pipeline.run()
    await record.waits(for: "harvested 0")
    #expect(record.sealed.withLock { $0.isEmpty })
    pipeline.permit(until: time.monotonic.advanced(by: .seconds(10)))
    await record.waits(for: "sealed a")
    pipeline.finish()
    await done
    #expect(record.all == ["detected a", "harvested 0", "harvested 0", "sealed a"])
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
