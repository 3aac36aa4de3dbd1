/// A literal that makes a verifier look at its surroundings.
struct Trigger: Sendable {
  /// At least 3 bytes; in lower case unless it is case-sensitive.
  var literal: [UInt8]
  /// True if the case has to match.
  var caseSensitive: Bool
  /// What verifies it.
  var verifier: Verifier
  /// True if no letter or digit may stand before it: the verifier would say no anyway, and is not called.
  var startsWord = false

  /// True for verifiers of what a whole line shows, or the lines below it: they are asked inside of what another rule has read
  /// over, too.
  static func readsLine(_ verifier: Verifier) -> Bool {
    verifier == .partial || verifier == .jwt || verifier == .pgpass || verifier == .notation(.partialJSON)
  }

  enum Verifier: Sendable, Equatable {
    case keyValue
    case format(Int)
    case url
    case authorization
    case bearer
    case cookie
    case pem
    case jwt
    case dsn
    case jwk
    case pgpass
    case partial
    case notation(Notation)
  }
}
