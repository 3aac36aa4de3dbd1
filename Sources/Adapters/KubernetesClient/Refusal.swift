internal import Kubernetes

extension APIError {
  /// The error for an answer that is not 2xx: the server's message, and what to do where a person can do something.
  init(refusal response: APIResponse, access: ClusterAccess) {
    let status = StatusBody(body: response.body)
    let plain = String(decoding: response.body.prefix(200), as: UTF8.self).droppingLineBreaks
    var words = status?.message.droppingLineBreaks ?? plain
    if words.isEmpty { words = "HTTP \(response.status)" }
    switch response.status {
    case 401:
      self.init(
        .unauthorized,
        "\(access.server) does not accept the credentials: \(words); log in again, or check the token or client certificate of \(access.source.isEmpty ? "this client" : access.source)"
      )
    case 403: self.init(.forbidden, words)
    case 404: self.init(.notFound, words)
    case 410: self.init(.expired, words)
    case 429:
      let header = RetryPolicy.duration(ofRetryAfter: response.headers["retry-after"])
      self.init(.tooManyRequests(retryAfter: header), "\(access.server) asks to slow down: \(words)")
    default: self.init(.status(response.status), "\(access.server) answered \(response.status): \(words)")
    }
  }
}
