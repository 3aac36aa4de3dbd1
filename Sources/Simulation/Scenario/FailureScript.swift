/// How a workload fails: the steps of its first pod in the order in which a kubelet was seen to report them, on a scale of
/// seconds rather than minutes.
package enum FailureScript: Sendable, Equatable {
  /// A container ends, is started at once, ends again, and waits: CrashLoopBackOff.
  case crashLoop(container: String, exitCode: Int, log: [String], message: String = "")
  /// As above in an init container; the pod was never Running.
  case initCrashLoop(container: String, exitCode: Int, log: [String])
  /// The container is OOM-killed; `state` shows it, later `lastState`. An exit code other than 137 is that of a shell whose
  /// child was killed.
  case oomKill(container: String, exitCode: Int = 137, log: [String])
  /// The container is OOM-killed and started again unseen: `lastState` alone shows it.
  case oomKillUnseen(container: String, log: [String])
  /// The image cannot be pulled: ErrImagePull and ImagePullBackOff in turn.
  case imagePull(container: String, message: String)
}

extension FailureScript {
  /// True where the pod must not have run before: such a workload is deployed when the failure begins.
  var needsFreshPod: Bool {
    switch self {
    case .initCrashLoop, .imagePull: true
    case .crashLoop, .oomKill, .oomKillUnseen: false
    }
  }

  /// The steps after the script's beginning, in milliseconds.
  var steps: [(milliseconds: Int, step: PodStep)] {
    switch self {
    case .crashLoop(let container, let exitCode, let log, let message):
      [
        (0, .exited(container: container, exitCode: exitCode, message: message, log: log)),
        (120, .started(container: container)),
        (320, .exited(container: container, exitCode: exitCode, message: message, log: log)),
        (450, .backOff(container: container)),
        (1200, .started(container: container)),
        (1350, .exited(container: container, exitCode: exitCode, message: message, log: log)),
        (1450, .backOff(container: container)),
      ]
    case .initCrashLoop(let container, let exitCode, let log):
      [
        (0, .scheduled), (10, .creating), (80, .started(container: container)),
        (200, .exited(container: container, exitCode: exitCode, log: log)),
        (280, .started(container: container)),
        (400, .exited(container: container, exitCode: exitCode, log: log)),
        (500, .backOff(container: container)),
      ]
    case .oomKill(let container, let exitCode, let log):
      [
        (0, .exited(container: container, exitCode: exitCode, reason: "OOMKilled", log: log)),
        (150, .started(container: container)),
        (600, .exited(container: container, exitCode: exitCode, reason: "OOMKilled", log: log)),
        (750, .backOff(container: container)),
      ]
    case .oomKillUnseen(let container, let log):
      [(0, .endedUnseen(container: container, exitCode: 137, reason: "OOMKilled", log: log)), (400, .touched)]
    case .imagePull(let container, let message):
      [
        (0, .scheduled), (10, .creating), (150, .pullFailed(container: container, message: message)),
        (600, .pullBackOff(container: container)), (1000, .pullFailed(container: container, message: message)),
        (1400, .pullBackOff(container: container)),
      ]
    }
  }

  /// The class that must be reported, the container, and the step that shows it.
  var expectation: (class: Scenario.ExpectedFailure.Class, container: String, milliseconds: Int) {
    switch self {
    case .crashLoop(let container, _, _, _): (.crashLoopBackOff, container, 450)
    case .initCrashLoop(let container, _, _): (.crashLoopBackOff, container, 500)
    case .oomKill(let container, _, _), .oomKillUnseen(let container, _): (.oomKilled, container, 0)
    case .imagePull(let container, _): (.imagePullBackOff, container, 150)
    }
  }
}

extension Scenario {
  /// Deploys a workload whose pods all run, before the start.
  mutating func addHealthy(_ workload: SimulatedWorkload) {
    setup.append(.deploy(workload))
    for index in 0..<workload.replicas {
      let pod = PodReference(workload.namespace, workload.name, index)
      setup.append(.pod(pod, .scheduled))
      setup.append(.pod(pod, .creating))
      for container in workload.containers {
        setup.append(.pod(pod, .started(container: container.name, log: ["\(container.name) ready"])))
        if container.isInit {
          setup.append(.pod(pod, .exited(container: container.name, exitCode: 0, reason: "Completed")))
        }
      }
    }
  }

  /// Lets the first pod of a workload fail from a time on.
  mutating func addFailure(of workload: SimulatedWorkload, _ script: FailureScript, at start: Duration) {
    if script.needsFreshPod {
      steps.append(Step(start, .deploy(workload)))
    } else {
      addHealthy(workload)
    }
    let pod = PodReference(workload.namespace, workload.name)
    let expected = script.expectation
    let isInit = workload.containers.contains { $0.isInit && $0.name == expected.container }
    for (milliseconds, step) in script.steps {
      steps.append(Step(start + .milliseconds(milliseconds), .pod(pod, step)))
    }
    expectedFailures.append(
      ExpectedFailure(
        pod: pod, container: expected.container, isInit: isInit, failureClass: expected.class,
        offset: start + .milliseconds(expected.milliseconds)))
  }

  /// Puts the steps in the order of their times; steps of the same time keep theirs.
  mutating func sortSteps() {
    steps = steps.enumerated().sorted { ($0.element.offset, $0.offset) < ($1.element.offset, $1.offset) }
      .map(\.element)
  }
}
