internal import Synchronization
package import Time

/// Plays a scenario in a simulated cluster.
package final class ScenarioPlayer: Sendable {
  /// A failure that must be reported, with the names that were given when its pod was deployed.
  package struct Expectation: Sendable, Equatable {
    package var failure: Scenario.ExpectedFailure
    package var pod: String
    package var podUID: String
  }

  /// The scenario.
  package let scenario: Scenario
  private let cluster: SimulatedCluster
  private let kubelet: SimulatedKubelet
  private let time: any TimeSource
  private let speed: Double
  private let pods = Mutex<[Scenario.PodReference: PodKey]>([:])

  /// `speed` 2 plays twice as fast.
  package init(_ scenario: Scenario, in cluster: SimulatedCluster, time: any TimeSource, speed: Double = 1) {
    self.scenario = scenario
    self.cluster = cluster
    kubelet = SimulatedKubelet(cluster: cluster)
    self.time = time
    self.speed = max(speed, 0.001)
  }

  /// Puts in place what is there before the start.
  package func prepare() throws(SimulationError) {
    for action in scenario.setup { try perform(action) }
  }

  /// Plays all steps at their times; returns after the last one. Cancellation stops it between two steps.
  package func play() async throws {
    let start = time.monotonic
    for step in scenario.steps {
      let due = start.advanced(by: step.offset / speed)
      let left = time.monotonic.duration(to: due)
      if left > .zero { try await time.sleep(for: left) }
      try Task.checkCancellation()
      try perform(step.action)
    }
  }

  /// Performs all steps at once, without waiting.
  package func playAtOnce() throws(SimulationError) {
    for step in scenario.steps { try perform(step.action) }
  }

  /// The failures that must be reported, as far as their pods are deployed.
  package var expectations: [Expectation] {
    scenario.expectedFailures.compactMap { failure in
      guard let key = pods.withLock({ $0[failure.pod] }), let uid = kubelet.uid(of: key) else { return nil }
      return Expectation(failure: failure, pod: key.name, podUID: uid)
    }
  }

  /// The name that a pod was given; nil before it is deployed.
  package func pod(_ reference: Scenario.PodReference) -> PodKey? {
    pods.withLock { $0[reference] }
  }

  /// Does one thing of the scenario.
  package func perform(_ action: Scenario.Action) throws(SimulationError) {
    switch action {
    case .deploy(let workload):
      let keys = try kubelet.deploy(workload)
      pods.withLock { pods in
        for (index, key) in keys.enumerated() {
          pods[Scenario.PodReference(workload.namespace, workload.name, index)] = key
        }
      }
    case .pod(let reference, let step): try kubelet.apply(step, to: key(reference))
    case .delete(let reference): try kubelet.delete(key(reference))
    case .fault(let fault, let request, let times): cluster.inject(fault, on: request, times: times)
    case .compact: cluster.compact()
    }
  }

  private func key(_ reference: Scenario.PodReference) throws(SimulationError) -> PodKey {
    guard let key = pod(reference) else {
      throw SimulationError(
        .badScenario, "pod \(reference.index) of \(reference.namespace)/\(reference.workload) is not deployed")
    }
    return key
  }
}
