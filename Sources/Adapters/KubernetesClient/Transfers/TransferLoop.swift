// With `ActiveTransfer` the code that touches libcurl. Ownership: the multi handle belongs to the loop's thread, which makes it no
// more once `run` has returned; other threads touch it for `curl_multi_wakeup` alone, under the lock that also guards its end. Each
// easy handle belongs to its `ActiveTransfer`, which `active` holds for as long as libcurl may call it.

internal import CCurl
internal import Kubernetes
internal import Synchronization
internal import Time

extension APIClient {
  /// The version of libcurl that is loaded, e.g. "7.88.1".
  package static var libraryVersion: String {
    // Not `curl_version()`: it asks OpenLDAP for its version too, which looks up this host's name and domain. The record and its
    // texts are libcurl's own and constant.
    guard let info = curl_version_info(CURLVERSION_FIRST), let version = info.pointee.version else { return "unknown" }
    return String(cString: version)
  }
}

/// A thread that runs HTTP exchanges with libcurl, any number of them at once.
///
/// Watches and logs get a loop of their own: long streams, and logs of a node that is gone, would use up the connections of short calls,
/// the renewal of the Lease among them. All of it is HTTP/1.1 (`ActiveTransfer` says why).
final class TransferLoop: Sendable {
  /// What a loop is for.
  enum Purpose: Sendable {
    /// One after the other on at most 8 connections, which are kept.
    case calls
    /// Each exchange has its own connection.
    case streams
  }

  private enum Command {
    case submit(Transfer)
    case resume(UInt64)
    case cancel(UInt64)
    case stop
  }

  private struct Shared {
    /// Nil once the thread has ended.
    var multi: MultiHandle?
    var commands: [Command] = []
    var nextID: UInt64 = 0
  }

  private let shared: Mutex<Shared>
  private let time: any TimeSource
  private let purpose: Purpose

