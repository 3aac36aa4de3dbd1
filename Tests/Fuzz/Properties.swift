internal import Documents
internal import Redaction

/// What a run has done, for its log.
struct Tally: CustomStringConvertible {
  /// Cases that were run.
  var executions = 0
  /// Redactions that they took.
  var redactions = 0
  /// Cases in which something was masked, and cases that were withheld: none of them comes out, which is an answer, too.
  var masked = 0
  var withheld = 0
  /// How often each property was looked at.
  var checked: [String: Int] = [:]
  var finds = 0

  var description: String {
    let properties = checked.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: ", ")
    return
      "\(executions) executions (\(redactions) redactions, \(masked) masked, \(withheld) withheld), \(finds) finds; checked \(properties)"
  }
}

/// What has to hold for every input.
struct Properties {
  private let plain: Redactor
  private let named: Redactor
  /// With windows, and a largest document, of some hundred bytes: a short text has many.
  private let small: Redactor

  init() throws {
    var options = RedactionOptions()
    var tiny = options
    tiny.windows.window = 96
    tiny.windows.ahead = 192
    tiny.windows.behind = 96
    tiny.largestDocument = 160
    small = try Redactor(options: tiny)
    options.recordsPlaces = true
    plain = try Redactor(options: options)
    options.masks = try .pseudonyms(key: Array("the key of the fuzzer".utf8))
    named = try Redactor(options: options)
  }

  /// Asks of the time that a text may cost: one for 256 places that a rule looks at, and there are at most as many as bytes in
  /// each of the decoded views.
  private static func steps(_ count: Int) -> Int { 1_024 + count * 8 }

  /// The name of the property that does not hold; nil where all do.
  func broken(_ test: FuzzCase, _ tally: inout Tally) -> String? {
    tally.executions += 1
    func fails(_ property: String, _ holds: @autoclosure () -> Bool) -> Bool {
      tally.checked[property, default: 0] += 1
      return !holds()
    }
    func redact(_ redactor: Redactor, _ bytes: [UInt8]) -> Redacted<[UInt8]>? {
      tally.redactions += 1
      return try? redactor.redact(RawFile(name: test.name, bytes: bytes))
    }

    var steps = 0
    let once: Redacted<[UInt8]>
    tally.redactions += 1
    tally.checked["ends within its steps", default: 0] += 1
    do throws(RedactionError) {
      once = try plain.redact(RawFile(name: test.name, bytes: test.bytes)) {
        steps += 1
        return steps > Self.steps(test.bytes.count)
      }
    } catch {
      tally.withheld += 1
      return error.code == .timeout ? "ends within its steps" : nil
    }
    if once.report.total > 0 { tally.masked += 1 }

    if fails("text outside of masks stays", applied(once.report.places, to: test.bytes) == once.value) {
      return "text outside of masks stays"
    }
    if fails("output parses where the input did", stillParses(test, once.value)) {
      return "output parses where the input did"
    }
    if !test.planted.isEmpty, fails("no known value survives", !survives(test.planted, in: once.value)) {
      return "no known value survives"
    }
    let twice = redact(plain, once.value)
    if fails("what came out is not withheld", twice != nil) { return "what came out is not withheld" }
    if fails("idempotent", twice?.value == once.value) { return "idempotent" }

    tally.redactions += 1
    if fails("cut-invariant", stream(plain, test) == once.value) { return "cut-invariant" }
    if test.bytes.count > 96 {
      tally.redactions += 2
      var whole = test
      whole.cut = 0
      if fails("cut-invariant in small windows", stream(small, test) == stream(small, whole)) {
        return "cut-invariant in small windows"
      }
    }
    guard once.report.total > 0 || test.bytes.contains(0x5B) else { return nil }
    // Pseudonyms stand where masks do, and neither is masked again in the other style.
    if fails("a mask is not masked again", redact(named, once.value)?.value == once.value) {
      return "a mask is not masked again"
    }
    let first = redact(named, test.bytes)
    if fails("pseudonyms do not withhold what masks do not", first != nil) {
      return "pseudonyms do not withhold what masks do not"
    }
    if let first, fails("a pseudonym is not masked again", redact(plain, first.value)?.value == first.value) {
      return "a pseudonym is not masked again"
    }
    return nil
  }

  /// What comes out of a stream that is cut at the case's place; nil where it is withheld.
  private func stream(_ redactor: Redactor, _ test: FuzzCase) -> [UInt8]? {
    var stream = redactor.stream(name: test.name)
    var out: [UInt8] = []
    do throws(RedactionError) {
      out += try stream.append(Array(test.bytes[..<test.cut])).value
      out += try stream.append(Array(test.bytes[test.cut...])).value
      out += try stream.finish().value
    } catch { return nil }
    return out
  }

  private func survives(_ planted: [[UInt8]], in output: [UInt8]) -> Bool {
    planted.contains { value in Encodings.all(value).contains { output.holds($0) } }
  }

  /// True if one of the planted values is masked somewhere, in any of its encodings.
  func masksPlanted(_ test: FuzzCase) -> Bool {
    guard let once = try? plain.redact(RawFile(name: test.name, bytes: test.bytes)) else { return false }
    return once.report.places.contains { place in
      survives(test.planted, in: Array(test.bytes[place.range]))
    }
  }

  /// What comes out after each of three passes, and out of the stream, for a person to look at.
  func shown(_ test: FuzzCase) -> [String] {
    var out: [String] = [String(decoding: test.bytes, as: UTF8.self)]
    var bytes = test.bytes
    for _ in 0..<3 {
      do throws(RedactionError) { bytes = try plain.redact(RawFile(name: test.name, bytes: bytes)).value } catch {
        out.append("withheld: \(error)")
        break
      }
      out.append(String(decoding: bytes, as: UTF8.self))
    }
    return out + [stream(plain, test).map { "stream: \(String(decoding: $0, as: UTF8.self))" } ?? "stream: withheld"]
  }

  private func applied(_ places: [MaskedPlace], to bytes: [UInt8]) -> [UInt8]? {
    var out: [UInt8] = []
    var index = 0
    for place in places {
      guard place.range.lowerBound >= index, place.range.upperBound <= bytes.count else { return nil }
      out += bytes[index..<place.range.lowerBound] + place.replacement
      index = place.range.upperBound
    }
    return out + bytes[index...]
  }

  private func stillParses(_ test: FuzzCase, _ output: [UInt8]) -> Bool {
    if output == test.bytes { return true }
    switch test.name {
    case "x.json": return (try? JSONDocument(test.bytes)) == nil || (try? JSONDocument(output)) != nil
    case "x.yaml":
      guard let before = Self.shape(test.bytes) else { return true }
      guard let after = Self.shape(output) else { return false }
      // Documents that are one scalar each may become one mask.
      func isText(_ shape: String) -> Bool { shape.allSatisfy { $0 == "s" || $0 == "-" } }
      return after == before || isText(before) && isText(after)
    default: return true
    }
  }

  /// The events of a YAML text without its scalars' texts; nil where it is none.
  private static func shape(_ bytes: [UInt8]) -> String? {
    var out = ""
    do throws(YAMLStop<Never>) {
      try bytes.withUnsafeBufferPointer { buffer throws(YAMLStop<Never>) in
        try YAMLEvents.parse(buffer) { event in
          switch event.kind {
          case .scalar: out += "s"
          case .alias: out += "a"
          case .mappingStart: out += "{"
          case .mappingEnd: out += "}"
          case .sequenceStart: out += "["
          case .sequenceEnd: out += "]"
          case .documentStart, .documentEnd: out += "-"
          }
        }
      }
    } catch { return nil }
    return out
  }
}
