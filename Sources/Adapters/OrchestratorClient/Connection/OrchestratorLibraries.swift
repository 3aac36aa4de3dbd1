/// The C libraries behind this client, as they are loaded.
package enum OrchestratorLibraries {
  /// OpenSSL's version, e.g. "3.0.17".
  package static var openSSL: String { TLSContext.libraryVersion }
  /// To be called before anything else of OpenSSL's or libcurl's: the process may then exit while threads of theirs still end.
  package static func keepAtExit() { TLSContext.keepAtExit() }
  /// nghttp2's version, e.g. "1.52.0".
  package static var nghttp2: String { HTTP2Session.libraryVersion }
}
