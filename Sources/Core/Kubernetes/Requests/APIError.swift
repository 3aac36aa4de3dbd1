/// Why an exchange with the Kubernetes API failed. One line for a person: what, where, what to do.
package struct APIError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The kind of the failure, which decides what to do next.
  package enum Code: Sendable, Equatable {
    /// The server could not be reached: refused, unresolved, reset, no route.
    case unreachable
    /// TLS failed: certificate not trusted, wrong name, refused client certificate.
    case tls
    /// No answer within the request's time.
    case timeout
    /// 401.
    case unauthorized
    /// 403.
    case forbidden
    /// 404.
    case notFound
    /// 410: the resourceVersion or continue token is too old.
    case expired
    /// 429, with the time of Retry-After where given.
    case tooManyRequests(retryAfter: Duration?)
    /// Any other status that is not 2xx.
    case status(Int)
    /// The answer was longer than the request allows.
    case tooLarge
    /// The answer is not what the API specifies.
    case malformed
    /// The caller cancelled it.
    case cancelled
    /// Kubeconfig, credentials or flags cannot be used.
    case configuration
  }

  /// The kind.
  package var code: Code
  /// One line without secrets.
  package var message: String

  package init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  package var description: String { message }

  /// The HTTP status behind this error, 0 where there was no answer.
  package var httpStatus: Int {
    switch code {
    case .unauthorized: 401
    case .forbidden: 403
    case .notFound: 404
    case .expired: 410
    case .tooManyRequests: 429
    case .status(let status): status
    case .unreachable, .tls, .timeout, .tooLarge, .malformed, .cancelled, .configuration: 0
    }
  }
}
