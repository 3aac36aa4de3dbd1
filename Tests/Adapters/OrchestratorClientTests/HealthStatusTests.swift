internal import Testing

@testable internal import OrchestratorClient

struct HealthStatusTests {
  @Test(
    arguments: [
      ([], .unclear), ([8, 0], .unclear), ([8, 1], .serving), ([8, 2], .notServing), ([8, 3], .unclear),
      ([8, 0x81, 0], .serving), ([8, 1, 8, 2], .notServing),
      // Fields of a later protocol are passed over.
      ([0x12, 2, 8, 2, 8, 1], .serving), ([0x15, 1, 2, 3, 4, 8, 1], .serving),
      ([0x11, 1, 2, 3, 4, 5, 6, 7, 8, 8, 2], .notServing),
      ([8], nil), ([8, 0x80], nil), ([0x12, 5, 1], nil), ([0x0B], nil), ([0x12, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F], nil),
      (Array(repeating: 0xFF, count: 20), nil),
    ] as [([UInt8], HealthStatus?)])
  func answersAreRead(bytes: [UInt8], status: HealthStatus?) {
    #expect(HealthStatus(message: bytes) == status)
  }
}
