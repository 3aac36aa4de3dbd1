@testable internal import OrchestratorClient

#if canImport(Darwin)
  internal import Darwin
#else
  internal import Glibc
#endif

/// A folder with the test certificates, for the time of one test.
struct TestFiles {
  let folder: String

  static func with<Result>(
    _ body: (TestFiles) async throws -> Result
  ) async throws -> Result {
    var template = Array("/tmp/kube-mind-test-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Failure(errno: errno) }
    let files = TestFiles(folder: String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self))
    var names: [String] = []
    defer {
      for name in names { unlink(files.path(name)) }
      for name in ["extra.pem"] { unlink(files.path(name)) }
      rmdir(files.folder)
    }
    for (name, content) in [
      ("authority.pem", TestCertificates.authority), ("stranger.pem", TestCertificates.strangerAuthority),
      ("server.pem", TestCertificates.server), ("server.key", TestCertificates.serverKey),
      ("client.pem", TestCertificates.client), ("client.key", TestCertificates.clientKey),
      ("intruder.pem", TestCertificates.intruder), ("intruder.key", TestCertificates.intruderKey),
    ] {
      try files.write(content, to: name)
      names.append(name)
    }
    return try await body(files)
  }

  struct Failure: Error {
    var errno: Int32
  }

  func path(_ name: String) -> String { folder + "/" + name }

  func write(_ text: String, to name: String) throws {
    guard let file = fopen(path(name), "w") else { throw Failure(errno: errno) }
    fputs(text + "\n", file)
    fclose(file)
  }

  /// What a server needs, with mTLS.
  var server: TLSFiles {
    TLSFiles(authorities: path("authority.pem"), certificate: path("server.pem"), privateKey: path("server.key"))
  }

  /// What a client needs; `identity` names its certificate.
  func client(as identity: String? = "client", serverName: String? = nil) -> TLSFiles {
    TLSFiles(
      authorities: path("authority.pem"), certificate: identity.map { path($0 + ".pem") },
      privateKey: identity.map { path($0 + ".key") }, serverName: serverName)
  }
}