  init(_ purpose: Purpose, time: any TimeSource) throws(APIError) {
    _ = Self.library
    guard let multi = curl_multi_init() else { throw APIError(.configuration, "cannot start libcurl: out of memory") }
    if purpose == .calls {
      _ = kmo_curl_multi_set_long(multi, CURLMOPT_MAX_HOST_CONNECTIONS, 8)
    }
    // Idle connections that are kept: those of a burst for the next one.
    _ = kmo_curl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, 8)
    self.purpose = purpose
    self.time = time
    shared = Mutex(Shared(multi: MultiHandle(pointer: multi)))
    guard Thread.start({ [self] in run() }) else {
      shared.withLock { $0.multi = nil }
      curl_multi_cleanup(multi)
      throw APIError(.configuration, "cannot start a thread")
    }
  }

  /// Once in a process, before any other call.
  private static let library = curl_global_init(Int(CURL_GLOBAL_DEFAULT))

  /// Starts an exchange.
  func start(_ request: TransferRequest) -> Transfer {
    let id = shared.withLock { shared in
      shared.nextID += 1
      return shared.nextID
    }
    let transfer = Transfer(id: id, request: request, time: time)
    if !send(.submit(transfer)) { transfer.finish(.failure(Self.stopped)) }
    return transfer
  }

  /// Goes on with an exchange that was paused.
  func resume(_ transfer: Transfer) {
    _ = send(.resume(transfer.id))
  }

  /// Ends an exchange at once; its connection is closed if the answer was not whole.
  func cancel(_ transfer: Transfer) {
    transfer.finish(.failure(TransferFailure(error: APIError(.cancelled, "cancelled"))))
    _ = send(.cancel(transfer.id))
  }

  /// Ends all exchanges and the thread.
  func stop() {
    _ = send(.stop)
  }

  private static var stopped: TransferFailure {
    TransferFailure(error: APIError(.cancelled, "the Kubernetes client is shut down"))
  }

  private func send(_ command: Command) -> Bool {
    shared.withLock { shared in
      guard let multi = shared.multi else { return false }
      shared.commands.append(command)
      // Thread-safe by libcurl's word; under the lock, so that the handle is not freed meanwhile.
      curl_multi_wakeup(multi.pointer)
      return true
    }
  }

  // MARK: The thread

  private func run() {
    guard let multi = shared.withLock({ $0.multi })?.pointer else { return }
    var active: [UInt64: ActiveTransfer] = [:]
    var isRunning = true
    while isRunning {
      let commands = shared.withLock { shared in
        let taken = shared.commands
        shared.commands = []
        return taken
      }
      for command in commands {
        switch command {
        case .submit(let transfer): submit(transfer, to: multi, &active)
        case .resume(let id): if let transfer = active[id] { transfer.resume(at: time.monotonic) }
        case .cancel(let id): if let transfer = active.removeValue(forKey: id) { transfer.dispose(from: multi) }
        case .stop: isRunning = false
        }
      }
      guard isRunning else { break }

      var running: Int32 = 0
      curl_multi_perform(multi, &running)
      collect(from: multi, &active)
      let timeout = endIdle(in: multi, &active)
      curl_multi_poll(multi, nil, 0, timeout, nil)
    }

    for transfer in active.values {
      transfer.transfer.finish(.failure(Self.stopped))
      transfer.dispose(from: multi)
    }
    let rest = shared.withLock { shared in
      if let multi = shared.multi { curl_multi_cleanup(multi.pointer) }
      shared.multi = nil
      return shared.commands
    }
    for case .submit(let transfer) in rest { transfer.finish(.failure(Self.stopped)) }
  }

  private func submit(
    _ transfer: Transfer, to multi: UnsafeMutableRawPointer, _ active: inout [UInt64: ActiveTransfer]
  ) {
    guard !transfer.isOver else { return }
    guard let started = ActiveTransfer(transfer, purpose: purpose, time: time) else {
      transfer.finish(.failure(TransferFailure(error: APIError(.configuration, "cannot set up a request"))))
      return
    }
    guard curl_multi_add_handle(multi, started.easy) == CURLM_OK else {
      transfer.finish(.failure(TransferFailure(error: APIError(.configuration, "cannot start a request"))))
      started.dispose(from: nil)
      return
    }
    active[transfer.id] = started
  }

  /// Takes the exchanges that are done.
  private func collect(from multi: UnsafeMutableRawPointer, _ active: inout [UInt64: ActiveTransfer]) {
    var left: Int32 = 0
    while let message = curl_multi_info_read(multi, &left) {
      var code = CURLE_OK
      // Handles are told apart by the number in them: their addresses are used again.
      guard let easy = kmo_curl_done(message, &code),
        let transfer = active.removeValue(forKey: UInt64(UInt(bitPattern: kmo_curl_get_private(easy))))
      else { continue }
      transfer.transfer.finish(transfer.result(of: code))
      transfer.dispose(from: multi)
    }
  }

  /// Ends what has been silent for too long, and says for how many milliseconds the thread may sleep.
  private func endIdle(in multi: UnsafeMutableRawPointer, _ active: inout [UInt64: ActiveTransfer]) -> Int32 {
    // libcurl's own timers shorten the sleep; without any, this bounds the cost of a lost wake-up.
    var sleep = Duration.seconds(60)
    let now = time.monotonic
    for (id, transfer) in active {
      guard let limit = transfer.transfer.idleLimit, !transfer.isHeld else { continue }
      let left = limit - transfer.lastActivity.duration(to: now)
      if left > .zero {
        sleep = min(sleep, left)
      } else {
        let text = "no word from \(transfer.transfer.request.access.server) for \(limit)"
        transfer.transfer.finish(.failure(TransferFailure(error: APIError(.timeout, text), wasCutOff: true)))
        transfer.dispose(from: multi)
        active[id] = nil
      }
    }
    return Int32(sleep.milliseconds) + 1
  }
}

/// libcurl's multi handle. Sendable is safe here: the loop's thread alone uses it, but for the wake-up, which libcurl allows
/// from any thread.
private struct MultiHandle: @unchecked Sendable {
  let pointer: UnsafeMutableRawPointer
}
