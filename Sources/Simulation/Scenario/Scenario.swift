/// A play for the simulated cluster: what is there at the start, what happens when, what an observer must report, and what
/// must never come out. A value: the same scenario runs the same way each time.
package struct Scenario: Sendable, Equatable {
  /// Something that happens.
  package enum Action: Sendable, Equatable {
    /// A workload is deployed; its pods are Pending and not scheduled.
    case deploy(SimulatedWorkload)
    /// Something happens to a pod.
    case pod(PodReference, PodStep)
    /// A pod is removed.
    case delete(PodReference)
    /// The API server misbehaves; `request` nil means any.
    case fault(APIFault, on: RequestKind?, times: Int)
    /// The history is compacted.
    case compact
  }

  /// A pod of a workload, by its place: names are made when it is deployed.
  package struct PodReference: Sendable, Hashable {
    package var namespace: String
    package var workload: String
    /// From 0.
    package var index: Int

    package init(_ namespace: String, _ workload: String, _ index: Int = 0) {
      self.namespace = namespace
      self.workload = workload
      self.index = index
    }
  }

  /// An action and the time after the start at which it is due.
  package struct Step: Sendable, Equatable {
    package var offset: Duration
    package var action: Action

    package init(_ offset: Duration, _ action: Action) {
      self.offset = offset
      self.action = action
    }
  }

  /// What an observer must report, once in a debounce window.
  package struct ExpectedFailure: Sendable, Equatable {
    /// Classes in the words of the field.
    package enum Class: String, Sendable, CaseIterable {
      case crashLoopBackOff = "CrashLoopBackOff"
      case oomKilled = "OOMKilled"
      case imagePullBackOff = "ImagePullBackOff"
    }

    /// The pod.
    package var pod: PodReference
    /// The container.
    package var container: String
    /// True for an init container.
    package var isInit: Bool
    /// The class.
    package var failureClass: Class
    /// When the state that shows it is written.
    package var offset: Duration
  }

  /// A secret that some object or log of the scenario holds.
  package struct PlantedSecret: Sendable, Equatable {
    /// The value: no part of an output may hold it.
    package var value: String
    /// What it is and where, for a person.
    package var place: String

    package init(_ value: String, _ place: String) {
      self.value = value
      self.place = place
    }
  }

  /// Name for reports.
  package var name: String
  /// What is there before an observer starts: healthy.
  package var setup: [Action]
  /// What happens, ordered by time.
  package var steps: [Step]
  /// What must be reported.
  package var expectedFailures: [ExpectedFailure]
  /// What must not come out.
  package var plantedSecrets: [PlantedSecret]

  package init(
    name: String, setup: [Action] = [], steps: [Step] = [], expectedFailures: [ExpectedFailure] = [],
    plantedSecrets: [PlantedSecret] = []
  ) {
    self.name = name
    self.setup = setup
    self.steps = steps
    self.expectedFailures = expectedFailures
    self.plantedSecrets = plantedSecrets
  }

  /// Time of the last step.
  package var length: Duration { steps.map(\.offset).max() ?? .zero }

  /// Pods that the scenario deploys in all.
  package var podCount: Int {
    (setup + steps.map(\.action)).reduce(0) { count, action in
      if case .deploy(let workload) = action { count + workload.replicas } else { count }
    }
  }
}
