/// What this process uses, by the names that Prometheus' client libraries agree on.
/// https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics
///
/// Read from proc(5) at each scrape; on a system without it nothing is shown.
package enum ProcessMetrics {
  /// The descriptions, for the reference.
  package static let descriptions: [MetricDescription] = readings.map(\.description)

  /// Adds them to a registry.
  package static func register(in registry: PrometheusRegistry) {
    for (description, read) in readings { registry.observe(description, read: read) }
  }

  private static let readings: [(description: MetricDescription, read: @Sendable () -> Double?)] = [
    (
      MetricDescription("process_cpu_seconds_total", .counter, help: "User and system CPU time, in seconds."),
      {
        guard let stat = ProcessStatistics.current(), let user = stat[11], let system = stat[12] else { return nil }
        return (user + system) / SystemCalls.clockTicks
      }
    ),
    (
      MetricDescription("process_resident_memory_bytes", .gauge, help: "Resident memory, in bytes."),
      { ProcessStatistics.current()?[21].map { $0 * SystemCalls.pageSize } }
    ),
    (
      MetricDescription("process_virtual_memory_bytes", .gauge, help: "Virtual memory, in bytes."),
      { ProcessStatistics.current()?[20] }
    ),
    (
      MetricDescription("process_start_time_seconds", .gauge, help: "When the process started, in seconds since 1970."),
      {
        guard let start = ProcessStatistics.current()?[19], let boot = ProcessStatistics.bootTime else { return nil }
        return boot + start / SystemCalls.clockTicks
      }
    ),
    (
      MetricDescription("process_threads", .gauge, help: "Threads of the process."),
      { ProcessStatistics.current()?[17] }
    ),
    (
      MetricDescription("process_open_fds", .gauge, help: "Open file descriptors."),
      { SystemCalls.entries(of: "/proc/self/fd").map(Double.init) }
    ),
    (
      MetricDescription("process_max_fds", .gauge, help: "Most file descriptors that may be open."),
      { SystemCalls.descriptorLimit }
    ),
  ]
}

/// The fields of /proc/self/stat behind the program's name, which may hold spaces and brackets. Field N of proc(5) has index
/// N - 3.
struct ProcessStatistics {
  private let fields: [Substring]

  init?(_ text: String) {
    guard let end = text.lastIndex(of: ")") else { return nil }
    fields = text[text.index(after: end)...].split(whereSeparator: { $0 == " " || $0 == "\n" })
  }

  /// Those of this process.
  static func current() -> ProcessStatistics? {
    SystemCalls.firstBytes(of: "/proc/self/stat").flatMap { ProcessStatistics(String(decoding: $0, as: UTF8.self)) }
  }

  subscript(index: Int) -> Double? {
    fields.indices.contains(index) ? Double(fields[index]) : nil
  }

  /// When the machine started, in seconds since 1970: the times of a process count from there.
  static let bootTime: Double? = SystemCalls.firstBytes(of: "/proc/stat").flatMap { bytes in
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    return lines.first { $0.hasPrefix("btime ") }.flatMap { Double($0.dropFirst("btime ".count)) }
  }
}
