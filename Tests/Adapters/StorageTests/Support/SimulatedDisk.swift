internal import Synchronization

@testable internal import Storage

#if canImport(Darwin)
  internal import Darwin
#else
  internal import Glibc
#endif

/// A file system in memory that knows what of it would survive, and that ends, fails or shortens any operation.
///
/// What was written and not flushed is the kernel's: it survives the end of the program, and as much of it as `Loss` says
/// survives the end of the machine. The same goes for names that were made or removed and whose folder was not flushed.
final class SimulatedDisk: FileOperations {
  /// What the end of the machine leaves of what was not flushed.
  enum Loss: Sendable, CaseIterable {
    /// Only the program ended: everything is there.
    case nothing
    /// Nothing that was not flushed.
    case everything
    /// Of each file, a part of what came after its last flush.
    case tails
    /// Each file has its length, and zeros where its content was not flushed.
    case content
  }

  /// What an operation does instead of its work.
  enum Fault: Sendable, Equatable {
    /// The program ends before it.
    case ends
    /// The program ends in the middle of it: a write has written this part of its bytes, in thousandths.
    case endsWithin(part: Int)
    /// It fails with this errno.
    case fails(Int32)
    /// A write takes this many bytes of what it was given, and no error.
    case takes(Int)
  }

  /// Thrown by every operation once the program has ended.
  static let ended: Int32 = 9_999

  private struct File: Sendable {
    var content: [UInt8] = []
    var flushed: [UInt8] = []
  }

  private struct State: Sendable {
    var files: [Int: File] = [:]
    /// Path to file, as the program sees it and as it is on the disk.
    var names: [String: Int] = [:]
    var flushedNames: [String: Int] = [:]
    var open: [Int32: Int] = [:]
    var locks: Set<Int> = []
    var nextFile = 0
    var nextDescriptor: Int32 = 3
    var operations = 0
    var faults: [Int: Fault] = [:]
    var failing: [FileFault.Operation: Int32] = [:]
    var isOver = false
    var log: [FileFault.Operation] = []
    var capacity = Int.max

    /// Bytes of the files that have a name.
    var used: Int { Set(names.values).reduce(0) { $0 + (files[$1]?.content.count ?? 0) } }
  }

  private let state = Mutex(State())

  /// Operations so far.
  var operations: Int { state.withLock { $0.operations } }
  /// What they were.
  var log: [FileFault.Operation] { state.withLock { $0.log } }
  /// True once a fault has ended the program.
  var isOver: Bool { state.withLock { $0.isOver } }
  /// Bytes of all files.
  var used: Int { state.withLock { $0.used } }
  /// Paths of all files.
  var paths: [String] { state.withLock { $0.names.keys.sorted() } }

  /// The operation of this number, from 0, meets a fault.
  func plan(_ fault: Fault, at operation: Int) {
    state.withLock { $0.faults[operation] = fault }
  }

  /// From now on these operations fail with an errno; nil: they work again.
  func fail(_ operations: [FileFault.Operation], with code: Int32?) {
    state.withLock { state in
      for operation in operations { state.failing[operation] = code }
    }
  }

  /// Bytes that fit on the disk: what is beyond that is not written (ENOSPC).
  func limit(to capacity: Int) {
    state.withLock { $0.capacity = capacity }
  }

  /// The machine starts again.
  func restart(losing loss: Loss, using random: inout some RandomNumberGenerator) {
    var seed = random
    state.withLock { state in
      if loss != .nothing { state.names = state.flushedNames }
      for (number, file) in state.files {
        switch loss {
        case .nothing: break
        case .everything: state.files[number]?.content = file.flushed
        case .tails:
          let kept =
            file.content.count > file.flushed.count
            ? Int.random(in: file.flushed.count...file.content.count, using: &seed) : file.flushed.count
          state.files[number]?.content = Array(file.content.prefix(max(kept, file.flushed.count)))
        case .content:
          let zeros = repeatElement(UInt8(0), count: max(0, file.content.count - file.flushed.count))
          state.files[number]?.content = file.flushed + zeros
        }
        let content = state.files[number]?.content ?? []
        state.files[number]?.flushed = content
      }
      state.flushedNames = state.names
      state.open = [:]
      state.locks = []
      state.faults = [:]
      state.failing = [:]
      state.isOver = false
      state.operations = 0
      state.log = []
    }
    random = seed
  }

  /// Changes the bytes of a file on the disk.
  func damage(_ path: String, _ change: (inout [UInt8]) -> Void) {
    state.withLock { state in
      guard let number = state.names[path], var file = state.files[number] else { return }
      change(&file.content)
      file.flushed = file.content
      state.files[number] = file
    }
  }

  /// Makes a file.
  func place(_ bytes: [UInt8], at path: String) {
    state.withLock { state in
      state.nextFile += 1
      state.files[state.nextFile] = File(content: bytes, flushed: bytes)
      state.names[path] = state.nextFile
      state.flushedNames[path] = state.nextFile
    }
  }

