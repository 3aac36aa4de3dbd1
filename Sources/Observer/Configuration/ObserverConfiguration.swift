package import Incidents
package import Logging
package import Storage

/// Everything that `watch` can be told, with its defaults. `Settings.all` says how each value is written and read.
package struct ObserverConfiguration: Sendable, Equatable {
  /// Name of the cluster in incidents; empty: the kubeconfig's cluster name, or none.
  package var clusterName = ""
  /// Identity of the cluster that incident ids are made from; empty: found out at start.
  package var clusterUID = ""

  /// Kubeconfig file; empty: KUBECONFIG, then the service account, then ~/.kube/config.
  package var kubeconfig = ""
  /// Context of the kubeconfig; empty: its current one.
  package var context = ""
  /// Namespaces to watch; empty: all.
  package var namespaces: [String] = []
  /// Label selector of the pods to watch; empty: all.
  package var labelSelector = ""
  /// Field selector of the pods to watch; empty: all.
  package var fieldSelector = ""

  /// URL of the orchestrator.
  package var orchestratorURL = ""
  /// CA certificates that the orchestrator's certificate is checked with; empty: the system's.
  package var orchestratorCA = ""
  /// Client certificate for mTLS.
  package var orchestratorCertificate = ""
  /// Key of the client certificate.
  package var orchestratorKey = ""
  /// Name in the orchestrator's certificate where it is not the URL's host.
  package var orchestratorServerName = ""
  /// Proxy to the orchestrator, "none", or empty: what the environment says.
  package var orchestratorProxy = ""
  /// How messages to the orchestrator are packed.
  package var orchestratorCompression = OrchestratorCompression.none
  /// Plain HTTP to an orchestrator that is not on this machine.
  package var orchestratorAllowPlaintext = false

  /// Which failures are reported, and up to which age.
  package var detection = FailureDetector.Options()
  /// Window and key.
  package var debounce = Debouncer.Options()
  /// What many failures at a time are made into, and how fast.
  package var storms = StormOptions()
  /// Which replica acts.
  package var election = ElectionSettings()
  /// What is gathered.
  package var harvest = HarvestOptions()

  /// Rule files of redaction, each on top of those before it.
  package var redactionRules: [String] = []
  /// Globs of key names whose values are secret.
  package var redactionKeys: [String] = []
  /// Masks are pseudonyms.
  package var redactionPseudonyms = false
  /// File with the key of pseudonyms; empty: a key that is made at start.
  package var redactionPseudonymKeyFile = ""

  /// Folder that keeps incidents until they are acknowledged; empty: memory.
  package var outboxDirectory = ""
  /// When what was written there is made to survive a crash of the machine. Default: before an incident counts as stored: a
  /// flush takes milliseconds, and incidents are rare.
  package var outboxSync = SyncPolicy.always
  /// Bytes kept on disk at most until they are acknowledged. Default: 256 MiB, 4,000 incidents of 64 KiB. With the dead letters'
  /// 256 MiB and what is done with and not yet deleted, a volume of 1 GiB is enough.
  package var outboxDiskBytes = 256 << 20
  /// Longest wait for an acknowledgement before an incident becomes a dead letter; zero: for ever. Default: three days, a long
  /// weekend.
  package var outboxAge: Duration = .seconds(259_200)
  /// Incidents kept at most until they are acknowledged. Default: 10,000, of some 500 bytes besides their content.
  package var outboxIncidents = 10_000
  /// Bytes kept in memory at most until they are acknowledged, or on disk. Default: 32 MiB, a quarter of the promised memory.
  package var outboxBytes = 32 << 20
  /// Folder for incidents that cannot be delivered; empty: `dead-letters` in the outbox's folder, or where there is none, they
  /// are logged and gone.
  package var deadLetterFolder = ""
  /// Time for delivering what is left after SIGTERM. Default: 20 s, under Kubernetes' 30 s of grace.
  package var shutdownTimeout: Duration = .seconds(20)

  /// Least severe level that is logged.
  package var logLevel: Logger.Level = .info
  /// How log lines are written.
  package var logFormat: LogFormat = .auto
  /// Address of /healthz, /readyz and /startupz; empty: none.
  package var httpAddress = ""

  package init() {}
}

/// How log lines are written.
package enum LogFormat: String, Sendable, CaseIterable {
  /// Text on a terminal, JSON elsewhere.
  case auto
  /// One JSON object a line.
  case json
  /// For people.
  case text
}

/// How messages to the orchestrator are packed.
package enum OrchestratorCompression: String, Sendable, CaseIterable {
  case none
  /// Where the orchestrator takes it.
  case gzip
}
