package import Documents
internal import Time

extension PodSnapshot {
  /// Reads a Pod in protobuf, its bytes once. The field numbers are those of `k8s.io/api/core/v1/generated.proto`, which never
  /// change.
  ///
  /// Throws `.unexpectedType` for a message that is no pod: a field of another type, or no name or uid.
  package init(reading reader: inout ProtobufReader) throws(ProtobufError) {
    var decoder = PodMessageDecoder()
    let start = reader.offset
    try decoder.decode(&reader)
    guard decoder.parts.isPod else { throw ProtobufError(offset: start, problem: .unexpectedType) }
    self = try decoder.finish()
  }
}

/// Walks a pod's bytes.
private struct PodMessageDecoder {
  var parts = PodParts()
  /// Containers of the spec, to be read only where they are wanted. Ephemeral ones are wrapped in their common part.
  private var specs: [ProtobufReader] = []
  /// status.conditions, to be read only where they are wanted.
  private var conditions: [ProtobufReader] = []

  mutating func decode(_ reader: inout ProtobufReader) throws(ProtobufError) {
    while let field = try reader.nextField() {
      switch field.number {
      case 1: try decodeMetadata(try reader.message(field))
      case 2: try decodeSpec(try reader.message(field))
      case 3: try decodeStatus(try reader.message(field))
      default: try reader.skip(field)
      }
    }
  }

  mutating func finish() throws(ProtobufError) -> PodSnapshot {
    parts.join()
    if parts.wantsSpecs {
      for reader in specs { parts.apply(try PodParts.ContainerSpec(reading: reader)) }
    }
    if parts.wantsConditions {
      for reader in conditions { parts.apply(try PodParts.Condition(reading: reader)) }
    }
    return parts.pod
  }

  private mutating func decodeMetadata(_ message: ProtobufReader) throws(ProtobufError) {
    var reader = message
    while let field = try reader.nextField() {
      switch field.number {
      case 1: parts.pod.name = try reader.text(field)
      case 3: parts.pod.namespace = try reader.text(field)
      case 5: parts.pod.uid = try reader.text(field)
      case 6: parts.pod.resourceVersion = try reader.text(field)
      case 9:
        _ = try reader.message(field)
        parts.pod.deleting = true
      case 13:
        if let owner = try OwnerReference(controllerReading: try reader.message(field)) { parts.pod.controller = owner }
      default: try reader.skip(field)
      }
    }
  }

  private mutating func decodeSpec(_ message: ProtobufReader) throws(ProtobufError) {
    var reader = message
    while let field = try reader.nextField() {
      switch field.number {
      case 2: specs.append(try reader.message(field))
      case 10: parts.pod.node = try reader.text(field)
      case 20:
        let container = try reader.message(field)
        specs.append(container)
        try decodeSidecar(container)
      case 34:
        var ephemeral = try reader.message(field)
        while let field = try ephemeral.nextField() {
          if field.number == 1 { specs.append(try ephemeral.message(field)) } else { try ephemeral.skip(field) }
        }
      default: try reader.skip(field)
      }
    }
  }

  private mutating func decodeSidecar(_ message: ProtobufReader) throws(ProtobufError) {
    var reader = message
    var (name, policy) = ("", "")
    while let field = try reader.nextField() {
      switch field.number {
      case 1: name = try reader.text(field)
      case 24: policy = try reader.text(field)
      default: try reader.skip(field)
      }
    }
    if policy == "Always" { parts.sidecars.append(name) }
  }

  private mutating func decodeStatus(_ message: ProtobufReader) throws(ProtobufError) {
    var reader = message
    while let field = try reader.nextField() {
      switch field.number {
      case 1: parts.pod.phase = try reader.text(field)
      case 2: conditions.append(try reader.message(field))
      case 3: parts.pod.message = try reader.text(field)
      case 4: parts.pod.reason = try reader.text(field)
      case 8: parts.regular.append(try ContainerSnapshot(.regular, reading: try reader.message(field)))
      case 10: parts.initial.append(try ContainerSnapshot(.initial, reading: try reader.message(field)))
      case 13: parts.ephemeral.append(try ContainerSnapshot(.ephemeral, reading: try reader.message(field)))
      default: try reader.skip(field)
      }
    }
  }
}

extension PodParts.ContainerSpec {
  fileprivate init(reading message: ProtobufReader) throws(ProtobufError) {
    var reader = message
    while let field = try reader.nextField() {
      switch field.number {
      case 1: name = try reader.text(field)
      case 2: image = try reader.text(field)
      case 10, 22:
        _ = try reader.message(field)
        isProbed = true
      default: try reader.skip(field)
      }
    }
  }
}

extension PodParts.Condition {
  fileprivate init(reading message: ProtobufReader) throws(ProtobufError) {
    var reader = message
    while let field = try reader.nextField() {
      switch field.number {
      case 1: type = try reader.text(field)
      case 2: status = try reader.text(field)
      case 4: lastTransition = try reader.time(field)
      case 5: reason = try reader.text(field)
      case 6: self.message = try reader.text(field)
      default: try reader.skip(field)
      }
    }
  }
}

extension OwnerReference {
  /// Reads an OwnerReference; nil for one that is not the controller.
  fileprivate init?(controllerReading message: ProtobufReader) throws(ProtobufError) {
    self.init(apiVersion: "", kind: "", name: "", uid: "")
    var reader = message
    var controls = false
    while let field = try reader.nextField() {
      switch field.number {
      case 1: kind = try reader.text(field)
      case 3: name = try reader.text(field)
      case 4: uid = try reader.text(field)
      case 5: apiVersion = try reader.text(field)
      case 6: controls = try reader.bool(field)
      default: try reader.skip(field)
      }
    }
    guard controls else { return nil }
  }
}
