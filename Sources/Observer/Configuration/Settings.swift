internal import Incidents
internal import Kubernetes
internal import Logging
internal import Storage

/// The table of all settings: the file's schema, the environment's names and the reference in the documentation come from it.
package enum Settings {
  /// In the order of the reference.
  package static let all: [Setting] =
    cluster + orchestrator + detection + harvest + redaction + leaderElection + runtime

  private static let cluster = [
    Setting("cluster.name", "", "Name of the cluster in incidents. Empty: the kubeconfig's name for it.") {
      configuration, value throws(SettingProblem) in configuration.clusterName = try value.text()
    },
    Setting("cluster.uid", "", "Identity that incident ids are made from. Empty: found out at start.") {
      configuration, value throws(SettingProblem) in configuration.clusterUID = try value.text()
    },
    Setting(
      "kubernetes.kubeconfig", "",
      "Kubeconfig file. Empty: KUBECONFIG, then the pod's service account, then ~/.kube/config."
    ) { configuration, value throws(SettingProblem) in configuration.kubeconfig = try value.text() },
    Setting("kubernetes.context", "", "Context of the kubeconfig. Empty: its current context.") {
      configuration, value throws(SettingProblem) in configuration.context = try value.text()
    },
    Setting("kubernetes.namespaces", "[]", "Namespaces to watch. Empty: all of them.") {
      configuration, value throws(SettingProblem) in configuration.namespaces = value.list()
    },
    Setting("kubernetes.labelSelector", "", "Label selector of the pods to watch. Empty: all pods.", isLive: true) {
      configuration, value throws(SettingProblem) in configuration.labelSelector = try value.text()
    },
    Setting(
      "kubernetes.fieldSelector", "",
      "Field selector of the pods to watch, e.g. spec.nodeName=node-1. Empty: all pods.", isLive: true
    ) { configuration, value throws(SettingProblem) in configuration.fieldSelector = try value.text() },
  ]

  private static let orchestrator = [
    Setting(
      "orchestrator.url", "",
      "The orchestrator: https://host:port, or a gRPC target (dns:///host:port, ipv4:…, unix:/path). http:// is taken on loopback, "
        + "elsewhere only with allowPlaintext."
    ) { configuration, value throws(SettingProblem) in configuration.orchestratorURL = try value.text() },
    Setting("orchestrator.ca", "", "File with the CA certificates (PEM). Empty: the system's.") {
      configuration, value throws(SettingProblem) in configuration.orchestratorCA = try value.text()
    },
    Setting("orchestrator.certificate", "", "File with the client certificate and its chain (PEM), for mTLS.") {
      configuration, value throws(SettingProblem) in configuration.orchestratorCertificate = try value.text()
    },
    Setting("orchestrator.key", "", "File with the client certificate's key (PEM).") {
      configuration, value throws(SettingProblem) in configuration.orchestratorKey = try value.text()
    },
    Setting("orchestrator.serverName", "", "Name to expect in the certificate. Empty: the URL's host.") {
      configuration, value throws(SettingProblem) in configuration.orchestratorServerName = try value.text()
    },
    Setting(
      "orchestrator.proxy", "",
      "Proxy to the orchestrator, http://user:password@host:port, or none. Empty: what HTTPS_PROXY and NO_PROXY say."
    ) { configuration, value throws(SettingProblem) in configuration.orchestratorProxy = try value.text() },
    Setting(
      "orchestrator.compression", "none",
      "none, or gzip for messages of 1 KiB and more, where the orchestrator takes it."
    ) { configuration, value throws(SettingProblem) in
      configuration.orchestratorCompression = try value.choice(OrchestratorCompression.self)
    },
    Setting("orchestrator.allowPlaintext", "false", "Allow http:// to a host that is not loopback. Not for production.")
    {
      configuration, value throws(SettingProblem) in configuration.orchestratorAllowPlaintext = try value.bool()
    },
  ]

  private static let detection = [
    Setting(
      "detection.classes", "[\(FailureClass.reported.map(\.rawValue).joined(separator: ", "))]",
      "Failures to report, of: \(FailureClass.reportable.map(\.rawValue).joined(separator: ", "))."
    ) { configuration, value throws(SettingProblem) in
      var classes: Set<FailureClass> = []
      for name in value.list() { classes.insert(try SettingValue(texts: [name]).failureClass()) }
      guard !classes.isEmpty else { throw SettingProblem("wants at least one class") }
      configuration.detection.classes = classes
    },
    Setting(
      "detection.maximumAge", "1h",
      "A past failure of a container that runs again is reported on first sight only if it is younger. 0s to 168h."
    ) { configuration, value throws(SettingProblem) in
      configuration.detection.maximumAge = try value.duration(.zero ... .seconds(604_800))
    },
    Setting(
      "detection.unschedulableAfter", "5m",
      "How long a pod must have fitted on no node to be reported as Unschedulable. 0s to 24h."
    ) { configuration, value throws(SettingProblem) in
      configuration.detection.unschedulableAfter = try value.duration(.zero ... .seconds(86_400))
    },
    Setting("debounce.window", "5m", "Failures of one key within it make one incident. 1s to 24h.", isLive: true) {
      configuration, value throws(SettingProblem) in
      configuration.debounce.window = try value.duration(.seconds(1) ... .seconds(86_400))
    },
    Setting("debounce.key", "pod", "What is counted together: pod, container, reason or owner.") {
      configuration, value throws(SettingProblem) in configuration.debounce.key = try value.choice(Debouncer.Key.self)
    },
    Setting(
      "storms.grouping", "true",
      """
      Failures of one container, class and controller within debounce.window make one incident with evidence; the others are \
      light references to it. false: each is harvested.
      """
    ) { configuration, value throws(SettingProblem) in configuration.storms.isGrouping = try value.bool() },
    Setting("storms.harvestsPerSecond", "50", "Harvests a second, beyond the burst. 1 to 1000.", isLive: true) {
      configuration, value throws(SettingProblem) in
      configuration.storms.harvests.perSecond = try value.int(1...1_000)
    },
    Setting("storms.harvestBurst", "200", "Harvests at once. 1 to 10000.", isLive: true) {
      configuration, value throws(SettingProblem) in configuration.storms.harvests.burst = try value.int(1...10_000)
    },
    Setting(
      "storms.referencesPerSecond", "200", "Light references a second, beyond the burst. 1 to 10000.", isLive: true
    ) {
      configuration, value throws(SettingProblem) in
      configuration.storms.references.perSecond = try value.int(1...10_000)
    },
    Setting(
      "storms.referenceBurst", "1000", "Light references at once; more wait, and then are counted. 1 to 10000.",
      isLive: true
    ) {
      configuration, value throws(SettingProblem) in
      configuration.storms.references.burst = try value.int(1...10_000)
    },
  ]

  private static let harvest = [
    Setting("harvest.logLines", "200", "Lines of each log. 1 to 10000.") {
      configuration, value throws(SettingProblem) in
      configuration.harvest.logLines = try value.int(1...10_000)
    },
    Setting("harvest.logBytes", "512KiB", "Bytes of each log; the end is kept. 1KiB to 1MiB.") {
      configuration, value throws(SettingProblem) in
      configuration.harvest.budget.log = try value.bytes((1 << 10)...(1 << 20))
    },
    Setting("harvest.deadline", "2s", "Time for all requests of an incident; what is late is a gap. 100ms to 60s.") {
      configuration, value throws(SettingProblem) in
      configuration.harvest.deadline = try value.duration(.milliseconds(100) ... .seconds(60))
    },
    Setting("harvest.concurrency", "8", "Harvests at the same time. 1 to 64.", isLive: true) {
      configuration, value throws(SettingProblem) in configuration.harvest.concurrency = try value.int(1...64)
    },
    Setting("harvest.configMaps", "true", "Read the ConfigMaps that a failing pod refers to.") {
      configuration, value throws(SettingProblem) in configuration.harvest.configMaps = try value.bool()
    },
    Setting(
      "harvest.rolloutAge", "1h",
      "A rollout younger than this when the pod failed is compared with the one before. 0s (never) to 168h."
    ) { configuration, value throws(SettingProblem) in
      configuration.harvest.rolloutAge = try value.duration(.zero ... .seconds(604_800))
    },
    Setting(
      "harvest.jobs", "false", "Read the Job that a failing pod belongs to; wants get on jobs of the group batch."
    ) {
      configuration, value throws(SettingProblem) in configuration.harvest.jobs = try value.bool()
    },
  ]

  private static let redaction = [
    Setting(
      "redaction.rules", "[]", "Rule files that add to, replace or switch off the built-in rules, in this order.",
      isLive: true
    ) {
      configuration, value throws(SettingProblem) in configuration.redactionRules = value.list()
    },
    Setting("redaction.keys", "[]", "Globs of key names whose values are secret, e.g. *_SECRET.", isLive: true) {
      configuration, value throws(SettingProblem) in configuration.redactionKeys = value.list()
    },
    Setting("redaction.pseudonyms", "false", "Masks that are the same for the same value: [REDACTED:4f2a9c].") {
      configuration, value throws(SettingProblem) in configuration.redactionPseudonyms = try value.bool()
    },
    Setting(
      "redaction.pseudonymKeyFile", "",
      "File with a key of at least 16 bytes for pseudonyms, which it switches on. Empty: a key that is made at start."
    ) { configuration, value throws(SettingProblem) in configuration.redactionPseudonymKeyFile = try value.text() },
  ]

  private static let leaderElection = [
    Setting(
      "leaderElection.enabled", "auto",
      "Whether replicas elect one that acts: true, false, or auto: in a cluster, and not outside."
    ) {
      configuration, value throws(SettingProblem) in
      configuration.election.mode = try value.choice(ElectionSettings.Mode.self)
    },
    Setting("leaderElection.namespace", "", "Namespace of the Lease. Empty: the pod's own.") {
      configuration, value throws(SettingProblem) in configuration.election.namespace = try value.text()
    },
    Setting(
      "leaderElection.name", "kube-mind-observer", "Name of the Lease, which must exist or may be created."
    ) { configuration, value throws(SettingProblem) in
      configuration.election.name = try value.text()
      guard !configuration.election.name.isEmpty else { throw SettingProblem("wants a name") }
    },
    Setting(
      "leaderElection.leaseDuration", "15s",
      "How long the others wait after the last renewal that they saw; whole seconds. 1s to 1h."
    ) { configuration, value throws(SettingProblem) in
      configuration.election.timing.leaseDuration = try value.duration(.seconds(1) ... .seconds(3_600))
    },
    Setting(
      "leaderElection.renewDeadline", "10s",
      "How long the leader acts after its last renewal; shorter than leaseDuration. 100ms to 1h."
    ) { configuration, value throws(SettingProblem) in
      configuration.election.timing.renewDeadline = try value.duration(.milliseconds(100) ... .seconds(3_600))
    },
    Setting(
      "leaderElection.retryPeriod", "2s", "Between two renewals, and two looks of the others. 50ms to 1h."
    ) { configuration, value throws(SettingProblem) in
      configuration.election.timing.retryPeriod = try value.duration(.milliseconds(50) ... .seconds(3_600))
    },
    Setting("leaderElection.identity", "", "Who this replica is in the Lease. Empty: host name and a random uuid.") {
      configuration, value throws(SettingProblem) in configuration.election.identity = try value.text()
    },
  ]

  private static let runtime = [
    Setting(
      "outbox.directory", "",
      "Folder that keeps incidents until they are acknowledged, also over restarts. Empty: memory, gone with the process."
    ) { configuration, value throws(SettingProblem) in configuration.outboxDirectory = try value.text() },
    Setting(
      "outbox.fsync", "always",
      """
      When the outbox's disk is flushed: always (before an incident counts as kept), interval (once a second) or never. \
      Matters where the machine crashes; a killed process loses nothing under any of them.
      """
    ) { configuration, value throws(SettingProblem) in configuration.outboxSync = try value.choice(SyncPolicy.self) },
    Setting(
      "outbox.diskBytes", "256MiB",
      "Bytes kept on disk until they are acknowledged; the files may take twice that and 24MiB. 8MiB to 64GiB."
    ) { configuration, value throws(SettingProblem) in
      configuration.outboxDiskBytes = try value.bytes((8 << 20)...(64 << 30))
    },
    Setting(
      "outbox.maximumAge", "72h",
      "An incident that waits for longer becomes a dead letter, where these are kept. 1m to 8760h, or 0s: it waits for ever."
    ) { configuration, value throws(SettingProblem) in
      configuration.outboxAge = try value.duration(.zero ... .seconds(31_536_000))
      guard configuration.outboxAge == .zero || configuration.outboxAge >= .seconds(60) else {
        throw SettingProblem("wants 0s, or 1m at least")
      }
    },
    Setting("outbox.incidents", "10000", "Incidents kept until they are acknowledged. 1 to 100000.") {
      configuration, value throws(SettingProblem) in
      configuration.outboxIncidents = try value.int(1...100_000)
    },
    Setting(
      "outbox.bytes", "32MiB",
      "Bytes kept in memory until they are acknowledged, or with outbox.directory until they are on disk. 4MiB to 1GiB."
    ) { configuration, value throws(SettingProblem) in
      configuration.outboxBytes = try value.bytes((4 << 20)...(1 << 30))
    },
    Setting(
      "outbox.deadLetters", "",
      """
      Folder for incidents that cannot be delivered, as files that send takes; the oldest go there when the outbox is full. \
      Empty: dead-letters in outbox.directory; without that, they are logged and gone, and a full outbox takes no more.
      """
    ) { configuration, value throws(SettingProblem) in configuration.deadLetterFolder = try value.text() },
    Setting("shutdown.timeout", "20s", "Time for delivering what is left after SIGTERM. 0s to 10m.") {
      configuration, value throws(SettingProblem) in
      configuration.shutdownTimeout = try value.duration(.zero ... .seconds(600))
    },
    Setting(
      "log.level", "info", "Least severe level: trace, debug, info, notice, warning, error or critical.", isLive: true
    ) {
      configuration, value throws(SettingProblem) in configuration.logLevel = try value.choice(Logger.Level.self)
    },
    Setting("log.format", "auto", "json, text, or auto: text on a terminal and json elsewhere.") {
      configuration, value throws(SettingProblem) in configuration.logFormat = try value.choice(LogFormat.self)
    },
    Setting(
      "http.address", "", "host:port for /healthz, /readyz, /startupz and /metrics, e.g. 0.0.0.0:8080. Empty: none."
    ) { configuration, value throws(SettingProblem) in configuration.httpAddress = try value.text()
    },
  ]
}
