/// Faults that wait for their request, in the order in which they were put in.
struct FaultPlan: Sendable, Equatable {
  private struct Entry: Sendable, Equatable {
    var fault: APIFault
    var request: RequestKind?
    var skipping: Int
    var times: Int
  }

  private var entries: [Entry] = []

  /// Plans a fault for the next `times` requests (or watch lines) of a kind, after letting `skipping` pass.
  mutating func add(_ fault: APIFault, on request: RequestKind?, times: Int, skipping: Int) {
    guard times > 0 else { return }
    entries.append(Entry(fault: fault, request: request, skipping: max(0, skipping), times: times))
  }

  /// Forgets all.
  mutating func clear() {
    entries.removeAll()
  }

  /// The fault for a request that has just come, or for a watch line that is about to be written.
  mutating func take(for request: RequestKind, inStream: Bool) -> APIFault? {
    for index in entries.indices
    where entries[index].fault.isInStream == inStream
      && (entries[index].request == nil || entries[index].request == request)
    {
      if entries[index].skipping > 0 {
        entries[index].skipping -= 1
        continue
      }
      let fault = entries[index].fault
      entries[index].times -= 1
      if entries[index].times == 0 { entries.remove(at: index) }
      return fault
    }
    return nil
  }
}
