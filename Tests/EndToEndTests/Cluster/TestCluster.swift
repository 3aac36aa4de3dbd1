internal import FoundationEssentials
internal import Testing

/// The cluster that scripts/test-cluster.sh has prepared: failing workloads in a namespace of their own.
struct TestCluster {
  /// The program with a kubeconfig that grants what the Helm chart grants, and no others' variables.
  let program: ProgramUnderTest
  /// Namespace of the failing workloads.
  let namespace: String
  /// Made up for this run and planted in the environment of a container, in a ConfigMap and in a log.
  let secret: String
  /// False where there is only an API server: no container ever ran, so there are no logs and no events of a kubelet.
  let hasNodes: Bool

  /// kubectl with the rights to change the workloads, which the program has not.
  let kubectl: ProgramUnderTest

  /// Kills the API server and starts it again; nil where it is somebody else's.
  let restart: ProgramUnderTest?
  /// The API server's account of the requests it got; nil where it is somebody else's.
  let auditLog: String?
  /// kube-controller-manager, whose election is client-go's; nil where there is none.
  let controllerManager: ProgramUnderTest?
  /// Path of the kubeconfig with all rights.
  let administrator: String
  /// Path of the kubeconfig of the program.
  let kubeconfig: String

  /// Authorities and certificates of the API server's that a test may exchange; nil where it is somebody else's.
  let rotation: Rotation?

  /// In `folder`: `ca-N.crt`, `server-N.crt` and `server-N.key` for 1 and 2, and what the API server reads, `server.crt` and `server.key`,
  /// which are the first ones. They are for those who ask for `name`.
  struct Rotation {
    let folder: String
    let name: String
  }

  /// Nil where no cluster was prepared.
  static let prepared = TestCluster(environment: ProcessInfo.processInfo.environment)
  /// Why a suite is skipped.
  static let absence = "no cluster: run it with scripts/test-cluster.sh, which sets KUBE_MIND_TEST_KUBECONFIG"

  private init?(environment: [String: String]) {
    guard let kubeconfig = environment["KUBE_MIND_TEST_KUBECONFIG"],
      let program = environment["KUBE_MIND_TEST_PROGRAM"],
      let namespace = environment["KUBE_MIND_TEST_NAMESPACE"],
      let secret = environment["KUBE_MIND_TEST_SECRET"],
      let administrator = environment["KUBE_MIND_TEST_ADMIN_KUBECONFIG"]
    else { return nil }
    self.namespace = namespace
    self.kubeconfig = kubeconfig
    self.administrator = administrator
    restart = environment["KUBE_MIND_TEST_RESTART"].map {
      ProgramUnderTest(path: $0, environment: ["PATH": environment["PATH"] ?? "/usr/bin:/bin"])
    }
    rotation = environment["KUBE_MIND_TEST_ROTATION"].map {
      Rotation(folder: $0, name: environment["KUBE_MIND_TEST_ROTATING_NAME"] ?? "")
    }
    auditLog = environment["KUBE_MIND_TEST_AUDIT"]
    controllerManager = environment["KUBE_MIND_TEST_CONTROLLER_MANAGER"].map {
      ProgramUnderTest(path: $0, environment: ["PATH": environment["PATH"] ?? "/usr/bin:/bin"])
    }
    self.secret = secret
    hasNodes = environment["KUBE_MIND_TEST_NODES"] != "0"
    self.program = ProgramUnderTest(
      path: program,
      environment: [
        "KUBECONFIG": kubeconfig, "PATH": "/usr/bin:/bin", "KUBE_MIND_LOG_FORMAT": "json",
        // A gap would be the machine's, which has much else to do.
        "KUBE_MIND_HARVEST_DEADLINE": "60s",
      ])
    // By `env`, which looks it up in the path.
    kubectl = ProgramUnderTest(
      path: "/usr/bin/env", environment: ["KUBECONFIG": administrator, "PATH": environment["PATH"] ?? "/usr/bin:/bin"])
  }

  /// Lets the Deployment of that name have this many pods.
  func scale(_ deployment: String, to replicas: Int) async throws {
    let outcome = try await kubectl.run([
      "kubectl", "--namespace", namespace, "scale", "deployment", deployment, "--replicas=\(replicas)",
    ])
    try #require(outcome.status == 0, "\(outcome.errors)")
  }

  /// Lets the Deployment that has no pods yet have one that crashes, by its status where no node runs it. An API server that has just
  /// been started may refuse for some seconds.
  func failLatecomer() async throws {
    let script = """
      set -e
      for _ in $(seq 150); do kubectl get --raw /readyz >/dev/null 2>&1 && break; sleep 0.2; done
      kubectl --namespace \(namespace) scale deployment latecomer --replicas=1
      if [ \(hasNodes) = true ]; then exit 0; fi
      for _ in $(seq 150); do
        pod=$(kubectl --namespace \(namespace) get pods -o name | grep latecomer | head -n 1)
        [ "$pod" ] && break
        sleep 0.2
      done
      \(crash("$pod", container: "latecomer"))
      """
    try await run(script)
  }

  /// Makes a pod of this name without an owner, which crashes.
  func failPod(_ name: String) async throws {
    let script = """
      set -e
      image=$(kubectl --namespace \(namespace) get deployment latecomer -o jsonpath='{.spec.template.spec.containers[0].image}')
      kubectl --namespace \(namespace) run \(name) --image="$image" --image-pull-policy=IfNotPresent -- sh -c 'exit 7'
      if [ \(hasNodes) = true ]; then exit 0; fi
      \(crash("pod/\(name)", container: name))
      """
    try await run(script)
  }

  /// A command for the shell that writes the status of a crashed container, as a kubelet would.
  private func crash(_ pod: String, container: String) -> String {
    """
      now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
      kubectl --namespace \(namespace) patch "\(pod)" --subresource=status --type=merge -p '{"status":{"phase":"Running",
      "containerStatuses":[{"name":"\(container)","image":"i","imageID":"","ready":false,"restartCount":1,
      "state":{"waiting":{"reason":"CrashLoopBackOff"}},"lastState":{"terminated":{"exitCode":7,"reason":"Error",
      "startedAt":"'$now'","finishedAt":"'$now'","containerID":"containerd://\(container)"}}}]}}'
    """
  }

  private func run(_ script: String) async throws {
    let outcome = try await kubectl.run(["bash", "-c", script])
    try #require(outcome.status == 0, "\(outcome.errors)")
  }

  /// What kubectl prints for these words, run as the administrator in the namespace.
  func kubectl(_ words: String...) async throws -> String {
    let outcome = try await kubectl.run(["kubectl", "--namespace", namespace] + words)
    try #require(outcome.status == 0, "\(outcome.errors)")
    return outcome.output
  }

  /// The program, told to watch this namespace and to deliver to an orchestrator.
  func watching(deliveringTo url: String) -> ProgramUnderTest {
    let told = ["KUBE_MIND_KUBERNETES_NAMESPACES": namespace, "KUBE_MIND_ORCHESTRATOR_URL": url]
    return ProgramUnderTest(path: program.path, environment: program.environment.merging(told) { $1 })
  }
}