  /// Does an operation unless a fault is planned for it. `part`: what it does where the program ends within it.
  private func perform<Result>(
    _ operation: FileFault.Operation, _ path: String, within part: (inout State, Int) -> Void = { _, _ in },
    _ body: (inout State, _ most: Int) throws(FileFault) -> Result
  ) throws(FileFault) -> Result {
    let result: Swift.Result<Result, FileFault> = state.withLock { state in
      guard !state.isOver else { return .failure(FileFault(operation, path, code: Self.ended)) }
      let number = state.operations
      state.operations += 1
      state.log.append(operation)
      var most = Int.max
      switch state.faults[number] {
      case .ends:
        state.isOver = true
        return .failure(FileFault(operation, path, code: Self.ended))
      case .endsWithin(let share):
        part(&state, share)
        state.isOver = true
        return .failure(FileFault(operation, path, code: Self.ended))
      case .fails(let code): return .failure(FileFault(operation, path, code: code))
      case .takes(let count): most = max(1, count)
      case nil: if let code = state.failing[operation] { return .failure(FileFault(operation, path, code: code)) }
      }
      do throws(FileFault) { return .success(try body(&state, most)) } catch { return .failure(error) }
    }
    return try result.get()
  }

  // MARK: Operations

  func makeFolder(_ path: String) throws(FileFault) {
    try perform(.makeFolder, path) { _, _ in }
  }

  func names(in folder: String) throws(FileFault) -> [String] {
    try perform(.list, folder) { state, _ in
      state.names.keys.filter { $0.hasPrefix(folder + "/") }.map { String($0.dropFirst(folder.utf8.count + 1)) }
        .filter { !$0.contains("/") }
    }
  }

  func size(of path: String) throws(FileFault) -> Int? {
    try perform(.inspect, path) { state, _ in state.names[path].flatMap { state.files[$0]?.content.count } }
  }

  func create(_ path: String, isNew: Bool) throws(FileFault) -> OpenFile {
    try perform(.create, path) { state, _ throws(FileFault) in
      if isNew, state.names[path] != nil { throw FileFault(.create, path, code: EEXIST) }
      state.nextFile += 1
      state.files[state.nextFile] = File()
      state.names[path] = state.nextFile
      return Self.open(state.nextFile, path, &state)
    }
  }

  func lock(_ path: String) throws(FileFault) -> OpenFile? {
    try perform(.lock, path) { state, _ in
      if state.names[path] == nil {
        state.nextFile += 1
        state.files[state.nextFile] = File()
        state.names[path] = state.nextFile
        state.flushedNames[path] = state.nextFile
      }
      guard let number = state.names[path], state.locks.insert(number).inserted else { return nil }
      return Self.open(number, path, &state)
    }
  }

  private static func open(_ number: Int, _ path: String, _ state: inout State) -> OpenFile {
    state.nextDescriptor += 1
    state.open[state.nextDescriptor] = number
    return OpenFile(descriptor: state.nextDescriptor, path: path)
  }

  func write(_ bytes: UnsafeRawBufferPointer, to file: OpenFile, at offset: Int) throws(FileFault) -> Int {
    try perform(
      .write, file.path,
      within: { state, share in _ = Self.put(bytes, bytes.count * share / 1_000, file, offset, &state) }
    ) { state, most throws(FileFault) in
      let room = state.capacity - state.used
      guard room > 0 else { throw FileFault(.write, file.path, code: ENOSPC) }
      return Self.put(bytes, min(most, bytes.count, room), file, offset, &state)
    }
  }

  private static func put(
    _ bytes: UnsafeRawBufferPointer, _ count: Int, _ file: OpenFile, _ offset: Int, _ state: inout State
  ) -> Int {
    guard let number = state.open[file.descriptor], var content = state.files[number]?.content else { return 0 }
    if content.count < offset + count {
      content.append(contentsOf: repeatElement(0, count: offset + count - content.count))
    }
    content.replaceSubrange(offset..<(offset + count), with: bytes.prefix(count))
    state.files[number]?.content = content
    return count
  }

  func truncate(_ file: OpenFile, to size: Int) throws(FileFault) {
    try perform(.truncate, file.path) { state, _ in
      guard let number = state.open[file.descriptor] else { return }
      let content = state.files[number]?.content ?? []
      state.files[number]?.content = Array(content.prefix(size))
    }
  }

  func sync(_ file: OpenFile) throws(FileFault) {
    try perform(.sync, file.path) { state, _ in
      guard let number = state.open[file.descriptor], let content = state.files[number]?.content else { return }
      state.files[number]?.flushed = content
    }
  }

  func syncFolder(_ path: String) throws(FileFault) {
    try perform(.sync, path) { state, _ in state.flushedNames = state.names }
  }

  func close(_ file: OpenFile) {
    state.withLock { state in
      if let number = state.open.removeValue(forKey: file.descriptor) { state.locks.remove(number) }
    }
  }

  func read(_ path: String, at offset: Int, count: Int) throws(FileFault) -> [UInt8] {
    try perform(.read, path) { state, _ throws(FileFault) in
      guard let number = state.names[path], let file = state.files[number] else {
        throw FileFault(.read, path, code: ENOENT)
      }
      return Array(file.content.dropFirst(offset).prefix(count))
    }
  }

  func rename(_ path: String, to other: String) throws(FileFault) {
    try perform(.rename, path) { state, _ throws(FileFault) in
      guard let number = state.names.removeValue(forKey: path) else { throw FileFault(.rename, path, code: ENOENT) }
      state.names[other] = number
    }
  }

  func remove(_ path: String) throws(FileFault) {
    try perform(.remove, path) { state, _ throws(FileFault) in
      guard state.names.removeValue(forKey: path) != nil else { throw FileFault(.remove, path, code: ENOENT) }
    }
  }
}
