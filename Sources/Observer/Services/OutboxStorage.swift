package import Delivery
package import Logging
package import Storage
package import Time

/// Where `watch` keeps incidents until they are acknowledged, and those that cannot be.
package struct OutboxStorage: Sendable {
  /// The outbox's content, in memory or on disk.
  package let store: any IncidentStore
  /// The same, where it is on disk.
  package let disk: DiskOutbox?
  /// Where incidents go that cannot be delivered; nil: they are logged and gone.
  package let deadLetters: (any DeadLetters)?

  /// In memory, and without dead letters.
  package init() {
    store = MemoryStore()
    disk = nil
    deadLetters = nil
  }

  /// As configured. Reads what an earlier process left in the folder; throws where a folder cannot be used.
  package init(
    _ configuration: ObserverConfiguration, logger: Logger, time: any TimeSource
  ) throws(StorageError) {
    let folder = configuration.outboxDirectory
    if folder.isEmpty {
      disk = nil
      store = MemoryStore()
    } else {
      let disk: DiskOutbox
      do throws(StorageError) {
        disk = try DiskOutbox(
          folder: folder, policy: configuration.outboxSync, memoryLimit: configuration.outboxBytes, logger: logger,
          time: time)
      } catch { throw StorageError("outbox.directory: \(error)") }
      self.disk = disk
      store = disk
    }
    // An outbox on disk always has dead letters: its policy needs a place for the oldest.
    let letters = configuration.deadLetterFolder
    let path = letters.isEmpty && !folder.isEmpty ? "\(folder)/dead-letters" : letters
    guard !path.isEmpty else {
      deadLetters = nil
      return
    }
    do throws(StorageError) { deadLetters = try DeadLetterFolder(path: path) } catch {
      throw StorageError("outbox.deadLetters: \(error)")
    }
  }
}
