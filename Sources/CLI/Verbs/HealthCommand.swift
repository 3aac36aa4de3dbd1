internal import ArgumentParser
internal import Kubernetes
internal import KubernetesClient
internal import Logging
internal import Telemetry

/// `kube-mind health`: asks the probes of a running `watch`, for container engines without an HTTP client in the image.
struct HealthCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "health", abstract: "Ask a running watch whether it is alive or ready.",
    discussion: """
      Prints the answer, a line for each check. Exit status: 0 it is; 1 it is not, or nothing answers.
      """)

  /// The probes of `watch`.
  enum Probe: String, CaseIterable, ExpressibleByArgument {
    case healthz, readyz, startupz
  }

  @Argument(help: "The probe: healthz, readyz or startupz.")
  var probe: Probe = .healthz

  @Option(help: ArgumentHelp("Where watch serves its probes (http.address).", valueName: "host:port"))
  var address = "127.0.0.1:8080"

  /// A container engine gives up on a check sooner than that; an answer takes a millisecond.
  private static let patience: Duration = .seconds(5)

  func run() async throws {
    guard let server = ServerURL("http://\(address)") else {
      throw CommandFailure("--address: \"\(address)\" is not host:port", status: .usage)
    }
    let quiet = Logger(label: "health") { _ in SwiftLogNoOpLogHandler() }
    do throws(APIError) {
      let client = try APIClient(access: ClusterAccess(server: server), logger: quiet, time: SystemTime())
      defer { client.shutdown() }
      let answer = try await client.send(APIRequest(path: "/\(probe.rawValue)", timeout: Self.patience))
      try? SystemStreams.writeOutput(String(decoding: answer.body, as: UTF8.self))
    } catch {
      throw CommandFailure("\(probe.rawValue) at \(address): \(error.message)")
    }
  }
}
