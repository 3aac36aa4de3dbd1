internal import NIOCore
internal import Randomness
internal import Testing

@testable internal import OrchestratorClient

struct OutputBufferTests {
  @Test func whatWasTakenStaysAsItWas() {
    var output = OutputBuffer()
    #expect(output.take() == nil)
    output.append { $0.writeString("one") }
    output.append { $0.writeString("two") }
    #expect(output.count == 6)
    let held = output.take()
    #expect(output.count == 0 && output.take() == nil)
    // The socket still has the first bytes: the next ones lie elsewhere.
    output.append { $0.writeString("three") }
    #expect(held == ByteBuffer(string: "onetwo"))
    #expect(output.take() == ByteBuffer(string: "three"))
  }

  @Test func memoryIsUsedAgainOnceNobodyHoldsItAndGivenBackWhenIdle() {
    var output = OutputBuffer()
    output.append { $0.writeRepeatingByte(1, count: 100_000) }
    let capacity = output.take()?.capacity
    output.append { #expect($0.capacity == capacity && $0.readableBytes == 0) }
    output.shrink()
    output.append { #expect($0.capacity == 0) }
    // What waits is not thrown away.
    output.append { $0.writeString("x") }
    output.shrink()
    #expect(output.take() == ByteBuffer(string: "x"))
  }
}

struct WriteAllowanceTests {
  @Test func aWriterWaitsBeyondTheLimitAndAtTheEnd() {
    let allowance = WriteAllowance(limit: 100)
    #expect(allowance.take(60))
    #expect(allowance.take(40))
    #expect(!allowance.take(1))
    allowance.give(50)
    #expect(allowance.take(49))
    #expect(!allowance.take(1))
    allowance.give(101)
    allowance.close()
    #expect(!allowance.take(1))
  }

  /// Each is a closure on its way to the event loop, and costs more than its bytes.
  @Test func smallMessagesAreWaitedForNowAndThen() {
    let allowance = WriteAllowance(limit: 1_000_000)
    let taken = (0..<1_000).map { _ in allowance.take(1) }
    #expect(taken.count { !$0 } == 1_000 / WriteAllowance.unawaitedLimit)
  }
}

struct SendQueueTests {
  /// Messages of all sizes, pulled in pieces of all sizes, are the same bytes; the end comes with the last of them.
  @Test(arguments: 0..<10)
  func piecesMakeTheWhole(seed: Int) {
    var random = SplitMix64(seed: UInt64(seed))
    let queue = SendQueue()
    var whole: [UInt8] = []
    var pulled = ByteBuffer()
    for _ in 0..<200 {
      if Bool.random(using: &random) {
        let message = (0..<Int.random(in: 0...300, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random)
        }
        queue.append(message)
        whole += message
      }
      let count = min(queue.pending, Int.random(in: 0...250, using: &random))
      #expect(queue.pullEnding(after: count) == nil)
      queue.pull(count, into: &pulled)
      #expect(queue.pulled == pulled.readableBytes && queue.pending == whole.count - queue.pulled)
    }
    queue.append([7])
    whole.append(7)
    queue.finish(.endStream)
    queue.append([8])
    #expect(queue.pullEnding(after: queue.pending - 1) == nil)
    #expect(queue.pullEnding(after: queue.pending) == .endStream)
    queue.pull(.max, into: &pulled)
    #expect(Array(pulled.readableBytesView) == whole)
    #expect(queue.isEnded && queue.pending == 0)
  }
}
