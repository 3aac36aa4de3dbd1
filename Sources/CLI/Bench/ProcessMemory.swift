/// Memory of this process as Linux counts it (proc(5), /proc/self/status).
enum ProcessMemory {
  /// Largest resident size so far, bytes; nil where the system does not tell.
  static var peakResident: Int? { value(of: "VmHWM") }

  private static func value(of field: String) -> Int? {
    // The file has some 1.5 KB.
    guard let bytes = try? SystemStreams.readFile("/proc/self/status", limit: 64 << 10) else { return nil }
    for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") where line.hasPrefix("\(field):") {
      let digits = line.filter { $0 >= "0" && $0 <= "9" }
      return Int(digits).map { $0 << 10 }
    }
    return nil
  }
}
