import Kubernetes
import Randomness
import Testing
import Time

@testable import Incidents

private let wall = Timestamp(seconds: 1_795_000_000)

/// Pods that fail at random, and a pipeline that keeps, withholds, releases and interrupts at random. Whatever happens: what
/// incidents and references tell, what waits and what is said to be lost is what was found, each failure once.
@Suite("Intake, random histories")
struct IntakeModelTests {
  private struct World {
    var random: SplitMix64
    var intake: Intake
    var now = MonotonicInstant.origin
    var runs: [Int: Int] = [:]
    var running: [HarvestSchedule.Work] = []
    /// Incidents of their own, under way or waiting.
    var open = 0
    var suppressed = 0
    var (found, told, refound, lost) = (0, 0, 0, 0)
    var full: Set<String> = []
    var strayReferences = 0

    init(seed: UInt64) {
      random = SplitMix64(seed: seed)
      let storms = StormOptions(
        isGrouping: seed % 5 != 0, harvests: .init(perSecond: 2, burst: 3), references: .init(perSecond: 5, burst: 4),
        waitingLimit: 6, groupLimit: 9)
      let key = Debouncer.Key.allCases[Int(seed % 4)]
      intake = Intake(
        detection: .init(), debounce: .init(window: .seconds(30), key: key, capacity: 12), storms: storms,
        concurrency: 3)
    }

    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }

    /// A pod's next crash. Owners have five pods each.
    mutating func crash() {
      let pod = Int.random(in: 0..<30, using: &random)
      runs[pod, default: 0] += 1
      let end = Termination(exitCode: 1, reason: "Error", containerID: "c\(runs[pod, default: 0])")
      let snapshot = PodSnapshot(
        name: "p\(pod)", uid: "p\(pod)",
        controller: pod < 20 ? OwnerReference(apiVersion: "v1", kind: "R", name: "r", uid: "rs\(pod / 5)") : nil,
        containers: [
          ContainerSnapshot(
            name: "app", restartCount: runs[pod, default: 0],
            state: .waiting(reason: "CrashLoopBackOff", message: ""), lastTermination: end)
        ])
      for finding in intake.podApplied(snapshot, at: now, wall: wall) {
        switch finding {
        case .accepted:
          found += 1
          open += 1
        case .suppressed:
          found += 1
          suppressed += 1
        case .refused: break
        }
      }
      lost += intake.takeLostCounts()
    }

    mutating func begin() {
      while case .start(let work) = intake.next(at: now) {
        if case .reference(_, let leader, _) = work, !full.contains(leader.incidentID(clusterUID: "")) {
          strayReferences += 1
        }
        running.append(work)
      }
    }

    mutating func end(_ work: HarvestSchedule.Work, well: Bool = false) {
      let riding = work.job.told.count
      switch well ? 9 : Int.random(in: 0..<10, using: &random) {
      case 0:
        intake.released(work, at: now)
        // To be found again as another failure: the model makes it one that never was.
        open -= 1
        found -= 1
      case 1:
        intake.withheld(work)
        if case .harvest = work { full.insert(work.job.occurrence.identity.incidentID(clusterUID: "")) }
        open -= 1
        told += 1
      case 2: intake.interrupted(work)
      default:
        intake.committed(work)
        if case .harvest = work { full.insert(work.job.occurrence.identity.incidentID(clusterUID: "")) }
        open -= 1
        told += 1 + riding
        suppressed -= riding
      }
      lost += intake.takeLostCounts()
    }
  }

  @Test(arguments: 1...60) func everyFailureIsToldOnce(seed: Int) {
    var world = World(seed: UInt64(seed))
    for _ in 0..<3_000 {
      world.now = world.now.advanced(by: .milliseconds(Int.random(in: 0...600, using: &world.random)))
      for _ in 0..<Int.random(in: 0...4, using: &world.random) { world.crash() }
      world.begin()
      while !world.running.isEmpty, world.chance(60) {
        world.end(world.running.remove(at: Int.random(in: 0..<world.running.count, using: &world.random)))
      }
      #expect(world.running.count <= 3)
      #expect(world.strayReferences == 0, "a reference to an incident that is not there")
      #expect(world.found == world.told + world.open + world.suppressed)
    }
    #expect(world.told > 300)
    // All that waits is told.
    world.intake.finish()
    for _ in 0..<1_000 {
      world.begin()
      while let work = world.running.popLast() { world.end(work, well: true) }
    }
    #expect(world.intake.next(at: world.now) == .finished)
    #expect(world.open == 0)
    // What is counted is held somewhere, or was said to be lost.
    #expect(world.suppressed - world.lost == world.intake.countedCount)
  }
}
