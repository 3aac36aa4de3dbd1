internal import ArgumentParser
internal import Observer

/// `kube-mind reference`: pages of the documentation that are made from the code. Hidden: `make docs` calls it.
struct ReferenceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reference", abstract: "Writes a page of the documentation to standard output.", shouldDisplay: false)

  /// What there is a page of.
  enum Page: String, CaseIterable, ExpressibleByArgument {
    case metrics
    case configuration
  }

  @Argument(help: "The page.")
  var page: Page

  func run() throws {
    switch page {
    case .metrics: try SystemStreams.writeOutput(MetricCatalog.reference)
    case .configuration: try SystemStreams.writeOutput(Settings.reference)
    }
  }
}
