/// Files that say whom to trust and who one is. All in PEM.
package struct TLSFiles: Sendable, Equatable {
  /// Authorities to trust instead of the system's.
  package var authorities: String?
  /// This side's certificate, with the intermediates after it. Goes with `privateKey`.
  package var certificate: String?
  /// The key of the certificate, not encrypted.
  package var privateKey: String?
  /// Name that the server's certificate must carry, where it is not the host of the URL.
  package var serverName: String?

  package init(
    authorities: String? = nil, certificate: String? = nil, privateKey: String? = nil, serverName: String? = nil
  ) {
    self.authorities = authorities
    self.certificate = certificate
    self.privateKey = privateKey
    self.serverName = serverName
  }

  /// True if there are files that may change.
  var isNamingFiles: Bool { authorities != nil || certificate != nil || privateKey != nil }

  /// Reads the files anew. They may have been swapped since the last time: cert-manager and projected volumes do that.
  package func load() throws(OrchestratorError) -> TLSMaterial {
    guard (certificate == nil) == (privateKey == nil) else {
      let missing = certificate == nil ? "a certificate" : "a key"
      throw OrchestratorError(
        .unusableCertificate, "a client certificate needs its key and the key its certificate: \(missing) is missing")
    }
    return TLSMaterial(
      authorities: try Self.read(authorities), certificateChain: try Self.read(certificate),
      privateKey: try Self.read(privateKey))
  }

  private static func read(_ path: String?) throws(OrchestratorError) -> [UInt8]? {
    guard let path else { return nil }
    do {
      return try SmallFile.read(path)
    } catch {
      throw OrchestratorError(.unreadableFile, "cannot read \(path): \(error.reason)")
    }
  }

  /// The context of one side, with the file at fault in the error.
  func makeContext(_ role: TLSContext.Role) throws(OrchestratorError) -> TLSContext {
    try makeContext(role, from: try load())
  }

  /// The context of one side from what was read, with the files in the error.
  func makeContext(_ role: TLSContext.Role, from material: TLSMaterial) throws(OrchestratorError) -> TLSContext {
    do {
      return try TLSContext(role: role, material: material)
    } catch {
      let files = [authorities, certificate, privateKey].compactMap { $0 }.joined(separator: ", ")
      throw OrchestratorError(
        .unusableCertificate, files.isEmpty ? error.message : "\(error.message) (\(files))")
    }
  }
}
