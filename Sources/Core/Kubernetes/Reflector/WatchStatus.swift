extension APIError {
  /// The error for a Status inside a watch.
  init(status: StatusBody) {
    let message = status.message.isEmpty ? "the watch ended with status \(status.code)" : status.message
    switch status.code {
    case 410: self.init(.expired, message)
    case 429:
      let seconds = status.retryAfterSeconds
      self.init(.tooManyRequests(retryAfter: seconds > 0 ? .seconds(Int64(seconds)) : nil), message)
    case 401: self.init(.unauthorized, message)
    case 403: self.init(.forbidden, message)
    case 0 where status.reason == "Expired" || status.reason == "Gone": self.init(.expired, message)
    default: self.init(.status(status.code), message)
    }
  }
}
