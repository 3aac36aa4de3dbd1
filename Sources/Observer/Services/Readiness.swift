internal import Kubernetes
internal import Synchronization

/// Whether everything that is watched has been listed once, and if not, what is missing and why.
package final class Readiness: Sendable {
  /// Scopes whose first list is not in, each with what went wrong last.
  private let missing: Mutex<[String: String?]>

  init(scopes: [PodScope]) {
    missing = Mutex(Dictionary(scopes.map { (Self.name($0), nil) }, uniquingKeysWith: { first, _ in first }))
  }

  /// True once every scope is in.
  package var isSynced: Bool { missing.withLock(\.isEmpty) }

  /// What is missing, one line for a person; nil once every scope is in. Without a word from the server the list is on its way.
  package var complaint: String? {
    missing.withLock { missing in
      guard let scope = missing.keys.min() else { return nil }
      let problem = missing.compactMapValues { $0 }.min { $0.key < $1.key }
      guard let problem else { return "the first list of pods (\(scope)) is not complete" }
      return "the first list of pods (\(problem.key)) failed, and is tried again: \(problem.value)"
    }
  }

  /// The first list of a scope is in; true if it was the last of all.
  func synced(_ scope: PodScope) -> Bool {
    missing.withLock { missing in missing.removeValue(forKey: Self.name(scope)) != nil && missing.isEmpty }
  }

  /// The watch of a scope failed; of interest as long as its first list is not in.
  func failed(_ scope: PodScope, _ message: String) {
    missing.withLock { missing in
      if missing[Self.name(scope)] != nil { missing[Self.name(scope)] = .some(message) }
    }
  }

  /// By namespace: selectors change while it runs.
  private static func name(_ scope: PodScope) -> String { scope.namespace ?? "all namespaces" }
}
