import Testing

@testable import Time

@Suite("RFC 3339")
struct RFC3339Tests {
  @Test(
    "reads and writes what Kubernetes does",
    arguments: [
      ("1970-01-01T00:00:00Z", 0, 0), ("2026-11-23T02:05:35Z", 1_795_399_535, 0),
      ("2024-02-29T23:59:59Z", 1_709_251_199, 0), ("1969-12-31T23:59:59Z", -1, 0),
      ("2000-03-01T00:00:00Z", 951_868_800, 0),
    ])
  func roundTrip(text: String, seconds: Int, nanoseconds: Int) throws {
    let time = try #require(Timestamp(rfc3339: text))
    #expect(time == Timestamp(seconds: Int64(seconds), nanoseconds: Int32(nanoseconds)))
    #expect(time.formatted(.seconds) == text)
  }

  @Test func fractionsAndOffsets() {
    #expect(Timestamp(rfc3339: "2026-11-23T02:05:35.123456Z")?.nanoseconds == 123_456_000)
    #expect(Timestamp(rfc3339: "2026-11-23T04:05:35+02:00") == Timestamp(rfc3339: "2026-11-23T02:05:35Z"))
    #expect(
      Timestamp(rfc3339: "2026-11-23T02:05:35.9999999999Z")?.formatted(.microseconds) == "2026-11-23T02:05:35.999999Z")
    #expect(Timestamp(nanosecondsSinceEpoch: -1).formatted(.milliseconds) == "1969-12-31T23:59:59.999Z")
  }

  @Test(
    arguments: [
      "", "2026", "2026-13-01T00:00:00Z", "2026-11-23T02:05:35", "2026-11-23T02:05:35.Z", "2026-11-23T02:05:35Zx",
      "9999-01-01T00:00:00Z", "2026-11-23T24:00:00Z",
    ])
  func refuses(text: String) {
    #expect(Timestamp(rfc3339: text) == nil)
  }

  @Test func everyDayOfFourCenturiesComesBack() {
    for day in stride(from: Int64(-100_000), through: 100_000, by: 17) {
      let time = Timestamp(seconds: day * 86_400 + 3_661)
      #expect(Timestamp(rfc3339: time.formatted(.seconds)) == time)
    }
  }

  @Test("times at the edge of what can be held neither trap nor wrap")
  func saturates() {
    let far = Timestamp(seconds: .max, nanoseconds: 999_999_999)
    let past = Timestamp(seconds: .min)
    #expect(far.advanced(by: .seconds(1)) == far)
    #expect(past.duration(to: far) > .seconds(1_000_000_000))
    #expect(far.formatted(.seconds).hasPrefix("2262-"))
    #expect(past.formatted(.seconds).hasPrefix("1677-"))
    #expect(
      MonotonicInstant(nanoseconds: .max).advanced(by: .seconds(Int64.max)) == MonotonicInstant(nanoseconds: .max))
  }
}
