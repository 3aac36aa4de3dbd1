/// The program's version, in this one place: the command line, incidents, the man pages and the packages take it from here.
enum Version {
  /// Semantic version (https://semver.org).
  static let number = "0.1.0"
}
