internal import Delivery
internal import Randomness
internal import Testing
internal import Time

@testable internal import Incidents
@testable internal import OrchestratorClient

/// The promise: after ten minutes without an orchestrator, at an incident a second, all is delivered within 30 s of its return, in
/// order per pod. The two machines that decide when something is tried, on one clock, with the network between them in this file.
struct OutageTests {
  /// How a server is not there.
  enum Absence: CaseIterable {
    /// Its machine answers that nobody listens.
    case refuses
    /// Nothing answers: an attempt sends a SYN again after 1, 3, 7 and 15 s (RFC 6298 with Linux's first second), and ends at
    /// the connect time-out.
    case isSilent

    func connects(_ age: Duration, _ tick: Duration) -> Bool {
      switch self {
      case .refuses: age == .zero
      case .isSilent: [0, 1, 3, 7, 15].contains { .seconds($0) <= age && age < .seconds($0) + tick }
      }
    }

    var attempt: Duration { self == .refuses ? .zero : .seconds(20) }
  }

  private static let tick = Duration.milliseconds(50)
  /// To the orchestrator and back.
  private static let roundTrip = Duration.milliseconds(100)
  private static let count = 600
  private static let outageBegins = MonotonicInstant.origin.advanced(by: .milliseconds(4_500))

  @Test(arguments: Absence.allCases, 0..<20)
  func tenMinutesAreMadeUpForInHalfAMinute(absence: Absence, seed: Int) throws {
    var random = SplitMix64(seed: UInt64(seed))
    let back = Self.outageBegins.advanced(by: .seconds(600) + Self.tick * Int.random(in: 0..<900, using: &random))
    var life = Life(absence: absence, back: back, random: random)
    while life.settled.count < Self.count, life.now < back.advanced(by: .seconds(120)) { try life.tick() }

    #expect(life.settled.count == Self.count)
    #expect(back.duration(to: life.now) <= .seconds(30))
    #expect(life.settled == life.settled.sorted())
    // What was on the way when the connection went came before and comes again; nothing else does.
    #expect(life.arrivals.count - Set(life.arrivals).count <= 1)
  }

  /// All that happens, a tick at a time.
  private struct Life {
    let absence: Absence
    let back: MonotonicInstant
    var random: SplitMix64
    var now = MonotonicInstant.origin
    var arrivals: [Int] = []
    /// Acknowledged incidents, by their numbers.
    var settled: [Int] = []
    private var channel = ClientChannelMachine()
    /// What an outbox on disk holds by default (`outbox.diskBytes`); ten minutes of usual incidents are 30 to 50 MB.
    private var delivery = DeliveryMachine(limits: DeliveryLimits(outboxBytes: 256 << 20))
    private var attempt: (id: Int, began: MonotonicInstant)?
    private var timer: MonotonicInstant?
    private var submitted = 0
    /// Acknowledgements under way, with the time of their arrival.
    private var answers: [(number: Int, at: MonotonicInstant)] = []

    init(absence: Absence, back: MonotonicInstant, random: SplitMix64) {
      self.absence = absence
      self.back = back
      self.random = random
      perform(channel.started(at: now))
    }

    private var isThere: Bool { now < OutageTests.outageBegins || now >= back }

    private mutating func perform(_ action: ClientChannelMachine.Action) {
      switch action {
      case .connect(let id): attempt = (id, now)
      case .wait(let pause): timer = now.advanced(by: pause)
      case .none: break
      }
    }

    mutating func tick() throws {
      now = now.advanced(by: OutageTests.tick)
      if submitted < OutageTests.count, MonotonicInstant.origin.duration(to: now) >= .seconds(submitted) {
        _ = try delivery.submitted(.sample("\(submitted)", pod: "pod-\(submitted % 7)"), at: now)
        submitted += 1
      }
      connection()
      stream()
    }

    private mutating func connection() {
      if let timer, now >= timer {
        self.timer = nil
        perform(channel.timerFired(at: now))
      }
      if let (id, began) = attempt {
        let age = began.duration(to: now)
        if isThere, absence.connects(age, OutageTests.tick) {
          attempt = nil
          channel.becameReady(id)
        } else if age >= absence.attempt {
          attempt = nil
          perform(channel.becameUnusable(id, at: now, random: .random(in: 0..<1, using: &random)))
        }
      } else if let id = channel.current, !isThere {
        answers = []
        _ = delivery.streamEnded(.connectionLost("gone"), at: now, random: 0.5)
        perform(channel.becameUnusable(id, at: now, random: 0.5))
      }
    }

    private mutating func stream() {
      while let next = answers.first, next.at <= now {
        answers.removeFirst()
        guard case .acknowledged? = delivery.acknowledged(id: "\(next.number)", .accepted(receivedAt: nil), at: now)
        else { continue }
        settled.append(next.number)
      }
      if delivery.step(at: now) == .openStream { delivery.streamOpening() }
      guard channel.current != nil else { return }
      delivery.streamOpened()
      while case .sent(let incident, _)? = delivery.nextToSend(at: now) {
        guard let number = Int(incident.id) else { continue }
        arrivals.append(number)
        answers.append((number, now.advanced(by: OutageTests.roundTrip)))
      }
    }
  }
}

extension IncidentLabel {
  /// The label of an incident of so many bytes.
  fileprivate static func sample(_ id: String, pod: String) -> IncidentLabel {
    IncidentLabel(
      id: id, podUID: pod,
      headline: SealedIncident.Headline(
        namespace: "default", pod: pod, container: "app", failureClass: "OOMKilled", masked: 0), size: 50_000)
  }
}
