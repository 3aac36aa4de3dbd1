import FoundationEssentials
import Kubernetes
import KubernetesClient
import Testing

/// A plugin that is a shell script in `folder`. The shell is told to read it: a file just written cannot be executed while another
/// test's child, forked in between, still holds it open (ETXTBSY).
private func plugin(_ script: String, in folder: String) throws -> ClusterAccess.ExecPlugin {
  let path = folder + "/plugin"
  try write(script, to: path)
  return .init(
    apiVersion: "client.authentication.k8s.io/v1", command: "/bin/sh", arguments: [path, "one two"],
    environment: [.init(name: "EXTRA", value: "x")], providesClusterInfo: true)
}

private func credential(_ status: String) -> String {
  #"{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{\#(status)}}"#
}

@Suite("Credential plugins", .timeLimit(.minutes(15)))
struct ExecPluginTests {
  @Test("runs once for many requests, again when it expires or is refused")
  func runs() async throws {
    try await withFolder { folder in
      // The first token has expired by the test's clock; each run gives a token of its own.
      let script = """
        echo run >> \(folder)/runs
        echo "$1 $EXTRA $KUBERNETES_EXEC_INFO" > \(folder)/seen
        n=$(wc -l < \(folder)/runs)
        expiry=2001-01-01T00:00:00Z
        [ "$n" -gt 1 ] && expiry=2100-01-01T00:00:00Z
        echo '\(credential(#""token":"t'$n'","expirationTimestamp":"'$expiry'""#))'
        """
      let plugin = try plugin(script, in: folder)
      try await ScriptedServer.run({ _, index in .init(status: index == 8 ? 401 : 200) }) { server in
        try await withClient(of: server, { $0.credential = .exec(plugin) }) { client async throws in
          _ = try await client.send(.version)
          _ = try await client.send(.version)
          try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<6 { group.addTask { _ = try await client.send(.version) } }
            try await group.waitForAll()
          }
          _ = try await client.send(.version)
          let tokens = server.requests.map { $0.headers["authorization"] ?? "" }
          #expect(tokens == ["Bearer t1"] + Array(repeating: "Bearer t2", count: 8) + ["Bearer t3"])
        }
        let seen = try String(contentsOf: URL(filePath: folder + "/seen"), encoding: .utf8)
        #expect(
          seen
            == #"one two x {"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","spec":{"interactive":false,"cluster":{"server":"http://127.0.0.1:\#(server.port)"}}}"#
            + "\n")
      }
    }
  }

  @Test(
    "it gets no file and no socket of the program",
    .enabled(if: FileManager.default.fileExists(atPath: "/proc/self/fd")))
  func inheritsNothing() async throws {
    try await withFolder { folder in
      // The shell keeps its script open, as a file; the server of this test, in this process, has sockets.
      let script = "ls -l /proc/$$/fd > \(folder)/open; echo '\(credential(#""token":"t""#))'"
      let plugin = try plugin(script, in: folder)
      try await ScriptedServer.run({ _, _ in .init() }) { server in
        try await withClient(of: server, { $0.credential = .exec(plugin) }) { client async throws in
          _ = try await client.send(.version)
        }
      }
      let open = try String(contentsOf: URL(filePath: folder + "/open"), encoding: .utf8)
      #expect(open.contains("/dev/null") && open.contains(folder + "/plugin"), "\(open)")
      #expect(!open.contains("socket:") && !open.contains("eventpoll"), "\(open)")
    }
  }

  @Test(
    "its failures are told in one line",
    arguments: [
      ("echo oops; exit 0", "did not print JSON"), ("exit 3", "ended with exit code 3"),
      ("kill -9 $$", "was ended by signal 9"),
      (#"echo '{"kind":"Pod"}'"#, "did not print an ExecCredential"),
      (
        #"echo '{"kind":"ExecCredential","apiVersion":"v1"}'"#,
        "printed an ExecCredential of apiVersion v1; the kubeconfig wants"
      ),
      ("echo '\(credential(""))'", "printed neither a token nor a certificate"),
      ("echo '\(credential(#""clientKeyData":"k""#))'", "printed only one of certificate and key"),
      (
        "echo '\(credential(#""token":"t","expirationTimestamp":"soon""#))'",
        "printed an expirationTimestamp that is no time"
      ),
      ("head -c 3000000 /dev/zero", "did not end within"),
    ])
  func failures(script: String, expected: String) async throws {
    try await withFolder { folder in
      let plugin = try plugin(script, in: folder)
      try await ScriptedServer.run({ _, _ in .init() }) { server in
        try await withClient(of: server, { $0.credential = .exec(plugin) }) { client async throws in
          let error = await #expect(throws: APIError.self) { try await client.send(.version) }
          #expect(error?.code == .configuration)
          #expect(error?.message.contains(expected) == true, "\(error?.message ?? "")")
          #expect(server.requests.isEmpty)
        }
      }
    }
  }

  @Test func aMissingPluginShowsItsHint() async throws {
    var plugin = ClusterAccess.ExecPlugin(
      apiVersion: "client.authentication.k8s.io/v1", command: "kube-mind-no-such-plugin", installHint: "get it\nthere")
    for expected in [
      "is not there: get it there (s)", "is not there: is it installed, and in PATH? (s)", "wants a terminal",
    ] {
      try await ScriptedServer.run({ _, _ in .init() }) { server in
        try await withClient(
          of: server,
          {
            $0.credential = .exec(plugin); $0.source = "s"
          }
        ) { client async throws in
          let error = await #expect(throws: APIError.self) { try await client.send(.version) }
          #expect(error?.message.contains(expected) == true, "\(error?.message ?? "")")
        }
      }
      plugin.needsTerminal = plugin.installHint.isEmpty
      plugin.installHint = ""
    }
  }

  @Test func aCancelledRequestEndsItsPlugin() async throws {
    try await withFolder { folder in
      let plugin = try plugin("touch \(folder)/started; exec sleep 600", in: folder)
      try await ScriptedServer.run({ _, _ in .init() }) { server in
        try await withClient(of: server, { $0.credential = .exec(plugin) }) { client async throws in
          let call = Task { try await client.send(.version) }
          while !FileManager.default.fileExists(atPath: folder + "/started") { await Task.yield() }
          call.cancel()
          await #expect(throws: APIError.self) { try await call.value }
        }
      }
    }
  }
}
