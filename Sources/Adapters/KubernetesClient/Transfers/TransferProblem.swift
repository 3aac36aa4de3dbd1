internal import Kubernetes

/// What libcurl said, told in one line for a person: what, where, what to do.
struct TransferProblem: Equatable {
  /// libcurl's codes, as far as they differ in what to do.
  enum Code: Equatable {
    case unresolved, refused, timeout, untrusted, material, handshake, cutOff, cancelled, proxy, other
  }

  var code: Code
  /// libcurl's text.
  var words: String
  /// The operating system's text, where it has one.
  var system: String?

  /// The failure that the caller gets.
  func failure(of request: TransferRequest) -> TransferFailure {
    let server = "\(request.access.server)"
    let from = request.access.source.isEmpty ? "" : " (\(request.access.source))"
    let detail = (system ?? words).droppingLineBreaks
    // With TLS 1.3 a server refuses a client certificate after the handshake: the first read brings the alert.
    if code == .cutOff || code == .handshake, words.contains("alert") {
      return TransferFailure(
        error: APIError(
          .tls,
          "\(server) refused the TLS handshake: \(words.droppingLineBreaks); check the client certificate\(from)"))
    }
    switch code {
    case .unresolved:
      return TransferFailure(
        error: APIError(.unreachable, "cannot find the host of \(server): \(words.droppingLineBreaks)\(from)"))
    case .refused:
      return TransferFailure(
        error: APIError(
          .unreachable, "cannot reach \(server): \(detail); is the API server up, and the address right?\(from)"))
    case .timeout:
      return TransferFailure(error: APIError(.timeout, "\(server) did not answer in time: \(words.droppingLineBreaks)"))
    case .untrusted:
      return TransferFailure(
        error: APIError(
          .tls,
          "the certificate of \(server) is not trusted: \(words.droppingLineBreaks); check certificate-authority and tls-server-name\(from)"
        ))
    case .material:
      return TransferFailure(
        error: APIError(.tls, "cannot use a certificate or key for \(server): \(words.droppingLineBreaks)\(from)"))
    case .handshake:
      return TransferFailure(
        error: APIError(
          .tls, "no TLS connection to \(server): \(words.droppingLineBreaks); is it an https port?\(from)"))
    case .cutOff:
      return TransferFailure(
        error: APIError(.unreachable, "the connection to \(server) broke off: \(detail)"), wasCutOff: true)
    case .cancelled: return TransferFailure(error: APIError(.cancelled, "cancelled"))
    case .proxy, .other:
      return TransferFailure(
        error: APIError(.unreachable, "cannot speak to \(server): \(words.droppingLineBreaks)\(from)"))
    }
  }
}

extension String {
  /// On one line, for errors and logs.
  var droppingLineBreaks: String {
    String(map { $0.isNewline ? " " : $0 })
  }
}
