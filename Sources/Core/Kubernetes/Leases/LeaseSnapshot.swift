package import Documents
package import Time

/// A Lease (coordination.k8s.io/v1) as leader election reads and writes it.
package struct LeaseSnapshot: Sendable, Equatable {
  /// metadata.namespace.
  package var namespace: String
  /// metadata.name.
  package var name: String
  /// metadata.resourceVersion: a write with an old one is refused with 409. Empty for one that is to be created.
  package var resourceVersion: String
  /// spec.holderIdentity; empty where nobody holds it.
  package var holder: String
  /// spec.leaseDurationSeconds; 0 where it is missing.
  package var durationSeconds: Int
  /// spec.acquireTime.
  package var acquiredAt: Timestamp?
  /// spec.renewTime.
  package var renewedAt: Timestamp?
  /// spec.leaseTransitions: how often the holder changed.
  package var transitions: Int
  /// The other members of metadata as they came, each with a comma before it: labels, annotations and owners are whoever made the
  /// Lease's, and a PUT without them would remove them.
  private var otherMetadata: [UInt8] = []

  package init(
    namespace: String, name: String, resourceVersion: String = "", holder: String = "", durationSeconds: Int = 0,
    acquiredAt: Timestamp? = nil, renewedAt: Timestamp? = nil, transitions: Int = 0
  ) {
    self.namespace = namespace
    self.name = name
    self.resourceVersion = resourceVersion
    self.holder = holder
    self.durationSeconds = durationSeconds
    self.acquiredAt = acquiredAt
    self.renewedAt = renewedAt
    self.transitions = transitions
  }

  /// Reads the body of an answer.
  package init(json: [UInt8]) throws(JSONError) {
    self.init(namespace: "", name: "")
    try JSONDocument.scan(json) { scanner throws(JSONError) in
      try scanner.beginObject()
      while let key = try scanner.nextKey() {
        switch key {
        case "metadata": try readMetadata(&scanner, of: json)
        case "spec": try readSpec(&scanner)
        default: try scanner.skipValue()
        }
      }
      try scanner.finish()
    }
  }

  private mutating func readMetadata(_ scanner: inout JSONScanner, of json: [UInt8]) throws(JSONError) {
    guard try scanner.enterObject() else { return }
    while let key = try scanner.nextKey() {
      switch key {
      case "namespace": namespace = try scanner.text()
      case "name": name = try scanner.text()
      case "resourceVersion": resourceVersion = try scanner.text()
      // The server keeps its own account of who wrote which field.
      case "managedFields": try scanner.skipValue()
      default: otherMetadata += Array(",\(key.text.jsonQuoted):".utf8) + json[try scanner.skipValue()]
      }
    }
  }

  private mutating func readSpec(_ scanner: inout JSONScanner) throws(JSONError) {
    guard try scanner.enterObject() else { return }
    while let key = try scanner.nextKey() {
      switch key {
      case "holderIdentity": holder = try scanner.text()
      case "leaseDurationSeconds": durationSeconds = try scanner.integer()
      case "acquireTime": acquiredAt = try scanner.time()
      case "renewTime": renewedAt = try scanner.time()
      case "leaseTransitions": transitions = try scanner.integer()
      default: try scanner.skipValue()
      }
    }
  }

  /// The object as JSON.
  package var json: [UInt8] {
    var metadata = #""name":\#(name.jsonQuoted),"namespace":\#(namespace.jsonQuoted)"#
    if !resourceVersion.isEmpty { metadata += #","resourceVersion":\#(resourceVersion.jsonQuoted)"# }
    var spec = #""holderIdentity":\#(holder.jsonQuoted),"leaseDurationSeconds":\#(durationSeconds)"#
    if let acquiredAt { spec += #","acquireTime":"\#(acquiredAt.formatted(.microseconds))""# }
    if let renewedAt { spec += #","renewTime":"\#(renewedAt.formatted(.microseconds))""# }
    spec += #","leaseTransitions":\#(transitions)"#
    let head = #"{"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{\#(metadata)"#
    return Array(head.utf8) + otherMetadata + Array(#"},"spec":{\#(spec)}}"#.utf8)
  }
}

extension APIRequest {
  /// Reads a Lease. Its time-out here and below is that of the default `ElectionTiming`; an election sets its own.
  package static func lease(namespace: String, name: String) -> APIRequest {
    APIRequest(path: leasePath(namespace) + "/\(name.percentEncoded)", timeout: .seconds(5))
  }

  /// Creates a Lease; 409 where another was faster.
  package static func createLease(_ lease: LeaseSnapshot) -> APIRequest {
    APIRequest(method: .post, path: leasePath(lease.namespace), body: lease.json, timeout: .seconds(5))
  }

  /// Writes a Lease at its resourceVersion; 409 where it has been written since.
  package static func updateLease(_ lease: LeaseSnapshot) -> APIRequest {
    APIRequest(
      method: .put, path: leasePath(lease.namespace) + "/\(lease.name.percentEncoded)", body: lease.json,
      timeout: .seconds(5))
  }

  private static func leasePath(_ namespace: String) -> String {
    "/apis/coordination.k8s.io/v1/namespaces/\(namespace.percentEncoded)/leases"
  }
}
