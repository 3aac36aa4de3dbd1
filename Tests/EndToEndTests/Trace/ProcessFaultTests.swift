internal import Contract
internal import FoundationEssentials
internal import Telemetry
internal import Testing

@testable internal import Simulation

#if canImport(Darwin)
  internal import Darwin
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Glibc
#endif

/// Faults that are a process's: names that do not resolve, and a limit of memory. The real program runs in a mount namespace with files
/// of its own for names, and where the machine lets it, in a memory cgroup.
@Suite(
  .serialized, .timeLimit(.minutes(15)), .enabled(if: Isolation.isPossible, "needs the program and unshare of Linux")
)
struct ProcessFaultTests {
  private static let name = "api.cluster.test"
  private static let pods = 10_000
  private static let failures = 30
  /// What the debug program holds of 10,000 pods beside its own pages, in KiB: 20 to 30 MiB were seen.
  private static let memoryLimit = 64 << 10
  /// Of the cgroup, in bytes.
  private static let groupLimit = Sanitizer.isOn ? 4 << 30 : 128 << 20

  /// What the program is started through: names come from two files, and a cgroup limits its memory.
  private static let script = """
    mount --bind "$1" /etc/hosts && mount --bind "$2" /etc/resolv.conf || exit 99
    for root in /sys/fs/cgroup/memory /sys/fs/cgroup; do
      group=$root/$3
      mkdir "$group" 2>/dev/null || continue
      if echo \(groupLimit) >"$group/memory.limit_in_bytes" || echo \(groupLimit) >"$group/memory.max"; then echo $$ >"$group/cgroup.procs" && break; fi
    done 2>/dev/null
    shift 3
    exec "$@"
    """

  @Test("10,000 pods; the API server's name is lost and comes back: each failure is told once, in little memory")
  func namesAndMemory() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "names-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let (hosts, resolver) = (folder + "/hosts", folder + "/resolv.conf")
    @Sendable func resolves(_ isThere: Bool) throws {
      // Written in place, for the mount is of this file.
      try Data("127.0.0.1 localhost\n\(isThere ? "127.0.0.1 \(Self.name)\n" : "")".utf8).write(to: URL(filePath: hosts))
    }
    try resolves(true)
    // Nobody answers there.
    try Data("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n".utf8).write(to: URL(filePath: resolver))

    let time = SystemTime()
    let cluster = SimulatedCluster(time: time)
    let uids = try (0..<Self.pods).map { try cluster.create(.pod, TracePods.healthy($0)).uid }
    let kubeconfig = try SimulatedKubeconfig(host: Self.name, port: try await cluster.start())
    defer { kubeconfig.remove() }
    let orchestrator = try MockOrchestrator(time: time)
    let lines = LogFile()
    defer { lines.remove() }
    let group = "kube-mind-test-\(UUID().uuidString)"
    defer {
      let roots: [String] = ["/sys/fs/cgroup/memory", "/sys/fs/cgroup"]
      for root in roots { rmdir("\(root)/\(group)") }
    }
    @Sendable func fail(_ numbers: Range<Int>) throws {
      for number in numbers {
        try cluster.update(.pod, TracePods.namespace, TracePods.name(number)) {
          TracePods.fail(&$0, number, at: time.wall)
        }
      }
    }

    let outcome = try await orchestrator.serving { url in
      let program = ProgramUnderTest(
        path: "/usr/bin/unshare",
        environment: [
          "PATH": "/usr/bin:/bin", "KUBECONFIG": kubeconfig.path, "KUBE_MIND_LOG_FORMAT": "json",
          "KUBE_MIND_ORCHESTRATOR_URL": url, "KUBE_MIND_STORMS_GROUPING": "false",
        ])
      let arguments = [
        "-r", "-m", "sh", "-c", Self.script, "sh", hosts, resolver, group, try #require(BuiltProgram.path),
      ]
      return try await program.run(arguments + ["watch"], errors: lines.path) { process in
        defer { kill(process, SIGTERM) }
        try await lines.wait(for: #""message":"synced""#)
        try fail(0..<10)
        try await orchestrator.receiver.waitForAccepted(10)
        for begin in [10, 20] {
          let before = lines.text.split(separator: "cannot find the host", omittingEmptySubsequences: false).count - 1
          try resolves(false)
          await cluster.cutConnections()
          try fail(begin..<begin + 10)
          try await lines.wait(for: "cannot find the host", times: before + 1)
          try resolves(true)
          try await orchestrator.receiver.waitForAccepted(begin + 10)
        }
        let status = String(decoding: try Data(contentsOf: URL(filePath: "/proc/\(process)/status")), as: UTF8.self)
        let anonymous = status.split(separator: "\n").first { $0.hasPrefix("RssAnon:") }?.split(separator: " ")
          .dropFirst().first
        let held = try #require(anonymous.flatMap { Int($0.filter(\.isNumber)) })
        #expect(Sanitizer.isOn || held < Self.memoryLimit, "\(held) KiB")
      }
    }
    await cluster.stop()
    #expect(outcome.status == 0, "\(outcome.errors.suffix(2_000))")
    let accepted = orchestrator.receiver.incidents.filter { $0.outcome == .accepted }.map(\.context.workload.podUid)
    #expect(accepted.count == Self.failures && Set(accepted) == Set(uids.prefix(Self.failures)))
    #expect(cluster.requestCount(.list) == 1, "no list after the first")
  }
}
