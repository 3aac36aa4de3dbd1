/// Certificates and key in PEM, as they stood in their files.
package struct TLSMaterial: Sendable, Hashable {
  /// Authorities to trust instead of the system's. Nil: the system's.
  package var authorities: [UInt8]?
  /// This side's certificate, with the intermediates after it. Nil: none (a client without mTLS).
  package var certificateChain: [UInt8]?
  /// The key of the first certificate. Nil exactly where `certificateChain` is.
  package var privateKey: [UInt8]?

  package init(authorities: [UInt8]? = nil, certificateChain: [UInt8]? = nil, privateKey: [UInt8]? = nil) {
    self.authorities = authorities
    self.certificateChain = certificateChain
    self.privateKey = privateKey
  }
}

/// What is wrong with a certificate, a key, a handshake or a record. One line for a person, without any key material.
struct TLSError: Error, Equatable {
  var message: String
}
