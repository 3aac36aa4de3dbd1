internal import FoundationEssentials
internal import Kubernetes
internal import Logging
internal import Time

/// What goes along with a request now.
struct Credentials: Sendable, Equatable {
  /// The header's value.
  var authorization: String?
  /// A client certificate that a plugin gave; nil for the one of the access.
  var identity: ClusterAccess.ClientIdentity?
}

/// Gives the credentials of the moment: token files are read anew every 60 s and after a 401, plugins run where theirs expire.
///
/// An actor, so that many requests that need fresh credentials cause one reading.
actor CredentialSource {
  /// As client-go: the kubelet renews a token long before its end, so that a minute's delay does no harm.
  static let rereadInterval = Duration.seconds(60)

  /// A plugin may ask a server of its own; longer than this, and it hangs.
  static let pluginTimeout = Duration.seconds(60)

  /// Requests that were waiting for a plugin share its failure, instead of running it once each.
  static let failureKept = Duration.seconds(1)

  private let access: ClusterAccess
  private let logger: Logger
  private let time: any TimeSource
  private let environment: [String: String]
  private var token: (text: String, readAt: MonotonicInstant)?
  private var printed: ExecCredential?
  private var failure: (error: APIError, at: MonotonicInstant)?
  /// Those who wait for the plugin that runs; nil where none does.
  private var waiters: [CheckedContinuation<Void, Never>]?

  init(
    access: ClusterAccess, logger: Logger, time: any TimeSource,
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) {
    self.access = access
    self.logger = logger
    self.time = time
    self.environment = environment
  }

  /// The credentials for a request that is sent now.
  func current() async throws(APIError) -> Credentials {
    switch access.credential {
    case .none: return Credentials()
    case .token(let token): return Credentials(authorization: "Bearer \(token)")
    case .basic(let user, let password):
      return Credentials(authorization: "Basic " + Data("\(user):\(password)".utf8).base64EncodedString())
    case .tokenFile(let path): return Credentials(authorization: "Bearer \(try token(from: path))")
    case .exec(let plugin):
      let credential = try await credential(from: plugin)
      return Credentials(authorization: credential.token.map { "Bearer \($0)" }, identity: credential.identity)
    }
  }

  /// The server answered 401. True if another try makes sense.
  func refused() -> Bool {
    switch access.credential {
    case .none, .token, .basic: return false
    case .tokenFile(let path):
      let old = token?.text
      token?.readAt = MonotonicInstant(nanoseconds: .min / 2)
      return (try? self.token(from: path)) != old
    case .exec:
      printed = nil
      return true
    }
  }

  /// What the plugin printed last, if that can still be used, else what it prints now. One plugin runs at a time.
  private func credential(from plugin: ClusterAccess.ExecPlugin) async throws(APIError) -> ExecCredential {
    while waiters != nil {
      await withCheckedContinuation { waiters?.append($0) }
    }
    if let printed, printed.isUsable(at: time.wall) { return printed }
    if let failure, failure.at.duration(to: time.monotonic) < Self.failureKept { throw failure.error }
    waiters = []
    defer {
      let waiting = waiters ?? []
      waiters = nil
      for waiter in waiting { waiter.resume() }
    }
    do throws(APIError) {
      let credential = try ExecCredential(output: try await run(plugin), of: plugin)
      printed = credential
      failure = nil
      logger.debug("credential plugin ran", metadata: ["plugin": "\(plugin.command)"])
      return credential
    } catch {
      if !Task.isCancelled { failure = (error, time.monotonic) }
      throw error
    }
  }

  private func run(_ plugin: ClusterAccess.ExecPlugin) async throws(APIError) -> [UInt8] {
    guard !plugin.needsTerminal else {
      let text =
        "the credential plugin \(plugin.command) wants a terminal (interactiveMode: Always), which is not given"
      throw APIError(.configuration, "\(text); \(access.source)")
    }
    var variables = environment
    for variable in plugin.environment { variables[variable.name] = variable.value }
    variables["KUBERNETES_EXEC_INFO"] = plugin.info(for: access, authorities: authorities)
    do throws(PluginProcess.Problem) {
      return try await PluginProcess.run(
        plugin.command, plugin.arguments, environment: variables, timeout: Self.pluginTimeout)
    } catch {
      switch error {
      case .missing:
        let hint = plugin.installHint.isEmpty ? "is it installed, and in PATH?" : plugin.installHint.droppingLineBreaks
        throw APIError(
          .configuration, "the credential plugin \(plugin.command) is not there: \(hint) (\(access.source))")
      case .failed(let problem):
        throw APIError(.configuration, "the credential plugin \(plugin.command) \(problem) (\(access.source))")
      }
    }
  }

  private var authorities: [UInt8]? {
    switch access.trust {
    case .authorities(.pem(let bytes)): bytes
    case .authorities(.file(let path)): (try? Data(contentsOf: URL(filePath: path))).map(Array.init)
    case .system, .none: nil
    }
  }

  private func token(from path: String) throws(APIError) -> String {
    let now = time.monotonic
    if let token, token.readAt.duration(to: now) < Self.rereadInterval { return token.text }
    do {
      let text = String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self).trimmed
      guard !text.isEmpty else { throw APIError(.configuration, "the token file \(path) is empty") }
      token = (text, now)
      return text
    } catch {
      // A file that is being replaced is missing for a moment: the old token is likely to be good still.
      if let token {
        logger.warning("token file cannot be read; the last token is used", metadata: ["path": "\(path)"])
        return token.text
      }
      throw APIError(.configuration, "cannot read the token file \(path): \(fileProblem(error))")
    }
  }
}

/// The reason in an error of the file system, on one line.
func fileProblem(_ error: any Error) -> String {
  if let error = error as? APIError { return error.message }
  guard let error = error as? CocoaError else { return "\(error)".droppingLineBreaks }
  switch error.code {
  case .fileReadNoSuchFile, .fileNoSuchFile: return "no such file"
  case .fileReadNoPermission: return "permission denied"
  default: return "cannot be read (code \(error.code.rawValue))"
  }
}

extension String {
  /// Without white space at its ends.
  var trimmed: String {
    var rest = self[...]
    while rest.first?.isWhitespace == true { rest.removeFirst() }
    while rest.last?.isWhitespace == true { rest.removeLast() }
    return String(rest)
  }
}
