/// The C libraries behind this client, as they are loaded.
package enum OrchestratorLibraries {
  /// OpenSSL's version, e.g. "3.0.17".
  package static var openSSL: String { TLSContext.libraryVersion }
  /// nghttp2's version, e.g. "1.52.0".
  package static var nghttp2: String { HTTP2Session.libraryVersion }
}
