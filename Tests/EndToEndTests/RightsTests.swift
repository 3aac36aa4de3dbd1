internal import Contract
internal import Documents
internal import Observer
internal import Synchronization
internal import Testing

@testable internal import Simulation
@testable internal import kube_mind

extension WholeProgram {
  /// The promised role, the requests that are made, and what becomes of an incident where a rule is missing.
  @Suite(.timeLimit(.minutes(15)))
  struct RightsTests {
    private static let rules = AccessPolicy.observerRules(lease: "kube-mind-observer", in: "kube-mind")

    private func run(
      _ rights: [AccessPolicy.Rule]
    ) async throws -> (outcome: SimulatedRun.Outcome, requests: [RequestRecord]) {
      var run = SimulatedRun(
        scenario: .demo, configuration: WholeProgram.configuration, speed: 20, logger: WholeProgram.logger,
        report: { _ in })
      run.rights = rights
      let cluster = Mutex<SimulatedCluster?>(nil)
      run.whenReady = { ready in cluster.withLock { $0 = ready } }
      let outcome = try await run.run()
      return (outcome, cluster.withLock { $0 }?.requestLog ?? [])
    }

    @Test("the rules of the chart are those that are tested here")
    func chart() throws {
      let path = #filePath.replacing(
        "Tests/EndToEndTests/RightsTests.swift", with: "deploy/helm/kube-mind-observer/templates/_helpers.tpl")
      let text = String(decoding: try SystemStreams.readFile(path, limit: 1 << 20), as: UTF8.self)
      let begin = try #require(text.firstRange(of: "{{- define \"kube-mind.readRules\" -}}\n"))
      let end = try #require(text[begin.upperBound...].firstRange(of: "{{- end }}"))
      let node = try YAMLNode.parse(Array(text[begin.upperBound..<end.lowerBound].utf8))
      let rules = try #require(node.elements).map { rule in
        func list(_ key: String) -> [String] { rule[key]?.elements?.compactMap { $0.text ?? "" } ?? [] }
        return AccessPolicy.Rule(Set(list("verbs")), group: list("apiGroups").joined(), Set(list("resources")))
      }
      #expect(rules == Array(Self.rules.dropLast()), "the chart's role is not the promised one")
    }

    @Test("with the promised role nothing is refused, and each of its resources is read")
    func promised() async throws {
      let (outcome, requests) = try await run(Self.rules)
      #expect(outcome.isGood)
      #expect(outcome.received.allSatisfy { $0.context.gaps.allSatisfy { $0.reason != .forbidden } })
      #expect(!requests.isEmpty)
      for request in requests where !request.resource.isEmpty {
        #expect(
          Self.rules.contains {
            $0.allows(
              verb: request.verb, group: request.group, resource: request.resource, namespace: request.namespace,
              name: request.name)
          }, "\(request.verb) \(request.target)")
      }
      let read = Set(requests.map(\.resource))
      for rule in Self.rules.dropLast() { #expect(rule.resources.subtracting(read) == [], "granted and never used") }
    }

    @Test(
      "without a right to one kind of evidence, that is a gap, and every incident arrives",
      arguments: [
        ("pods/log", "log/"), ("events", "events"), ("configmaps", "manifest/ConfigMap"),
        ("deployments", "manifest/Deployment"), ("replicasets", "manifest/ReplicaSet"),
      ])
    func without(resource: String, source: String) async throws {
      let rules = Self.rules.map { rule in
        var rule = rule
        rule.resources.remove(resource)
        return rule
      }
      let (outcome, _) = try await run(rules)
      #expect(outcome.isGood)
      let gaps = outcome.received.flatMap(\.context.gaps).filter { $0.reason == .forbidden }
      #expect(!gaps.isEmpty, "no gap names what is missing")
      #expect(gaps.allSatisfy { $0.source.hasPrefix(source) && $0.httpStatus == 403 }, "\(gaps.map(\.source))")
    }
  }
}
