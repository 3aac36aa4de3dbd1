import Contract
import SwiftProtobuf
import Testing

@testable import Incidents

private func message(
  _ failureClass: KMFailureClass = .crashLoopBackOff, code: Int32? = 1, reason: String = "Error", said: String = "",
  log: [String] = [], events: [(String, String)] = [], pod: String = ""
) -> KMIncidentContext {
  .with {
    $0.workload.namespace = "shop"
    $0.workload.node = "node-1"
    $0.failure.class = failureClass
    $0.failure.container = "app"
    $0.failure.image = "shop/app:1"
    $0.failure.message = said
    if let code {
      $0.failure.lastTermination.exitCode = code
      $0.failure.lastTermination.reason = reason
    }
    if !log.isEmpty {
      $0.logs = [
        .with {
          $0.container = "app"
          $0.previous = true
          $0.text = log.map { $0 + "\n" }.joined()
        }
      ]
    }
    $0.events = events.map { reason, text in
      .with {
        $0.reason = reason
        $0.message = text
      }
    }
    if !pod.isEmpty {
      $0.manifests = [
        .with {
          $0.kind = "Pod"
          $0.name = "app-1"
          $0.content = #"{"spec":{"containers":[{"name":"other"},{"name":"app",\#(pod)}]}}"#
        }
      ]
    }
  }
}

