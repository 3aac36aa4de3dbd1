internal import Synchronization

/// A line on standard error that is written over, and the lines that scroll past it. Without a terminal there is no such line.
final class ProgressLine: Sendable {
  private let isTerminal: Bool
  private let isShown = Mutex(false)
  private let write: @Sendable (String) -> Void

  /// Columns that a line may take: one that wraps cannot be written over.
  private static let width = 79

  init(
    isTerminal: Bool = SystemStreams.isErrorTerminal,
    write: @escaping @Sendable (String) -> Void = { SystemStreams.writeErrorText($0) }
  ) {
    self.isTerminal = isTerminal
    self.write = write
  }

  /// Shows this instead of what was shown before.
  func show(_ text: String) {
    guard isTerminal else { return }
    isShown.withLock { isShown in
      isShown = true
      write("\r\u{1B}[K" + text.prefix(Self.width))
    }
  }

  /// Writes a line that stays.
  func note(_ line: String) {
    isShown.withLock { isShown in
      write((isShown ? "\r\u{1B}[K" : "") + line + "\n")
      isShown = false
    }
  }

  /// Takes the line away.
  func end() {
    isShown.withLock { isShown in
      if isShown { write("\r\u{1B}[K") }
      isShown = false
    }
  }
}
