internal import Documents
internal import Redaction

/// What has to hold for every input.
struct Properties {
  private let plain: Redactor
  private let named: Redactor

  init() throws {
    var options = RedactionOptions()
    options.recordsPlaces = true
    plain = try Redactor(options: options)
    options.masks = try .pseudonyms(key: Array("the key of the fuzzer".utf8))
    named = try Redactor(options: options)
  }

  /// Asks of the time that a text may cost: one for 256 places that a rule looks at, and there are at most as many as bytes in
  /// each of the decoded views.
  private static func steps(_ count: Int) -> Int { 1_024 + count * 8 }

  /// The name of the property that does not hold; nil where all do. A withheld input holds them: nothing of it comes out.
  func broken(_ test: FuzzCase) -> String? {
    var steps = 0
    let file = RawFile(name: test.name, bytes: test.bytes)
    let once: Redacted<[UInt8]>
    do throws(RedactionError) {
      once = try plain.redact(file) {
        steps += 1
        return steps > Self.steps(test.bytes.count)
      }
    } catch { return error.code == .timeout ? "ends within its steps" : nil }

    if applied(once.report.places, to: test.bytes) != once.value { return "text outside of masks stays" }
    if !stillParses(test, once.value) { return "output parses where the input did" }
    for value in test.planted {
      for encoding in Encodings.all(value) where once.value.holds(encoding) { return "no known value survives" }
    }
    guard let twice = try? plain.redact(RawFile(name: test.name, bytes: once.value)) else {
      return "what came out is not withheld"
    }
    if twice.value != once.value { return "idempotent" }
    if let problem = streamed(test, once.value) { return problem }
    return pseudonyms(test, once.value)
  }

  /// Cut anywhere, a stream gives the same.
  private func streamed(_ test: FuzzCase, _ whole: [UInt8]) -> String? {
    var stream = plain.stream(name: test.name)
    var out: [UInt8] = []
    do throws(RedactionError) {
      out += try stream.append(Array(test.bytes[..<test.cut])).value
      out += try stream.append(Array(test.bytes[test.cut...])).value
      out += try stream.finish().value
    } catch { return "a stream is not withheld where the file is not" }
    return out == whole ? nil : "cut-invariant"
  }

  /// Pseudonyms stand where masks do, and neither is masked again in the other style.
  private func pseudonyms(_ test: FuzzCase, _ masked: [UInt8]) -> String? {
    guard let other = try? named.redact(RawFile(name: test.name, bytes: masked)) else {
      return "what came out is not withheld with pseudonyms"
    }
    if other.value != masked { return "a mask is not masked again" }
    guard let first = try? named.redact(RawFile(name: test.name, bytes: test.bytes)) else {
      return "pseudonyms do not withhold what masks do not"
    }
    guard let again = try? plain.redact(RawFile(name: test.name, bytes: first.value)) else {
      return "pseudonyms are not withheld"
    }
    return again.value == first.value ? nil : "a pseudonym is not masked again"
  }

  /// True if anything is masked.
  func masksSomething(_ test: FuzzCase) -> Bool {
    ((try? plain.redact(RawFile(name: test.name, bytes: test.bytes)))?.report.total ?? 0) > 0
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

  private func isCollection(_ bytes: [UInt8]) -> Bool {
    guard let node = try? YAMLNode.parse(bytes) else { return false }
    return node.text == nil
  }

  private func stillParses(_ test: FuzzCase, _ output: [UInt8]) -> Bool {
    switch test.name {
    case "x.json": (try? JSONDocument(test.bytes)) == nil || (try? JSONDocument(output)) != nil
    // A lone scalar is text.
    case "x.yaml": !isCollection(test.bytes) || isCollection(output)
    default: true
    }
  }
}
