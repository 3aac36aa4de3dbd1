/// What strace saw of a program: the system calls by which bytes leave a process.
struct SystemCallTrace {
  /// One call, with the text of its arguments and the bytes in them.
  struct Call {
    let name: String
    let arguments: String
    /// Every quoted text of the arguments, one after the other.
    let bytes: [UInt8]

    /// The descriptor, for calls that have one first.
    var descriptor: Int? { Int(arguments.prefix { $0 != "," && $0 != ")" }) }
    /// True for the number with which a thread wakes another one by an eventfd, which is never one of the standard streams.
    var isWakeUp: Bool { name == "write" && (descriptor ?? 0) > 2 && bytes == [1, 0, 0, 0, 0, 0, 0, 0] }
    /// True for an opened file that may be written.
    var opensForWriting: Bool {
      name.hasPrefix("open") && ["O_WRONLY", "O_RDWR", "O_CREAT"].contains { arguments.contains($0) } || name == "creat"
    }
  }

  let calls: [Call]

  /// Options of strace: follow every thread, whole texts, in hexadecimal.
  static func arguments(log: String) -> [String] {
    let traced = [
      "write", "writev", "pwrite64", "pwritev", "pwritev2", "sendto", "sendmsg", "sendmmsg", "sendfile", "splice",
      "tee",
      "vmsplice", "copy_file_range", "connect", "open", "openat", "openat2", "creat", "rename", "renameat", "renameat2",
      "link", "linkat", "truncate", "ftruncate", "io_uring_enter",
    ]
    return ["-f", "-qq", "-xx", "-s", "1048576", "-e", "trace=" + traced.joined(separator: ","), "-o", log]
  }

  /// Reads a log of strace.
  init(log: String) {
    calls = log.split(separator: "\n").compactMap { line in
      let rest = line.drop { $0.isNumber || $0 == " " }
      // A call that another thread's interrupted stands in two lines; the first one has the arguments.
      guard let open = rest.firstIndex(of: "("), !rest.hasPrefix("<") else { return nil }
      let arguments = rest[rest.index(after: open)...]
      return Call(name: String(rest[..<open]), arguments: String(arguments), bytes: Self.quoted(arguments))
    }
  }

  private static func quoted(_ text: Substring) -> [UInt8] {
    var out: [UInt8] = []
    // "\x70\x61"
    for part in text.split(separator: "\"", omittingEmptySubsequences: false).enumerated() where part.offset % 2 == 1 {
      for digits in part.element.split(separator: "\\x") {
        if let byte = UInt8(digits, radix: 16) { out.append(byte) }
      }
    }
    return out
  }

  /// Calls by which bytes go anywhere but to standard error, and files and connections that were opened for that.
  var leaving: [Call] {
    calls.filter { call in
      switch call.name {
      case "open", "openat", "openat2", "creat": call.opensForWriting && !call.bytes.elementsEqual("/dev/null".utf8)
      case "write", "writev", "pwrite64", "pwritev", "pwritev2", "sendto", "sendmsg", "sendmmsg": call.descriptor != 2
      default: true
      }
    }
  }
}
