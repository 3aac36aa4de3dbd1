internal import Contract
internal import SwiftProtobuf
package import Time

extension Incident {
  /// This incident as if it had been detected at another time: every time of its own is moved by the same distance. Times in the
  /// texts of logs, events and manifests stay, for nobody can tell them from other numbers.
  package func detected(at time: Timestamp) -> Incident {
    // An incident that does not say when it was detected has nothing to be moved from.
    guard let recorded = detectedAt else { return self }
    let distance = recorded.duration(to: time)
    var moved = self
    func move(_ stamp: inout Google_Protobuf_Timestamp) {
      stamp = .init(Timestamp(stamp).advanced(by: distance))
    }
    move(&moved.message.timings.detectedAt)
    if moved.message.failure.hasFailedAt { move(&moved.message.failure.failedAt) }
    if moved.message.failure.lastTermination.hasStartedAt { move(&moved.message.failure.lastTermination.startedAt) }
    if moved.message.failure.lastTermination.hasFinishedAt { move(&moved.message.failure.lastTermination.finishedAt) }
    if moved.message.suppressed.hasFirstAt { move(&moved.message.suppressed.firstAt) }
    if moved.message.suppressed.hasLastAt { move(&moved.message.suppressed.lastAt) }
    if moved.message.hasRollout, moved.message.rollout.hasRolledOutAt { move(&moved.message.rollout.rolledOutAt) }
    for index in moved.message.events.indices {
      if moved.message.events[index].hasFirstSeen { move(&moved.message.events[index].firstSeen) }
      if moved.message.events[index].hasLastSeen { move(&moved.message.events[index].lastSeen) }
    }
    return moved
  }

  /// This incident under an id of its own, for a load test. The id is made from the recorded one, the name of the series and
  /// the round, so that the same series gives the same ids each time and another series gives others.
  package func renamed(series: String, round: Int) -> Incident {
    var hash = StableHash()
    hash.add(id)
    hash.add(series)
    hash.add(Int64(round))
    var renamed = self
    renamed.message.incidentID = hash.hexadecimal
    renamed.message.traceparent = TraceContext.traceparent(ofIncident: renamed.id)
    return renamed
  }
}
