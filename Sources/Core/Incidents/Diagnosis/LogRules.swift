internal import Contract

/// What a program's last words point to.
struct LogRule: Sendable {
  /// Name of the rule.
  let name: String
  /// Words in lower case, any of which shows it.
  let words: [String]
  /// What is likely wrong.
  let summary: String
  /// What to look at.
  let advice: String
  /// Whether the `host:port` of the line is what it is about.
  let namesAddress: Bool

  init(name: String, words: [String], summary: String, advice: String, namesAddress: Bool = false) {
    self.name = name
    self.words = words
    self.summary = summary
    self.advice = advice
    self.namesAddress = namesAddress
  }

  /// The cause, with the lines that show it, the newest first.
  func cause(_ lines: [Clues.Line]) -> KMLikelyCause {
    let address = lines.lazy.compactMap { Self.address(in: $0.text) }.first
    let summary = namesAddress ? summary + (address.map { ": \($0)" } ?? "") : summary
    return Diagnosis.cause(name, summary, advice, lines.map { ($0.source, String($0.text)) })
  }

  /// The first `host:port` of a line: letters, digits, dots and hyphens, then two to five digits; no time of day.
  static func address(in line: Substring) -> String? {
    let isName: (Character) -> Bool = {
      $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "." || $0 == "-" || $0 == "_")
    }
    for word in line.split(whereSeparator: { !isName($0) && $0 != ":" }) {
      let parts = word.split(separator: ":", omittingEmptySubsequences: true)
      guard parts.count == 2, (2...5).contains(parts[1].count), parts[1].allSatisfy(\.isNumber),
        parts[0].contains(where: { $0.isLetter || $0 == "." }), parts[0].count > 1
      else { continue }
      // file.js:41 and main.go:12 are places in a program.
      let suffix = parts[0].split(separator: ".").last ?? ""
      if parts[0].contains("."), sourceSuffixes.contains(String(suffix)) { continue }
      return "\(parts[0]):\(parts[1])"
    }
    return nil
  }

  private static let sourceSuffixes: Set<String> = [
    "js", "ts", "mjs", "cjs", "go", "rs", "py", "rb", "java", "kt", "scala", "cs", "php", "c", "cc", "cpp", "h", "ex",
    "swift",
  ]
}

/// The table of log rules, the most specific first.
enum LogRules {
  static let table = NeedleTable(all.map(\.words))

