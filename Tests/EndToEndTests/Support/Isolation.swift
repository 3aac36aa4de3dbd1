internal import FoundationEssentials

#if canImport(Darwin)
  internal import Darwin
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Glibc
#endif

/// Whether the program can be run in a mount namespace of its own, where a test puts files in the places of the system's.
enum Isolation {
  /// User namespaces are switched off on some machines, and unshare is Linux's.
  static let isPossible: Bool = {
    guard BuiltProgram.path != nil, FileManager.default.isExecutableFile(atPath: "/usr/bin/unshare") else {
      return false
    }
    let words: [String] = ["unshare", "-r", "-m", "mount", "--bind", "/etc/hostname", "/etc/hosts"]
    // Copies of ours: `posix_spawn` has read them when it returns, and they are freed here.
    let argv = words.map { strdup($0) } + [nil]
    defer { for text in argv { free(text) } }
    var process: pid_t = 0
    guard posix_spawn(&process, "/usr/bin/unshare", nil, nil, argv, nil) == 0 else { return false }
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 && errno == EINTR {}
    return status == 0
  }()
}