@Suite("Diagnosis")
struct DiagnosisTests {
  @Test(
    "what the status, the events and the manifest point to",
    arguments: [
      (
        message(
          .oomKilled, code: 137, reason: "OOMKilled", log: ["start", "heap 15.9 MiB of 16 MiB", "working"],
          pod: #""resources":{"limits":{"memory":"16Mi"}}"#), "memory-limit",
        "the container was killed at its memory limit of 16Mi",
        ["exit code 137, OOMKilled", "resources.limits.memory: 16Mi", "heap 15.9 MiB of 16 MiB"]
      ),
      (
        message(code: 3, reason: "OOMKilled"), "memory-limit",
        "the container was killed for memory; it has no limit of its own, so the node or the pod ran out",
        ["exit code 3, OOMKilled"]
      ),
      (
        message(.createContainerConfigError, code: nil, said: #"configmap "notifier-config" not found"#),
        "missing-object",
        "ConfigMap notifier-config not found", [#"configmap "notifier-config" not found"#]
      ),
      (
        message(
          .other, code: nil,
          events: [("FailedMount", #"MountVolume.SetUp failed for volume "v" : secret "tls" not found"#)]),
        "missing-object", "Secret tls not found",
        [#"FailedMount: MountVolume.SetUp failed for volume "v" : secret "tls" not found"#]
      ),
      (
        message(.createContainerConfigError, code: nil, said: "couldn't find key url in ConfigMap shop/settings"),
        "missing-key",
        "ConfigMap shop/settings has no key url", ["couldn't find key url in ConfigMap shop/settings"]
      ),
      (
        message(
          .createContainerConfigError, code: nil, said: "container has runAsNonRoot and image will run as root (pod: x)"
        ),
        "runs-as-root", "the image runs as root, and runAsNonRoot forbids that",
        ["container has runAsNonRoot and image will run as root (pod: x)"]
      ),
      (
        message(
          .imagePullBackOff, code: nil,
          said: "rpc error: failed to resolve: pull access denied, insufficient_scope: authorization failed"),
        "image-unauthorized",
        "the registry refuses this image to the node: no login, a wrong one, or no such repository: shop/app:1",
        ["rpc error: failed to resolve: pull access denied, insufficient_scope: authorization failed"]
      ),
      (
        message(
          .imagePullBackOff, code: nil, said: "Back-off pulling image",
          events: [("Failed", "Failed to pull image: shop/app:1: not found")]), "image-not-found",
        "the registry has no such image or tag: shop/app:1", ["Failed: Failed to pull image: shop/app:1: not found"]
      ),
      (
        message(.imagePullBackOff, code: nil, said: "dial tcp: lookup registry.example: no such host"),
        "registry-unresolved",
        "the registry's name could not be resolved: shop/app:1", ["dial tcp: lookup registry.example: no such host"]
      ),
      (
        message(.imagePullBackOff, code: nil, said: "toomanyrequests: You have reached your pull rate limit"),
        "image-rate-limit",
        "the registry limits how often images are pulled: shop/app:1",
        ["toomanyrequests: You have reached your pull rate limit"]
      ),
      (
        message(.imagePullBackOff, code: nil, said: "no match for platform in manifest: not found"), "image-platform",
        "the image is not built for the node's platform: shop/app:1", ["no match for platform in manifest: not found"]
      ),
      (
        message(.imagePullBackOff, code: nil, said: "x509: certificate signed by unknown authority"),
        "registry-certificate",
        "the registry's certificate is not trusted by the node: shop/app:1",
        ["x509: certificate signed by unknown authority"]
      ),
      (
        message(.invalidImageName, code: nil, said: "couldn't parse image reference: invalid reference format"),
        "image-name",
        "the image reference cannot be parsed: shop/app:1", ["couldn't parse image reference: invalid reference format"]
      ),
      (
        message(
          code: 128, reason: "StartError",
          said:
            #"runc create failed: unable to start container process: exec: "/app/mailer": stat /app/mailer: no such file or directory"#
        ), "command-not-found", "the command does not exist in the image: /app/mailer",
        [
          #"runc create failed: unable to start container process: exec: "/app/mailer": stat /app/mailer: no such file or directory"#
        ]
      ),
      (
        message(.runContainerError, code: 128, reason: "StartError", said: #"exec: "/app/x": permission denied"#),
        "command-not-executable", "the command cannot be executed: /app/x", [#"exec: "/app/x": permission denied"#]
      ),
      (
        message(
          code: 137,
          events: [
            ("Unhealthy", "Liveness probe failed: HTTP probe failed with statuscode: 500"),
            ("Killing", "Container app failed liveness probe, will be restarted"),
          ], pod: #""livenessProbe":{"periodSeconds":5}"#), "liveness-probe",
        "the liveness probe failed, and the kubelet killed the container",
        [
          "Unhealthy: Liveness probe failed: HTTP probe failed with statuscode: 500",
          "Killing: Container app failed liveness probe, will be restarted", #"livenessProbe: {"periodSeconds":5}"#,
        ]
      ),
      (
        message(.unschedulable, code: nil, said: "0/3 nodes are available: 3 Insufficient memory."), "unschedulable",
        "no node has the memory that the pod requests", ["0/3 nodes are available: 3 Insufficient memory."]
      ),
      (
        message(.evicted, code: nil, said: "The node was low on resource: memory."), "evicted",
        "the node ran short and evicted the pod", ["The node was low on resource: memory."]
      ),
      (
        message(.other, code: nil, events: [("FailedMount", "Unable to attach or mount volumes: timed out")]), "volume",
        "a volume cannot be mounted", ["FailedMount: Unable to attach or mount volumes: timed out"]
      ),
      // Exit codes, where nothing else says more.
      (message(code: 127), "exit-code", "the command was not found", ["exit code 127, Error"]),
      (message(code: 126), "exit-code", "the command cannot be executed", ["exit code 126, Error"]),
      (message(code: 139), "exit-code", "the program crashed in native code (SIGSEGV)", ["exit code 139, Error"]),
      (message(code: 143), "exit-code", "the program was told to stop (SIGTERM)", ["exit code 143, Error"]),
      (
        message(code: 137), "exit-code", "the program was killed (SIGKILL), not for its own memory limit",
        ["exit code 137, Error"]
      ),
      (
        message(code: 0, reason: "Completed"), "exit-code", "the program completes, and restartPolicy starts it again",
        ["exit code 0, Completed"]
      ),
      (
        message(code: 1, log: ["one", "giving up"]), "exit-code", "the program ended with its own exit code 1",
        ["exit code 1, Error", "giving up"]
      ),
    ] as [(KMIncidentContext, String, String, [String])])
  func status(message: KMIncidentContext, rule: String, summary: String, evidence: [String]) throws {
    let cause = try #require(Diagnosis.causes(of: message).first)
    #expect(cause.rule == rule)
    #expect(cause.summary == summary)
    #expect(cause.evidence.map(\.text) == evidence)
    #expect(!cause.advice.isEmpty)
  }

  @Test(
    "what the last lines of a log point to",
    arguments: [
      ("dial tcp db:5432: connect: connection refused", "connection-refused", "the connection was refused: db:5432"),
      ("Error: connect ECONNREFUSED 10.0.0.5:6379", "connection-refused", "the connection was refused: 10.0.0.5:6379"),
      ("at net.js:41 connection refused", "connection-refused", "the connection was refused"),
      ("12:00:01 connection refused", "connection-refused", "the connection was refused"),
      ("getaddrinfo ENOTFOUND cache.shop.svc", "dns", "a host name could not be resolved"),
      ("lookup db on 10.0.0.10:53: no such host", "dns", "a host name could not be resolved: 10.0.0.10:53"),
      ("FATAL: password authentication failed for user \"x\"", "authentication", "a login was refused"),
      ("tls: certificate has expired", "certificate-expired", "a certificate has expired, or a clock is wrong"),
      (
        "x509: certificate signed by unknown authority", "certificate-untrusted",
        "the other side's certificate is not trusted"
      ),
      ("listen tcp :8080: bind: address already in use", "port-in-use", "the port to listen on is in use"),
      ("write /data/x: no space left on device", "disk-full", "a disk or volume is full"),
      ("open /data: Read-only file system", "read-only-file-system", "the program writes to a read-only file system"),
      ("EMFILE: too many open files", "open-files", "too many files or watches are open"),
      (
        "open /etc/tls.key: permission denied", "permission-denied",
        "the program lacks a permission of the operating system"
      ),
      (
        "environment variable DATABASE_URL is not set", "missing-environment",
        "an environment variable is missing or unusable"
      ),
      ("yaml: line 3: mapping values are not allowed", "configuration", "the configuration cannot be read"),
      ("Error: Cannot find module 'express'", "missing-module", "a part of the program is not in the image"),
      ("exec /app: exec format error", "exec-format", "the program is built for another processor architecture"),
      (
        "java.lang.OutOfMemoryError: Java heap space", "runtime-memory",
        "the program ran out of memory by its own account"
      ),
      ("open /etc/app.yaml: no such file or directory", "missing-file", "a file that the program wants is not there"),
      ("sh: curl: not found", "command-not-found", "a command that is run does not exist in the image"),
      (
        "ERROR: relation \"users\" does not exist", "schema",
        "the database's schema is not the one that the program expects"
      ),
      ("read tcp: i/o timeout", "timeout", "the other side did not answer in time"),
      ("Segmentation fault (core dumped)", "segmentation-fault", "the program crashed in native code"),
      (
        "x: error while loading shared libraries: libpq.so.5", "shared-library",
        "a shared library that the program needs is missing or another version"
      ),
    ])
  func logs(line: String, rule: String, summary: String) throws {
    let causes = Diagnosis.causes(of: message(log: ["starting", line, "exiting"]))
    #expect(causes.map(\.rule) == [rule])
    #expect(causes[0].summary == summary)
    #expect(causes[0].evidence.map(\.text) == [line])
    #expect(causes[0].evidence.map(\.source) == ["log/app/previous"])
  }

  @Test("every log rule is shown by a line of the table, and its words are in lower case")
  func rulesAreReachable() {
    for rule in LogRules.all {
      for word in rule.words {
        #expect(word == word.lowercased())
        #expect(Diagnosis.causes(of: message(log: [word.uppercased()])).contains { $0.rule == rule.name }, "\(word)")
      }
    }
  }

  @Test("the newest lines first, each once, no more than three; old lines do not count")
  func lines() throws {
    var log = ["connection refused by old:1000"] + Array(repeating: "x", count: 200)
    #expect(Diagnosis.causes(of: message(log: log)).map(\.rule) == ["exit-code"])
    log += (1...9).map { "connection refused by db:500\($0)" } + ["connection refused by db:5009"]
    let cause = try #require(Diagnosis.causes(of: message(log: log)).first)
    #expect(cause.evidence.map(\.text) == [9, 8, 7].map { "connection refused by db:500\($0)" })
    #expect(cause.summary == "the connection was refused: db:5009")
  }

  @Test("a young rollout is told behind what says more, an unknown error by its stack trace")
  func rolloutAndTrace() {
    var incident = message(log: ["boom"])
    incident.logs[0].stackTraces = [
      .with {
        $0.language = "java"
        $0.headline = "shop.NoStock: none left"
        $0.frame = "at shop.Main.main(Main.java:3)"
      }
    ]
    incident.rollout = .with {
      $0.deployment = "api"
      $0.secondsBeforeFailure = 43
      $0.changes = [
        .with {
          $0.path = "spec.containers[api].image"
          $0.kind = .changed
          $0.oldValue = "api:1"
          $0.newValue = "api:2"
        }
      ]
    }
    let causes = Diagnosis.causes(of: incident)
    #expect(causes.map(\.rule) == ["uncaught-error", "recent-rollout"])
    #expect(causes[0].evidence.map(\.text) == ["shop.NoStock: none left", "at shop.Main.main(Main.java:3)"])
    #expect(causes[1].evidence.map(\.text) == ["spec.containers[api].image: api:1 → api:2"])
    #expect(causes[1].advice.hasSuffix("kubectl rollout undo deployment/api -n shop"))
  }

  @Test("a light reference has nothing to go by, and long lines are cut")
  func edges() throws {
    var reference = message()
    reference.reference.incidentID = "x"
    #expect(Diagnosis.causes(of: reference).isEmpty)
    let long = "connection refused " + String(repeating: "x", count: 5_000)
    let cause = try #require(Diagnosis.causes(of: message(log: [long])).first)
    #expect(cause.evidence[0].text.count == 301)
    #expect(Diagnosis.causes(of: KMIncidentContext()).isEmpty)
  }
}
