internal import ArgumentParser
internal import OrchestratorClient
internal import Simulation
internal import Telemetry
internal import Testing

@testable internal import kube_mind

/// What options of replay make no sense together is said before anything listens or is sent.
struct ReplayOptionsTests {
  @Test(arguments: [
    ([], "say one of --orchestrator"),
    (["--mock", "--orchestrator", "http://127.0.0.1:1"], "say one of --orchestrator"),
    (["--serve-mock", "127.0.0.1:0", "--cert", "a.pem"], "--cert is given without --key"),
    (["--serve-mock", "127.0.0.1:0", "--key", "a.key"], "--key is given without --cert"),
    (["--serve-mock", "127.0.0.1:0", "--ca", "ca.pem"], "--ca alone makes no TLS server"),
    (["--serve-mock", "127.0.0.1:0", "--tls-server-name", "x"], "--tls-server-name is for --orchestrator"),
    (["--serve-mock", "127.0.0.1:0", "--proxy", "http://p:1"], "--proxy is for --orchestrator"),
    (["--serve-mock", "127.0.0.1:0", "--compression", "gzip"], "--compression is for --orchestrator"),
    (["f", "--serve-mock", "127.0.0.1:0", "--key", "a.key"], "--serve-mock with files uses no TLS"),
    (["f", "--mock", "--cert", "a.pem", "--key", "a.key"], "--mock uses no TLS"),
    (["f", "--orchestrator", "http://127.0.0.1:1", "--fault", "slow=1s"], "--fault is for --mock and --serve-mock"),
    (["--mock"], "Missing expected argument"),
  ])
  func nonsenseIsRefused(arguments: [String], words: String) {
    #expect {
      _ = try ReplayCommand.parse(arguments)
    } throws: {
      ReplayCommand.message(for: $0).contains(words)
    }
  }

  @Test(arguments: [
    ["--serve-mock", "127.0.0.1:0", "--cert", "a.pem", "--key", "a.key", "--ca", "ca.pem"], ["f", "--mock"],
    ["f", "--orchestrator", "https://a:1", "--cert", "a.pem", "--key", "a.key", "--tls-server-name", "b"],
  ])
  func senseIsTaken(arguments: [String]) throws {
    _ = try ReplayCommand.parse(arguments)
  }

  /// Files that do not belong together are refused by name before anything listens.
  @Test func aServerWithoutItsFilesDoesNotListen() throws {
    let server = MockServer(
      address: "127.0.0.1:0", behaviour: .willing,
      tls: .init(authorities: nil, certificate: "/nonexistent/a.pem", privateKey: "/nonexistent/a.key"),
      allowsPlaintext: false)
    let failure = #expect(throws: CommandFailure.self) { try server.make(time: SystemTime()) }
    #expect(failure?.message.contains("/nonexistent/a.pem") == true)
    #expect(failure?.status == .usage)
  }
}
