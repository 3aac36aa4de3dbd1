internal import FoundationEssentials

/// A kubeconfig of a simulated cluster, in a file.
struct SimulatedKubeconfig {
  let path = FileManager.default.temporaryDirectory.appending(path: "kubeconfig-\(UUID().uuidString)").path

  /// `user` is the user's entry, in YAML's flow style.
  init(host: String = "127.0.0.1", port: Int, user: String = "{}") throws {
    let text = """
      apiVersion: v1
      kind: Config
      current-context: simulated
      clusters: [{name: simulated, cluster: {server: "http://\(host):\(port)"}}]
      users: [{name: simulated, user: \(user)}]
      contexts: [{name: simulated, context: {cluster: simulated, user: simulated}}]

      """
    try Data(text.utf8).write(to: URL(filePath: path))
  }

  func remove() { try? FileManager.default.removeItem(atPath: path) }
}

/// What a program writes, while it writes it.
struct LogFile {
  let path = FileManager.default.temporaryDirectory.appending(path: "log-\(UUID().uuidString)").path

  var text: String { (try? Data(contentsOf: URL(filePath: path))).map { String(decoding: $0, as: UTF8.self) } ?? "" }

  /// Returns once the text stands in it so many times.
  func wait(for wanted: String, times: Int = 1) async throws {
    while text.split(separator: wanted, omittingEmptySubsequences: false).count <= times {
      try await Task.sleep(for: .milliseconds(20))
    }
  }

  func remove() { try? FileManager.default.removeItem(atPath: path) }
}
