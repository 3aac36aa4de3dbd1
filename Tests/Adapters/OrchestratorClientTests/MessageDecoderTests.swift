internal import Randomness
internal import Testing

@testable internal import OrchestratorClient

struct MessageDecoderTests {
  static func framed(_ message: [UInt8]) -> [UInt8] {
    MessageDecoder.prefix(forLength: message.count) + message
  }

  @Test func messagesComeOutWhateverTheChunks() throws {
    let messages: [[UInt8]] = [[], [1], Array(repeating: 7, count: 300), [], Array(0...255), [9, 9]]
    let bytes = messages.flatMap(Self.framed)
    for size in 1...bytes.count {
      var decoder = MessageDecoder(limit: 300)
      var decoded: [[UInt8]] = []
      for start in stride(from: 0, to: bytes.count, by: size) {
        decoded += try decoder.append(Array(bytes[start..<min(start + size, bytes.count)]))
      }
      #expect(decoded == messages)
      #expect(decoder.isBetweenMessages)
    }
  }

  @Test(arguments: [
    ([0, 0, 0, 0, 11], MessageDecoder.Failure.tooLarge(11)),
    ([0, 0xFF, 0xFF, 0xFF, 0xFF], .tooLarge(4_294_967_295)),
    ([1, 0, 0, 0, 1], .compressed),
    ([0, 0, 0, 0, 1, 5, 2, 0, 0, 0, 0], .compressed),
  ])
  func hostilePrefixesAreRefused(bytes: [UInt8], failure: MessageDecoder.Failure) {
    var decoder = MessageDecoder(limit: 10)
    #expect(throws: failure) { try decoder.append(bytes) }
  }

  @Test func aCutMessageIsSeen() throws {
    var decoder = MessageDecoder(limit: 10)
    #expect(try decoder.append([0, 0, 0]) == [])
    #expect(!decoder.isBetweenMessages)
    #expect(try decoder.append([0, 2, 1]) == [])
    #expect(!decoder.isBetweenMessages)
    #expect(try decoder.append([2]) == [[1, 2]])
    #expect(decoder.isBetweenMessages)
  }
}

struct ReceiveCreditTests {
  @Test func aMessageLargerThanTheWindowIsFinished() {
    var credit = ReceiveCredit()
    // Nothing is complete and nobody has anything to read: all goes back at once.
    #expect(credit.received(bytes: 65_535, completing: 0) == 65_535)
    #expect(credit.received(bytes: 65_535, completing: 0) == 65_535)
    #expect(credit.received(bytes: 100, completing: 1) == 0)
    #expect(credit.messagesTaken(1, bytes: 131_170) == 100)
    #expect(credit.owed == 0)
  }

  @Test func aSlowReaderHoldsTheWindow() {
    var credit = ReceiveCredit()
    #expect(credit.received(bytes: 300, completing: 3) == 0)
    #expect(credit.received(bytes: 50, completing: 0) == 0)
    #expect(credit.messagesTaken(1, bytes: 100) == 100)
    #expect(credit.messagesTaken(1, bytes: 100) == 100)
    #expect(credit.messagesTaken(1, bytes: 100) == 150)
    #expect(credit.owed == 0)
  }

  @Test func whatIsOwedIsNeverNegativeAndAllComesBack() {
    var random = SplitMix64(seed: 5)
    for _ in 0..<200 {
      var credit = ReceiveCredit()
      var received = 0
      var returned = 0
      var waiting: [Int] = []
      for _ in 0..<100 {
        if Bool.random(using: &random) || waiting.isEmpty {
          let sizes = (0..<Int.random(in: 0...3, using: &random)).map { _ in Int.random(in: 5...500, using: &random) }
          let bytes = sizes.reduce(Int.random(in: 0...100, using: &random), +)
          received += bytes
          waiting += sizes
          returned += credit.received(bytes: bytes, completing: sizes.count)
        } else {
          returned += credit.messagesTaken(1, bytes: waiting.removeFirst())
        }
        #expect(credit.owed >= 0)
        #expect(credit.owed == received - returned)
        if waiting.isEmpty { #expect(credit.owed == 0) }
      }
      returned += credit.closed()
      #expect(returned == received)
    }
  }
}

struct TakenMessagesTests {
  @Test func smallMessagesAreToldTogether() {
    let taken = TakenMessages(threshold: 1_000)
    var credit = ReceiveCredit()
    _ = credit.received(bytes: 900, completing: 9)
    #expect((0..<9).allSatisfy { _ in !taken.add(bytes: 100) })
    _ = credit.received(bytes: 100, completing: 1)
    #expect(taken.add(bytes: 100))
    #expect(taken.settle(&credit) == 1_000)
    #expect(credit.owed == 0)
  }

  /// The beginning of a large message, held back while others wait, is given back by the very take that leaves none waiting:
  /// the peer cannot go on before that.
  @Test func aPeerWhoseWindowIsClosedIsNotForgotten() {
    let taken = TakenMessages(threshold: 1_000)
    var credit = ReceiveCredit()
    #expect(credit.received(bytes: 8_000, completing: 1) == 0)
    #expect(taken.settle(&credit) == 0)
    #expect(taken.add(bytes: 50))
    #expect(taken.settle(&credit) == 8_000)
  }

  /// The same where the reader is quicker than the loop's account.
  @Test func aTakeDuringTheReceiptCounts() {
    let taken = TakenMessages(threshold: 1_000)
    var credit = ReceiveCredit()
    #expect(!taken.add(bytes: 50))
    #expect(credit.received(bytes: 8_000, completing: 1) == 0)
    #expect(taken.settle(&credit) == 8_000)
  }

  /// Whatever comes and is taken in whatever order: a peer that stays within its window can always go on.
  @Test func thePeerCanAlwaysGoOn() {
    var random = SplitMix64(seed: 9)
    for _ in 0..<300 {
      let window = 1_000
      let taken = TakenMessages(threshold: window / 8)
      var credit = ReceiveCredit()
      var open = window
      var waiting: [Int] = []
      var rest = 0
      for _ in 0..<300 {
        if open > 0, Bool.random(using: &random) {
          if rest == 0 { rest = Int.random(in: 5...3_000, using: &random) }
          let count = min(open, rest, Int.random(in: 1...400, using: &random))
          rest -= count
          open -= count
          if rest == 0 { waiting.append(count) }
          open += credit.received(bytes: count, completing: rest == 0 ? 1 : 0) + taken.settle(&credit)
        } else if !waiting.isEmpty, taken.add(bytes: waiting.removeFirst()) {
          open += taken.settle(&credit)
        }
        if waiting.isEmpty { #expect(open > window / 2) }
        #expect(open <= window)
      }
    }
  }
}
