import Kubernetes
import KubernetesClient
import Testing

private let certificate = """
  -----BEGIN CERTIFICATE-----
  MIIBcDCCARWgAwIBAgIUf6iz0SMrEaAcwQEB/zkWLqFKUF8wCgYIKoZIzj0EAwIw
  DDEKMAgGA1UEAwwBdDAgFw0yNjExMjMwNTA3MTBaGA8yMTI2MTAzMDA1MDcxMFow
  DDEKMAgGA1UEAwwBdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABFE6zrK/N6I2
  AKiHZR168++BDsLBOTcYNc/IQP7MdJaYfSJdkWiZQ7NlEhIlmySwTGRqmDuhKOy4
  u9zkpyyAQN2jUzBRMB0GA1UdDgQWBBQB/CpQVxgOm7dRQ1cQCUzxx4HxIzAfBgNV
  HSMEGDAWgBQB/CpQVxgOm7dRQ1cQCUzxx4HxIzAPBgNVHRMBAf8EBTADAQH/MAoG
  CCqGSM49BAMCA0kAMEYCIQDdlXvvNoGh4bjLa3C2plUmB39JwjtzIxPnXkuAb0l6
  nwIhAKEOnOff5mThxpcMNkoJjIYicnKK7bnmvXNrFTksH/Zz
  -----END CERTIFICATE-----
  """

/// Made for this test; its pass phrase is "x".
private let encryptedKey = """
  -----BEGIN EC PRIVATE KEY-----
  Proc-Type: 4,ENCRYPTED
  DEK-Info: AES-256-CBC,9E1E0F89789276C3C6C3494C2F9937E3

  iQLVvXzAc6ACWOIMOqRfHMptPdzDPfMbB59L5IXZkHtRnp++iZopv7ObNWkFfifv
  GZVgT5z6JznFq85s3rPafX3nG/guwTcnNjCuhW2I8uofnge6DKXe26h9l1j+XGN5
  kLaOiB0X37vsEY7XaAjx+8qRGHcTsSsASbn57VxvOQ4=
  -----END EC PRIVATE KEY-----
  """

@Suite("TLS material", .timeLimit(.minutes(15)))
struct TLSMaterialTests {
  /// The error of a call over TLS to a server that has none: material is read before the handshake.
  private func error(_ adapt: (inout ClusterAccess) -> Void) async throws -> APIError? {
    try await ScriptedServer.run({ _, _ in .init() }) { server in
      try await withClient(
        of: server,
        { access in
          access.server.isTLS = true
          access.source = "context a of /f"
          adapt(&access)
        }
      ) { client async throws in
        let error = await #expect(throws: APIError.self) { try await client.send(.version) }
        #expect(server.requests.isEmpty)
        return error
      }
    }
  }

  @Test func aServerWithoutTLS() async throws {
    let error = try await error { _ in }
    #expect(error?.code == .tls)
    #expect(error?.message.hasSuffix("is it an https port? (context a of /f)") == true, "\(error?.message ?? "")")
  }

  @Test func missingAuthorities() async throws {
    let error = try await error { $0.trust = .authorities(.file("/absent/ca.crt")) }
    #expect(error?.code == .tls)
    #expect(error?.message.contains("/absent/ca.crt") == true, "\(error?.message ?? "")")
  }

  @Test func authoritiesThatAreNone() async throws {
    let error = try await error { $0.trust = .authorities(.pem(Array("-----BEGIN nothing".utf8))) }
    #expect(error?.code == .tls, "\(error?.message ?? "")")
  }

  @Test func brokenIdentity() async throws {
    let error = try await error { $0.identity = .init(certificate: .pem(Array("x".utf8)), key: .file("/absent/key")) }
    #expect(error?.code == .tls)
    #expect(error?.message.hasPrefix("cannot use a certificate or key for https://127.0.0.1:") == true)
  }

  @Test("an encrypted key is an error, not a question at the terminal")
  func encryptedKeys() async throws {
    let error = try await error {
      $0.identity = .init(certificate: .pem(Array(certificate.utf8)), key: .pem(Array(encryptedKey.utf8)))
    }
    #expect(error?.code == .tls)
    #expect(error?.message.contains("private key") == true, "\(error?.message ?? "")")
  }
}
