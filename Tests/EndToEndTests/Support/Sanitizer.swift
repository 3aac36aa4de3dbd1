internal import FoundationEssentials

/// The sanitizer that tests and program were built with, as scripts/sanitize.sh says.
enum Sanitizer {
  /// Then what a test says of memory and of system calls does not hold: the runtime keeps a shadow of all memory, and makes calls of its
  /// own.
  static let isOn = ProcessInfo.processInfo.environment["KUBE_MIND_SANITIZER"] != nil
}
