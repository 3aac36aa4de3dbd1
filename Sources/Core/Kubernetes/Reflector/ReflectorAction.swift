/// What the machine and its driver tell each other, and the limits that they keep to.
extension Reflector {
  /// What to do now. Each is answered by the inputs named at it, the last of which brings the next action.
  package enum Action: Sendable, Equatable {
    /// Get this page: `podListed` for each item, then `pageReceived` or `listFailed`.
    case list(APIRequest)
    /// Open this watch, or streaming list: `eventReceived` for each event until it gives an action, or `watchEnded`. Silence
    /// longer than `idleLimit` counts as the watch's end with a `.timeout`.
    case watch(APIRequest, idleLimit: Duration)
    /// Wait, then `timerFired`.
    case wait(Duration)
    /// Nothing more: the first list was refused in a way that waiting does not mend. Nothing answers this.
    case end(APIError)
  }

  /// What a complete list says.
  package struct Listed: Sendable, Equatable {
    /// Uids that were held and are not in the list: these pods are gone.
    package var deleted: [String]
    /// Pods in the list.
    package var count: Int
    /// Items that could not be read.
    package var skipped: Int
    /// Version of the list.
    package var resourceVersion: String
  }

  /// What an event comes down to.
  package enum Outcome: Sendable, Equatable {
    /// The pod is new or has changed.
    case applied(PodSnapshot)
    /// The pod is gone.
    case deleted(PodSnapshot)
    /// The server is at this version, and nothing happened.
    case progressed(String)
    /// The list within the watch is complete; the watch goes on, with this limit for silence from now on.
    case synced(Listed, idleLimit: Duration)
    /// An event that could not be read was passed over.
    case skipped
    /// The watch is over; why, and what to do.
    case ended(APIError, Action)
  }

  /// Server-side limit of a watch in seconds, drawn from this range so that the watches of many clients do not end together
  /// (client-go: 5 to 10 minutes).
  package static let watchSeconds = 300...600
  /// The server ends a watch at its limit; this much later the connection must be dead.
  package static let idleGrace = Duration.seconds(5)
  /// A server that sends bookmarks does so about once a minute: two missing ones, and the connection is taken for dead.
  package static let idleLimitWithBookmarks = Duration.seconds(150)
  /// A watch that ends sooner, without an event, is an error: else a broken proxy would be asked in a busy loop.
  package static let shortestWatch = Duration.seconds(1)
  /// Failures of a watch at one version, refusals by load and lost connections aside, until a list is tried instead: an event
  /// that the server cannot send would block the watch for ever.
  package static let failuresUntilList = 3
  /// Answers in a row that cannot be read until JSON is asked for.
  package static let unreadableUntilJSON = 2
  /// Silence in a streaming list before its end: a server that has them sends the bookmark within two seconds, one that does not know
  /// the parameter sends none.
  package static let initialEventsIdleLimit = Duration.seconds(10)
  /// A 410 sooner after a list than this is waited for like a failure.
  package static let shortestListInterval = Duration.seconds(60)
}
