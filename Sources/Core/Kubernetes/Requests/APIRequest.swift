/// A request to the Kubernetes API as a value: built here, sent by the adapter.
package struct APIRequest: Sendable, Equatable {
  /// The verbs this program uses. POST and PUT concern its own Lease and access reviews only.
  package enum Method: String, Sendable {
    case get = "GET"
    case put = "PUT"
    case post = "POST"
  }

  /// HTTP method.
  package var method: Method
  /// Absolute path without query, already percent-encoded, e.g. `/api/v1/namespaces/shop/pods`.
  package var path: String
  /// Query items in order; names and values are encoded by `target`.
  package var query: [QueryItem]
  /// `Accept` header.
  package var accept: String
  /// Body of a POST or PUT, JSON.
  package var body: [UInt8]?
  /// Limit for the whole exchange; nil for streams, which have idle limits of their own.
  package var timeout: Duration?
  /// At most so many bytes of the answer's body are kept.
  package var responseLimit: ResponseLimit

  package init(
    method: Method = .get, path: String, query: [QueryItem] = [], accept: String = "application/json",
    body: [UInt8]? = nil, timeout: Duration? = .seconds(30), responseLimit: ResponseLimit = .refuse(bytes: 64 << 20)
  ) {
    self.method = method
    self.path = path
    self.query = query
    self.accept = accept
    self.body = body
    self.timeout = timeout
    self.responseLimit = responseLimit
  }
}

extension APIRequest {
  /// A name and value of the query.
  package struct QueryItem: Sendable, Equatable {
    package var name: String
    package var value: String

    package init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  /// What happens to an answer that is longer than wanted.
  package enum ResponseLimit: Sendable, Equatable {
    /// It is an error: half a document is of no use.
    case refuse(bytes: Int)
    /// Its end is kept: of a log, the newest lines matter.
    case keepEnd(bytes: Int)
  }

  /// Path and query as they stand in the request line.
  package var target: String {
    guard !query.isEmpty else { return path }
    return path + "?" + query.map { "\($0.name.percentEncoded)=\($0.value.percentEncoded)" }.joined(separator: "&")
  }
}

/// An answer of the Kubernetes API.
package struct APIResponse: Sendable, Equatable {
  /// HTTP status.
  package var status: Int
  /// Header fields, names in lower case; the last of several wins.
  package var headers: [String: String]
  /// Body, after content decoding, as far as the request's limit allows.
  package var body: [UInt8]
  /// Bytes at the start of the body that `keepEnd` dropped.
  package var omittedBytes: Int

  package init(status: Int, headers: [String: String] = [:], body: [UInt8] = [], omittedBytes: Int = 0) {
    self.status = status
    self.headers = headers
    self.body = body
    self.omittedBytes = omittedBytes
  }
}

extension String {
  /// Percent-encoded for a path segment or a query part: all but the unreserved characters of RFC 3986 section 2.3.
  package var percentEncoded: String {
    let hex = Array("0123456789ABCDEF".utf8)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(utf8.count)
    for byte in utf8 {
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: bytes.append(byte)
      default: bytes += [0x25, hex[Int(byte >> 4)], hex[Int(byte & 15)]]
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
