package import Incidents
package import Kubernetes
package import Time

/// Runs a `HarvestMachine`: sends its requests at the same time, feeds back the answers, and ends at the deadline.
package struct Harvester: Sendable {
  /// How a request is sent: over HTTP, or out of a folder.
  package typealias Send = @Sendable (APIRequest) async -> Result<APIResponse, APIError>

  private let options: HarvestOptions
  private let time: any TimeSource
  private let send: Send

  package init(options: HarvestOptions, time: any TimeSource, send: @escaping Send) {
    self.options = options
    self.time = time
    self.send = send
  }

  /// Gathers what there is about a failure. Never fails: what is missing is a gap.
  package func harvest(_ occurrence: Occurrence) async -> Evidence {
    var machine = HarvestMachine(occurrence, options: options, now: time.wall)
    let first = machine.started()
    await withTaskGroup(of: Arrival.self) { group in
      let deadline = options.deadline
      let time = time
      group.addTask {
        do { try await time.sleep(for: deadline) } catch { return .stopped }
        return .deadline
      }
      for step in first { group.addTask { await run(step) } }
      while !machine.isComplete, let arrival = await group.next() {
        switch arrival {
        case .answer(let source, let result):
          for step in machine.answered(source, result) { group.addTask { await run(step) } }
        case .deadline: machine.deadlinePassed()
        case .stopped: if Task.isCancelled { machine.deadlinePassed() }
        }
      }
      group.cancelAll()
    }
    return machine.finished()
  }

  private func run(_ step: HarvestMachine.Step) async -> Arrival {
    .answer(step.source, await send(step.request))
  }

  private enum Arrival: Sendable {
    case answer(HarvestMachine.Source, Result<APIResponse, APIError>)
    case deadline
    case stopped
  }
}
