import FoundationEssentials

@testable import Simulation

/// The recorded files beside the tests.
enum Fixture {
  static let folder =
    #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(2)
    .joined(separator: "/") + "/Fixtures"

  static func bytes(_ path: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(filePath: "\(folder)/\(path)")))
  }

  static func json(_ path: String) throws -> JSONValue {
    try JSONValue(parsing: bytes(path))
  }

  static func names(_ subfolder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(subfolder)").sorted()
  }

  /// The target of the request that got a recorded answer.
  static func target(_ path: String) throws -> String {
    let header = String(decoding: try bytes(path + ".http.txt"), as: UTF8.self)
    return header.split(separator: "\n").first.map { String($0.split(separator: " ")[2]) } ?? ""
  }
}
