internal import ArgumentParser

/// The program's exit statuses; the manual documents them under these numbers.
enum ExitStatus: Int32 {
  /// What was asked for was done.
  case success = 0
  /// It could not be done: the cluster or the orchestrator refused, was not there, or gave no answer; input was unusable.
  case failure = 1
  /// The command line or the configuration is wrong.
  case usage = 2
  /// Redaction could not vouch for something: it was withheld, and nothing of it was written or sent.
  case withheld = 3
  /// `watch --preflight`: it works, and incidents will lack something, or something ends soon.
  case incomplete = 4
}

/// Why a command ends: one line that says what, where and what to do.
struct CommandFailure: Error, CustomStringConvertible {
  let status: ExitStatus
  let message: String

  init(_ message: String, status: ExitStatus = .failure) {
    self.status = status
    self.message = message
  }

  var description: String { message }

  /// A failure that has already said all there is to say.
  static func silent(_ status: ExitStatus) -> CommandFailure {
    CommandFailure("", status: status)
  }
}
