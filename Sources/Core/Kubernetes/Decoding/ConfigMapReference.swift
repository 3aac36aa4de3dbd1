package import Documents

/// A ConfigMap that a pod's spec refers to.
package struct ConfigMapReference: Sendable, Equatable {
  /// Its name, in the pod's namespace.
  package var name: String
  /// True if the pod starts without it: every reference to it says so.
  package var optional: Bool

  package init(name: String, optional: Bool = false) {
    self.name = name
    self.optional = optional
  }

  /// The ConfigMaps that a pod (the body of its `GET`) refers to: envFrom and env of regular, init and ephemeral containers,
  /// volumes and projected volumes. Each name once, in the order of the document.
  package static func all(inPod json: [UInt8]) throws(JSONError) -> [ConfigMapReference] {
    var references = References()
    return try JSONDocument.scan(json) { scanner throws(JSONError) in
      try scanner.beginObject()
      while let key = try scanner.nextKey() {
        if key.isEqual(to: "spec") { try references.readSpec(&scanner) } else { try scanner.skipValue() }
      }
      return references.found
    }
  }
}

/// Walks the parts of a PodSpec that can name a ConfigMap.
private struct References {
  var found: [ConfigMapReference] = []

  mutating func readSpec(_ scanner: inout JSONScanner) throws(JSONError) {
    guard try scanner.enterObject() else { return }
    while let key = try scanner.nextKey() {
      switch key {
      case "containers", "initContainers", "ephemeralContainers":
        try forEach(&scanner) { (self: inout References, scanner: inout JSONScanner) throws(JSONError) in
          try self.readContainer(&scanner)
        }
      case "volumes":
        try forEach(&scanner) { (self: inout References, scanner: inout JSONScanner) throws(JSONError) in
          try self.readVolume(&scanner)
        }
      default: try scanner.skipValue()
      }
    }
  }

  private mutating func readContainer(_ scanner: inout JSONScanner) throws(JSONError) {
    guard try scanner.enterObject() else { return }
    while let key = try scanner.nextKey() {
      switch key {
      case "envFrom":
        try forEach(&scanner) { (self: inout References, scanner: inout JSONScanner) throws(JSONError) in
          try self.readMember("configMapRef", of: &scanner)
        }
      case "env":
        try forEach(&scanner) { (self: inout References, scanner: inout JSONScanner) throws(JSONError) in
          guard try scanner.enterObject() else { return }
          while let key = try scanner.nextKey() {
            if key.isEqual(to: "valueFrom") {
              try self.readMember("configMapKeyRef", of: &scanner)
            } else {
              try scanner.skipValue()
            }
          }
        }
      default: try scanner.skipValue()
      }
    }
  }

  private mutating func readVolume(_ scanner: inout JSONScanner) throws(JSONError) {
    guard try scanner.enterObject() else { return }
    while let key = try scanner.nextKey() {
      switch key {
      case "configMap": try readReference(&scanner)
      case "projected":
        guard try scanner.enterObject() else { continue }
        while let key = try scanner.nextKey() {
          if key.isEqual(to: "sources") {
            try forEach(&scanner) { (self: inout References, scanner: inout JSONScanner) throws(JSONError) in
              try self.readMember("configMap", of: &scanner)
            }
          } else {
            try scanner.skipValue()
          }
        }
      default: try scanner.skipValue()
      }
    }
  }

  /// Reads the reference that the member `name` of an object is.
  private mutating func readMember(_ name: StaticString, of scanner: inout JSONScanner) throws(JSONError) {
    guard try scanner.enterObject() else { return }
    while let key = try scanner.nextKey() {
      if key.isEqual(to: name) { try readReference(&scanner) } else { try scanner.skipValue() }
    }
  }

  private mutating func readReference(_ scanner: inout JSONScanner) throws(JSONError) {
    var reference = ConfigMapReference(name: "")
    guard try scanner.enterObject() else { return }
    while let key = try scanner.nextKey() {
      switch key {
      case "name": reference.name = try scanner.text()
      case "optional": reference.optional = try scanner.bool()
      default: try scanner.skipValue()
      }
    }
    if let index = found.firstIndex(where: { $0.name == reference.name }) {
      found[index].optional = found[index].optional && reference.optional
    } else if !reference.name.isEmpty {
      found.append(reference)
    }
  }

  private mutating func forEach(
    _ scanner: inout JSONScanner, _ body: (inout References, inout JSONScanner) throws(JSONError) -> Void
  ) throws(JSONError) {
    guard try scanner.enterArray() else { return }
    while try scanner.nextElement() { try body(&self, &scanner) }
  }
}
