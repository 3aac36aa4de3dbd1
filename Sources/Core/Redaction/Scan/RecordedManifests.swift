/// Manifests of Secrets in a log whose lines are JSON, one line of the manifest in each record: `{"log":"kind: Secret\n",…}` of
/// Docker, `{"level":"info","msg":"kind: Secret"}` of a program.
extension TextScan {
  /// Most records that are put together: as many as lines of a manifest are read in a log.
  private static let mostRecords = 600
  /// Longest record that is one line of a manifest, in bytes.
  private static let longestManifestLine = 16_384

  /// `kind: Secret` was seen at `hit`. True if it is a line in a record: it was then read with the records around it.
  mutating func recordedManifest(at hit: Int) throws(RedactionError) -> Bool {
    let line = bytes.lineStart(of: hit, reach: Self.longestManifestLine)
    guard bytes.at(line) == 0x7B, line == 0 || bytes[line - 1].isLineEnd, let name = member(of: line, holding: hit)
    else { return false }
    // The records behind this one were put together with it, and a manifest that begins among the last of them is put together anew.
    guard hit + origin >= progress.recordedEnd else { return true }
    progress.recordedEnd = hit + origin + Self.manifestReach / 2

    var rows: [Range<Int>] = []
    var place = line
    while rows.count < Self.mostRecords, hit - place < Self.manifestReach, place > 1 {
      let before = bytes.lineStart(of: place - 1, reach: Self.longestManifestLine)
      guard let row = text(of: name, inRecordAt: before) else { break }
      rows.append(row)
      place = before
    }
    rows.reverse()
    place = line
    while rows.count < 2 * Self.mostRecords, place - hit < Self.manifestReach,
      let row = text(of: name, inRecordAt: place)
    {
      rows.append(row)
      place = bytes.lineEnd(from: row.upperBound, limit: bytes.count)
      while place < bytes.count, bytes[place].isLineEnd { place += 1 }
    }
    try scan(rows: rows, at: hit)
    return true
  }

  /// The name, in its quotes, of the member of the record at `line` whose text is a line with `hit` at its front. Nil where there is
  /// none.
  private func member(of line: Int, holding hit: Int) -> Range<Int>? {
    var name = line..<line
    var index = line
    while index < hit {
      guard let open = bytes.firstByte(0x22, from: index, to: hit) else { return nil }
      let close = textEnd(from: open + 1)
      if close >= hit {
        let isFront = (open + 1..<hit).allSatisfy {
          bytes[$0].isBlank || bytes[$0] == 0x2D || bytes[$0] == 0x5C || bytes[$0] == 0x22
        }
        let isMember = !name.isEmpty && (name.upperBound..<open).allSatisfy { bytes[$0].isBlank || bytes[$0] == 0x3A }
        return isFront && isMember && open > name.upperBound ? name : nil
      }
      name = open..<close + 1
      index = close + 1
    }
    return nil
  }

  /// The text of the member `name` in the record whose line begins at `line`; nil where no such record begins.
  private func text(of name: Range<Int>, inRecordAt line: Int) -> Range<Int>? {
    guard bytes.at(line) == 0x7B else { return nil }
    let limit = bytes.lineEnd(from: line, limit: min(bytes.count, line + Self.longestManifestLine))
    var index = line
    while let open = bytes.firstByte(0x22, from: index, to: limit) {
      let close = textEnd(from: open + 1)
      guard close < limit else { return nil }
      index = close + 1
      guard bytes[open..<index].elementsEqual(bytes[name]) else { continue }
      while bytes.at(index).isBlank { index += 1 }
      guard bytes.at(index) == 0x3A else { continue }
      index += 1
      while bytes.at(index).isBlank { index += 1 }
      guard bytes.at(index) == 0x22 else { return nil }
      let end = textEnd(from: index + 1)
      return end < limit ? index + 1..<end : nil
    }
    return nil
  }

  /// Where the text of JSON that begins at `start` ends: at its quote, or at the end of the line.
  private func textEnd(from start: Int) -> Int {
    let limit = min(bytes.count, start + Self.longestManifestLine)
    var end = start
    while end < limit, bytes[end] != 0x22, !bytes[end].isLineEnd { end += bytes[end] == 0x5C ? 2 : 1 }
    return min(end, limit)
  }

  /// Scans the lines that the records hold as one text, and masks what is found in each record for itself.
  private mutating func scan(rows: [Range<Int>], at hit: Int) throws(RedactionError) {
    var view = View(origins: [])
    /// Which row each byte of the view is of, by where the row ends in it.
    var ends: [Int] = []
    for row in rows {
      _ = Self.unescaped(bytes, row, &view)
      // The record's own line end, or ours.
      var end = row.upperBound
      while view.text.count > (ends.last ?? 0), view.text.last?.isLineEnd == true {
        view.text.removeLast()
        end = view.origins?.popLast() ?? end
      }
      view.append(0x0A, from: end)
      ends.append(view.text.count)
    }
    guard let origins = view.origins else { return }
    for finding in try scanInner(view.text, from: hit..<hit, firstView: 1) {
      var start = finding.range.lowerBound
      var row = ends.firstIndex { $0 > start } ?? ends.count
      while start < finding.range.upperBound, row < ends.count {
        // The line end belongs to nobody's secret.
        let end = min(finding.range.upperBound, ends[row] - 1)
        if end > start { found(origins[start]..<origins[end], finding.rule, propagates: false) }
        start = ends[row]
        row += 1
      }
    }
  }
}
