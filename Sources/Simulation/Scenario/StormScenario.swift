extension Scenario {
  /// A storm: all pods of one workload are OOM-killed at once, and as many workloads of a pod each beside them.
  package static func storm(together: Int, apart: Int) -> Scenario {
    var scenario = Scenario(name: "storm-\(together)-\(apart)")
    let log = ["allocating", "Killed"]
    func add(_ name: String, replicas: Int) {
      let workload = SimulatedWorkload(
        namespace: "storm", name: name, replicas: replicas,
        containers: [.init("main", image: "registry.storm.example/\(name):1.0.0")])
      scenario.addHealthy(workload)
      for index in 0..<replicas {
        let pod = PodReference("storm", name, index)
        scenario.steps.append(
          Step(.zero, .pod(pod, .exited(container: "main", exitCode: 137, reason: "OOMKilled", log: log))))
        scenario.expectedFailures.append(
          ExpectedFailure(pod: pod, container: "main", isInit: false, failureClass: .oomKilled, offset: .zero))
      }
    }
    add("together", replicas: together)
    for number in 0..<apart { add("apart-\(number)", replicas: 1) }
    return scenario
  }
}
