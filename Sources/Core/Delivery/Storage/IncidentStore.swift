package import Incidents
internal import Synchronization
package import Time

/// Why the content of an incident cannot be had. One line for a person.
package struct StoreFailure: Error, Sendable, Equatable, CustomStringConvertible {
  /// What is wrong, and where.
  package let message: String

  package init(_ message: String) {
    self.message = message
  }

  package var description: String { message }
}

/// Where the content of incidents lies until they are done with. `DeliveryMachine` knows their labels alone.
///
/// Incidents are told apart by their ids. All of it may be called from any task; what is not `async` returns at once.
package protocol IncidentStore: Sendable {
  /// What lay there at the start and is not done with, in the order in which it came.
  var restored: [StoredIncident] { get }
  /// False where an incident of the largest size would be refused now.
  var hasRoom: Bool { get }

  /// Takes an incident that it does not have. Throws where there is no room for it.
  func put(_ incident: SealedIncident, enteredAt: Timestamp) throws(DeliveryError)
  /// Returns once the incident is as safe as it gets: it is stored, or done with, or lies in memory because the disk fails.
  func secured(_ id: String) async
  /// True if the incident outlives this process.
  func isSafe(_ id: String) -> Bool
  /// The incident with its content.
  func content(of id: String) async throws(StoreFailure) -> SealedIncident
  /// The incident is done with.
  func settled(_ id: String)
  /// To be called about once a second for as long as delivery runs: what failed is tried again.
  func maintain() async
}

/// Incidents in memory: gone with the process.
package final class MemoryStore: IncidentStore {
  private let incidents = Mutex<[String: SealedIncident]>([:])

  package init() {}

  package var restored: [StoredIncident] { [] }
  package var hasRoom: Bool { true }

  package func put(_ incident: SealedIncident, enteredAt: Timestamp) throws(DeliveryError) {
    incidents.withLock { $0[incident.id] = incident }
  }

  package func secured(_ id: String) async {}

  package func isSafe(_ id: String) -> Bool { false }

  package func content(of id: String) async throws(StoreFailure) -> SealedIncident {
    guard let incident = incidents.withLock({ $0[id] }) else { throw StoreFailure("incident \(id) is not held") }
    return incident
  }

  package func settled(_ id: String) {
    incidents.withLock { $0[id] = nil }
  }

  package func maintain() async {}
}

/// Takes incidents that cannot be delivered, for a person to look at.
package protocol DeadLetters: Sendable {
  /// Keeps an incident and says where it lies.
  func keep(_ incident: SealedIncident) async throws(StoreFailure) -> String
}
