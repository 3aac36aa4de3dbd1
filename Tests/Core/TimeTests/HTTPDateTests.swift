import Testing
import Time

@Suite("HTTP dates")
struct HTTPDateTests {
  @Test(arguments: [
    (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"), (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
    (-86_400, "Wed, 31 Dec 1969 00:00:00 GMT"), (1_795_420_712, "Mon, 23 Nov 2026 07:58:32 GMT"),
  ])
  func bothWays(seconds: Int64, text: String) {
    #expect(Timestamp(seconds: seconds).httpDate == text)
    #expect(Timestamp(httpDate: text) == Timestamp(seconds: seconds))
  }

  @Test(arguments: [
    "", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994", "Sun, 06 Nov 1994 08:49:37 UTC",
    "Sun, 06 Foo 1994 08:49:37 GMT", "Sun, 6 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 25:49:37 GMT",
  ])
  func refuses(text: String) {
    #expect(Timestamp(httpDate: text) == nil)
  }
}
