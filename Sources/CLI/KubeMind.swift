internal import ArgumentParser
internal import NIOCore
internal import OrchestratorClient

/// The command line's root.
struct KubeMind: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: Invocation.name,
    abstract: "See workloads fail in Kubernetes, with every secret masked.",
    discussion: """
      kube-mind sees a workload fail (CrashLoopBackOff, OOMKilled, ImagePullBackOff), gathers what an engineer would gather \
      by hand, masks every secret in it, and streams it to an orchestrator.

      Exit status: 0 done; 1 could not be done; 2 wrong command line or configuration; 3 withheld by redaction.
      """,
    version: Version.report,
    subcommands: [
      WatchCommand.self, HarvestCommand.self, RedactCommand.self, SendCommand.self, ReplayCommand.self,
      BenchCommand.self, HealthCommand.self, ReferenceCommand.self, CompleteCommand.self,
    ])
}

/// The entry point: the parser's own, with this program's exit statuses and one line for each error.
@main
enum EntryPoint {
  static func main() async {
    SystemStreams.ignoreBrokenPipes()
    // One thread carries the orchestrator's stream and the probes; NIO's default is one for each core of the node.
    NIOSingletons.groupLoopCountSuggestion = 1
    OrchestratorLibraries.keepAtExit()
    do {
      var command = try await KubeMind.asyncParseAsRoot()
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch let failure as CommandFailure {
      if !failure.message.isEmpty { SystemStreams.writeError("\(Invocation.name): \(failure.message)") }
      KubeMind.exit(withError: ExitCode(failure.status.rawValue))
    } catch {
      // Help and version are "errors" of the parser with status 0; the others are mistakes in the command line.
      guard KubeMind.exitCode(for: error) == .success else {
        SystemStreams.writeError(KubeMind.fullMessage(for: error))
        KubeMind.exit(withError: ExitCode(ExitStatus.usage.rawValue))
      }
      KubeMind.exit(withError: error)
    }
  }
}