  static let all = [
    LogRule(
      name: "runtime-memory",
      words: [
        "java.lang.outofmemoryerror", "heap out of memory", "cannot allocate memory", "std::bad_alloc", "memoryerror",
        "runtime: out of memory", "system.outofmemoryexception", "failed to allocate memory", "memory allocation of",
      ],
      summary: "the program ran out of memory by its own account",
      advice: "compare the runtime's heap setting with resources.limits.memory"),
    LogRule(
      name: "exec-format", words: ["exec format error", "cannot execute binary file"],
      summary: "the program is built for another processor architecture",
      advice: "compare the image's platform with the node's; build the image for both"),
    LogRule(
      name: "shared-library",
      words: ["error while loading shared libraries", "symbol not found", "version `glibc_", "error relocating"],
      summary: "a shared library that the program needs is missing or another version",
      advice: "install the library in the image, or build for the base image that is used"),
    LogRule(
      name: "missing-module",
      words: [
        "cannot find module", "modulenotfounderror", "no module named", "classnotfoundexception",
        "noclassdeffounderror",
        "could not load file or assembly", "cannot load such file", "could not find or load main class",
      ],
      summary: "a part of the program is not in the image",
      advice: "check the image's build: a dependency or the entry point was left out"),
    LogRule(
      name: "dns",
      words: [
        "no such host", "enotfound", "eai_again", "name or service not known", "temporary failure in name resolution",
        "could not resolve host", "unknownhostexception", "name does not resolve", "getaddrinfo failed",
        "nodename nor servname", "could not translate host name",
      ],
      summary: "a host name could not be resolved",
      advice: "check the name, its namespace (name.namespace.svc), and that DNS is reachable from the pod",
      namesAddress: true),
    LogRule(
      name: "connection-refused",
      words: ["connection refused", "econnrefused", "actively refused it"],
      summary: "the connection was refused",
      advice: "check that the other side runs, listens on that port, and that the Service has endpoints",
      namesAddress: true),
    LogRule(
      name: "authentication",
      words: [
        "password authentication failed", "access denied for user", "authentication failed", "wrongpass", "noauth auth",
        "invalid credentials", "401 unauthorized", "login failed for user", "invalid username or password",
        "bad credentials",
        "invalidaccesskeyid", "signaturedoesnotmatch", "expiredtoken", "invalid api key",
      ],
      summary: "a login was refused",
      advice:
        "compare the Secret that the pod uses with what the other side expects; a rotated password needs a restart",
      namesAddress: true),
    LogRule(
      name: "certificate-expired",
      words: ["certificate has expired", "certificate expired", "cert_has_expired", "certificate is not yet valid"],
      summary: "a certificate has expired, or a clock is wrong",
      advice: "renew the certificate; compare the clocks", namesAddress: true),
    LogRule(
      name: "certificate-untrusted",
      words: [
        "certificate signed by unknown authority", "self signed certificate", "self-signed certificate",
        "unable to get local issuer certificate", "pkix path building failed", "certificate verify failed",
        "partialchain", "unable to verify the first certificate",
      ],
      summary: "the other side's certificate is not trusted",
      advice: "mount the CA that signed it, and name it to the program", namesAddress: true),
    LogRule(
      name: "port-in-use", words: ["address already in use", "eaddrinuse", "only one usage of each socket address"],
      summary: "the port to listen on is in use",
      advice: "look for a second process in the pod, a sidecar with the same port, or hostNetwork", namesAddress: true),
    LogRule(
      name: "disk-full", words: ["no space left on device", "enospc", "disk quota exceeded"],
      summary: "a disk or volume is full",
      advice: "look at the volume's size, ephemeral-storage limits, and what the program writes"),
    LogRule(
      name: "read-only-file-system", words: ["read-only file system", "erofs"],
      summary: "the program writes to a read-only file system",
      advice: "mount an emptyDir where it writes, or drop readOnlyRootFilesystem"),
    LogRule(
      name: "open-files", words: ["too many open files", "emfile", "inotify watches", "inotify instances"],
      summary: "too many files or watches are open",
      advice: "look for a leak; raise the node's limit"),
    LogRule(
      name: "permission-denied",
      words: [
        "permission denied", "eacces", "operation not permitted", "eperm", "unauthorizedaccessexception",
        "accessdeniedexception",
      ],
      summary: "the program lacks a permission of the operating system",
      advice:
        "check runAsUser, fsGroup, the file's mode, and dropped capabilities (a port below 1024 needs NET_BIND_SERVICE)"
    ),
    LogRule(
      name: "missing-environment",
      words: [
        "environment variable", "env var", "missing required env", "required key not found in environment",
        "os.environ[",
        "process.env.",
      ],
      summary: "an environment variable is missing or unusable",
      advice: "compare the container's env and envFrom with what the program asks for"),
    LogRule(
      name: "missing-file",
      words: [
        "no such file or directory", "enoent", "filenotfounderror", "filenotfoundexception", "could not find file",
        "cannot open file",
      ],
      summary: "a file that the program wants is not there",
      advice: "check volume mounts, subPath, and the keys of the ConfigMap or Secret that is mounted"),
    LogRule(
      name: "configuration",
      words: [
        "invalid configuration", "configuration error", "failed to load config", "could not load config",
        "cannot parse", "failed to parse",
        "error parsing", "parse error", "yaml: line", "yaml: unmarshal", "jsondecodeerror", "invalid character",
        "error converting yaml",
        "unexpected token '", "unexpected token <", "in json at position",
        "error unmarshaling", "unknown field", "cannot unmarshal", "invalid option", "unknown flag",
        "unrecognized option",
      ],
      summary: "the configuration cannot be read",
      advice: "look at the ConfigMap, the arguments, and what was changed last in them"),
    LogRule(
      name: "schema",
      words: [
        "no such table", "unknown column", "undefined column", "undefinedtable", "relation \"", "migration failed",
        "pending migration",
      ],
      summary: "the database's schema is not the one that the program expects",
      advice: "check whether the migration has run for this version"),
    LogRule(
      name: "timeout",
      words: [
        "i/o timeout", "connection timed out", "etimedout", "context deadline exceeded", "connect timeout",
        "connecttimeoutexception",
        "deadline has elapsed", "timeout expired", "sockettimeoutexception",
      ],
      summary: "the other side did not answer in time",
      advice: "look at the other side's load, and at NetworkPolicies and routes between the two", namesAddress: true),
    LogRule(
      name: "command-not-found", words: [": not found", "command not found", "executable file not found"],
      summary: "a command that is run does not exist in the image",
      advice: "check command, args and PATH against the image"),
    LogRule(
      name: "segmentation-fault", words: ["segmentation fault", "sigsegv", "core dumped", "bus error"],
      summary: "the program crashed in native code",
      advice: "look at the version that was rolled out last; get a core dump"),
  ]
}
