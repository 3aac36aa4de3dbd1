internal import CBuild
internal import KubernetesClient
internal import OrchestratorClient

/// The program's version, in this one place: the command line, incidents, the man pages and the packages take it from here.
enum Version {
  /// Semantic version (https://semver.org).
  static let number = "0.1.0"

  /// What it was built from, and what it runs on: the libraries are asked, so that a patched one shows its own version. In order.
  static var parts: [(name: String, version: String)] {
    [
      ("commit", String(cString: kube_mind_build_commit())), ("swift", String(cString: kube_mind_build_swift())),
      ("libcurl", APIClient.libraryVersion), ("openssl", OrchestratorLibraries.openSSL),
      ("nghttp2", OrchestratorLibraries.nghttp2),
    ]
  }

  /// What `--version` prints: the version on the first line, for scripts; the rest below it, for a report of a fault.
  static var report: String {
    let parts = Self.parts
    let width = parts.map(\.name.count).max() ?? 0
    let lines = parts.map { name, version in
      "  \(name)" + String(repeating: " ", count: width - name.count + 2) + version
    }
    return (["kube-mind \(number)"] + lines).joined(separator: "\n")
  }
}
