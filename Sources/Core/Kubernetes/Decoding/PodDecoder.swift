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
    guard !decoder.pod.name.isEmpty, !decoder.pod.uid.isEmpty else {
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

/// Gathers a pod's parts, for spec and status may come in any order.
private struct PodDecoder {
  var pod = PodSnapshot()
  private var initial: [ContainerSnapshot] = []
  private var regular: [ContainerSnapshot] = []
  private var ephemeral: [ContainerSnapshot] = []
  private var sidecars: [String] = []
  /// The spec's lists of containers, to be read only where a status has no image, or a rule asks for probes.
  private var specs: [JSONScanner] = []
  /// status.conditions, to be read only of a pending pod.
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
    for index in initial.indices where sidecars.contains(initial[index].name) { initial[index].kind = .sidecar }
    pod.containers = initial + regular + ephemeral
    if pod.containers.contains(where: { $0.image.isEmpty || $0.terminations.contains(where: \.mayBeProbeKill) }) {
      try readSpecs()
    }
    if pod.phase == "Pending", var conditions { pod.unscheduled = try Unscheduled.find(scanning: &conditions) }
    return pod
  }

  private mutating func decodeMetadata(_ scanner: inout JSONScanner) throws(JSONError) {
    guard try scanner.enterObject() else { return }
    while let key = try scanner.nextKey() {
      switch key {
      case "name": pod.name = try scanner.text()
      case "namespace": pod.namespace = try scanner.text()
      case "uid": pod.uid = try scanner.text()
      case "resourceVersion": pod.resourceVersion = try scanner.text()
      case "deletionTimestamp":
        if try !scanner.null() {
          _ = try scanner.string()
          pod.deleting = true
        }
      case "ownerReferences": pod.controller = try OwnerReference.controller(scanning: &scanner)
      default: try scanner.skipValue()
      }
    }
  }

  private mutating func decodeSpec(_ scanner: inout JSONScanner) throws(JSONError) {
    guard try scanner.enterObject() else { return }
    while let key = try scanner.nextKey() {
      switch key {
      case "nodeName": pod.node = try scanner.text()
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

  /// Init containers that run on beside the others (KEP-753).
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
      if runsOn, let name { sidecars.append(name.text) }
    }
  }

  private mutating func decodeStatus(_ scanner: inout JSONScanner) throws(JSONError) {
    guard try scanner.enterObject() else { return }
    while let key = try scanner.nextKey() {
      switch key {
      case "phase": pod.phase = try scanner.text()
      case "reason": pod.reason = try scanner.text()
      case "message": pod.message = try scanner.text()
      case "conditions":
        conditions = scanner
        try scanner.skipValue()
      case "initContainerStatuses": initial = try ContainerSnapshot.list(.initial, scanning: &scanner)
      case "containerStatuses": regular = try ContainerSnapshot.list(.regular, scanning: &scanner)
      case "ephemeralContainerStatuses": ephemeral = try ContainerSnapshot.list(.ephemeral, scanning: &scanner)
      default: try scanner.skipValue()
      }
    }
  }

  /// Takes from the spec the images that the status does not name, and who has a probe that kills.
  private mutating func readSpecs() throws(JSONError) {
    for var scanner in specs {
      guard try scanner.enterArray() else { continue }
      while try scanner.nextElement() {
        var (name, image, isProbed) = ("", "", false)
        guard try scanner.enterObject() else { continue }
        while let key = try scanner.nextKey() {
          switch key {
          case "name": name = try scanner.text()
          case "image": image = try scanner.text()
          case "livenessProbe", "startupProbe":
            if try !scanner.null() {
              isProbed = true
              try scanner.skipValue()
            }
          default: try scanner.skipValue()
          }
        }
        for index in pod.containers.indices where pod.containers[index].name == name {
          pod.containers[index].isProbed = isProbed
          if pod.containers[index].image.isEmpty { pod.containers[index].image = image }
        }
      }
    }
  }
}

extension Unscheduled {
  /// Reads status.conditions: PodScheduled, where it is False for the reason Unschedulable.
  fileprivate static func find(scanning scanner: inout JSONScanner) throws(JSONError) -> Unscheduled? {
    var found: Unscheduled?
    guard try scanner.enterArray() else { return nil }
    while try scanner.nextElement() {
      var condition = Unscheduled(since: nil, message: "")
      var (isScheduling, isFalse, isUnschedulable) = (false, false, false)
      guard try scanner.enterObject() else { continue }
      while let key = try scanner.nextKey() {
        switch key {
        case "type": isScheduling = try scanner.text() == "PodScheduled"
        case "status": isFalse = try scanner.text() == "False"
        case "reason": isUnschedulable = try scanner.text() == "Unschedulable"
        case "message": condition.message = try scanner.text()
        case "lastTransitionTime": condition.since = try scanner.time()
        default: try scanner.skipValue()
        }
      }
      if isScheduling, isFalse, isUnschedulable { found = condition }
    }
    return found
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
