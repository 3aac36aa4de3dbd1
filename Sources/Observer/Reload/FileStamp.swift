/// What tells one version of a file from the next without reading it. Symbolic links are followed: a volume of a ConfigMap swaps the link
/// `..data`, and the file behind it is another one then.
package struct FileStamp: Sendable, Equatable {
  /// Device and inode.
  package var device: UInt64
  package var inode: UInt64
  /// Bytes.
  package var size: Int64
  /// Last change of its content, nanoseconds since the epoch.
  package var modified: Int64

  package init(device: UInt64, inode: UInt64, size: Int64, modified: Int64) {
    self.device = device
    self.inode = inode
    self.size = size
    self.modified = modified
  }
}
