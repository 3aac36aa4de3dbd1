internal import FoundationEssentials
internal import Telemetry

/// What standard output and standard error may be written with.
enum Terminal {
  /// The environment of this process.
  static var environment: [String: String] { ProcessInfo.processInfo.environment }

  /// Colour on standard output.
  static var outputColor: Bool { TerminalColour.isWanted(onDescriptor: 1, environment: environment) }

  /// Colour on standard error.
  static var errorColor: Bool { TerminalColour.isWanted(onDescriptor: 2, environment: environment) }
}
