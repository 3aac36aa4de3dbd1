internal import Incidents
internal import Kubernetes
internal import KubernetesClient
internal import Logging
internal import Observer
internal import Telemetry
internal import Time

/// One use of `harvest`: the cluster or the bundle, and the harvest on top of it.
struct HarvestSession {
  /// Nil where a bundle is read.
  let client: APIClient?
  let harvest: OnDemandHarvest

  static func open(_ arguments: HarvestArguments) async throws(CommandFailure) -> HarvestSession {
    let logs = LogSetup(format: .text, level: LogLevelSwitch(.warning), colour: Terminal.errorColor)
    let logger = logs.logger("harvest")
    let redactor = try arguments.redaction.setup.redactor()
    var options = HarvestOptions()
    options.logLines = arguments.tail
    options.configMaps = arguments.configMaps
    options.deadline = .milliseconds(Int64(arguments.deadline * 1_000))
    if let path = arguments.from {
      do throws(OnDemandHarvest.Failure) {
        return HarvestSession(
          client: nil,
          harvest: try OnDemandHarvest(
            bundle: path, options: options, redactor: redactor, toolVersion: Version.number, time: SystemTime()))
      } catch {
        throw failure(error)
      }
    }
    let client = try Cluster.client(
      kubeconfig: arguments.cluster.kubeconfig ?? "", context: arguments.cluster.context ?? "", logger: logger)
    do throws(APIError) {
      let identity = try await StartCheck(client: client, logger: logger, time: SystemTime()).identity(
        name: "", uid: "")
      let harvest = OnDemandHarvest(
        client: client, cluster: identity, options: options, redactor: redactor, toolVersion: Version.number,
        time: SystemTime())
      return HarvestSession(client: client, harvest: harvest)
    } catch {
      client.shutdown()
      throw Cluster.failure(error)
    }
  }

  /// The namespace that is meant where none is named: the context's, and of a bundle all.
  var defaultNamespace: String? { client?.access.namespace }

  func close() {
    client?.shutdown()
  }

  /// A failed harvest as the end of the command.
  static func failure(_ failure: OnDemandHarvest.Failure) -> CommandFailure {
    switch failure {
    case .api(let error): Cluster.failure(error)
    case .container, .bundle: CommandFailure(failure.description)
    case .withheld: CommandFailure(failure.description, status: .withheld)
    }
  }
}
