internal import ArgumentParser
internal import Kubernetes
internal import KubernetesClient
internal import Logging
internal import Telemetry

/// What a shell completes with and only the cluster or the kubeconfig knows: contexts, namespaces, pods. Silent: where something is
/// wrong or slow there is nothing to complete, for a message would stand in the middle of somebody's command line.
enum LiveCompletion {
  /// Whoever pressed the key waits this long at most.
  private static let patience: Duration = .milliseconds(1_500)

  static let contexts = CompletionKind.custom { words, _, prefix in
    begins(
      prefix,
      (try? AccessLoader.contextNames(kubeconfig: kubeconfig(in: words), environment: Terminal.environment)) ?? [])
  }

  static let namespaces = CompletionKind.custom { words, _, prefix in
    begins(prefix, await names(words) { _ in .namespaceNames(timeout: patience) })
  }

  static let pods = CompletionKind.custom { words, _, prefix in
    begins(
      prefix,
      await names(words) { client in
        .podNames(in: value(of: ["--namespace", "-n"], in: words) ?? client.access.namespace, timeout: patience)
      })
  }

  private static func begins(_ prefix: String, _ names: [String]) -> [String] {
    names.filter { $0.hasPrefix(prefix) }
  }

  private static func kubeconfig(in words: [String]) -> String? { value(of: ["--kubeconfig"], in: words) }

  /// The value that a command line gives to an option; the word under the cursor is not taken for one.
  static func value(of names: [String], in words: [String]) -> String? {
    for (index, word) in words.enumerated().dropLast() {
      if names.contains(word), index + 1 < words.count - 1 { return words[index + 1] }
      for name in names where name.hasPrefix("--") && word.hasPrefix(name + "=") {
        return String(word.dropFirst(name.utf8.count + 1))
      }
    }
    return nil
  }

  /// Asks the cluster that the command line means. An exec plugin that asks for a login is given up at the same time.
  private static func names(
    _ words: [String], _ request: @escaping @Sendable (APIClient) -> APIRequest
  ) async -> [String] {
    let quiet = Logger(label: "completion") { _ in SwiftLogNoOpLogHandler() }
    guard
      let client = try? Cluster.client(
        kubeconfig: kubeconfig(in: words) ?? "", context: value(of: ["--context"], in: words) ?? "", logger: quiet)
    else { return [] }
    defer { client.shutdown() }
    return await withTaskGroup(of: [String].self) { group in
      group.addTask {
        let answer = try? await client.send(request(client))
        return answer.map { APIRequest.names(in: $0.body) } ?? []
      }
      group.addTask {
        try? await SystemTime().sleep(for: patience)
        return []
      }
      let first = await group.next() ?? []
      group.cancelAll()
      return first
    }
  }
}
