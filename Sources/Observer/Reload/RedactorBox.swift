package import Redaction
internal import Synchronization

/// The redactor that is in use, which changed rules replace.
package final class RedactorBox: Sendable {
  private let held: Mutex<Redactor>

  package init(_ redactor: Redactor) {
    held = Mutex(redactor)
  }

  /// The one in use. Whoever has begun with it ends with it.
  package var current: Redactor {
    get { held.withLock { $0 } }
    set { held.withLock { $0 = newValue } }
  }
}
