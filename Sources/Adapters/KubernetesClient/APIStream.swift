package import Kubernetes
package import Time

/// The body of an answer as it arrives. One task reads it. What is not read is not received: at most 64 KiB wait here, then the
/// server's writes stall. Dropping the stream ends the exchange.
package final class APIStream: Sendable {
  /// Bytes that wait for the reader before reading from the server stops: some watch events, or a tenth of a page.
  static let bufferLimit = 64 << 10

  /// A part of the body.
  package struct Chunk: Sendable, Equatable {
    /// Never empty.
    package var bytes: [UInt8]
    /// When the first of the bytes arrived.
    package var receivedAt: MonotonicInstant
    /// The same by the wall clock.
    package var wall: Timestamp
  }

  /// HTTP status.
  package let status: Int
  /// Header fields, names in lower case.
  package let headers: [String: String]
  private let transfer: Transfer
  private let loop: TransferLoop

  init(transfer: Transfer, loop: TransferLoop) async throws(TransferFailure) {
    let head = try await loop.awaiting(transfer) { () async throws(TransferFailure) in try await transfer.head() }
    status = head.status
    headers = head.headers
    self.transfer = transfer
    self.loop = loop
  }

  deinit {
    loop.cancel(transfer)
  }

  /// What has arrived since the last call, waiting for something to arrive; nil once the body is whole. Throws where it broke
  /// off, where it was silent for too long, and where the task is cancelled.
  package func next() async throws(APIError) -> Chunk? {
    do throws(TransferFailure) {
      let transfer = transfer
      let (chunk, mustResume) = try await loop.awaiting(transfer) { () async throws(TransferFailure) in
        try await transfer.chunk()
      }
      if mustResume { loop.resume(transfer) }
      return chunk.map { Chunk(bytes: $0.bytes, receivedAt: $0.receivedAt, wall: $0.wall) }
    } catch {
      throw error.error
    }
  }

  /// Sets the longest silence from now on.
  package func limitSilence(to limit: Duration) {
    transfer.idleLimit = limit
  }

  /// This stream if its status is 2xx; else its body as an error.
  func checked(access: ClusterAccess) async throws(TransferFailure) -> APIStream {
    if (200..<300).contains(status) { return self }
    var body: [UInt8] = []
    do throws(APIError) {
      while body.count < Self.bufferLimit, let chunk = try await next() { body += chunk.bytes }
    } catch {
      guard error.code != .cancelled else { throw TransferFailure(error: error) }
      // The status alone says enough where the words do not arrive.
    }
    let response = APIResponse(status: status, headers: headers, body: body)
    throw TransferFailure(error: APIError(refusal: response, access: access))
  }
}
