import Kubernetes
import Testing

@testable import Simulation

@Suite("Store")
struct ObjectStoreTests {
  private func store(history: Int = 100) -> ObjectStore { ObjectStore(firstRevision: 10, historyLimit: history) }

  @Test("every change raises the one revision, and an object carries it")
  func revisions() throws {
    var store = store()
    let first = try store.create(.pod, "shop", "a", uid: "1", [:])
    let second = try store.create(.configMap, "shop", "a", uid: "2", [:])
    let third = try store.replace(.pod, "shop", "a", ["spec": [:]])
    #expect([first, second, third].map(\.resourceVersion) == [11, 12, 13])
    #expect(third.value.at("metadata", "resourceVersion")?.text == "13")
    try store.delete(.pod, "shop", "a")
    #expect(store.revision == 14)
    #expect(try store.nextChange(.pod, after: 13)?.object.resourceVersion == 14)
  }

  @Test func refusals() throws {
    var store = store()
    let object = try store.create(.lease, "n", "l", uid: "1", [:])
    #expect(throws: ObjectStore.Refusal.alreadyExists) { try store.create(.lease, "n", "l", uid: "2", [:]) }
    #expect(throws: ObjectStore.Refusal.conflict) {
      try store.replace(.lease, "n", "l", expected: object.resourceVersion - 1, [:])
    }
    #expect(throws: ObjectStore.Refusal.notFound) { try store.delete(.lease, "n", "other") }
    #expect(throws: ObjectStore.Refusal.tooLarge(current: 11)) { try store.list(.lease, at: 12) }
  }

  @Test("a list at a past revision is what it was then")
  func past() throws {
    var store = store()
    _ = try store.create(.pod, "s", "a", uid: "1", ["n": 1])
    _ = try store.create(.pod, "s", "b", uid: "2", [:])
    let past = store.revision
    _ = try store.replace(.pod, "s", "a", ["n": 2])
    try store.delete(.pod, "s", "b")
    _ = try store.create(.pod, "s", "c", uid: "3", [:])
    let then = try store.list(.pod, at: past)
    #expect(then.map(\.name) == ["a", "b"])
    #expect(then[0].value["n"] == 1)
    #expect(try store.list(.pod).map(\.name) == ["a", "c"])
    store.compact()
    #expect(throws: ObjectStore.Refusal.expired(oldest: store.revision)) { try store.list(.pod, at: past) }
  }

  @Test("the history is bounded, and what is left of it stays right")
  func bounded() throws {
    var store = store(history: 4)
    for index in 0..<50 { _ = try store.create(.pod, "s", "p\(index)", uid: "\(index)", [:]) }
    #expect(store.revision - store.oldestRevision <= 8)
    #expect(try store.nextChange(.pod, after: store.oldestRevision)?.object.resourceVersion == store.oldestRevision + 1)
    #expect(throws: ObjectStore.Refusal.self) { try store.nextChange(.pod, after: store.oldestRevision - 1) }
  }

  @Test(arguments: [
    ("a=b", true), ("a==b,c", true), ("a!=b", false), ("x!=1", true), ("c in (d, e)", true), ("c notin (d)", false),
    ("!x", true), ("!a", false), ("", true), ("a", true), ("z in (y)", false),
  ])
  func labelSelectors(text: String, matches: Bool) {
    #expect(LabelSelector(text)?.matches(["a": "b", "c": "d"]) == matches)
  }
}
