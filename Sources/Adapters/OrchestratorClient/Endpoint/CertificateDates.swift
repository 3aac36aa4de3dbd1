package import Time

/// When certificates end.
package enum CertificateDates {
  /// notAfter of each certificate of a PEM text, in its order; empty where there is none.
  package static func ends(pem: [UInt8]) -> [Timestamp] {
    TLSContext.ends(ofCertificates: pem)
  }

  /// As above, of a file.
  package static func ends(file path: String) throws(OrchestratorError) -> [Timestamp] {
    do { return ends(pem: try SmallFile.read(path)) } catch {
      throw OrchestratorError(.unreadableFile, "cannot read \(path): \(error.reason)")
    }
  }
}
