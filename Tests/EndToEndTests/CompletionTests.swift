internal import ArgumentParser
internal import Documents
internal import Kubernetes
internal import Synchronization
internal import Testing

@testable internal import Simulation
@testable internal import kube_mind

/// What a shell is offered, and by what name the program speaks of itself.
@Suite("completion")
struct CompletionTests {
  private static let tree = try? JSONDocument(Array(KubeMind._dumpHelp().utf8)).value("command")

  private func answer(_ words: String...) throws -> CompletionPlan.Answer {
    CompletionPlan(tree: try #require(Self.tree), words: words).answer
  }

  @Test("verbs, options, values and files, each in its place")
  func places() throws {
    #expect(try answer("har") == .words(["harvest"]))
    #expect(try answer("harvest", "p") == .words(["pod", "pods"]))
    #expect(try answer("harvest", "pod", "x", "-o", "js") == .words(["json", "jsonpath="]))
    #expect(try answer("harvest", "pod", "--expl") == .words(["--explain"]))
    #expect(try answer("harvest", "--fail") == .words(["--failing"]), "the default verb's options")
    #expect(try answer("redact", "--rules", "") == .file)
    #expect(try answer("redact", "a.log", "b") == .file, "a repeating argument")
    #expect(try answer("harvest", "pod", "one", "two") == .words([]), "there is one pod")
    #expect(try answer("harvest", "pod", "--tail", "") == .words([]), "any number")
    #expect(try answer("nonsense", "--x", "") == .words([]))
  }

  @Test("hidden verbs and options are not offered")
  func hidden() throws {
    #expect(try answer("comp") == .words([]))
    #expect(try answer("ref") == .words([]))
    guard case .words(let verbs) = try answer("") else { return #expect(Bool(false), "no verbs") }
    #expect(verbs.contains("watch") && !verbs.contains("complete"))
  }

  @Test("names of the cluster are asked for by the parser's own call, whose last word is the one to complete")
  func asked() throws {
    guard case .ask(let call) = try answer("harvest", "pod", "-n", "shop", "pay") else {
      return #expect(Bool(false), "pods are not asked for")
    }
    #expect(
      call == [
        "---completion", "harvest", "pod", "--", "positional@0", "5", "3", "kube-mind", "harvest", "pod", "-n", "shop",
        "pay",
      ])
    guard case .ask(let options) = try answer("watch", "--context", "") else {
      return #expect(Bool(false), "contexts are not asked for")
    }
    #expect(options.prefix(4) == ["---completion", "watch", "--", "--context"])
  }

  @Test("an option's value is read from the words before the cursor")
  func values() {
    let words = ["kube-mind", "harvest", "pod", "-n", "shop", "--kubeconfig=/k", "--context", ""]
    #expect(LiveCompletion.value(of: ["--namespace", "-n"], in: words) == "shop")
    #expect(LiveCompletion.value(of: ["--kubeconfig"], in: words) == "/k")
    #expect(LiveCompletion.value(of: ["--context"], in: words) == nil, "the word under the cursor is none yet")
  }

  @Test("names come out of a list and out of nothing else")
  func names() {
    let list =
      #"{"kind":"PartialObjectMetadataList","items":[{"metadata":{"name":"a"}},{"metadata":{}},{"metadata":{"name":"b"}}]}"#
    #expect(APIRequest.names(in: Array(list.utf8)) == ["a", "b"])
    for body in ["", "[]", #"{"items":3}"#, #"{"kind":"Status"}"#] {
      #expect(APIRequest.names(in: Array(body.utf8)).isEmpty)
    }
  }

  @Test(
    "kubectl's plugin says so in its usage",
    arguments: [
      ("/usr/local/bin/kube-mind", "kube-mind"), ("kubectl-mind", "kubectl mind"),
      ("/home/a/.krew/bin/kubectl-mind", "kubectl mind"), ("", "kube-mind"), ("kubectl-minder", "kube-mind"),
    ])
  func invocation(path: String, name: String) {
    #expect(Invocation.name(ofProgram: path) == name)
  }
}
