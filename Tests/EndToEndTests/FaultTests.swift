internal import Contract
internal import Observer
internal import Synchronization
internal import Testing

@testable internal import Simulation
@testable internal import kube_mind

extension WholeProgram {
  /// Whatever goes wrong between the program and its two servers: every failure is reported, each once, and no secret.
  @Suite(.timeLimit(.minutes(20)))
  struct FaultTests {
    /// Faults that are planned together, once the watch is open.
    struct Trouble: Sendable, CustomTestStringConvertible {
      struct Fault: Sendable {
        var fault: APIFault
        var request: RequestKind
        var times = 1
        var skipping = 0
      }

      let testDescription: String
      let faults: [Fault]

      init(_ name: String, _ faults: Fault...) {
        testDescription = name
        self.faults = faults
      }
    }

    static let watchTroubles: [Trouble] = [
      Trouble("the history is gone", .init(fault: .goneInStream, request: .watch, skipping: 2)),
      Trouble(
        "the history is gone when the watch comes back", .init(fault: .cutMidLine, request: .watch, skipping: 3),
        .init(fault: .gone, request: .watch)),
      Trouble("lines come in pieces", .init(fault: .splitLine, request: .watch, times: 8)),
      Trouble("the stream stalls", .init(fault: .stall(.milliseconds(300)), request: .watch, times: 2, skipping: 2)),
      Trouble("the stream is cut in a line", .init(fault: .cutMidLine, request: .watch, skipping: 4)),
      Trouble(
        "the stream is cut twice", .init(fault: .cutMidLine, request: .watch),
        .init(fault: .cutMidLine, request: .watch)),
      Trouble("every event comes twice", .init(fault: .duplicateEvent, request: .watch, times: always)),
      Trouble("objects that are no pods", .init(fault: .garbageObject, request: .watch, times: 5)),
      Trouble(
        "listing again is put off", .init(fault: .goneInStream, request: .watch, skipping: 2),
        .init(fault: .tooManyRequests(retryAfter: 1), request: .list)),
      Trouble(
        "listing again fails", .init(fault: .goneInStream, request: .watch, skipping: 2),
        .init(fault: .internalError, request: .list)),
      Trouble(
        "listing again is hung up on", .init(fault: .goneInStream, request: .watch),
        .init(fault: .hangUp, request: .list)),
      Trouble(
        "watching again is refused", .init(fault: .cutMidLine, request: .watch, skipping: 2),
        .init(fault: .forbidden, request: .watch)),
      Trouble(
        "watching again is unauthorized once", .init(fault: .cutMidLine, request: .watch, skipping: 2),
        .init(fault: .unauthorized, request: .watch)),
    ]

    static let harvestTroubles: [Trouble] = [
      Trouble("logs are forbidden", .init(fault: .forbidden, request: .log, times: always)),
      Trouble("logs fail", .init(fault: .internalError, request: .log, times: always)),
      Trouble("logs are put off", .init(fault: .tooManyRequests(retryAfter: 1), request: .log, times: 3)),
      Trouble("logs are slow", .init(fault: .slow(.milliseconds(400)), request: .log, times: always)),
      Trouble("logs are hung up on", .init(fault: .hangUp, request: .log, times: always)),
      Trouble("objects are hung up on", .init(fault: .hangUp, request: .get, times: 2)),
      Trouble("objects fail", .init(fault: .internalError, request: .get, times: always)),
      Trouble("objects are forbidden", .init(fault: .forbidden, request: .get, times: always)),
      Trouble("ReplicaSets fail", .init(fault: .internalError, request: .replicaSets, times: always)),
      Trouble("events fail", .init(fault: .internalError, request: .events, times: always)),
    ]

    static let failures = 6
    /// More requests and lines than a run has.
    static let always = 100_000

