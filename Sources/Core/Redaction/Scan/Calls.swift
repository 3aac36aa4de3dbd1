/// Calls and tuples of a user and a password: `login("bob", "x")`, `auth=('bob', 'x')`, `new PDO(dsn, 'bob', 'x')`.
extension TextScan {
  /// Such a call was seen at `hit`: its second text, or the third where the first says where to connect, is the secret.
  mutating func call(at hit: Int, length: Int) {
    let limit = min(bytes.count, hit + 512)
    var index = hit
    while index < limit, bytes[index] != 0x28, !bytes[index].isQuote, !bytes[index].isLineEnd { index += 1 }
    guard index < limit, !bytes[index].isLineEnd else { return }
    let isTuple = bytes[index] == 0x28
    if isTuple { index += 1 }
    var texts: [Range<Int>] = []
    while index < limit, bytes[index] != 0x29, bytes[index] != 0x3B, !bytes[index].isLineEnd, texts.count < 6 {
      if bytes[index].isQuote {
        let quote = bytes[index]
        var end = index + 1
        while end < limit, bytes[end] != quote, !bytes[end].isLineEnd { end += bytes[end] == 0x5C ? 2 : 1 }
        guard end < limit else { return }
        texts.append(index + 1..<end)
        index = end
      } else if bytes[index] == 0x3D || bytes[index] == 0x3A {
        return  // arguments by name: their keys decide
      }
      index += 1
    }
    let isConnection = bytes.hasIgnoringCase("__construct", at: hit) || bytes.hasIgnoringCase("mysqli", at: hit)
    let place = isConnection ? 2 : 1
    guard texts.count > place, isConnection || texts.count == 2, !texts[place].isEmpty else { return }
    secretArgument(texts[place])
  }
}
