/// What redacting a text brings besides edits. A class: it grows in the middle of walks, which must not copy it.
final class Harvest {
  /// Values that rules found.
  var learned: [[UInt8]] = []
  /// Texts that name objects.
  var names = NameList()
  /// True once a part of a scalar or of a text was masked: what stands beside the mask has to be looked at again.
  var hasParts = false
  /// True once a text was seen in which known values could stand without showing in the document's bytes: escaped or encoded.
  var hidesValues = false
  /// True once a text that claims to be a document was read as text.
  var isText = false
  /// Verdicts on the keys that were met.
  let keys: KeyCache

  init(keys: KeyCache = KeyCache()) { self.keys = keys }

  /// Takes over what a part of the text has brought.
  func add(_ other: Harvest) {
    learned += other.learned
    names.append(other.names)
    hasParts = hasParts || other.hasParts
    hidesValues = hidesValues || other.hidesValues
  }
}
