/// Decompresses a gzip file (RFC 1952), one member after the other, some 64 KiB at a time. Written for archives of strangers: what
/// it holds is bounded, and what is no gzip ends with an error.
package final class GzipReader {
  private enum State {
    /// Before a member; `isFirst` if there was none yet.
    case between(isFirst: Bool)
    case inside
    case done
  }

  private var state = State.between(isFirst: true)
  private let inflater: Inflater?
  private let source: ByteSource
  private var input: [UInt8] = []
  private var position = 0
  private var total = 0
  private let limit: Int

  /// `limit` is the most bytes that may come out: a few kilobytes can say that they are a terabyte.
  package init(limit: Int, _ source: @escaping ByteSource) {
    self.limit = limit
    self.source = source
    inflater = Inflater()
  }

  /// True for the first bytes of a gzip file.
  package static func recognises(_ start: some Collection<UInt8>) -> Bool {
    start.starts(with: [0x1F, 0x8B])
  }

  /// The next bytes; empty at the end.
  package func next() throws(ArchiveError) -> [UInt8] {
    guard let inflater else { throw ArchiveError(.unreadable, "no memory to decompress the archive") }
    while true {
      if position == input.count {
        input = try source()
        position = 0
      }
      switch state {
      case .done: return []
      case .between(let isFirst):
        if input.isEmpty {
          guard !isFirst else { throw ArchiveError(.truncated, "the archive is empty") }
          state = .done
        } else if !isFirst, input[position] == 0 {
          // Behind the last member, zeros may fill a block.
          state = .done
        } else {
          inflater.reset()
          state = .inside
        }
      case .inside:
        // Even without new input there may be more output.
        var output: [UInt8] = []
        let progress = inflater.step(input, &position, into: &output)
        if case .corrupt(let reason) = progress { throw Self.error(reason) }
        if progress == .memberEnded { state = .between(isFirst: false) }
        total += output.count
        guard total <= limit else {
          throw ArchiveError(.tooLarge, "the archive has more than \(limit >> 20) MiB decompressed")
        }
        if !output.isEmpty { return output }
        if progress == .more, input.isEmpty { throw ArchiveError(.truncated, "the archive ends in the middle") }
      }
    }
  }

  /// zlib's words (inflate.c) are for programmers.
  private static func error(_ reason: String) -> ArchiveError {
    switch reason {
    case "incorrect data check", "incorrect length check": ArchiveError(.corrupt, "the archive's checksum is wrong")
    case "incorrect header check", "unknown compression method": ArchiveError(.corrupt, "not a gzip file")
    default: ArchiveError(.corrupt, "the archive is damaged: \(reason)")
    }
  }
}
