package import Incidents
package import Logging

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
  /// Plain HTTP to an orchestrator that is not on this machine.
  package var orchestratorAllowPlaintext = false

  /// Which failures are reported, and up to which age.
  package var detection = FailureDetector.Options()
  /// Window and key.
  package var debounce = Debouncer.Options()
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

  /// Incidents kept at most until they are acknowledged. Default: 1,000.
  package var outboxIncidents = 1_000
  /// Bytes kept at most until they are acknowledged. Default: 32 MiB, a quarter of the promised memory.
  package var outboxBytes = 32 << 20
  /// Folder for incidents that the orchestrator will not take; empty: they are logged and gone.
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
