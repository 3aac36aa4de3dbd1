internal import FoundationEssentials

/// The binary that was built beside these tests.
enum BuiltProgram {
  /// Nil where it is not there, as when the tests were built alone.
  static let path: String? = {
    // On Linux the test bundle is the executable itself; elsewhere a helper is told where it lies.
    let places = CommandLine.arguments.filter { $0.contains(".xctest") }
    for place in places {
      var folder = URL(filePath: place)
      for _ in 0..<4 {
        folder.deleteLastPathComponent()
        let candidate = folder.appending(path: "kube-mind").path
        if FileManager.default.isExecutableFile(atPath: candidate) { return candidate }
      }
    }
    return nil
  }()
}
