extension Scenario {
  /// About seven seconds: 30 healthy pods, and ten failures of the three classes with secrets planted in specs,
  /// annotations, ConfigMaps and logs. All names, hosts, people and secrets are made up.
  package static var demo: Scenario {
    var scenario = Scenario(name: "demo")
    for (namespace, name, replicas) in healthy {
      scenario.addHealthy(
        SimulatedWorkload(
          namespace: namespace, name: name, replicas: replicas,
          containers: [.init(name, image: "registry.shop.example/\(name):1.\(replicas).0", memoryLimit: "256Mi")]))
    }
    for (index, failing) in failures.enumerated() {
      scenario.addFailure(
        of: failing.workload, failing.script, at: .milliseconds(500 + index * 520))
      scenario.plantedSecrets += failing.secrets
    }
    // Kubelets write healthy pods' statuses anew now and then: an observer must see nothing in it.
    for tick in 0..<12 {
      let (namespace, name, replicas) = healthy[tick % healthy.count]
      scenario.steps.append(
        Step(.milliseconds(300 + tick * 500), .pod(PodReference(namespace, name, tick % replicas), .touched)))
    }
    scenario.sortSteps()
    return scenario
  }

  /// Deployments without trouble: 30 pods in all.
  private static var healthy: [(namespace: String, name: String, replicas: Int)] {
    [
      ("shop", "storefront", 6), ("shop", "gateway", 3), ("shop", "product-api", 4), ("payments", "checkout", 4),
      ("payments", "fraud-check", 2), ("platform", "metrics-proxy", 3), ("platform", "mail-relay", 2),
      ("platform", "feature-flags", 3), ("search", "suggest", 3),
    ]
  }

  private static var failures: [FailingWorkload] {
    [
      .paymentsAPI, .imageResizer, .catalogIndexer, .ledger, .searchAPI, .cartCache, .fraudModel, .reportRenderer,
      .notifier, .invoiceExport,
    ]
  }
}

/// A workload, how it fails, and the secrets that it carries.
struct FailingWorkload {
  var workload: SimulatedWorkload
  var script: FailureScript
  var secrets: [Scenario.PlantedSecret]
}
