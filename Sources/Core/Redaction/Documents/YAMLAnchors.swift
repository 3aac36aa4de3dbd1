/// What the anchors of a YAML document stand for, so that an alias means what is written behind its anchor: a Secret's values may
/// stand in another part of the document, with a name.
struct YAMLAnchors {
  /// A part of what a walk is told.
  enum Step {
    case begin(isMap: Bool)
    case end
    case key([UInt8])
    case value(Leaf)
  }

  /// Steps that aliases of one document may stand for. Aliases of aliases of aliases stand for more in a few bytes.
  static let most = 100_000

  private var known: [String: [Step]] = [:]
  /// The collections that are being read and have a name: it, their depth, and their first step.
  private var open: [(name: String, depth: Int, first: Int)] = []
  private var steps: [Step] = []

  /// True where what comes next belongs to a collection that has a name.
  var isRecording: Bool { !open.isEmpty }

  /// What a name stands for.
  func steps(of name: String) -> [Step] { known[name] ?? [] }

  /// A collection with a name, which may be empty, begins in this depth.
  mutating func begin(isMap: Bool, name: String, depth: Int) {
    if !name.isEmpty { open.append((name, depth, steps.count)) }
    if isRecording { steps.append(.begin(isMap: isMap)) }
  }

  /// The collection of this depth ends.
  mutating func end(depth: Int) {
    guard let last = open.last else { return }
    steps.append(.end)
    guard last.depth == depth else { return }
    open.removeLast()
    known[last.name] = Array(steps[last.first...])
    if open.isEmpty { steps.removeAll() }
  }

  mutating func add(_ step: Step) {
    if isRecording { steps.append(step) }
  }

  /// A scalar has a name.
  mutating func name(_ name: String, _ leaf: Leaf) { known[name] = [.value(leaf)] }
}