    private func run(
      _ trouble: Trouble? = nil, behaviour: OrchestratorBehaviour = .willing
    ) async throws -> SimulatedRun.Outcome {
      var run = SimulatedRun(
        scenario: .bench(pods: 20, failures: Self.failures, interval: .milliseconds(20)),
        configuration: ObserverConfiguration(), speed: 1, logger: WholeProgram.logger, report: { _ in })
      run.behaviour = behaviour
      let cluster = Mutex<SimulatedCluster?>(nil)
      run.whenReady = { ready in
        cluster.withLock { $0 = ready }
        for planned in trouble?.faults ?? [] {
          ready.inject(planned.fault, on: planned.request, times: planned.times, skipping: planned.skipping)
        }
      }
      let outcome = try await run.run()
      // A fault that met nothing would prove nothing.
      if let cluster = cluster.withLock({ $0 }), let trouble, trouble.faults.allSatisfy({ $0.times < Self.always }) {
        #expect(cluster.access { $0.faults } == FaultPlan(), "not all faults came to pass")
      }
      return outcome
    }

    /// What holds whatever happens.
    private func check(_ outcome: SimulatedRun.Outcome) {
      #expect(outcome.expected == Self.failures)
      #expect(outcome.missed == [])
      #expect(outcome.counts.detected == Self.failures)
      #expect(outcome.counts.acknowledged == Self.failures)
      #expect(outcome.counts.withheld == 0)
      #expect(outcome.planted > 0)
      #expect(outcome.leaked == [])
      let accepted = outcome.received.filter { $0.outcome == .accepted }
      #expect(accepted.count == Self.failures)
      #expect(Set(accepted.map(\.id)).count == Self.failures, "an incident was taken twice")
      #expect(Set(accepted.map(\.context.workload.podUid)).count == Self.failures, "a pod was reported twice")
    }

    @Test(arguments: watchTroubles) func theWatchIsDisturbed(_ trouble: Trouble) async throws {
      let outcome = try await run(trouble)
      check(outcome)
      #expect(outcome.received.count == Self.failures)
      #expect(outcome.received.allSatisfy { $0.context.gaps.allSatisfy { $0.reason != .error } })
    }

    @Test(arguments: harvestTroubles) func theHarvestIsDisturbed(_ trouble: Trouble) async throws {
      let outcome = try await run(trouble)
      check(outcome)
      #expect(outcome.received.count == Self.failures)
    }

    @Test func forbiddenLogsAreNamedAsMissing() async throws {
      let outcome = try await run(Trouble("", .init(fault: .forbidden, request: .log, times: Self.always)))
      check(outcome)
      for context in outcome.received.map(\.context) where context.failure.class != .imagePullBackOff {
        let gap = context.gaps.first { $0.source.hasPrefix("log/") && $0.reason == .forbidden }
        #expect(gap?.httpStatus == 403, "\(context.workload.pod): \(context.gaps)")
        #expect(context.manifests.contains { $0.kind == "Deployment" })
      }
    }

    static func behaviour(_ change: (inout OrchestratorBehaviour) -> Void) -> OrchestratorBehaviour {
      var behaviour = OrchestratorBehaviour()
      change(&behaviour)
      return behaviour
    }

    static let behaviours: [OrchestratorBehaviour] = [
      behaviour { $0.refusedStreams = 2 },
      behaviour { $0.closesStreamAfter = 2 },
      behaviour { $0.goesAwayAfter = 2 },
      behaviour { $0.delay = .milliseconds(50) },
      // Without the end of the stream, what is lost would be missed only after the 30 s that an answer may take.
      behaviour {
        $0.lostAcknowledgements = 2
        $0.closesStreamAfter = 4
      },
    ]

    @Test(arguments: behaviours)
    func theOrchestratorIsDifficult(_ behaviour: OrchestratorBehaviour) async throws {
      let outcome = try await run(behaviour: behaviour)
      check(outcome)
      // A lost answer, or one that the end of the stream came before, makes a repeat, and nothing else does.
      let lost = outcome.received.filter { !$0.isAcknowledged }
      #expect(outcome.received.allSatisfy { [.accepted, .duplicate].contains($0.outcome) })
      #expect(lost.allSatisfy { incident in outcome.received.contains { $0.id == incident.id && $0.isAcknowledged } })
      if behaviour.lostAcknowledgements == 0, behaviour.closesStreamAfter == nil, behaviour.goesAwayAfter == nil {
        #expect(outcome.received.count == Self.failures)
      }
    }
  }
}
