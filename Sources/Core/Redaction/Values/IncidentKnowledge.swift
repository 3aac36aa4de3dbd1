/// What the first pass over the texts of an incident has learned.
struct IncidentKnowledge: Sendable {
  var values = KnownValues()
  /// Texts that name objects.
  var names = NameList()

  mutating func add(_ other: IncidentKnowledge) {
    values.add(other.values)
    names.append(other.names)
  }

  /// What to search for in the second pass.
  func matcher() -> KnownMatcher {
    var values = values
    return values.matcher(without: names)
  }

  /// Throws where more secrets were found than are remembered.
  func checkIsComplete(place: String) throws(RedactionError) {
    guard values.forgotten > 0 else { return }
    throw RedactionError(
      .limit, place: place, message: "it has more secrets than the \(KnownValues.mostValues) that are remembered")
  }
}
