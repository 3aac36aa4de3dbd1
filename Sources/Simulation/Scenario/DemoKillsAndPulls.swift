/// The demo's OOM kills and images that cannot be pulled.
extension FailingWorkload {
  /// OOM-killed in `state`, exit 137, then a crash loop that must not be reported besides.
  static var imageResizer: FailingWorkload {
    let secret = "wJq8Zt3Kx0PmVbN5yRcE7uHsGdL2fAoTi9XMPLqk"
    return FailingWorkload(
      workload: SimulatedWorkload(
        namespace: "shop", name: "image-resizer",
        containers: [
          .init(
            "resizer", image: "registry.shop.example/image-resizer:2.0.1",
            environment: [.init("AWS_SECRET_ACCESS_KEY", secret)], memoryLimit: "16Mi")
        ]),
      script: .oomKill(
        container: "resizer",
        log: [
          "image-resizer 2.0.1 starting, workers=2, cache=unbounded",
          "DEBUG s3 client ready aws_secret_access_key=\(secret) region=eu-north-1",
        ]
          + (1...14).map {
            "INFO decoded /uploads/\(String($0 * 2_654_435_761, radix: 16)).jpg (1024 KiB), rss ~\($0) MiB"
          }),
      secrets: [.init(secret, "env AWS_SECRET_ACCESS_KEY, log (pair)")])
  }

  /// A shell whose child is OOM-killed: reason OOMKilled with the shell's own exit code.
  static var reportRenderer: FailingWorkload {
    let secret = "sgn-Vinter-77aa19be02"
    return FailingWorkload(
      workload: SimulatedWorkload(
        namespace: "shop", name: "report-renderer",
        containers: [
          .init(
            "renderer", image: "registry.shop.example/report-renderer:0.9.0",
            environment: [.init("SIGNING_SECRET", secret)], memoryLimit: "24Mi")
        ]),
      script: .oomKill(
        container: "renderer", exitCode: 3,
        log: [
          "+ render --template monthly --secret \(secret) --out /tmp/report.pdf", "rendering page 1 of 64",
          "rendering page 2 of 64", "/entrypoint.sh: line 7:    19 Killed                  render --template monthly",
          "renderer: child failed, giving up",
        ]),
      secrets: [.init(secret, "env SIGNING_SECRET, log (flag of a command)")])
  }

  /// OOM-killed and started again before anyone looked: only lastState shows it.
  static var searchAPI: FailingWorkload {
    let password = "elastisk-Ulv-6102"
    return FailingWorkload(
      workload: SimulatedWorkload(
        namespace: "search", name: "search-api",
        containers: [
          .init(
            "search", image: "registry.shop.example/search-api:5.1.0",
            environment: [.init("ES_PASSWORD", password)], memoryLimit: "64Mi")
        ]),
      script: .oomKillUnseen(
        container: "search",
        log: [
          "INFO search-api 5.1.0 ready, index=products shards=4",
          "WARN slow query 4,812 ms against https://elastic:\(password)@es.search.svc:9200/products/_search",
          "WARN heap 62 MiB of 64 MiB, collecting", "WARN heap 63 MiB of 64 MiB, collecting",
        ]),
      secrets: [.init(password, "env ES_PASSWORD, log (URL)")])
  }

  /// The registry's host does not resolve.
  static var catalogIndexer: FailingWorkload {
    let image = "registry.shop.example/catalog-indexer:3.0.9"
    let token = "idx-5c1a9be2740d4f6c9d1e"
    return FailingWorkload(
      workload: SimulatedWorkload(
        namespace: "search", name: "catalog-indexer",
        containers: [.init("indexer", image: image, environment: [.init("INDEX_API_TOKEN", token)])]),
      script: .imagePull(
        container: "indexer",
        message: "rpc error: code = Unknown desc = failed to pull and unpack image \"\(image)\": failed to resolve "
          + "reference \"\(image)\": failed to do request: Head "
          + "\"https://registry.shop.example/v2/catalog-indexer/manifests/3.0.9\": dial tcp: lookup "
          + "registry.shop.example: no such host"),
      secrets: [.init(token, "env INDEX_API_TOKEN, last-applied annotation")])
  }

  /// The tag does not exist; the registry's address carries a password.
  static var fraudModel: FailingWorkload {
    let image = "registry.shop.example/fraud-model:2026.11"
    let password = "Modell-Bjorn-9031k"
    return FailingWorkload(
      workload: SimulatedWorkload(
        namespace: "payments", name: "fraud-model",
        containers: [
          .init(
            "model", image: image,
            environment: [.init("MODEL_STORE", "https://trainer:\(password)@models.shop.example/fraud")])
        ]),
      script: .imagePull(
        container: "model",
        message: "rpc error: code = NotFound desc = failed to pull and unpack image \"\(image)\": failed to resolve "
          + "reference \"\(image)\": \(image): not found"),
      secrets: [.init(password, "env MODEL_STORE, last-applied annotation (URL)")])
  }
}
