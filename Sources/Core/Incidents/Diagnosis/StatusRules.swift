internal import Contract
internal import Documents

/// What the status, the events and the manifest of a pod point to.
enum StatusRules {
  /// In the order of how much they say.
  static let all: [@Sendable (Clues) -> KMLikelyCause?] = [
    memoryLimit, missingObject, image, startError, probe, unschedulable, evicted, volume,
  ]

  private typealias Line = (source: String, text: String)

  /// The OOM killer: the limit from the manifest, and the last line that speaks of memory.
  @Sendable private static func memoryLimit(_ clues: Clues) -> KMLikelyCause? {
    guard clues.failure.class == .oomKilled || clues.end?.reason == "OOMKilled" else { return nil }
    let limit = clues.container?.string("resources", "limits", "memory")
    var evidence: [Line] = [("failure", "exit code \(clues.end?.exitCode ?? 0), OOMKilled")]
    if let limit, let pod = clues.pod {
      evidence.append(("manifest/Pod/\(pod.name)", "resources.limits.memory: \(limit)"))
    }
    let words = NeedleTable([["heap", "memory", "alloc", "rss", "oom"]])
    let last = clues.logLines.first { !words.rules(in: $0.text, limit: 2_048).isEmpty } ?? clues.logLines.first
    if let last { evidence.append((last.source, String(last.text))) }
    return Diagnosis.cause(
      "memory-limit",
      limit.map { "the container was killed at its memory limit of \($0)" }
        ?? "the container was killed for memory; it has no limit of its own, so the node or the pod ran out",
      "raise resources.limits.memory, or find what grows; set the runtime's own heap below the limit", evidence)
  }

  /// A ConfigMap, a Secret or a key of one that is not there: kubelet `kubelet_pods.go`, `makeEnvironmentVariables`.
  @Sendable private static func missingObject(_ clues: Clues) -> KMLikelyCause? {
    for line in clues.statements {
      let text = line.text
      for (kind, word) in [("ConfigMap", "configmap \""), ("Secret", "secret \"")] {
        if let name = text.quoted(after: word), text.has(text: "not found") {
          return Diagnosis.cause(
            "missing-object", "\(kind) \(name) not found",
            "create it, or correct the name; mark the reference optional if it is",
            [(line.source, String(text))])
        }
      }
      for (kind, word) in [("ConfigMap", " in ConfigMap "), ("Secret", " in Secret ")] {
        if text.has(text: "couldn't find key "), let key = text.word(after: "couldn't find key "),
          let name = text.word(after: word)
        {
          return Diagnosis.cause(
            "missing-key", "\(kind) \(name) has no key \(key)", "add the key, or correct the reference to it",
            [(line.source, String(text))])
        }
      }
      if text.has(text: "runAsNonRoot and image will run as root") {
        return Diagnosis.cause(
          "runs-as-root", "the image runs as root, and runAsNonRoot forbids that",
          "set runAsUser, or a USER in the image", [(line.source, String(text))])
      }
    }
    return nil
  }

  /// Words of registries and runtimes for why an image cannot be had, the most telling first.
  private static let imageRules: [(name: String, words: [String], summary: String, advice: String)] = [
    (
      "image-name", ["invalid reference format", "invalidimagename", "couldn't parse image"],
      "the image reference cannot be parsed",
      "correct it: lower case, name:tag or name@sha256:digest"
    ),
    (
      "image-never-pull", ["pull policy of never", "errimageneverpull"],
      "the image is not on the node, and imagePullPolicy is Never",
      "load it on the node, or change the policy"
    ),
    (
      "image-rate-limit", ["toomanyrequests", "rate limit", "too many requests"],
      "the registry limits how often images are pulled",
      "log in, or use a mirror"
    ),
    (
      "image-unauthorized",
      [
        "unauthorized", "authentication required", "no basic auth credentials", "403 forbidden", "insufficient_scope",
        "access denied",
        "denied:", "authorization failed",
      ], "the registry refuses this image to the node: no login, a wrong one, or no such repository",
      "check imagePullSecrets and the repository's name"
    ),
    (
      "image-platform", ["no match for platform", "no matching manifest for", "does not match the specified platform"],
      "the image is not built for the node's platform", "build it for that platform too"
    ),
    (
      "image-not-found", ["manifest unknown", "not found", "name unknown", "does not exist"],
      "the registry has no such image or tag",
      "check name and tag; was it pushed?"
    ),
    (
      "registry-unresolved", ["no such host", "server misbehaving", "name resolution"],
      "the registry's name could not be resolved",
      "check the name, and the node's DNS"
    ),
    (
      "registry-certificate", ["x509:", "certificate"], "the registry's certificate is not trusted by the node",
      "give the node the CA that signed it"
    ),
    (
      "registry-unreachable",
      [
        "connection refused", "i/o timeout", "tls handshake timeout", "context deadline exceeded",
        "server gave http response to https",
        "no route to host", "connection reset",
      ], "the registry could not be reached", "check address, port, proxy and firewall from the node"
    ),
  ]

