/// What the orchestrators of a run wrote down, and what that says.
struct ChaosLedger {
  private var hashes: [Int: String] = [:]
  /// Incidents in the order of their first arrival.
  private(set) var order: [Int] = []
  /// Arrivals beyond the first.
  private(set) var duplicates = 0
  /// What must not be, in words.
  private(set) var faults: [String] = []

  /// Takes a line of a journal: id, size, hash.
  mutating func take(_ line: some StringProtocol) {
    let parts = line.split(separator: " ")
    guard parts.count == 3, let number = ChaosIncident.number(of: String(parts[0])) else {
      faults.append("an incident that nobody sent: \(line)")
      return
    }
    let content = "\(parts[1]) \(parts[2])"
    if let known = hashes[number] {
      duplicates += 1
      if known != content { faults.append("incident \(number) came with other bytes") }
    } else {
      hashes[number] = content
      order.append(number)
    }
  }

  /// Incidents that arrived.
  var count: Int { order.count }

  func has(_ number: Int) -> Bool { hashes[number] != nil }

  /// Pods whose incidents arrived first in another order than they were taken in.
  var disorder: [String] {
    var last: [Int: Int] = [:]
    var found: [String] = []
    for number in order {
      let pod = number % ChaosIncident.podCount
      if let before = last[pod], before > number { found.append("pod \(pod): \(number) came after \(before)") }
      last[pod] = max(last[pod] ?? number, number)
    }
    return found
  }
}
