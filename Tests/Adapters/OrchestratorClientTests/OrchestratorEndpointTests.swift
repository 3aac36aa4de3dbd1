internal import Testing

@testable internal import OrchestratorClient

struct OrchestratorEndpointTests {
  @Test(arguments: [
    ("https://orchestrator.example:8443", "orchestrator.example", 8443, true, "orchestrator.example:8443"),
    ("https://orchestrator.example", "orchestrator.example", 443, true, "orchestrator.example:443"),
    ("https://10.0.0.1:1/", "10.0.0.1", 1, true, "10.0.0.1:1"),
    ("https://[2001:db8::1]:65535", "2001:db8::1", 65_535, true, "[2001:db8::1]:65535"),
    ("http://localhost:8080", "localhost", 8080, false, "localhost:8080"),
    ("http://127.9.9.9:8080", "127.9.9.9", 8080, false, "127.9.9.9:8080"),
    ("http://[::1]:8080", "::1", 8080, false, "[::1]:8080"),
    ("http://127.0.0.1", "127.0.0.1", 80, false, "127.0.0.1:80"),
  ])
  func urlsAreRead(url: String, host: String, port: Int, isSecure: Bool, authority: String) throws {
    let endpoint = try OrchestratorEndpoint(url: url)
    #expect(endpoint.host == host)
    #expect(endpoint.target == .host(HostAndPort(host: host, port: port)))
    #expect(endpoint.isSecure == isSecure)
    #expect(endpoint.authority == authority)
  }

  @Test(arguments: [
    "", "ftp://a", "https://", "https://:443", "https://a:0", "https://a:65536", "https://a:+1",
    "https://a:b", "https://a:", "https://a:1:2", "https://[::1", "https://[::1]x", "https://a/path", "https://u@a",
    "https://a?q", "https://a b", "https://2001:db8::1", "https://\u{1}a", "http://ä",
  ])
  func otherTextsAreRefused(url: String) {
    #expect { try OrchestratorEndpoint(url: url) } throws: { error in
      (error as? OrchestratorError)?.code == .invalidURL && !"\(error)".contains("\n")
    }
  }

  @Test(arguments: [
    "http://orchestrator.example:80", "http://128.0.0.1", "http://127.0.0.1.example", "http://localhost.example",
  ])
  func plaintextStaysOnThisMachine(url: String) throws {
    #expect { try OrchestratorEndpoint(url: url) } throws: { ($0 as? OrchestratorError)?.code == .plaintextRefused }
    #expect(try OrchestratorEndpoint(url: url, allowsPlaintext: true).isSecure == false)
  }

  @Test func badCertificatesAreNamed() async throws {
    try await TestFiles.with { files in
      func error(_ tls: TLSFiles, _ url: String = "https://a") -> OrchestratorError? {
        do {
          _ = try OrchestratorEndpoint(url: url, tls: tls)
          return nil
        } catch {
          return error
        }
      }
      let client = files.client()
      #expect(error(client) == nil)
      let missing = error(TLSFiles(authorities: files.path("none.pem")))
      #expect(missing?.code == .unreadableFile)
      #expect(missing?.message == "cannot read \(files.path("none.pem")): No such file or directory")
      #expect(error(TLSFiles(authorities: files.folder))?.code == .unreadableFile)

      try files.write("no certificate", to: "extra.pem")
      #expect(
        error(TLSFiles(authorities: files.path("extra.pem")))?.message.hasPrefix("no certificate in PEM form") == true)
      var swapped = client
      swapped.privateKey = files.path("intruder.key")
      #expect(error(swapped)?.message.hasPrefix("the key does not belong to the certificate") == true)
      swapped.privateKey = files.path("extra.pem")
      #expect(error(swapped)?.message.hasPrefix("the key is not an unencrypted private key in PEM form") == true)
      swapped = client
      swapped.certificate = files.path("extra.pem")
      #expect(error(swapped)?.message.hasPrefix("the certificate is not in PEM form") == true)
      swapped.certificate = nil
      #expect(error(swapped)?.code == .unusableCertificate)
      #expect(error(client, "http://localhost")?.code == .invalidURL)
    }
  }
}
