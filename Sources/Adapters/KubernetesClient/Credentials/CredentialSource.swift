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

  private let access: ClusterAccess
  private let logger: Logger
  private let time: any TimeSource
  private var token: (text: String, readAt: MonotonicInstant)?

  init(access: ClusterAccess, logger: Logger, time: any TimeSource) {
    self.access = access
    self.logger = logger
    self.time = time
  }

  /// The credentials for a request that is sent now.
  func current() async throws(APIError) -> Credentials {
    switch access.credential {
    case .none: return Credentials()
    case .token(let token): return Credentials(authorization: "Bearer \(token)")
    case .basic(let user, let password):
      return Credentials(authorization: "Basic " + Data("\(user):\(password)".utf8).base64EncodedString())
    case .tokenFile(let path): return Credentials(authorization: "Bearer \(try token(from: path))")
    case .exec: return Credentials()
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
    case .exec: return false
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
