internal import Randomness
internal import Simulation

/// Text made up for measuring redaction: logs and manifests as clusters have them, with few secrets, and the worst input known.
enum RedactCorpus {
  /// Lines of five common kinds; one in two hundred holds a secret, as in the corpora of published comparisons.
  static func logs(bytes size: Int) -> [UInt8] {
    var random = SplitMix64(seed: 11)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(size + 512)
    var number = 0
    while bytes.count < size {
      number += 1
      let id = String(random.next(), radix: 16)
      let line =
        switch number % 5 {
        case 0:
          "I1123 02:05:35.123456       1 controller.go:\(number % 900)] Reconciled object shop/checkout-\(id) in 12ms"
        case 1:
          #"{"level":"info","ts":"2026-11-23T02:05:35.123Z","msg":"request served","path":"/api/v1/orders/\#(number)","status":200,"trace_id":"\#(id)"}"#
        case 2:
          "time=2026-11-23T02:05:35Z level=warn msg=\"slow query\" duration=812ms rows=\(number % 977) table=orders"
        case 3:
          #"10.244.0.\#(number % 250) - - [23/Nov/2026:02:05:35 +0000] "GET /healthz?probe=\#(number) HTTP/1.1" 200 2 "-" "kube-probe/1.20""#
        default:
          "\tat com.example.shop.OrderService.place(OrderService.java:\(number % 700)) ~[shop-\(number % 9).jar:na]"
        }
      bytes += line.utf8
      if number % 200 == 0 { bytes += " password=\(id)Zx".utf8 }
      bytes.append(0x0A)
    }
    return bytes
  }

  /// A list of Deployments as an API server writes it: compact JSON, one secret in the environment of each.
  static func manifests(bytes size: Int) -> [UInt8] {
    var random = SplitMix64(seed: 13)
    var bytes = Array(#"{"apiVersion":"v1","kind":"List","items":["#.utf8)
    var number = 0
    while bytes.count < size {
      if number > 0 { bytes.append(0x2C) }
      number += 1
      let id = String(random.next(), radix: 16)
      let object = """
        {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"checkout-\(number)","namespace":"shop","uid":"\(id)",\
        "labels":{"app":"checkout","team":"payments"},"annotations":{"deployment.kubernetes.io/revision":"\(number % 9)"}},\
        "spec":{"replicas":2,"selector":{"matchLabels":{"app":"checkout"}},"template":{"metadata":{"labels":{"app":"checkout"}},\
        "spec":{"containers":[{"name":"api","image":"registry.shop.example/checkout:1.4.\(number)","env":[{"name":"LOG_LEVEL",\
        "value":"info"},{"name":"DB_PASSWORD","value":"\(id)Pw"},{"name":"DB_HOST","value":"db.shop.svc"}],"resources":{"limits":\
        {"memory":"64Mi"}},"ports":[{"name":"http","containerPort":8080,"protocol":"TCP"}]}]}}}}
        """
      bytes += object.utf8
    }
    return bytes + Array("]}".utf8)
  }

  /// Deployments as kubectl writes them, one secret in the environment of each.
  static func yaml(bytes size: Int) -> [UInt8] {
    var random = SplitMix64(seed: 19)
    var bytes: [UInt8] = []
    var number = 0
    while bytes.count < size {
      number += 1
      let id = String(random.next(), radix: 16)
      let object = """
        ---
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          annotations:
            deployment.kubernetes.io/revision: "\(number % 9)"
          creationTimestamp: "2026-11-23T02:05:35Z"
          labels:
            app: checkout
            team: payments
          name: checkout-\(number)
          namespace: shop
          uid: \(id)
        spec:
          replicas: 2
          template:
            spec:
              containers:
              - env:
                - name: LOG_LEVEL
                  value: info
                - name: DB_PASSWORD
                  value: \(id)Pw
                image: registry.shop.example/checkout:1.4.\(number)
                name: api
                ports:
                - containerPort: 8080
                  name: http
                  protocol: TCP
        status:
          conditions:
          - message: 'back-off 5m0s restarting failed container=api'
            reason: CrashLoop
            status: "False"

        """
      bytes += object.utf8
    }
    return bytes
  }

  /// Inputs that cost a scanner most for nothing.
  enum Worst: String, CaseIterable {
    case mixed = "all of these"
    case triggers = "trigger words"
    case quotes
    case braces
    case nesting = "deep nesting"
    case base64
    case escapes
  }

  /// One kind of worst input without end.
  static func worst(_ kind: Worst, bytes size: Int) -> [UInt8] {
    let piece: [UInt8]
    switch kind {
    case .mixed: return hostile(bytes: size)
    case .triggers: piece = Array("password token secret key api_key= ".utf8)
    case .quotes: piece = Array("\"'\"'\"'".utf8)
    case .braces: piece = Array("{[{[}]".utf8)
    case .nesting: piece = Array("[{\"a\":".utf8)
    // Text that decodes to text that decodes to text.
    case .base64: piece = Array("WVdKalpHVm1aMmhwYW10c2JXNXZjSEZ5YzNSMWRuZDQ".utf8)
    case .escapes: piece = Array(#"{\"a\":\"b\\n\"} %7B%22 &quot; "#.utf8)
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(size + piece.count)
    while bytes.count < size { bytes += piece }
    return bytes
  }

  /// Trigger words, quotes, braces and base64 without end: what costs a scanner most for nothing.
  static func hostile(bytes size: Int) -> [UInt8] {
    let pieces = [
      "password token secret key ", "\"'\"'\"'", "{[{[}]", "YWJjZGVmZ2hpamtsbW5vcA==", "https://a:b@", "Bearer ",
      "==::", "-----BEGIN ",
    ]
    var random = SplitMix64(seed: 17)
    var bytes: [UInt8] = []
    while bytes.count < size {
      bytes += pieces[Int(random.next() % UInt64(pieces.count))].utf8
      if random.next() % 40 == 0 { bytes.append(0x0A) }
    }
    return bytes
  }
}
