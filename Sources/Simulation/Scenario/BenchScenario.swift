extension Scenario {
  /// A load to measure with: so many pods, of which so many fail, one after the other, in the three classes in turn.
  ///
  /// Failures begin `interval` apart; each carries two secrets, in its environment, a ConfigMap and its log. Meanwhile the healthy pods
  /// have their status written in turn, `updates` times a second in all.
  package static func bench(
    pods: Int, failures: Int, interval: Duration = .milliseconds(100), updates: Int = 0
  ) -> Scenario {
    var scenario = Scenario(name: "bench-\(pods)-\(failures)")
    let failing = min(max(failures, 0), max(pods, 0))
    var left = max(pods, 0) - failing
    var number = 0
    var healthy: [PodReference] = []
    while left > 0 {
      // Deployments of ten, as in a cluster of services.
      let replicas = min(10, left)
      left -= replicas
      number += 1
      let name = "service-\(number)"
      healthy += (0..<replicas).map { PodReference("bench", name, $0) }
      scenario.addHealthy(
        SimulatedWorkload(
          namespace: "bench", name: name, replicas: replicas,
          containers: [.init("main", image: "registry.bench.example/\(name):1.0.0")]))
    }
    for index in 0..<failing {
      let failure = FailingWorkload.bench(index)
      scenario.addFailure(of: failure.workload, failure.script, at: interval * (index + 1))
      scenario.plantedSecrets += failure.secrets
    }
    if updates > 0, !healthy.isEmpty {
      let pause = Duration.seconds(1) / updates
      var at = pause
      var index = 0
      while at < interval * failing {
        scenario.steps.append(Step(at, .pod(healthy[index % healthy.count], .touched)))
        at += pause
        index += 1
      }
    }
    scenario.sortSteps()
    return scenario
  }
}

extension FailingWorkload {
  /// The failing workload of that number.
  static func bench(_ index: Int) -> FailingWorkload {
    var names = IdentitySource(seed: UInt64(index) &+ 1)
    let password = "bench-" + names.hexadecimal(20)
    let token = "tkn" + names.hexadecimal(24)
    let image = "registry.bench.example/failing-\(index):1.0.0"
    let log =
      (1...180).map { "2026-11-23 12:00:00 INFO request \($0) served in 12 ms by worker-\($0 % 8)" }
      + [
        "2026-11-23 12:00:01 DEBUG connecting to postgres://app:\(password)@db.bench.svc:5432/app",
        "2026-11-23 12:00:01 DEBUG Authorization: Bearer \(token)",
        "panic: runtime error: invalid memory address or nil pointer dereference",
        "goroutine 1 [running]:", "main.serve(0xc000012345)", "\t/src/main.go:61 +0x1a4",
      ]
    let script: FailureScript =
      switch index % 3 {
      case 0: .crashLoop(container: "main", exitCode: 2, log: log)
      case 1: .oomKill(container: "main", log: log)
      default: .imagePull(container: "main", message: "rpc error: code = NotFound desc = \(image): not found")
      }
    return FailingWorkload(
      workload: SimulatedWorkload(
        namespace: "bench", name: "failing-\(index)",
        containers: [
          .init("main", image: image, environment: [.init("DB_PASSWORD", password), .init("API_TOKEN", token)])
        ], configMaps: [.init("failing-\(index)-config", ["LOG_LEVEL": "debug", "API_TOKEN": token])]),
      script: script,
      secrets: [
        .init(password, "env DB_PASSWORD" + (script.needsFreshPod ? "" : ", log (URL)")),
        .init(token, "env API_TOKEN, ConfigMap" + (script.needsFreshPod ? "" : ", log (bearer)")),
      ])
  }
}
