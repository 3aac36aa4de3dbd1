package import Documents
package import Time

/// Kind and metadata of any object: enough to follow owners.
package struct ObjectMetadata: Sendable, Equatable {
  /// e.g. "apps/v1"; empty for an item of a list.
  package var apiVersion = ""
  /// e.g. "ReplicaSet"; empty for an item of a list.
  package var kind = ""
  /// metadata.namespace; empty for an object of the cluster.
  package var namespace = ""
  /// metadata.name.
  package var name = ""
  /// metadata.uid.
  package var uid = ""
  /// metadata.resourceVersion: opaque.
  package var resourceVersion = ""
  /// metadata.creationTimestamp.
  package var createdAt: Timestamp?
  /// The owner reference with `controller: true`.
  package var controller: OwnerReference?
  /// Annotation `k8s.io/initial-events-end`, on the bookmark that closes a streaming list.
  var endsInitialEvents = false

  package init() {}

  /// Reads the body of a `GET` of one object.
  package init(json: [UInt8]) throws(JSONError) {
    self = try JSONDocument.scan(json) { scanner throws(JSONError) in
      let metadata = try ObjectMetadata(scanning: &scanner)
      try scanner.finish()
      return metadata
    }
  }

  /// Reads an object, passing over all but its metadata.
  package init(scanning scanner: inout JSONScanner) throws(JSONError) {
    try scanner.beginObject()
    while let key = try scanner.nextKey() {
      switch key {
      case "apiVersion": apiVersion = try scanner.text()
      case "kind": kind = try scanner.text()
      case "metadata": try decode(&scanner)
      default: try scanner.skipValue()
      }
    }
  }

  private mutating func decode(_ scanner: inout JSONScanner) throws(JSONError) {
    guard try scanner.enterObject() else { return }
    while let key = try scanner.nextKey() {
      switch key {
      case "namespace": namespace = try scanner.text()
      case "name": name = try scanner.text()
      case "uid": uid = try scanner.text()
      case "resourceVersion": resourceVersion = try scanner.text()
      case "creationTimestamp": createdAt = try scanner.time()
      case "ownerReferences": controller = try OwnerReference.controller(scanning: &scanner)
      case "annotations": try decodeAnnotations(&scanner)
      default: try scanner.skipValue()
      }
    }
  }

  private mutating func decodeAnnotations(_ scanner: inout JSONScanner) throws(JSONError) {
    guard try scanner.enterObject() else { return }
    while let key = try scanner.nextKey() {
      switch key {
      case "k8s.io/initial-events-end": endsInitialEvents = try scanner.text() == "true"
      default: try scanner.skipValue()
      }
    }
  }

  /// Reads the metadata of a list (ListMeta).
  static func list(scanning scanner: inout JSONScanner) throws(JSONError) -> ListMetadata {
    var metadata = ListMetadata()
    guard try scanner.enterObject() else { return metadata }
    while let key = try scanner.nextKey() {
      switch key {
      case "resourceVersion": metadata.resourceVersion = try scanner.text()
      case "continue": metadata.continueToken = try scanner.text()
      default: try scanner.skipValue()
      }
    }
    return metadata
  }
}