  private static let imageTable = NeedleTable(imageRules.map(\.words))

  @Sendable private static func image(_ clues: Clues) -> KMLikelyCause? {
    guard [.imagePullBackOff, .invalidImageName].contains(clues.failure.class) else { return nil }
    for line in clues.statements {
      guard let rule = imageTable.rules(in: line.text, limit: 4_096).min() else { continue }
      let found = imageRules[rule]
      return Diagnosis.cause(
        found.name, "\(found.summary): \(clues.failure.image)", found.advice, [(line.source, String(line.text))])
    }
    return nil
  }

  /// The runtime could not start the process: the text is runc's.
  @Sendable private static func startError(_ clues: Clues) -> KMLikelyCause? {
    let rules: [(String, [String], String, String)] = [
      (
        "exec-format", ["exec format error"],
        "the program is built for another processor architecture, or has no #! line",
        "compare the image's platform with the node's"
      ),
      (
        "command-not-executable", ["permission denied"], "the command cannot be executed",
        "set its mode in the image (chmod +x)"
      ),
      (
        "command-not-found", ["no such file or directory", "executable file not found"],
        "the command does not exist in the image",
        "check command, args and PATH against the image; a script's #! line counts too"
      ),
      (
        "mount", ["not a directory", "error mounting"], "a volume cannot be mounted where the container wants it",
        "check mountPath and subPath: a file cannot be mounted over a folder"
      ),
    ]
    guard clues.end?.exitCode == 128 || [.runContainerError, .createContainerError].contains(clues.failure.class) else {
      return nil
    }
    let table = NeedleTable(rules.map { $0.1 })
    for line in clues.statements {
      guard line.text.has(text: "runc") || line.text.has(text: "exec") || line.source == "failure",
        let rule = table.rules(in: line.text, limit: 4_096).min()
      else { continue }
      let command = line.text.quoted(after: "exec: \"").map { ": \($0)" } ?? ""
      return Diagnosis.cause(rules[rule].0, rules[rule].2 + command, rules[rule].3, [(line.source, String(line.text))])
    }
    return nil
  }

  /// The kubelet says in an event that a probe made it kill the container.
  @Sendable private static func probe(_ clues: Clues) -> KMLikelyCause? {
    for kind in ["liveness", "startup"] {
      let killed = clues.events("Killing").first { $0.message.has(text: "failed \(kind) probe") }
      let unhealthy = clues.events("Unhealthy").first { $0.message.lowercased().has(text: "\(kind) probe failed") }
      guard killed != nil || clues.failure.class == .probeFailure && unhealthy != nil else { continue }
      var evidence: [Line] = [unhealthy, killed].compactMap { event in
        event.map { ("events", "\($0.reason): \($0.message)") }
      }
      if let probe = clues.container?.value("\(kind)Probe"), let pod = clues.pod {
        evidence.append(("manifest/Pod/\(pod.name)", "\(kind)Probe: \(String(decoding: probe.bytes, as: UTF8.self))"))
      }
      return Diagnosis.cause(
        "\(kind)-probe", "the \(kind) probe failed, and the kubelet killed the container",
        "look at what the probe asks and how long it waits; a slow start wants a startup probe", evidence)
    }
    return nil
  }

  @Sendable private static func unschedulable(_ clues: Clues) -> KMLikelyCause? {
    let event = clues.events("FailedScheduling").first
    guard clues.failure.class == .unschedulable || event != nil && clues.message.workload.node.isEmpty else {
      return nil
    }
    let text = clues.failure.message.isEmpty ? event?.message ?? "" : clues.failure.message
    let rules: [(String, String, String)] = [
      (
        "Insufficient memory", "no node has the memory that the pod requests",
        "lower resources.requests.memory, or add nodes"
      ),
      ("Insufficient cpu", "no node has the CPU that the pod requests", "lower resources.requests.cpu, or add nodes"),
      (
        "unbound immediate PersistentVolumeClaims", "a PersistentVolumeClaim is not bound",
        "look at the claim and its storage class"
      ),
      (
        "volume node affinity conflict", "the pod's volume is in another zone than the nodes that could take it",
        "add a node in that zone"
      ),
      ("untolerated taint", "all nodes that would fit are tainted", "tolerate the taint, or add nodes without it"),
      ("had taint", "all nodes that would fit are tainted", "tolerate the taint, or add nodes without it"),
      (
        "node affinity", "no node has the labels that the pod wants",
        "compare nodeSelector and affinity with the nodes' labels"
      ),
      (
        "node selector", "no node has the labels that the pod wants",
        "compare nodeSelector and affinity with the nodes' labels"
      ),
    ]
    let rule = rules.first { text.has(text: $0.0) }
    return Diagnosis.cause(
      "unschedulable", rule?.1 ?? "no node takes the pod", rule?.2 ?? "read what the scheduler says",
      [(clues.failure.message.isEmpty ? "events" : "failure", text)])
  }

