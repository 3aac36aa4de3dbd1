import FoundationEssentials

/// The recorded files beside these tests.
enum Fixture {
  static func bytes(_ name: String, file: String = #filePath) throws -> [UInt8] {
    let folder = file[..<(file.lastIndex(of: "/") ?? file.startIndex)]
    return Array(try Data(contentsOf: URL(filePath: "\(folder)/Fixtures/\(name)")))
  }
}
