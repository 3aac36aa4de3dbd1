import Kubernetes
import Testing

@testable import Incidents

private func excerpt(_ lines: [String], limit: Int = 200, bytes: Int = 512 << 10, isCut: Bool = false) -> LogExcerpt {
  LogExcerpt(Array(lines.map { $0 + "\n" }.joined().utf8), lines: limit, bytes: bytes, isCut: isCut)
}

private func lines(_ excerpt: LogExcerpt) -> [String] {
  String(decoding: excerpt.text, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(
    String.init)
}

@Suite("Log excerpts")
struct LogExcerptTests {
  @Test(
    "lines that repeat stand once, with their count",
    arguments: [
      (["a", "b", "c"], ["a", "b", "c"], 0), (["a", "a", "a", "b"], ["a", "a", "a", "b"], 0),
      (["a", "a", "a", "a", "b"], ["a", "[kube-mind: last line repeated 3 times]", "b"], 3),
      (["x", "y", "x", "y", "x", "y"], ["x", "y", "[kube-mind: last 2 lines repeated 2 times]"], 4),
      (["x", "y", "z", "x", "y", "z"], ["x", "y", "z", "[kube-mind: last 3 lines repeated 1 time]"], 3),
      (["", "", "", "", ""], ["", "[kube-mind: last line repeated 4 times]"], 4),
      // Lines that differ in their times alone; the last time is told.
      (
        (1...4).map { "2026-11-23T02:06:2\($0).5Z GET /healthz" },
        [
          "2026-11-23T02:06:21.5Z GET /healthz",
          "[kube-mind: last line repeated 3 times, the last at 2026-11-23T02:06:24.5Z]",
        ], 3
      ),
      (
        (1...4).map { "I112\($0) 02:06:2\($0).000123 1 main.go:5] retry" },
        [
          "I1121 02:06:21.000123 1 main.go:5] retry",
          "[kube-mind: last line repeated 3 times, the last at 1124 02:06:24.000123]",
        ], 3
      ),
      (
        (1...4).map { "179500000\($0).25 tick" },
        ["1795000001.25 tick", "[kube-mind: last line repeated 3 times, the last at 1795000004.25]"], 3
      ),
      (
        (1...4).map { "10.0.0.1 - - [23/Nov/2026:02:06:2\($0) +0000] \"GET /\" 200" },
        [
          "10.0.0.1 - - [23/Nov/2026:02:06:21 +0000] \"GET /\" 200",
          "[kube-mind: last line repeated 3 times, the last at 02:06:24]",
        ], 3
      ),
      // Any other number means something: counts, sizes, ports, addresses, versions.
      ((1...4).map { "seq=\($0)" }, (1...4).map { "seq=\($0)" }, 0),
      ((1...4).map { "dial 10.0.0.\($0):5432" }, (1...4).map { "dial 10.0.0.\($0):5432" }, 0),
      ((1...4).map { "id 279500000\($0)" }, (1...4).map { "id 279500000\($0)" }, 0),
    ] as [([String], [String], Int)])
  func folding(log: [String], kept: [String], repeated: Int) {
    let excerpt = excerpt(log)
    #expect(lines(excerpt) == kept)
    #expect(excerpt.repeatedLines == repeated)
    #expect(excerpt.omittedBytes == 0)
  }

  @Test("the end is kept, and the first stack trace wherever it stands")
  func traceBeforeTheEnd() {
    let trace = [
      "java.lang.IllegalStateException: no pool", "\tat shop.Db.open(Db.java:12)", "\tat shop.Main.main(Main.java:3)",
    ]
    let log = ["starting"] + trace + (0..<100).map { "request \($0) failed" }
    let excerpt = excerpt(log, limit: 10)
    #expect(
      lines(excerpt) == trace + ["[kube-mind: 90 lines left out]"] + (90..<100).map { "request \($0) failed" })
    #expect(excerpt.omittedLines == 91)
    #expect(excerpt.omittedBytes == 0)
    #expect(excerpt.traces.map(\.headline) == [trace[0]])
    #expect(excerpt.traces.map(\.frame) == ["at shop.Db.open(Db.java:12)"])
  }

  @Test("two traces before the end are both kept; one within the end is not kept twice")
  func firstAndLast() {
    func trace(_ name: String) -> [String] {
      ["Error: \(name)", "    at f (/app/a.js:1:2)", "    at g (/app/b.js:3:4)"]
    }
    let log = trace("one") + trace("two") + ["x"] + trace("three") + (0..<20).map { "line \($0)" }
    let both = excerpt(log, limit: 5)
    #expect(
      lines(both)
        == trace("one") + ["[kube-mind: 4 lines left out]"] + trace("three") + ["[kube-mind: 15 lines left out]"]
        + (15..<20).map { "line \($0)" })
    #expect(both.traces.map(\.headline) == ["Error: one", "Error: three"])
    #expect(lines(excerpt(log)) == log)
  }

  @Test("bytes are cut from the start, at lines, and counted")
  func bytes() {
    let log = (0..<100).map { "line \($0) " + String(repeating: "x", count: 92) }
    let cut = excerpt(log, bytes: 1_000)
    #expect(cut.text.count <= 1_000)
    #expect(lines(cut).last == log.last)
    #expect(log.contains(lines(cut)[0]))
    #expect(cut.omittedBytes + cut.text.count == log.reduce(0) { $0 + $1.utf8.count + 1 })
    // A single line beyond the limit: its end.
    let long = excerpt([String(repeating: "a", count: 5_000) + "end"], bytes: 1_024)
    #expect(long.text.count <= 1_024)
    #expect(lines(long)[0].hasSuffix("aend"))
    #expect(long.omittedBytes == 5_004 - long.text.count)
  }

  @Test("what may be half a line is left out: half a secret is not known for one")
  func cutBefore() {
    let cut = excerpt(["ssword=hunter2", "next"], isCut: true)
    #expect(lines(cut) == ["next"])
    #expect(cut.omittedBytes == 15)
    #expect(lines(excerpt(["the only one"], isCut: true)) == ["the only one"])
  }

  @Test("what was lost before lines that are not kept is not missed")
  func cutBeyondTheLines() {
    var log = LogEvidence(
      container: "a", kind: .regular, previous: true, text: Array("f of it\n1\n2\n3\n".utf8), omittedBytes: 900)
    log.shorten(lines: 2, bytes: 1_000)
    #expect((log.omittedBytes, log.omittedLines) == (0, 1))
    var short = LogEvidence(
      container: "a", kind: .regular, previous: true, text: Array("f of it\n1\n".utf8), omittedBytes: 900)
    short.shorten(lines: 2, bytes: 1_000)
    #expect((short.omittedBytes, short.omittedLines) == (908, 0))
  }

  @Test("a log without LF at its end keeps that, and any bytes pass")
  func odd() {
    #expect(LogExcerpt(Array("a\nb".utf8), lines: 9, bytes: 99).text == Array("a\nb".utf8))
    #expect(LogExcerpt([], lines: 9, bytes: 99).text.isEmpty)
    #expect(LogExcerpt([0x0A], lines: 9, bytes: 99).text == [0x0A])
    #expect(LogExcerpt([0xFF, 0, 0x0D, 0x0A, 0x1B], lines: 9, bytes: 99).text == [0xFF, 0, 0x0D, 0x0A, 0x1B])
  }

  @Test("whatever a log holds, its excerpt is bounded and accounts for each line", arguments: 0..<300)
  func fuzz(seed: UInt64) {
    var random = Random(state: seed)
    let pieces = [
      "Traceback (most recent call last):", "  File \"a.py\", line 1", "ValueError: x", "goroutine 1 [running]:",
      "\tat a.b(C.java:1)",
      "at ", "   at X.Y() in /a.cs:line 3", "panic: boom", "main.main()", "\t/x.go:1", "", "2026-01-01 00:00:00 x", "a",
      "b",
      "Caused by: y", "thread 'main' panicked at src/main.rs:1:1:", "\tfrom a.rb:1:in `x'", "a.rb:1:in `y': z (E)",
      "[kube-mind: last line repeated 3 times]", "\u{0}", "    code: 'E',", "}", "{\"s\":\"E\\n    at f\"}",
    ]
    let log = (0..<Int(random.next() % 120)).map { _ in pieces[Int(random.next() % UInt64(pieces.count))] }
    let limit = 1 + Int(random.next() % 50)
    let bytes = 40 + Int(random.next() % 2_000)
    let excerpt = excerpt(log, limit: limit, bytes: bytes)
    // The marks of what is left out come on top.
    #expect(excerpt.text.count <= bytes + 2 * 64)
    let kept = lines(excerpt).filter { !$0.hasPrefix("[kube-mind: ") || $0 == pieces[18] }.count
    let given = log.count
    if excerpt.omittedBytes == 0 { #expect(kept + excerpt.repeatedLines + excerpt.omittedLines >= given - 64) }
    #expect(kept <= given)
    // Nothing is invented: each line that is no mark stands in the log.
    for line in lines(excerpt) where !line.hasPrefix("[kube-mind: ") && excerpt.omittedBytes == 0 {
      #expect(log.contains(line))
    }
  }
}

private struct Random {
  var state: UInt64

  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state >> 33
  }
}
