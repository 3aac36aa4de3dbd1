internal import COpenSSL

/// A certificate for 127.0.0.1 and localhost that vouches for itself, and its key: for servers that live as long as a test or
/// a measurement. Valid for a day.
///
/// Memory: every object that OpenSSL makes here is freed here; the PEM is copied out of its BIO.
package struct SelfSignedCertificate: Sendable {
  /// The certificate in PEM; its own authority.
  package let certificate: [UInt8]
  /// Its key in PEM.
  package let key: [UInt8]

  /// Makes a new one with a key on the curve P-256.
  package init() throws(OrchestratorError) {
    guard let made = Self.make() else {
      throw OrchestratorError(.unusableCertificate, "cannot make a certificate: OpenSSL refused")
    }
    (certificate, key) = made
  }

  private static let day = 86_400

  private static func make() -> (certificate: [UInt8], key: [UInt8])? {
    var key: OpaquePointer?
    guard let context = EVP_PKEY_CTX_new_from_name(nil, "EC", nil) else { return nil }
    defer { EVP_PKEY_CTX_free(context) }
    guard EVP_PKEY_keygen_init(context) == 1, EVP_PKEY_CTX_set_group_name(context, "P-256") == 1,
      EVP_PKEY_generate(context, &key) == 1, let key
    else { return nil }
    defer { EVP_PKEY_free(key) }
    guard let certificate = X509_new() else { return nil }
    defer { X509_free(certificate) }
    // Version 3 is written as 2 (RFC 5280, 4.1.2.1).
    guard X509_set_version(certificate, 2) == 1, ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1) == 1,
      X509_gmtime_adj(X509_getm_notBefore(certificate), -60) != nil,
      X509_gmtime_adj(X509_getm_notAfter(certificate), day) != nil, X509_set_pubkey(certificate, key) == 1,
      let name = X509_get_subject_name(certificate),
      // MBSTRING_ASC: a macro with a cast.
      X509_NAME_add_entry_by_txt(name, "CN", 0x1001, "localhost", -1, -1, 0) == 1,
      X509_set_issuer_name(certificate, name) == 1,
      add(NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1", to: certificate),
      add(NID_basic_constraints, "critical,CA:TRUE", to: certificate),
      X509_sign(certificate, key, EVP_sha256()) > 0
    else { return nil }
    guard let written = pem({ PEM_write_bio_X509($0, certificate) }),
      let secret = pem({ PEM_write_bio_PrivateKey($0, key, nil, nil, 0, nil, nil) })
    else { return nil }
    return (written, secret)
  }

  private static func add(_ kind: Int32, _ value: String, to certificate: OpaquePointer) -> Bool {
    guard let made = X509V3_EXT_conf_nid(nil, nil, kind, value) else { return false }
    defer { X509_EXTENSION_free(made) }
    return X509_add_ext(certificate, made, -1) == 1
  }

  private static func pem(_ write: (OpaquePointer) -> Int32) -> [UInt8]? {
    guard let bio = BIO_new(BIO_s_mem()) else { return nil }
    defer { BIO_free(bio) }
    guard write(bio) == 1 else { return nil }
    var bytes = [UInt8](repeating: 0, count: Int(kube_mind_bio_pending(bio)))
    guard BIO_read(bio, &bytes, Int32(bytes.count)) == Int32(bytes.count) else { return nil }
    return bytes
  }
}
