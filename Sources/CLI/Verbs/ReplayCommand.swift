internal import ArgumentParser
internal import Incidents
internal import OrchestratorClient
internal import Simulation
internal import Telemetry
internal import Time
internal import UnixSignals

/// `kube-mind replay`: sends captured incidents as they once happened.
struct ReplayCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay", abstract: "Replay captured incidents in their recorded order and spacing.",
    discussion: """
      Reads what send reads, and redacts it again. Each incident keeps the id that it was recorded with, also in later rounds \
      of --loop, so that an orchestrator knows a replay for one and answers duplicates; --new-ids NAME makes ids from the \
      recorded ones and NAME, the same for the same NAME, and others for each round. --shift-time moves the times of each \
      incident by one distance, so that it was detected when it is sent; times in the text of logs stay as they are.

      --mock runs an orchestrator in this process that accepts everything or behaves as --fault says. --serve-mock serves it on \
      an address for others: without files until SIGINT, with a line for each incident; --cert, --key and --ca are the \
      server's there.

      Files that watch --record wrote are not sent: detection runs over them again, and the failures in them are listed.

      SIGINT ends the sending and waits for acknowledgements, a second one ends that, too. Exits 0 if all were acknowledged, 1 \
      if not, 3 if redaction withheld one.
      """)

  @Argument(
    help: "Files or folders with incidents (JSON, JSON Lines, capsule or binary); - is standard input.",
    completion: .file())
  var paths: [String] = []

  @OptionGroup var orchestrator: OrchestratorOptions

  @OptionGroup var redaction: RedactionOptionGroup

  @Flag(help: "Deliver to an orchestrator inside this process.")
  var mock = false

  @Option(help: ArgumentHelp("Serve the orchestrator of --mock on this address.", valueName: "host:port"))
  var serveMock: String?

  @Option(
    help: ArgumentHelp("Fault of the mock orchestrator; may be repeated. \(FaultScenario.help)", valueName: "fault"),
    completion: .list(FaultScenario.names))
  var fault: [String] = []

  @Option(help: ArgumentHelp("Times the recorded speed; 0 sends all at once.", valueName: "factor"))
  var speed: Double = 1

  @Option(
    help: ArgumentHelp("So many incidents a second, evenly, instead of the recorded spacing.", valueName: "number"))
  var rate: Double?

  @Flag(help: "Begin anew after the last one, until SIGINT or --count.")
  var loop = false

  @Option(help: ArgumentHelp("End after so many incidents, going round as often as that takes.", valueName: "number"))
  var count: Int?

  @Flag(help: "Move the times in each incident so that it happens now.")
  var shiftTime = false

  @Option(help: ArgumentHelp("Make ids of their own, from the recorded ones and this name.", valueName: "name"))
  var newIds: String?

  @Option(help: ArgumentHelp("Seconds to wait for acknowledgements after the last was sent.", valueName: "seconds"))
  var timeout: Double = 30

  @Flag(help: "Report one JSON document; with --serve-mock and no files, one line for each incident.")
  var json = false

  func validate() throws {
    let places = [mock, serveMock != nil, orchestrator.orchestrator != nil].count(where: \.self)
    guard places == 1 || places == 0 && DetectionReplay.reads(paths) else {
      throw ValidationError("say one of --orchestrator <url>, --mock and --serve-mock <host:port>")
    }
    guard !paths.isEmpty || serveMock != nil else { throw ValidationError("Missing expected argument '<paths> ...'") }
    guard fault.isEmpty || orchestrator.orchestrator == nil else {
      throw ValidationError("--fault is for --mock and --serve-mock")
    }
    if orchestrator.orchestrator == nil { try validateServer() }
    guard speed >= 0, speed <= 1_000_000 else { throw ValidationError("--speed is not from 0 to 1000000") }
    if let rate {
      guard rate > 0, rate <= 1_000_000 else { throw ValidationError("--rate is not from 0 to 1000000") }
      guard speed == 1 else { throw ValidationError("--rate and --speed exclude each other") }
    }
    if let count { guard count > 0 else { throw ValidationError("--count is not 1 or more") } }
    guard timeout > 0, timeout <= 86_400 else { throw ValidationError("--timeout is not from 0 to 86400 seconds") }
  }

  /// The options that say how to reach an orchestrator, where this process is one.
  private func validateServer() throws(ValidationError) {
    for (option, isGiven) in [
      ("--tls-server-name", orchestrator.tlsServerName != nil), ("--proxy", orchestrator.proxy != nil),
      ("--compression", orchestrator.compression != nil),
    ] where isGiven { throw ValidationError("\(option) is for --orchestrator") }
    let (cert, key, ca) = (orchestrator.cert != nil, orchestrator.key != nil, orchestrator.ca != nil)
    guard cert || key || ca else { return }
    guard paths.isEmpty else {
      let mode = mock ? "--mock" : "--serve-mock with files"
      throw ValidationError("\(mode) uses no TLS: leave --cert, --key and --ca out")
    }
    guard cert == key else {
      throw ValidationError("\(cert ? "--cert is given without --key" : "--key is given without --cert")")
    }
    guard cert else {
      throw ValidationError(
        "--ca alone makes no TLS server: it is whose client certificates are taken. Say --cert and --key")
    }
  }

  func run() async throws {
    if DetectionReplay.reads(paths) { return try DetectionReplay.run(paths, json: json) }
    guard orchestrator.orchestrator == nil else {
      return try await replay(to: try orchestrator.endpoint(), receiver: nil)
    }
    var tls: TLSFiles?
    if orchestrator.cert != nil || orchestrator.key != nil {
      tls = TLSFiles(
        authorities: orchestrator.ca, certificate: orchestrator.cert, privateKey: orchestrator.key)
    }
    let server = MockServer(
      address: serveMock, behaviour: try FaultScenario.behaviour(fault), tls: tls,
      allowsPlaintext: orchestrator.allowPlaintext)
    let mock = try server.make(time: SystemTime())
    guard !paths.isEmpty else {
      return try await MockServer.serve(mock, count: count, json: json, interrupts: Self.signals)
    }
    do {
      try await mock.serving { url in
        if serveMock != nil { SystemStreams.writeError("listening on \(url)") }
        let endpoint = try OrchestratorEndpoint(url: url, allowsPlaintext: orchestrator.allowPlaintext)
        try await replay(to: endpoint, receiver: mock.receiver)
      }
    } catch let error as OrchestratorError {
      throw CommandFailure(error.message)
    }
  }

  private func replay(to endpoint: OrchestratorEndpoint, receiver: IncidentReceiver?) async throws {
    let source = try ReplaySource(
      try IncidentFiles.read(paths), changes: .init(shiftsTime: shiftTime, series: newIds),
      redactor: try redaction.setup.redactor())
    let pace: ReplayPlan.Pace = if let rate { .rate(rate) } else { speed == 0 ? .atOnce : .recorded(speed: speed) }
    let run = ReplayRun(
      source: source, plan: ReplayPlan(times: source.times, pace: pace, loops: loop, count: count),
      timeout: .milliseconds(Int64(timeout * 1_000)), time: SystemTime(), screen: ProgressLine())
    let (tally, elapsed) = await run.run(to: endpoint, interrupts: Self.signals)
    let received = receiver.map { $0.counts.values.reduce(0, +) }
    let report = ReplayReport(tally: tally, elapsed: elapsed, received: received)
    try SystemStreams.writeOutput(json ? report.json : report.text)
    if tally.withheld > 0 {
      throw CommandFailure("\(tally.withheld) incidents were withheld and not sent", status: .withheld)
    }
    let missing = tally.sent - tally.acknowledged
    guard missing == 0 else {
      throw CommandFailure("\(missing) of \(tally.sent) incidents were not acknowledged by \(endpoint.authority)")
    }
  }

  /// Calls its argument for each SIGINT and SIGTERM.
  private static let signals: @Sendable (@escaping @Sendable () -> Void) async -> Void = { wanted in
    for await _ in await UnixSignalsSequence(trapping: .sigint, .sigterm) { wanted() }
  }
}
