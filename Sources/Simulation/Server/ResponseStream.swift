internal import NIOCore
internal import NIOHTTP1

/// Writes a watch or a recording to a connection as long as the client takes it. Lives on the connection's event loop.
final class ResponseStream {
  enum Source {
    case watch(WatchCursor)
    case replay(RecordedStream)
  }

  private var source: Source
  /// Lines of a recording that are written.
  private var replayed = 0
  private let cluster: SimulatedCluster
  private let context: ChannelHandlerContext
  private let ended: (_ clean: Bool) -> Void
  private var watcher: Int?
  private var timeout: Scheduled<Void>?
  private var bookmarks: RepeatedTask?
  private var pause: Scheduled<Void>?
  private var isOver = false
  private let opened = NIODeadline.now()

  init(
    source: Source, cluster: SimulatedCluster, context: ChannelHandlerContext, ended: @escaping (Bool) -> Void
  ) {
    self.source = source
    self.cluster = cluster
    self.context = context
    self.ended = ended
  }

  func start() {
    let loop = context.eventLoop.assumeIsolated()
    if case .watch(let cursor) = source {
      let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
      let eventLoop = context.eventLoop
      watcher = cluster.addWatcher { eventLoop.execute { bound.value.pump() } }
      let options = cluster.access { $0.options }
      timeout = loop.scheduleTask(in: (cursor.timeout ?? options.watchTimeout).timeAmount) { self.end(clean: true) }
      if cursor.allowsBookmarks {
        let interval = options.bookmarkInterval.timeAmount
        bookmarks = context.eventLoop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in
          bound.value.bookmark()
        }
      }
    }
    pump()
  }

  /// Forgets timers and the store; nothing is written after it.
  func stop() {
    isOver = true
    if let watcher { cluster.removeWatcher(watcher) }
    watcher = nil
    timeout?.cancel()
    bookmarks?.cancel()
    pause?.cancel()
  }

  /// Writes what there is to write, until nothing is, the client is slow, or a fault wants a pause.
  func pump() {
    guard !isOver, pause == nil else { return }
    var wrote = false
    while context.channel.isWritable {
      let step = nextStep()
      switch step {
      case .write(let bytes):
        context.write(
          NIOAny(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(bytes: bytes)))), promise: nil)
        wrote = true
        continue
      case .pause(let duration):
        pause = context.eventLoop.assumeIsolated().scheduleTask(in: duration.timeAmount) {
          self.pause = nil
          self.pump()
        }
      case .wait: break
      case .finish, .cut:
        if wrote { context.flush() }
        end(clean: step == .finish)
        return
      }
      break
    }
    if wrote { context.flush() }
  }

  private func nextStep() -> WatchCursor.Step {
    switch source {
    case .watch(var cursor):
      defer { source = .watch(cursor) }
      return cluster.access { cursor.next(in: $0.store, faults: &$0.faults) }
    case .replay(let recording):
      guard replayed < recording.lines.count else { return recording.endsAfterLastLine ? .finish : .wait }
      let line = recording.lines[replayed]
      let early = recording.due(line) - .nanoseconds((NIODeadline.now() - opened).nanoseconds)
      guard early <= .zero else { return .pause(early) }
      replayed += 1
      return .write(line.bytes)
    }
  }

  private func bookmark() {
    guard !isOver, pause == nil, case .watch(var cursor) = source else { return }
    let line = cluster.access { cursor.bookmark(in: $0.store) }
    source = .watch(cursor)
    guard let line else { return }
    context.writeAndFlush(
      NIOAny(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(bytes: line)))), promise: nil)
  }

  private func end(clean: Bool) {
    guard !isOver else { return }
    stop()
    ended(clean)
  }
}
