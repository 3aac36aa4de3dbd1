internal import BundleFiles
internal import Documents
package import Incidents
package import Kubernetes
package import KubernetesClient
package import Redaction
package import Time

/// Harvests for a person: one pod by name, or every pod that fails now, in a cluster or in what somebody sent of one. The same
/// machine, redaction and incident as the watch.
package struct OnDemandHarvest: Sendable {
  /// Why there is no incident. One line.
  package enum Failure: Error, Sendable, CustomStringConvertible {
    /// The API server said no, or was not there.
    case api(APIError)
    /// The pod has no such container, or no container at all.
    case container(String)
    /// Redaction withheld it.
    case withheld(RedactionError)
    /// The bundle cannot be read.
    case bundle(String)

    package var description: String {
      switch self {
      case .api(let error): error.message
      case .container(let message), .bundle(let message): message
      case .withheld(let error): "the incident was withheld: \(error)"
      }
    }
  }

  /// Where pods and evidence come from.
  private enum Origin: Sendable {
    case cluster(APIClient)
    case bundle(ClusterBundle, path: String)

    /// For the end of a message.
    var place: String {
      switch self {
      case .cluster(let client): "at \(client.access)"
      case .bundle(_, let path): "in \(path)"
      }
    }

    func send(_ request: APIRequest) async throws(APIError) -> APIResponse {
      switch self {
      case .cluster(let client): try await client.send(request)
      case .bundle(let bundle, _): try bundle.answer(request).get()
      }
    }
  }

  private let origin: Origin
  private let cluster: ClusterIdentity
  private let options: HarvestOptions
  private let redactor: Redactor
  private let toolVersion: String
  let time: any TimeSource

  package init(
    client: APIClient, cluster: ClusterIdentity, options: HarvestOptions, redactor: Redactor, toolVersion: String,
    time: any TimeSource
  ) {
    origin = .cluster(client)
    self.cluster = cluster
    self.options = options
    self.redactor = redactor
    self.toolVersion = toolVersion
    self.time = time
  }

  /// Over what a bundle holds: a folder, a tar archive or a dump. Reads it.
  package init(
    bundle path: String, options: HarvestOptions, redactor: Redactor, toolVersion: String, time: any TimeSource
  ) throws(Failure) {
    let wall = time.wall
    let bundle: ClusterBundle
    do {
      bundle = try BundleReader(path: path, logLimit: options.budget.log).read { bundle in
        let pods = bundle.pods.filter { Self.isTroubled($0, at: bundle.takenAt ?? wall) }
        return Set(pods.map { BundlePod(namespace: $0.namespace, name: $0.name) })
      }
    } catch { throw .bundle(error.message) }
    origin = .bundle(bundle, path: path)
    cluster = ClusterIdentity(
      name: "", uid: bundle.clusterUID ?? ClusterIdentity.fingerprint(of: "a cluster that the bundle does not name"))
    self.options = options
    self.redactor = redactor
    self.toolVersion = toolVersion
    self.time = time
  }

  /// What counts as now: of a bundle, when it was taken.
  package var now: Timestamp {
    if case .bundle(let bundle, _) = origin { bundle.takenAt ?? time.wall } else { time.wall }
  }

  /// True of a pod whose logs may be asked for: it fails, or a container of it has ended badly.
  private static func isTroubled(_ pod: PodSnapshot, at now: Timestamp) -> Bool {
    newestFailure(pod, at: now) != nil || pod.containers.contains { $0.isTroubled || !$0.terminations.isEmpty }
  }

  /// The incident of one pod: of its newest failure, or of the named container. A pod that no rule calls failed gives an
  /// incident of the class `other`, for a person has a reason to ask.
  package func pod(_ name: String, in namespace: String, container: String?) async throws(Failure) -> Redacted<Incident>
  {
    let response: APIResponse
    do { response = try await origin.send(.pod(namespace: namespace, name: name)) } catch {
      throw .api(await explain(error, pod: name, namespace: namespace))
    }
    let pod: PodSnapshot
    do { pod = try PodSnapshot(json: response.body) } catch {
      throw .api(APIError(.malformed, "the API server's answer for pod \(namespace)/\(name) is not a pod"))
    }
    return try await incident(of: try occurrence(in: pod, container: container))
  }

  /// Every pod of the scope that fails now, each with its newest failure.
  package func failing(in scope: PodScope) async throws(Failure) -> [Occurrence] {
    let client: APIClient
    switch origin {
    case .cluster(let api): client = api
    case .bundle(let bundle, let path):
      guard let selector = LabelSelector(scope.labelSelector) else {
        throw .bundle("cannot read the label selector \(scope.labelSelector)")
      }
      let all = bundle.pods.filter { scope.namespace == nil || $0.namespace == scope.namespace }
      guard !all.isEmpty else { throw .bundle("\(path): no pods of namespace \(scope.namespace ?? "")") }
      let pods = bundle.pods(selectedBy: selector).filter {
        scope.namespace == nil || $0.namespace == scope.namespace
      }
      return pods.compactMap(newestFailure)
    }
    var found: [Occurrence] = []
    var listed = 0
    var token = ""
    repeat {
      var decoder = ListDecoder { scanner throws(JSONError) in try PodSnapshot(scanning: &scanner) }
      do throws(APIError) {
        let stream = try await client.stream(.podList(scope, continueToken: token), idleLimit: .seconds(30))
        while let chunk = try await stream.next() {
          let pods = try Self.page { () throws(JSONError) in try decoder.receive(chunk.bytes) }
          listed += pods.count
          found += pods.compactMap(newestFailure)
        }
        let (pods, metadata) = try Self.page { () throws(JSONError) in try decoder.finish() }
        listed += pods.count
        found += pods.compactMap(newestFailure)
        token = metadata.continueToken
      } catch {
        throw .api(error)
      }
    } while !token.isEmpty
    // An unknown namespace lists as an empty one.
    if listed == 0, let namespace = scope.namespace { try await checkNamespace(namespace) }
    return found
  }

  /// Gathers, assembles and redacts.
  package func incident(of occurrence: Occurrence) async throws(Failure) -> Redacted<Incident> {
    // A failure without a time of its own, in a bundle, is as old as the bundle.
    let detectedAt = now
    let begun = time.monotonic
    let origin = origin
    let harvester = Harvester(options: options, time: time) { request in
      do throws(APIError) { return .success(try await origin.send(request)) } catch { return .failure(error) }
    }
    let evidence = await harvester.harvest(occurrence)
    let incident = Incident(
      occurrence, in: cluster, evidence: evidence,
      timings: StageTimings(detectedAt: detectedAt, harvest: begun.duration(to: time.monotonic)),
      toolVersion: toolVersion, budget: options.budget)
    let budget = RedactionBudget(time: time)
    do { return try redactor.redact(incident, isOverTime: { budget.isUsedUp }) } catch { throw .withheld(error) }
  }

  private func occurrence(in pod: PodSnapshot, container name: String?) throws(Failure) -> Occurrence {
    if let name, !pod.containers.contains(where: { $0.name == name }) {
      let known = pod.containers.map(\.name).joined(separator: ", ")
      throw .container(
        "pod \(pod.namespace)/\(pod.name) has no status of a container \(name)\(known.isEmpty ? "" : "; it has \(known)")"
      )
    }
    var shown = pod
    if let name { shown.containers.removeAll { $0.name != name } }
    if let failure = newestFailure(shown) { return failure }
    guard let container = shown.containers.first(where: \.isTroubled) ?? shown.containers.first else {
      // Unscheduled, or too new: the pod itself is what can be told of.
      return Occurrence(unfailed: pod, container: ContainerSnapshot(name: ""))
    }
    return Occurrence(unfailed: pod, container: container)
  }

  /// What the rules of the watch find as it comes, with the id that it gives; at a moment when they find nothing, a loop between two
  /// crashes; and after that what the rules find that configuration may add.
  private func newestFailure(_ pod: PodSnapshot) -> Occurrence? {
    Self.newestFailure(pod, at: now)
  }

  private static func newestFailure(_ pod: PodSnapshot, at now: Timestamp) -> Occurrence? {
    func found(_ classes: [FailureClass]) -> [Occurrence] {
      var detector = FailureDetector(options: .init(classes: Set(classes), maximumAge: .seconds(Int64.max)))
      return detector.podApplied(pod, at: now)
    }
    var failures = found(FailureClass.reported)
    if failures.isEmpty { failures = pod.containers.compactMap { FailureRule.betweenCrashes(pod, $0, at: now) } }
    if failures.isEmpty { failures = found(FailureClass.reportable) }
    return failures.max { ($0.failedAt ?? now) < ($1.failedAt ?? now) }
  }

  /// The server's own words for a missing pod name neither the namespace nor the cluster.
  private func explain(_ error: APIError, pod: String, namespace: String) async -> APIError {
    guard error.code == .notFound else { return error }
    do throws(Failure) { try await checkNamespace(namespace) } catch {
      if case .api(let missing) = error { return missing }
    }
    return APIError(.notFound, "pod \(namespace)/\(pod) not found \(origin.place)")
  }

  /// Throws if the namespace is known to be missing. A role that may not read namespaces leaves the question open.
  private func checkNamespace(_ name: String) async throws(Failure) {
    guard case .cluster(let client) = origin else { return }
    do { _ = try await client.send(.namespace(name)) } catch {
      guard error.code == .notFound else { return }
      throw .api(APIError(.notFound, "namespace \(name) not found \(origin.place)"))
    }
  }

  private static func page<Value>(_ read: () throws(JSONError) -> Value) throws(APIError) -> Value {
    do { return try read() } catch {
      throw APIError(.malformed, "the API server's list of pods is not one: \(error)")
    }
  }
}

extension ContainerSnapshot {
  /// What a person would look at first: not running, and not finished well.
  fileprivate var isTroubled: Bool {
    switch state {
    case .running: false
    case .terminated(let termination): termination.exitCode != 0
    case .waiting, .unknown: true
    }
  }
}

extension Occurrence {
  /// A container that no rule calls failed.
  fileprivate init(unfailed pod: PodSnapshot, container: ContainerSnapshot) {
    var reason = pod.reason.isEmpty ? pod.phase : pod.reason
    var message = pod.message
    var termination = container.lastTermination
    switch container.state {
    case .waiting(let why, let text): (reason, message) = (why, text)
    case .terminated(let end): (reason, message, termination) = (end.reason, end.message, end)
    case .running: reason = "Running"
    case .unknown: break
    }
    self.init(
      identity: Identity(
        podUID: pod.uid, container: container.name, failureClass: .other,
        subject: "\(container.containerID)#\(container.restartCount)",
        time: termination?.finishedAt?.nanosecondsSinceEpoch ?? 0),
      pod: pod, container: container, reason: reason, message: message, termination: termination,
      failedAt: termination?.finishedAt)
  }
}
