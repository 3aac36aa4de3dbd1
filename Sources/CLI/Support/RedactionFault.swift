#if DEBUG
  internal import Redaction

  /// Faults of redaction for tests that watch the program from outside: `KUBE_MIND_TEST_FAULT` is `rule:NAME` for a rule that
  /// fails, `text:BYTES` for a limit of memory, or `time:0` for time that is used up. Only a debug build reads it, so that nothing in production can set it off;
  /// the image's check looks for the name in the release.
  enum RedactionFault {
    static func applied(to options: RedactionOptions) throws(CommandFailure) -> RedactionOptions {
      guard let fault = Terminal.environment["KUBE_MIND_TEST_FAULT"] else { return options }
      let parts = fault.split(separator: ":", maxSplits: 1).map(String.init)
      guard parts.count == 2 else { throw CommandFailure("KUBE_MIND_TEST_FAULT: \(fault)", status: .usage) }
      if parts[0] == "rule" { return options.withFault(inRule: parts[1]) }
      if fault == "time:0" { return options.withoutTime() }
      guard parts[0] == "text", let bytes = Int(parts[1]) else {
        throw CommandFailure("KUBE_MIND_TEST_FAULT: \(fault)", status: .usage)
      }
      var limited = options
      limited.largestText = bytes
      return limited
    }
  }
#endif
