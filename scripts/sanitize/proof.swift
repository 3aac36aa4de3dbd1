// What ThreadSanitizer makes of Mutex, in the smallest program: four tasks count under a lock. There is no race in it.
// With an argument, one task also writes to a variable that no lock guards: that is one.
import Synchronization

final class Counters: Sendable {
  let guarded = Mutex(0)
  let list = Mutex<[Int]>([])
  // The race on purpose.
  nonisolated(unsafe) var bare = 0
}

@main
struct Proof {
  static func main() async {
    let counters = Counters()
    let races = CommandLine.arguments.count > 1
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<4 {
        group.addTask {
          for number in 0..<200_000 {
            counters.guarded.withLock { $0 += 1 }
            counters.list.withLock { list in
              list.append(number)
              if list.count > 10 { list.removeAll() }
            }
            if races { counters.bare += 1 }
          }
        }
      }
    }
    print(counters.guarded.withLock { $0 })
  }
}
