/// What the API server and etcd keep: objects, one revision counter for all of them, and a bounded history of changes.
///
/// A revision is what the API calls resourceVersion. Every change raises it by one, as a transaction does in etcd, so
/// each revision between `oldestRevision` and `revision` has one change in the history.
package struct ObjectStore: Sendable {
  /// Why the store refused.
  package enum Refusal: Error, Sendable, Equatable {
    case notFound
    case alreadyExists
    /// The given resourceVersion is not the object's.
    case conflict
    /// The revision was compacted away; the oldest one that can still be read.
    case expired(oldest: Int)
    /// The revision lies in the future.
    case tooLarge(current: Int)
  }

  /// What happened to an object, in the words of a watch.
  package enum ChangeType: String, Sendable {
    case added = "ADDED"
    case modified = "MODIFIED"
    case deleted = "DELETED"
  }

  /// One revision's change.
  package struct Change: Sendable, Equatable {
    package let type: ChangeType
    /// The object as it is now; of a deleted one its last content with the revision of the deletion.
    package let object: StoredObject
    /// The object as it was before; nil for a new one.
    package let previous: StoredObject?
  }

  /// The newest revision.
  package private(set) var revision: Int
  /// Changes after this revision can be read; watches from before it get 410.
  package private(set) var oldestRevision: Int
  private var objects: [ResourceKind: [String: StoredObject]] = [:]
  private var history: [Change] = []
  private let historyLimit: Int

  /// An empty store. It keeps `historyLimit` to twice as many changes: etcd keeps five minutes of them, which at 5 KB an
  /// object and 50 changes a second would be 75 MB; 4096 changes are 20.
  package init(firstRevision: Int = 400, historyLimit: Int = 4096) {
    revision = firstRevision
    oldestRevision = firstRevision
    self.historyLimit = max(1, historyLimit)
  }

  /// The object of that name, if there is one.
  package func object(_ kind: ResourceKind, _ namespace: String, _ name: String) -> StoredObject? {
    objects[kind]?[namespace + "/" + name]
  }

  /// Adds an object.
  package mutating func create(
    _ kind: ResourceKind, _ namespace: String, _ name: String, uid: String, _ value: JSONValue
  ) throws(Refusal) -> StoredObject {
    guard object(kind, namespace, name) == nil else { throw .alreadyExists }
    return write(.added, kind, namespace, name, uid, value, previous: nil)
  }

  /// Replaces an object. Where `expected` is given it must be the object's resourceVersion.
  package mutating func replace(
    _ kind: ResourceKind, _ namespace: String, _ name: String, expected: Int? = nil, _ value: JSONValue
  ) throws(Refusal) -> StoredObject {
    guard let held = object(kind, namespace, name) else { throw .notFound }
    guard expected == nil || expected == held.resourceVersion else { throw .conflict }
    return write(.modified, kind, namespace, name, held.uid, value, previous: held)
  }

  /// Removes an object.
  package mutating func delete(_ kind: ResourceKind, _ namespace: String, _ name: String) throws(Refusal) {
    guard let held = object(kind, namespace, name) else { throw .notFound }
    _ = write(.deleted, kind, namespace, name, held.uid, held.value, previous: held)
  }

  private mutating func write(
    _ type: ChangeType, _ kind: ResourceKind, _ namespace: String, _ name: String, _ uid: String, _ value: JSONValue,
    previous: StoredObject?
  ) -> StoredObject {
    revision += 1
    let object = StoredObject(
      kind: kind, namespace: namespace, name: name, uid: uid, resourceVersion: revision, value: value)
    objects[kind, default: [:]][object.key] = type == .deleted ? nil : object
    history.append(Change(type: type, object: object, previous: previous))
    // Trimmed in one go of half, so that a write costs the same on average however long the history is.
    if history.count > historyLimit * 2 {
      history.removeFirst(history.count - historyLimit)
      oldestRevision = revision - history.count
    }
    return object
  }

  /// Forgets the history, as etcd does every five minutes: watches and pages from before now get 410.
  package mutating func compact() {
    history.removeAll()
    oldestRevision = revision
  }

  /// The objects of a kind in key order, as they are now or were at a revision.
  package func list(_ kind: ResourceKind, at past: Int? = nil) throws(Refusal) -> [StoredObject] {
    var held = objects[kind] ?? [:]
    if let past {
      guard past <= revision else { throw .tooLarge(current: revision) }
      guard past >= oldestRevision else { throw .expired(oldest: oldestRevision) }
      for change in history[(past - oldestRevision)...].reversed() where change.object.kind == kind {
        held[change.object.key] = change.previous
      }
    }
    return held.values.sorted { $0.key < $1.key }
  }

  /// The next change of a kind after a revision, and the revision up to which nothing else of it happened. Nil where
  /// there is none yet.
  package func nextChange(_ kind: ResourceKind, after past: Int) throws(Refusal) -> Change? {
    guard past < revision else { return nil }
    guard past >= oldestRevision else { throw .expired(oldest: oldestRevision) }
    return history[(past - oldestRevision)...].first { $0.object.kind == kind }
  }
}
