internal import ArgumentParser
internal import Testing

@testable internal import kube_mind

/// How the command line of `harvest` is read.
@Suite("Command line of harvest")
struct HarvestCommandTests {
  @Test("a subcommand's options are its own")
  func pod() throws {
    let parsed = try KubeMind.parseAsRoot([
      "harvest", "pod", "api-1", "-n", "shop", "--tail", "7", "--explain", "-o", "wide",
    ])
    let command = try #require(parsed as? HarvestPodCommand)
    #expect((command.name, command.namespace) == ("api-1", "shop"))
    #expect((command.arguments.tail, command.arguments.explain, command.output) == (7, true, .wide))
  }

  @Test(
    "pods are harvested where they fail, from a bundle, or as they fail",
    arguments: [
      ["harvest", "--from", "x"], ["harvest", "--watch", "-n", "shop"], ["harvest", "pods", "--failing", "-A"],
      ["harvest", "pods", "--from", "x", "-o", "jsonpath={.failure.reason}"], ["harvest", "--watch", "--count", "3"],
    ])
  func pods(arguments: [String]) throws {
    #expect(try KubeMind.parseAsRoot(arguments) is HarvestPodsCommand)
  }

  @Test(
    "what makes no sense is refused",
    arguments: [
      ["harvest"], ["harvest", "pods"], ["harvest", "--from", "x", "--watch"],
      ["harvest", "--from", "x", "--context", "c"], ["harvest", "--watch", "--count", "0"],
      ["harvest", "pods", "--failing", "--count", "1"],
      ["harvest", "--from", "x", "-o", "jsonpath={.a"], ["harvest", "--from", "x", "-o", "jsonpath="],
      ["harvest", "--from", "x", "-o", "xml"],
      ["harvest", "pod", "x", "--tail", "0"], ["harvest", "-A", "-n", "shop", "--watch"],
    ])
  func refused(arguments: [String]) {
    #expect(throws: (any Error).self) { try KubeMind.parseAsRoot(arguments) }
  }
}
