import FoundationEssentials
import Kubernetes
import KubernetesClient
import Testing

/// Runs `body` with a folder that is removed afterwards.
func withFolder<T>(_ body: (String) async throws -> T) async throws -> T {
  let folder = FileManager.default.temporaryDirectory.appending(path: "kube-mind-\(UInt64.random(in: 0 ... .max))").path
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: folder) }
  return try await body(folder)
}

func write(_ text: String, to path: String) throws {
  try Data(text.utf8).write(to: URL(filePath: path))
}

private func kubeconfig(_ host: String) -> String {
  "current-context: x\ncontexts: [{name: x, context: {cluster: c}}]\nclusters: [{name: c, cluster: {server: 'https://\(host)'}}]\n"
}

@Suite("Access loader")
struct AccessLoaderTests {
  private func message(
    kubeconfig: String? = nil, context: String? = nil, _ environment: [String: String], folder: String = "/absent"
  ) -> String {
    do throws(APIError) {
      return try AccessLoader.load(
        kubeconfig: kubeconfig, context: context, environment: environment, serviceAccountFolder: folder
      ).server.host
    } catch { return error.message }
  }

  @Test func order() async throws {
    try await withFolder { folder in
      try write(kubeconfig("flag"), to: folder + "/flag")
      try write(kubeconfig("variable"), to: folder + "/variable")
      try FileManager.default.createDirectory(atPath: folder + "/.kube", withIntermediateDirectories: true)
      try write(kubeconfig("home"), to: folder + "/.kube/config")
      try write("tok\n", to: folder + "/token")
      try write("observers\n", to: folder + "/namespace")
      var environment = [
        "KUBECONFIG": "\(folder)/absent:\(folder)/variable", "HOME": folder, "KUBERNETES_SERVICE_HOST": "pod",
        "KUBERNETES_SERVICE_PORT": "443",
      ]
      #expect(message(kubeconfig: folder + "/flag", environment, folder: folder) == "flag")
      #expect(message(environment, folder: folder) == "variable")
      environment["KUBECONFIG"] = ""
      #expect(message(environment, folder: folder) == "pod")
      #expect(message(context: "x", environment, folder: folder) == "home", "a context is looked for in files")
      environment["KUBERNETES_SERVICE_HOST"] = nil
      #expect(message(environment, folder: folder) == "home")
    }
  }

  @Test func serviceAccount() async throws {
    try await withFolder { folder in
      try write("tok\n", to: folder + "/token")
      try write("observers\n", to: folder + "/namespace")
      let access = try AccessLoader.load(
        environment: ["KUBERNETES_SERVICE_HOST": "fd00::1", "KUBERNETES_SERVICE_PORT": "6443"],
        serviceAccountFolder: folder)
      #expect(access.server.description == "https://[fd00::1]:6443")
      #expect(access.credential == .tokenFile(folder + "/token"))
      #expect(access.trust == .authorities(.file(folder + "/ca.crt")))
      #expect(access.namespace == "observers")
    }
  }

  @Test func errors() async throws {
    try await withFolder { folder in
      #expect(message(["HOME": folder]).hasPrefix("no cluster to speak to: give --kubeconfig"))
      #expect(message(kubeconfig: folder + "/x", [:]) == "cannot read \(folder)/x: no such file")
      #expect(
        message(["KUBECONFIG": "\(folder)/x:\(folder)/y"])
          == "KUBECONFIG names no file that is there: \(folder)/x, \(folder)/y")
      #expect(
        message(["KUBERNETES_SERVICE_HOST": "h", "KUBERNETES_SERVICE_PORT": "1"], folder: folder)
          .hasPrefix("this is a pod (KUBERNETES_SERVICE_HOST is set), but \(folder)/token is missing"))
      #expect(message(kubeconfig: folder, [:]).hasPrefix("cannot read \(folder): "))
      try write("\u{0}\u{1}", to: folder + "/binary")
      #expect(message(kubeconfig: folder + "/binary", [:]).hasPrefix("\(folder)/binary:1: not a kubeconfig"))
    }
  }
}

@Suite("Token files", .timeLimit(.minutes(15)))
struct TokenFileTests {
  @Test("a new token is read after a 401, and the old one kept where the file is gone")
  func rotation() async throws {
    try await withFolder { folder in
      let path = folder + "/token"
      try write("old\n", to: path)
      try await ScriptedServer.run({ request, _ in
        .init(status: request.headers["authorization"] == "Bearer new" ? 200 : 401)
      }) { server in
        try await withClient(of: server, { $0.credential = .tokenFile(path) }) { client async throws in
          let refused = await #expect(throws: APIError.self) { try await client.send(.version) }
          #expect(refused?.code == .unauthorized)
          try write("new\n", to: path)
          #expect(try await client.send(.version).status == 200)
          try FileManager.default.removeItem(atPath: path)
          #expect(try await client.send(.version).status == 200)
          let authorizations = server.requests.map { $0.headers["authorization"] }
          #expect(authorizations == ["Bearer old", "Bearer old", "Bearer new", "Bearer new"])
        }
      }
    }
  }
}
