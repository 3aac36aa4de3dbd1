internal import ArgumentParser

/// The entry point.
@main
struct KubeMind: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kube-mind", abstract: "Sees workloads fail in Kubernetes and says why, without a secret in it.",
    subcommands: [RedactCommand.self])
}
