internal import Delivery
internal import Testing

struct StreamEndTests {
  @Test(arguments: [
    (0, StreamEnd.Verdict.goOn, false), (1, .retry, false), (2, .retry, true), (3, .deadLetter, true),
    (4, .retry, false), (5, .retrySlowly, false), (6, .retry, false), (7, .retrySlowly, false), (8, .retry, true),
    (9, .retrySlowly, false), (10, .retry, false), (11, .deadLetter, true), (12, .retrySlowly, false),
    (13, .retry, true),
    (14, .retry, false), (15, .retry, true), (16, .retrySlowly, false), (17, .retry, false), (-1, .retry, false),
  ])
  func everyStatusHasAVerdict(code: Int, verdict: StreamEnd.Verdict, blames: Bool) {
    let end = StreamEnd.status(code: code, message: "")
    #expect(end.verdict == verdict)
    #expect(end.blamesIncident == blames)
  }
}
