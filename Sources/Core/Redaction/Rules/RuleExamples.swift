/// The examples in a user's file, checked before the rules are used: a rule that does not do what its author thinks would be
/// found out by a leak.
extension Redactor {
  /// Throws at the first example that its rule does not bear out.
  func checkExamples() throws(RedactionError) {
    for example in rules.examples where !rules.disabled.contains(example.rule) {
      guard let rule = engine.names.firstIndex(of: example.rule) else { continue }
      let engine = engine
      let isFound = try Array(example.text.utf8).withUnsafeBufferPointer { text throws(RedactionError) in
        var scan = TextScan(engine, text, isOverTime: { false })
        try scan.collect()
        return scan.findings.contains { $0.rule == rule }
      }
      guard isFound == example.isMatch else {
        let problem =
          example.isMatch
          ? "the rule finds nothing in this match example" : "the rule finds something in this clean example"
        throw RedactionError(.configuration, rule: example.rule, place: example.place, message: problem)
      }
    }
  }
}
