internal import FoundationEssentials
internal import Randomness
internal import Telemetry
internal import Time

#if canImport(Darwin)
  internal import Darwin
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Glibc
#endif

/// Feeds the sensor, disturbs it and its orchestrator by a plan that follows from a seed, and compares in the end.
struct ChaosRun {
  /// What came of a run.
  struct Verdict {
    let text: String
    let isGood: Bool
  }

  /// Things that happen to a run.
  private enum Disturbance: String, CaseIterable {
    case killsSensor, killsOrchestrator, stopsOrchestrator
    case cut, slow, losesAcknowledgements, goesAway, endsStreams, refuses
  }

  /// Incidents that may be on their way into the outbox: what a pipeline of some harvests would have.
  private static let window = 32
  /// Between two looks at everything.
  private static let tick: useconds_t = 10_000
  /// The promise: less than 64 MiB.
  private static let memoryLimit = 64 << 20

  private let incidents: Int
  private let rate: Double
  private let seed: UInt64
  private let outage: Double?
  private let patience: Double
  private let folder: String
  private let port: Int
  private let time = SystemTime()
  private var random: SplitMix64
  private var sensor: ChildProcess
  private var orchestrator: ChildProcess?
  private var orchestratorStarts = MonotonicInstant.origin
  private var orchestratorWakes: MonotonicInstant?
  private var nextDisturbance: MonotonicInstant
  private var unconfirmed: [Int] = []
  private var fed = 0
  private var confirmed: Set<Int> = []
  private var ledger = ChaosLedger()
  private var journalRead = 0
  private var peak = 0
  private var happened: [Disturbance: Int] = [:]
  private var faults: [String] = []

