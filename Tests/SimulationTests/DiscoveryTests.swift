import Testing
import Time

@testable import Simulation

@Suite("Discovery and recordings")
struct DiscoveryTests {
  private func answer(_ target: String, method: String = "GET") -> (status: Int, value: JSONValue)? {
    var model = ClusterModel(options: SimulatedCluster.Options())
    guard case .body(let body) = model.answer(APICall(method: method, target: target), now: .epoch) else { return nil }
    return (body.status, (try? JSONValue(parsing: body.bytes)) ?? nil)
  }

  @Test("every kind is found under its group", arguments: ResourceKind.allCases)
  func resources(kind: ResourceKind) throws {
    let path = kind.group.isEmpty ? "/api/v1" : "/apis/\(kind.apiVersion)"
    let list = try #require(answer(path)).value
    let found = list["resources"]?.elements.first { $0["name"]?.text == kind.plural }
    #expect(found?["kind"]?.text == kind.kind)
    #expect(try #require(answer("\(path)/\(kind.plural)")).value["kind"]?.text == kind.kind + "List")
  }

  @Test(arguments: [
    ("/api", 200), ("/apis", 200), ("/apis/apps", 200), ("/apis/nope", 404), ("/apis/apps/v9", 404), ("/", 404),
    ("/version", 200), ("/api/v1/nodes", 404), ("/api/v1/namespaces/shop/pods/p/exec", 404),
  ])
  func paths(target: String, status: Int) {
    #expect(answer(target)?.status == status)
  }

  @Test(arguments: [
    ("DELETE", "/api/v1/namespaces/s/pods/p"), ("POST", "/api/v1/namespaces/s/pods"),
    ("PATCH", "/api/v1/namespaces/s/configmaps/c"),
  ])
  func writesAreRefused(method: String, target: String) {
    #expect(answer(target, method: method)?.status == 405)
  }

  @Test("percent-encoding, plus signs and repeated names in a target")
  func targets() {
    let call = APICall(
      target: "/api/v1/namespaces/a%20b/pods?labelSelector=app%3Dx%2Cy+in+%28z%29&limit=1&limit=2&%zz=1")
    #expect(call.path == ["api", "v1", "namespaces", "a b", "pods"])
    #expect(call["labelSelector"] == "app=x,y in (z)")
    #expect(call["limit"] == "1")
    #expect(call["%zz"] == "1")
  }

  @Test("recorded lines are due at their times, divided by the speed")
  func pacing() throws {
    var stream = try RecordedStream.load(path: Fixture.folder + "/watch/pods.jsonl", pacing: .recorded(speed: 10))
    #expect(stream.lines.count == 268)
    #expect(stream.due(stream.lines[0]) == .zero)
    let last = stream.due(stream.lines[267])
    #expect(last > .seconds(34) && last < .seconds(35))
    stream.pacing = .immediate
    #expect(stream.due(stream.lines[267]) == .zero)
    #expect(stream.resumed(after: 1_000_000).lines.isEmpty)
    #expect(throws: SimulationError.self) { try RecordedStream.load(path: Fixture.folder + "/none") }
    #expect(throws: SimulationError.self) { try RecordedTraffic.load(folder: Fixture.folder + "/none") }
  }
}