  @Sendable private static func evicted(_ clues: Clues) -> KMLikelyCause? {
    guard clues.failure.class == .evicted else { return nil }
    return Diagnosis.cause(
      "evicted", "the node ran short and evicted the pod",
      "set requests that match what the pod uses; look at the node's other pods",
      [("failure", clues.failure.message)])
  }

  /// A volume that cannot be mounted keeps a container from being created, and only events say so.
  @Sendable private static func volume(_ clues: Clues) -> KMLikelyCause? {
    guard !clues.failure.hasLastTermination,
      let event = clues.events("FailedMount").first ?? clues.events("FailedAttachVolume").first
    else { return nil }
    return Diagnosis.cause(
      "volume", "a volume cannot be mounted", "look at the volume, its claim, and the node's events",
      [("events", "\(event.reason): \(event.message)")])
  }

  // MARK: Where nothing says more

  /// A rollout that came shortly before, with what it changed.
  static func rollout(_ clues: Clues) -> KMLikelyCause? {
    guard clues.message.hasRollout, !clues.message.rollout.changes.isEmpty else { return nil }
    let rollout = clues.message.rollout
    let evidence: [Line] = rollout.changes.prefix(5).map { change in
      switch change.kind {
      case .added: ("rollout", "\(change.path): \(change.newValue) (new)")
      case .removed: ("rollout", "\(change.path): \(change.oldValue) (gone)")
      default: ("rollout", "\(change.path): \(change.oldValue) → \(change.newValue)")
      }
    }
    return Diagnosis.cause(
      "recent-rollout",
      "it was rolled out \(rollout.secondsBeforeFailure) s before, with \(rollout.changes.count) changes",
      "if the one before worked: kubectl rollout undo deployment/\(rollout.deployment) -n \(clues.message.workload.namespace)",
      evidence)
  }

  /// An error that no rule names: the last stack trace.
  static func stackTrace(_ clues: Clues) -> KMLikelyCause? {
    for log in clues.message.logs.sorted(by: { $0.previous && !$1.previous }) {
      guard let trace = log.stackTraces.last, !trace.headline.isEmpty else { continue }
      let source = "log/\(log.container)/\(log.previous ? "previous" : "current")"
      let lines: [Line] = [(source, trace.headline)] + (trace.frame.isEmpty ? [] : [(source, trace.frame)])
      return Diagnosis.cause(
        "uncaught-error", "the program ended with an error: \(trace.headline)", "begin at its first frame", lines)
    }
    return nil
  }

  /// What an exit code means by convention: 128 + n is signal n, 126 and 127 are a shell's.
  static func exitCode(_ clues: Clues) -> KMLikelyCause? {
    guard let end = clues.end else { return nil }
    let (summary, advice): (String, String) =
      switch end.exitCode {
      case 0:
        (
          "the program completes, and restartPolicy starts it again",
          "a program that ends belongs into a Job; a server must stay in the foreground"
        )
      case 126: ("the command cannot be executed", "check its mode, and that it is no folder")
      case 127: ("the command was not found", "check command, args and PATH against the image")
      case 134: ("the program aborted itself (SIGABRT)", "read its last lines; a failed assertion or a corrupted heap")
      case 137:
        (
          "the program was killed (SIGKILL), not for its own memory limit",
          "look for a failed probe, an expired grace period, or somebody's hand"
        )
      case 139:
        (
          "the program crashed in native code (SIGSEGV)",
          "look at the version that was rolled out last; get a core dump"
        )
      case 143:
        (
          "the program was told to stop (SIGTERM)",
          "look for a failed probe or somebody's hand; a rollout ends pods like this, too"
        )
      default: ("the program ended with its own exit code \(end.exitCode)", "read its last lines")
      }
    var evidence: [Line] = [("failure", "exit code \(end.exitCode)\(end.reason.isEmpty ? "" : ", \(end.reason)")")]
    if let last = clues.logLines.first { evidence.append((last.source, String(last.text))) }
    return Diagnosis.cause("exit-code", summary, advice, evidence)
  }
}

extension Substring {
  /// What stands in quotes behind a text that ends with the opening one.
  fileprivate func quoted(after text: String) -> String? {
    rest(after: text).map { String($0.prefix { $0 != "\"" && $0 != "\\" }) }
  }

  /// The word behind a text.
  fileprivate func word(after text: String) -> String? {
    rest(after: text).map { String($0.prefix { $0 != " " && $0 != "," && $0 != ":" }) }
  }

  private func rest(after text: String) -> Substring? {
    firstRange(ofText: text).map { self[$0.upperBound...] }.flatMap { $0.isEmpty ? nil : $0 }
  }
}
