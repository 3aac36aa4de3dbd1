package import Documents
internal import Time

extension PodSnapshot {
  /// Reads a Pod (core/v1), scanning its bytes once: managedFields, the most of its spec, labels and conditions are passed over.
  ///
  /// Throws `.unexpectedType` for JSON that is no pod: a field of another type, or no name or uid.
  package init(scanning scanner: inout JSONScanner) throws(JSONError) {
    var decoder = PodDecoder()
    let start = scanner.offset
    try decoder.decode(&scanner)
    guard decoder.parts.isPod else {
      throw JSONError(offset: start, problem: .unexpectedType)
    }
    self = try decoder.finish()
  }

  /// Reads the body of a `GET` of one pod.
  package init(json: [UInt8]) throws(JSONError) {
    self = try JSONDocument.scan(json) { scanner throws(JSONError) in
      let pod = try PodSnapshot(scanning: &scanner)
      try scanner.finish()
      return pod
    }
  }
}

/// Walks a pod's bytes.
private struct PodDecoder {
  var parts = PodParts()
  /// The spec's lists of containers, to be read only where they are wanted.
  private var specs: [JSONScanner] = []
  /// status.conditions, to be read only where they are wanted.
  private var conditions: JSONScanner?

  mutating func decode(_ scanner: inout JSONScanner) throws(JSONError) {
    try scanner.beginObject()
    while let key = try scanner.nextKey() {
      switch key {
      case "metadata": try decodeMetadata(&scanner)
      case "spec": try decodeSpec(&scanner)
      case "status": try decodeStatus(&scanner)
      default: try scanner.skipValue()
      }
    }
  }

  mutating func finish() throws(JSONError) -> PodSnapshot {
    parts.join()
    if parts.wantsSpecs { try readSpecs() }
    if parts.wantsConditions { try readConditions() }
    return parts.pod
  }

  private mutating func decodeMetadata(_ scanner: inout JSONScanner) throws(JSONError) {
    guard try scanner.enterObject() else { return }
    while let key = try scanner.nextKey() {
      switch key {
      case "name": parts.pod.name = try scanner.text()
      case "namespace": parts.pod.namespace = try scanner.text()
      case "uid": parts.pod.uid = try scanner.text()
      case "resourceVersion": parts.pod.resourceVersion = try scanner.text()
      case "deletionTimestamp":
        if try !scanner.null() {
          _ = try scanner.string()
          parts.pod.deleting = true
        }
      case "ownerReferences": parts.pod.controller = try OwnerReference.controller(scanning: &scanner)
      default: try scanner.skipValue()
      }
    }
  }

  private mutating func decodeSpec(_ scanner: inout JSONScanner) throws(JSONError) {
    guard try scanner.enterObject() else { return }
    while let key = try scanner.nextKey() {
      switch key {
      case "nodeName": parts.pod.node = try scanner.text()
      case "initContainers":
        specs.append(scanner)
        try decodeSidecars(&scanner)
      case "containers", "ephemeralContainers":
        specs.append(scanner)
        try scanner.skipValue()
      default: try scanner.skipValue()
      }
    }
  }

  private mutating func decodeSidecars(_ scanner: inout JSONScanner) throws(JSONError) {
    guard try scanner.enterArray() else { return }
    while try scanner.nextElement() {
      var name: JSONString?
      var runsOn = false
      guard try scanner.enterObject() else { continue }
      while let key = try scanner.nextKey() {
        switch key {
        case "name": name = try scanner.null() ? nil : scanner.string()
        case "restartPolicy": runsOn = try scanner.text() == "Always"
        default: try scanner.skipValue()
        }
      }
      if runsOn, let name { parts.sidecars.append(name.text) }
    }
  }

  private mutating func decodeStatus(_ scanner: inout JSONScanner) throws(JSONError) {
    guard try scanner.enterObject() else { return }
    while let key = try scanner.nextKey() {
      switch key {
      case "phase": parts.pod.phase = try scanner.text()
      case "reason": parts.pod.reason = try scanner.text()
      case "message": parts.pod.message = try scanner.text()
      case "conditions":
        conditions = scanner
        try scanner.skipValue()
      case "initContainerStatuses": parts.initial = try ContainerSnapshot.list(.initial, scanning: &scanner)
      case "containerStatuses": parts.regular = try ContainerSnapshot.list(.regular, scanning: &scanner)
      case "ephemeralContainerStatuses": parts.ephemeral = try ContainerSnapshot.list(.ephemeral, scanning: &scanner)
      default: try scanner.skipValue()
      }
    }
  }

  private mutating func readSpecs() throws(JSONError) {
    for var scanner in specs {
      guard try scanner.enterArray() else { continue }
      while try scanner.nextElement() {
        var spec = PodParts.ContainerSpec()
        guard try scanner.enterObject() else { continue }
        while let key = try scanner.nextKey() {
          switch key {
          case "name": spec.name = try scanner.text()
          case "image": spec.image = try scanner.text()
          case "livenessProbe", "startupProbe":
            if try !scanner.null() {
              spec.isProbed = true
              try scanner.skipValue()
            }
          default: try scanner.skipValue()
          }
        }
        parts.apply(spec)
      }
    }
  }

  private mutating func readConditions() throws(JSONError) {
    guard var scanner = conditions, try scanner.enterArray() else { return }
    while try scanner.nextElement() {
      var condition = PodParts.Condition()
      guard try scanner.enterObject() else { continue }
      while let key = try scanner.nextKey() {
        switch key {
        case "type": condition.type = try scanner.text()
        case "status": condition.status = try scanner.text()
        case "reason": condition.reason = try scanner.text()
        case "message": condition.message = try scanner.text()
        case "lastTransitionTime": condition.lastTransition = try scanner.time()
        default: try scanner.skipValue()
        }
      }
      parts.apply(condition)
    }
  }
}

extension OwnerReference {
  /// Reads metadata.ownerReferences: the one with `controller: true`, of which there is at most one.
  static func controller(scanning scanner: inout JSONScanner) throws(JSONError) -> OwnerReference? {
    var controller: OwnerReference?
    guard try scanner.enterArray() else { return nil }
    while try scanner.nextElement() {
      var owner = OwnerReference(apiVersion: "", kind: "", name: "", uid: "")
      var controls = false
      guard try scanner.enterObject() else { continue }
      while let key = try scanner.nextKey() {
        switch key {
        case "apiVersion": owner.apiVersion = try scanner.text()
        case "kind": owner.kind = try scanner.text()
        case "name": owner.name = try scanner.text()
        case "uid": owner.uid = try scanner.text()
        case "controller": controls = try scanner.bool()
        default: try scanner.skipValue()
        }
      }
      if controls { controller = owner }
    }
    return controller
  }
}
