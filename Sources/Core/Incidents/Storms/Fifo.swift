/// A queue: first in, first out. An array with a place in it, for removing an array's first element moves all the others.
struct Fifo<Element: Sendable>: Sendable {
  private var elements: [Element] = []
  private var head = 0

  var count: Int { elements.count - head }
  var isEmpty: Bool { head == elements.count }

  mutating func append(_ element: Element) {
    elements.append(element)
  }

  /// Puts an element back in front of all.
  mutating func prepend(_ element: Element) {
    if head > 0 {
      head -= 1
      elements[head] = element
    } else {
      elements.insert(element, at: 0)
    }
  }

  mutating func popFirst() -> Element? {
    guard !isEmpty else { return nil }
    defer {
      head += 1
      // Half of it is gone: what is left moves once for as many removals.
      if head * 2 > elements.count {
        elements.removeFirst(head)
        head = 0
      }
    }
    return elements[head]
  }

  /// Removes and returns what a condition holds for, in order.
  mutating func remove(where condition: (Element) -> Bool) -> [Element] {
    let removed = elements[head...].filter(condition)
    guard !removed.isEmpty else { return [] }
    elements = elements[head...].filter { !condition($0) }
    head = 0
    return removed
  }
}
