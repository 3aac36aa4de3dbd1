internal import FoundationEssentials
internal import Testing

/// A search that found nothing anywhere would let every leak pass.
struct SecretSearchTests {
  @Test(arguments: ["hunter2-Prod-9917", "tr0ub4dor-7", "4111 1111 1111 1111"])
  func findsAValueHoweverItStandsThere(value: String) {
    let search = SecretSearch(value)
    for before in ["", "a", "ab", "abc", String(repeating: String(value.prefix(1)), count: 5)] {
      let text = Array("\(before)\(value)z".utf8)
      #expect(search.matches(text))
      #expect(search.matches(Array(Data(text).base64EncodedString().utf8)), "\(before)")
    }
    #expect(search.matches(Array(value.utf8)))
    #expect(!search.matches([]))
    #expect(!search.matches(Array(value.utf8.dropLast())))
    #expect(!search.matches(Array("\(value.dropLast()).\(value.dropFirst())".utf8)))
  }
}