  init(incidents: Int, rate: Double, seed: UInt64, outage: Double?, patience: Double) throws {
    self.incidents = incidents
    self.rate = rate
    self.seed = seed
    self.outage = outage
    self.patience = patience
    random = SplitMix64(seed: seed)
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("kube-mind-chaos-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    self.folder = folder.path
    port = try Self.freePort()
    nextDisturbance = time.monotonic.advanced(by: .seconds(1))
    sensor = try Self.startSensor(folder: self.folder, port: port)
  }

  private static func startSensor(folder: String, port: Int) throws(ChildProcess.Failure) -> ChildProcess {
    try ChildProcess(
      ["sensor", "--outbox", folder + "/outbox", "--url", "http://127.0.0.1:\(port)"], log: folder + "/sensor.log")
  }

  private static func freePort() throws(ChildProcess.Failure) -> Int {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let code = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        bind(descriptor, address, length) == 0 ? getsockname(descriptor, address, &length) : -1
      }
    }
    guard code == 0 else { throw ChildProcess.Failure(description: "no free port") }
    return Int(UInt16(bigEndian: address.sin_port))
  }

  // MARK: The run

  mutating func play() throws -> Verdict {
    signal(SIGPIPE, SIG_IGN)
    let start = time.monotonic
    if let outage { orchestratorStarts = start.advanced(by: .milliseconds(Int64(outage * 1_000))) }
    var quietSince: MonotonicInstant?
    var end: MonotonicInstant?
    while true {
      let now = time.monotonic
      try tendOrchestrator(now)
      feed(upTo: Int(start.duration(to: now).milliseconds / 1_000 * rate))
      for line in sensor.lines() { confirm(line) }
      peak = max(peak, sensor.peakMemory ?? 0)
      readJournal()
      if confirmed.count < incidents {
        if outage == nil, now >= nextDisturbance { try disturb(now) }
      } else if quietSince == nil, orchestrator != nil, orchestratorWakes == nil {
        quietSince = outage == nil ? now : orchestratorStarts
        _ = orchestrator?.say(ChaosBehaviour.willing.rawValue)
      }
      if let quietSince {
        let isLate = quietSince.duration(to: now).milliseconds > patience * 1_000
        if ledger.count + deadLetters.count >= incidents || isLate {
          end = end ?? now
          break
        }
      } else if start.duration(to: now).milliseconds > (Double(incidents) / rate + patience * 4) * 1_000 {
        faults.append("the sensor took \(confirmed.count) of \(incidents) incidents and then no more")
        break
      }
      usleep(Self.tick)
    }
    let took = (quietSince ?? start).duration(to: end ?? time.monotonic)
    sensor.signal(SIGTERM)
    let status = sensor.ended()
    if status != 0, status != -SIGTERM { faults.append("the sensor ended with \(status)") }
    orchestrator?.signal(SIGKILL)
    _ = orchestrator?.ended()
    readJournal()
    return verdict(took: took, all: start.duration(to: time.monotonic))
  }

  private mutating func feed(upTo due: Int) {
    while fed < min(due, incidents), unconfirmed.count < Self.window {
      unconfirmed.append(fed)
      // A pipe that is full is a sensor that does not read: it is said again after its restart, at the latest.
      guard sensor.say("\(fed)") else { return unconfirmed.removeLast(1) }
      fed += 1
    }
  }

  private mutating func confirm(_ line: String) {
    guard let number = Int(line), let index = unconfirmed.firstIndex(of: number) else {
      faults.append("the sensor said \"\(line)\"")
      return
    }
    unconfirmed.remove(at: index)
    confirmed.insert(number)
  }

  private mutating func tendOrchestrator(_ now: MonotonicInstant) throws {
    if let wakes = orchestratorWakes, now >= wakes {
      orchestrator?.signal(SIGCONT)
      orchestratorWakes = nil
    }
    guard orchestrator == nil, now >= orchestratorStarts else { return }
    orchestrator = try ChildProcess(
      ["orchestrator", "--port", "\(port)", "--journal", folder + "/journal"], log: folder + "/orchestrator.log")
  }

  private mutating func disturb(_ now: MonotonicInstant) throws {
    let disturbance = Disturbance.allCases[Int.random(in: 0..<Disturbance.allCases.count, using: &random)]
    happened[disturbance, default: 0] += 1
    let pause = Duration.milliseconds(Int.random(in: 100...1_500, using: &random))
    nextDisturbance = now.advanced(by: .milliseconds(Int.random(in: 200...1_500, using: &random)))
    switch disturbance {
    case .killsSensor:
      for line in sensor.lines() { confirm(line) }
      sensor.signal(SIGKILL)
      _ = sensor.ended()
      sensor = try Self.startSensor(folder: folder, port: port)
      // What was not confirmed is found again, as a pod's failure is after a restart.
      for number in unconfirmed { _ = sensor.say("\(number)") }
    case .killsOrchestrator:
      orchestrator?.signal(SIGKILL)
      _ = orchestrator?.ended()
      orchestrator = nil
      orchestratorWakes = nil
      orchestratorStarts = now.advanced(by: pause)
    case .stopsOrchestrator:
      guard orchestrator != nil else { return }
      orchestrator?.signal(SIGSTOP)
      orchestratorWakes = now.advanced(by: pause)
    case .cut, .slow, .losesAcknowledgements, .goesAway, .endsStreams, .refuses:
      _ = orchestrator?.say(disturbance.rawValue)
    }
  }

  // MARK: What came of it

  private mutating func readJournal() {
    guard let file = GrowingFile.read(folder + "/journal", from: journalRead) else { return }
    // A line that is being written is read with the next ones.
    guard let end = file.lastIndex(of: 0x0A) else { return }
    journalRead += end + 1
    for line in file[...end].split(separator: 0x0A) { ledger.take(String(decoding: line, as: UTF8.self)) }
  }

  private var deadLetters: [Int] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder + "/outbox/dead-letters")) ?? []
    return names.filter { $0.hasSuffix(".json") && !$0.hasPrefix(".") }
      .compactMap { ChaosIncident.number(of: String($0.dropLast(5))) }
  }

  private func verdict(took: Duration, all: Duration) -> Verdict {
    let dead = Set(deadLetters)
    let lost = (0..<incidents).filter { !ledger.has($0) && !dead.contains($0) }
    var faults = faults + ledger.faults + ledger.disorder
    if !lost.isEmpty { faults.append("lost: \(lost.count), the first are \(lost.prefix(10))") }
    if peak >= Self.memoryLimit { faults.append("the sensor had \(peak >> 10) KiB of memory") }
    let disturbances = Disturbance.allCases.compactMap { kind in happened[kind].map { "\(kind.rawValue) \($0)" } }
    var lines = [
      "seed \(seed): \(incidents) incidents in \(all.milliseconds / 1_000) s",
      "disturbances: \(disturbances.isEmpty ? "none" : disturbances.joined(separator: ", "))",
      "arrived \(ledger.count), again \(ledger.duplicates), dead letters \(dead.count), lost \(lost.count)",
      "all delivered \(took.milliseconds / 1_000) s after all was well again; the sensor had at most \(peak >> 10) KiB",
    ]
    lines += faults.prefix(20).map { "FAULT: \($0)" }
    if faults.isEmpty {
      try? FileManager.default.removeItem(atPath: folder)
    } else {
      lines.append("logs and outbox: \(folder)")
    }
    return Verdict(text: lines.joined(separator: "\n") + "\n", isGood: faults.isEmpty)
  }
}
