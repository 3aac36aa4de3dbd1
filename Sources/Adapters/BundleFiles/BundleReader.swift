internal import Archives
package import Kubernetes

/// Why a bundle cannot be read. One line: what, where, what to do.
package struct BundleError: Error, Sendable, Equatable, CustomStringConvertible {
  /// One line.
  package let message: String

  package var description: String { message }
}

/// A pod by its names.
package struct BundlePod: Sendable, Hashable {
  package var namespace: String
  package var name: String

  package init(namespace: String, name: String) {
    self.namespace = namespace
    self.name = name
  }
}

/// Reads a folder, a `.tar`, a `.tar.gz` or a single file that somebody sent, into a `ClusterBundle`.
///
/// Twice: first the objects, then, once it is known which pods matter, the ends of their logs; so a bundle of gigabytes needs no more
/// memory than its objects. Nothing is unpacked to disk, symbolic links are not followed, and everything has a limit.
package struct BundleReader: Sendable {
  /// A file with objects: a list of 50,000 pods has some 300 MiB, which is beyond what one namespace holds.
  private static let objectFileLimit = 256 << 20
  /// A YAML file with objects: its tree takes some ten times as much memory.
  private static let yamlFileLimit = 32 << 20
  /// The logs of one pod in one file; the end of a longer one.
  private static let markedLogLimit = 64 << 20
  /// A single file that is no archive.
  private static let singleFileLimit = 512 << 20
  /// What an archive may have decompressed: some must-gathers have 10 GiB.
  private static let archiveLimit = 16 << 30

  private let path: String
  private let logLimit: Int

  /// `logLimit` is how many bytes of each log's end are read.
  package init(path: String, logLimit: Int) {
    self.path = path
    self.logLimit = logLimit
  }

  /// Reads the bundle. `wanted` says, once the objects are there, whose logs are to be read.
  package func read(logsOf wanted: (ClusterBundle) -> Set<BundlePod>) throws(BundleError) -> ClusterBundle {
    do throws(ArchiveError) {
      var bundle = ClusterBundle()
      if try FileSystem.isFolder(path) {
        try readFolder(into: &bundle, wanted)
      } else {
        try readFile(into: &bundle, wanted)
      }
      guard !bundle.pods.isEmpty else {
        throw ArchiveError(
          .unreadable,
          "no pods in it; expected is what kubectl cluster-info dump, oc adm must-gather or a support bundle leaves")
      }
      return bundle
    } catch {
      throw BundleError(message: "\(path): \(error.message)")
    }
  }

  /// What to read of a file.
  private enum Want {
    case nothing
    case all(limit: Int)
    case end(limit: Int)
  }

  private func want(_ file: BundlePath?, _ path: String, logs: Set<BundlePod>?) -> Want {
    switch (file, logs) {
    case (.objects(_, let isYAML), nil): .all(limit: isYAML ? Self.yamlFileLimit : Self.objectFileLimit)
    case (.log(let log), let logs?) where logs.contains(BundlePod(namespace: log.namespace, name: log.pod)):
      .end(limit: logLimit)
    // NAMESPACE/POD/logs.txt
    case (.markedLogs, let logs?):
      Self.owner(of: path).map(logs.contains) ?? true ? .end(limit: Self.markedLogLimit) : .nothing
    default: .nothing
    }
  }

  private static func owner(of path: String) -> BundlePod? {
    let folders = path.split(separator: "/").dropLast().suffix(2)
    guard let namespace = folders.first, let pod = folders.last, folders.count == 2 else { return nil }
    return BundlePod(namespace: String(namespace), name: String(pod))
  }

  private func take(_ file: BundlePath?, _ bytes: [UInt8], into bundle: inout ClusterBundle) {
    switch file {
    case .objects(let kind, isYAML: true): bundle.add(yaml: bytes, kind: kind)
    case .objects(let kind, isYAML: false): bundle.add(json: bytes, kind: kind)
    case .log(let log): bundle.add(log: log, text: bytes)
    case .markedLogs: DumpText.read(bytes, into: &bundle, logLimit: logLimit)
    case nil: break
    }
  }

  // MARK: Folders

  private func readFolder(
    into bundle: inout ClusterBundle, _ wanted: (ClusterBundle) -> Set<BundlePod>
  ) throws(ArchiveError) {
    let files = try FileSystem.files(under: path)
    try take(files, logs: nil, into: &bundle)
    try take(files, logs: wanted(bundle), into: &bundle)
  }

  private func take(_ files: [String], logs: Set<BundlePod>?, into bundle: inout ClusterBundle) throws(ArchiveError) {
    for name in files {
      let file = BundlePath(name)
      switch want(file, name, logs: logs) {
      case .nothing: break
      case .all(let limit): take(file, try FileSystem.read("\(path)/\(name)", limit: limit), into: &bundle)
      case .end(let limit): take(file, try FileSystem.readEnd("\(path)/\(name)", limit: limit), into: &bundle)
      }
    }
  }

  // MARK: Files

  private func readFile(
    into bundle: inout ClusterBundle, _ wanted: (ClusterBundle) -> Set<BundlePod>
  ) throws(ArchiveError) {
    let start = try FileSystem.start(of: path, count: 512)
    let isCompressed = GzipReader.recognises(start)
    let head = isCompressed ? try firstBlock() : start
    guard TarReader.isIntact(head) else {
      try readSingle(isCompressed: isCompressed, into: &bundle)
      return
    }
    try readArchive(isCompressed, logs: nil, into: &bundle)
    try readArchive(isCompressed, logs: wanted(bundle), into: &bundle)
  }

  /// A dump on standard output that somebody kept, or a list of pods.
  private func readSingle(isCompressed: Bool, into bundle: inout ClusterBundle) throws(ArchiveError) {
    let bytes: [UInt8]
    if isCompressed {
      bytes = try withBytes(isCompressed) { source throws(ArchiveError) in
        var all: [UInt8] = []
        while true {
          let next = try source()
          if next.isEmpty { return all }
          all += next
          guard all.count <= Self.singleFileLimit else {
            throw ArchiveError(.tooLarge, "more than \(Self.singleFileLimit >> 20) MiB")
          }
        }
      }
    } else {
      bytes = try FileSystem.read(path, limit: Self.singleFileLimit)
    }
    switch BundlePath(path) {
    case .objects(_, isYAML: true)?: bundle.add(yaml: bytes, kind: nil)
    default:
      DumpText.read(bytes, into: &bundle, logLimit: logLimit)
      // kubectl get pods -o yaml, whatever the file is called.
      if bundle.isEmpty, bytes.count <= Self.yamlFileLimit { bundle.add(yaml: bytes, kind: nil) }
    }
  }

  private func readArchive(
    _ isCompressed: Bool, logs: Set<BundlePod>?, into bundle: inout ClusterBundle
  ) throws(ArchiveError) {
    try withBytes(isCompressed) { source throws(ArchiveError) in
      var tar = TarReader(source)
      while let entry = try tar.next() {
        let file = BundlePath(entry.path)
        switch want(file, entry.path, logs: logs) {
        case .nothing: break
        case .all(let limit): take(file, try tar.content(limit: limit), into: &bundle)
        case .end(let limit): take(file, try tar.end(limit: limit).bytes, into: &bundle)
        }
      }
    }
  }

  private func firstBlock() throws(ArchiveError) -> [UInt8] {
    try withBytes(true) { source throws(ArchiveError) in
      var block: [UInt8] = []
      while block.count < 512 {
        let next = try source()
        if next.isEmpty { break }
        block += next
      }
      return block
    }
  }

  /// Lends the bytes of the file, decompressed if they have to be.
  private func withBytes<T>(
    _ isCompressed: Bool, _ body: (@escaping ByteSource) throws(ArchiveError) -> T
  ) throws(ArchiveError) -> T {
    try FileSystem.withChunks(of: path) { raw throws(ArchiveError) in
      guard isCompressed else { return try body(raw) }
      let gzip = GzipReader(limit: Self.archiveLimit, raw)
      return try body { () throws(ArchiveError) in try gzip.next() }
    }
  }
}
