internal import Redaction

/// Makes cases: small ones above all, for most faults need few bytes, and small ones are many in a second.
struct FuzzCases {
  let seed: UInt64
  /// The examples of the rule file: every notation that redaction knows.
  private let examples: [[UInt8]]

  init(seed: UInt64, examples: [RuleSet.Description]) {
    self.seed = seed
    self.examples = examples.flatMap { $0.match + $0.clean }.map { Array($0.utf8) }.filter { $0.count <= 400 }
  }

  /// The case of this number.
  func make(_ number: UInt64) -> FuzzCase {
    var random = Random(seed: seed, number: number)
    // The others take a fraction of the time.
    if random.one(in: 25) {
      var made = random.one(in: 2) ? FuzzCase.repeated(&random) : FuzzCase.objects(&random)
      made.cut = random.below(made.bytes.count + 1)
      return made
    }
    var made =
      switch random.below(12) {
      case 0...2: pieces(&random)
      case 3, 4: spliced(&random)
      case 5, 6: FuzzCase.log(&random)
      case 7: FuzzCase.json(&random)
      case 8: FuzzCase.yaml(&random)
      case 9: FuzzCase.manifest(&random)
      case 10: FuzzCase.arguments(&random)
      default:
        FuzzCase(
          name: random.pick(FuzzCase.names), bytes: (0..<random.below(120)).map { _ in UInt8(random.below(256)) })
      }
    if random.one(in: 6) { made.wrap(&random) }
    if random.one(in: 4) { made.mutate(&random) }
    made.cut = random.below(made.bytes.count + 1)
    return made
  }

  /// What scanners look at, in any order.
  private func pieces(_ random: inout Random) -> FuzzCase {
    let count = 1 + random.below(20)
    return FuzzCase(
      name: random.pick(FuzzCase.names), bytes: (0..<count).flatMap { _ in random.pick(FuzzCase.parts) })
  }

  /// Examples of rules, whole or a part of one, beside and in each other.
  private func spliced(_ random: inout Random) -> FuzzCase {
    var bytes: [UInt8] = []
    for _ in 0...random.below(3) {
      var example = random.pick(examples)
      if random.one(in: 3), !example.isEmpty {
        let start = random.below(example.count)
        example = Array(example[start..<min(example.count, start + 1 + random.below(60))])
      }
      let place = random.one(in: 4) ? random.below(bytes.count + 1) : bytes.count
      bytes.insert(contentsOf: example + (random.one(in: 2) ? random.pick(FuzzCase.parts) : [0x0A]), at: place)
    }
    return FuzzCase(name: random.pick(FuzzCase.names), bytes: bytes)
  }
}
