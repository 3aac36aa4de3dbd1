internal import Observer
internal import Simulation

/// What `--fault` means: `NAME` or `NAME=VALUE`.
enum FaultScenario {
  /// For the help text.
  static let help = """
    slow[=200ms]: each answer takes so long. unavailable[=10s]: streams are refused for so long. refuse[=N]: the first N streams \
    are refused, or every one. reject[=N]: every Nth incident is rejected, or every one. lose-acks[=1]: so many \
    acknowledgements are lost. end-stream[=100]: a stream ends after so many incidents. goaway[=100]: GOAWAY every so many.
    """

  /// Their names, for completion and for who misspells one.
  static let names = ["slow", "unavailable", "refuse", "reject", "lose-acks", "end-stream", "goaway"]

  /// The longest time that a fault may take.
  private static let longest = Duration.seconds(3_600)

  /// The behaviour with all of the faults.
  static func behaviour(_ faults: [String]) throws(CommandFailure) -> OrchestratorBehaviour {
    var behaviour = OrchestratorBehaviour()
    for fault in faults { try apply(fault, to: &behaviour) }
    return behaviour
  }

  private static func apply(_ fault: String, to behaviour: inout OrchestratorBehaviour) throws(CommandFailure) {
    let parts = fault.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    func invalid(_ why: String) -> CommandFailure { CommandFailure("--fault \(fault): \(why)", status: .usage) }
    func duration(_ usual: Duration) throws(CommandFailure) -> Duration {
      guard parts.count == 2 else { return usual }
      guard let value = Duration(written: parts[1]), value <= longest else {
        throw invalid("wants a duration of at most 1h, such as 200ms or 10s")
      }
      return value
    }
    func count(_ usual: Int) throws(CommandFailure) -> Int {
      guard parts.count == 2 else { return usual }
      guard let value = Int(parts[1]), (1...1_000_000).contains(value) else {
        throw invalid("wants a number from 1 to 1000000")
      }
      return value
    }
    switch parts[0] {
    case "slow": behaviour.delay = try duration(.milliseconds(200))
    case "unavailable": behaviour.unavailableFor = try duration(.seconds(10))
    case "refuse": behaviour.refusedStreams = try count(.max)
    case "reject": behaviour.rejection = .every(try count(1), reason: "the fault scenario rejects it")
    case "lose-acks": behaviour.lostAcknowledgements = try count(1)
    case "end-stream": behaviour.closesStreamAfter = try count(100)
    case "goaway": behaviour.goesAwayAfter = try count(100)
    default:
      throw invalid("is not one of \(names.joined(separator: ", "))")
    }
  }
}
