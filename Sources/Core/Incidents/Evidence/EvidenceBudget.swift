internal import Kubernetes

/// How much of what was gathered goes into an incident, so that a receiver's limit of 4 MiB a message holds whatever a
/// workload does. Sizes are bytes.
package struct EvidenceBudget: Sendable, Equatable {
  /// One log: its end is kept. Default: 512 KiB, some 200 lines of 2.5 KB.
  package var log: Int
  /// One manifest. Default: 256 KiB; etcd's limit for an object is 1.5 MiB, a usual one has 5 KB.
  package var manifest: Int
  /// All manifests together. Default: 1 MiB.
  package var manifests: Int
  /// Events, the newest are kept. Default: 100.
  package var events: Int
  /// One message (termination, event, gap). Default: 8 KiB; the kubelet cuts termination messages at 4 KiB.
  package var message: Int
  /// The encoded incident. Default: 3.5 MiB, under the 4 MiB that gRPC receivers accept by default.
  package var encoded: Int

  package init(
    log: Int = 512 << 10, manifest: Int = 256 << 10, manifests: Int = 1 << 20, events: Int = 100,
    message: Int = 8 << 10, encoded: Int = 3_670_016
  ) {
    self.log = log
    self.manifest = manifest
    self.manifests = manifests
    self.events = events
    self.message = message
    self.encoded = encoded
  }

  /// The defaults.
  package static let standard = EvidenceBudget()

  /// Cuts evidence to the budget and adds a gap for each cut.
  func apply(to evidence: inout Evidence) {
    for index in evidence.logs.indices {
      let log = evidence.logs[index]
      guard log.text.count > self.log else { continue }
      let kept = Self.end(of: log.text, within: self.log)
      evidence.logs[index].omittedBytes += log.text.count - kept.count
      evidence.logs[index].text = Array(kept)
    }
    for log in evidence.logs where log.omittedBytes > 0 {
      evidence.gaps.append(
        EvidenceGap(
          source: log.source, reason: .truncated, detail: "the first \(log.omittedBytes) bytes were dropped"))
    }

    var left = manifests
    for index in evidence.manifests.indices {
      let manifest = evidence.manifests[index]
      let allowed = min(left, self.manifest)
      if manifest.json.count > allowed {
        // A part of a document would not parse, and what is secret in it could not be told by its structure.
        evidence.manifests[index].json = []
        evidence.gaps.append(
          EvidenceGap(
            source: "manifest/\(manifest.kind)/\(manifest.name)", reason: .truncated,
            detail: "\(manifest.json.count) bytes, \(allowed) allowed: content left out"))
      }
      left -= evidence.manifests[index].json.count
    }

    if evidence.events.count > events {
      evidence.gaps.append(
        EvidenceGap(
          source: "events", reason: .truncated, detail: "the oldest \(evidence.events.count - events) were dropped"))
      evidence.events.removeFirst(evidence.events.count - events)
    }
    for index in evidence.events.indices {
      evidence.events[index].message = Self.start(of: evidence.events[index].message, within: message)
    }
    for index in evidence.gaps.indices {
      evidence.gaps[index].detail = Self.start(of: evidence.gaps[index].detail, within: message)
    }
  }

  /// The end of a text from the start of a line, or, where one line is longer than the limit, from somewhere in it.
  static func end(of text: [UInt8], within limit: Int) -> ArraySlice<UInt8> {
    guard text.count > limit else { return text[...] }
    let tail = text.suffix(limit)
    guard let newline = tail.dropLast().firstIndex(of: 0x0A) else { return tail }
    return tail[(newline + 1)...]
  }

  /// The start of a message, cut between characters.
  static func start(of message: String, within limit: Int) -> String {
    guard message.utf8.count > limit else { return message }
    var end = message.utf8.index(message.utf8.startIndex, offsetBy: limit)
    while end > message.startIndex, end.samePosition(in: message.unicodeScalars) == nil {
      end = message.utf8.index(before: end)
    }
    return message[..<end] + "…"
  }
}

extension LogEvidence {
  /// Its name in gaps and reports.
  package var source: String { "log/\(container)/\(previous ? "previous" : "current")" }
}
