internal import Kubernetes

/// One HTTP exchange with all that libcurl has to know of it.
struct TransferRequest: Sendable {
  /// What becomes of the body.
  enum Delivery: Sendable {
    /// It is gathered here and given whole.
    case whole(APIRequest.ResponseLimit)
    /// It is given as it comes; reading stops while so many bytes wait for the consumer.
    case chunks(buffered: Int)
  }

  var method: APIRequest.Method
  var url: String
  /// Names and values; neither may hold a line break.
  var headers: [(name: String, value: String)]
  var body: [UInt8]?
  /// For the whole exchange; nil for none.
  var timeout: Duration?
  /// Longest silence while the consumer is ready; nil for none.
  var idleLimit: Duration?
  var delivery: Delivery
  var access: ClusterAccess
  /// Stands in for `access.identity` where a credential plugin gave a certificate.
  var identity: ClusterAccess.ClientIdentity?
}

/// Status line and header of an answer.
struct TransferHead: Sendable, Equatable {
  var status = 0
  /// Names in lower case; the last of several wins.
  var headers: [String: String] = [:]

  /// Fields that are kept; a server that sends more is cut off by libcurl's own limit of bytes.
  private static let limit = 100

  /// Takes a line of the header with its line break; true for the empty one that ends it. Trailers come after a body; they end with
  /// an empty line too, and say nothing new.
  mutating func take(_ line: UnsafeRawBufferPointer) -> Bool {
    guard let colon = line.firstIndex(of: 0x3A) else { return line.allSatisfy { $0 <= 0x20 } }
    guard headers.count < Self.limit else { return false }
    let name = String(decoding: line[..<colon], as: UTF8.self).lowercased()
    var value = line[(colon + 1)...]
    while let first = value.first, first <= 0x20 { value.removeFirst() }
    while let last = value.last, last <= 0x20 { value.removeLast() }
    headers[name] = String(decoding: value, as: UTF8.self)
    return false
  }
}

/// Why an exchange has no answer, or half of one.
struct TransferFailure: Error, Sendable {
  var error: APIError
  /// True if it was sent and then broke off, so that a GET may be sent again.
  var wasCutOff = false
}
