internal import Kubernetes
internal import KubernetesClient
internal import Logging
internal import Observer
internal import Telemetry

/// The cluster that a command speaks to.
enum Cluster {
  /// A client for the kubeconfig and context that were asked for, empty meaning none. `onExchange` hears of each request.
  static func client(
    kubeconfig: String, context: String, logger: Logger,
    onExchange: @escaping @Sendable (APIExchange) -> Void = { _ in }
  ) throws(CommandFailure) -> APIClient {
    do throws(APIError) {
      let access = try AccessLoader.load(
        kubeconfig: kubeconfig.isEmpty ? nil : kubeconfig, context: context.isEmpty ? nil : context,
        environment: Terminal.environment)
      return try APIClient(
        access: access, logger: logger, time: SystemTime(), userAgent: "kube-mind/\(Version.number)",
        onExchange: onExchange)
    } catch {
      throw failure(error)
    }
  }

  /// True in a pod that uses its ServiceAccount.
  static func isInside(_ access: ClusterAccess) -> Bool {
    if case .tokenFile = access.credential { access.clusterName == "in-cluster" } else { false }
  }

  /// Where the Lease of the election lies.
  static func leaseNamespace(
    _ settings: ElectionSettings, _ access: ClusterAccess
  ) throws(CommandFailure) -> String {
    if !settings.namespace.isEmpty { return settings.namespace }
    guard !access.namespace.isEmpty, isInside(access) else {
      throw CommandFailure(
        "leaderElection.namespace: outside of a cluster the namespace of the Lease has to be named", status: .usage)
    }
    return access.namespace
  }

  /// An error of the API as the end of a command: what cannot be configured is a mistake of the command line.
  static func failure(_ error: APIError) -> CommandFailure {
    CommandFailure(error.message, status: error.code == .configuration ? .usage : .failure)
  }
}
