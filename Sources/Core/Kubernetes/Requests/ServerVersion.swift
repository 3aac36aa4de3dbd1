internal import Documents

/// Which Kubernetes a server is, of the answer to `APIRequest.version`.
package struct ServerVersion: Sendable, Equatable {
  /// e.g. 1.
  package var major: Int
  /// e.g. 32; some distributions write "32+".
  package var minor: Int

  package init(major: Int, minor: Int) {
    self.major = major
    self.minor = minor
  }

  /// Reads the body; nil where it names no version.
  package init?(json: [UInt8]) {
    guard let document = try? JSONDocument(json), let major = document.string("major").flatMap(Self.leadingNumber),
      let minor = document.string("minor").flatMap(Self.leadingNumber)
    else { return nil }
    self.init(major: major, minor: minor)
  }

  /// Whether it is worth asking for a streaming list: the feature gate WatchList is on by default since 1.32, with 1.33 left out, where
  /// the server refuses and is listed in pages.
  package var mayStreamLists: Bool { major > 1 || major == 1 && minor >= 32 }

  private static func leadingNumber(_ text: String) -> Int? {
    Int(text.prefix { ("0"..."9").contains($0) })
  }
}
