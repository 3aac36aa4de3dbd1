import Testing

@testable import Kubernetes

private func config(_ text: String, path: String = "/home/u/.kube/config") throws(APIError) -> Kubeconfig {
  try Kubeconfig(Array(text.utf8), path: path)
}

private let full = """
  apiVersion: v1
  kind: Config
  current-context: dev
  clusters:
  - name: one
    cluster:
      server: https://one.example:6443
      certificate-authority: pki/ca.crt
      tls-server-name: kubernetes.default
      proxy-url: socks5://proxy.example:1080
  - name: two
    cluster: {server: "http://127.0.0.1:8001/prefix/", insecure-skip-tls-verify: true}
  users:
  - name: certs
    user:
      client-certificate: /abs/crt
      client-certificate-data: LS0tLS1CRUdJTiBYLS0tLS0K
      client-key: key.pem
  - name: tokens
    user: {token: t, tokenFile: tok, username: u, password: p}
  - name: plugin
    user:
      exec:
        apiVersion: client.authentication.k8s.io/v1
        command: ./login
        args: [get, token]
        env: [{name: A, value: b}]
        installHint: install it
        provideClusterInfo: true
        interactiveMode: Never
      as: jane
      as-groups: [a, b]
      as-user-extra: {scopes: [x, y]}
  contexts:
  - name: dev
    context: {cluster: one, user: certs, namespace: shop}
  - name: tok
    context: {cluster: two, user: tokens}
  - name: exec
    context: {cluster: two, user: plugin}
  - name: anonymous
    context: {cluster: two}
  - name: lost-user
    context: {cluster: two, user: nobody}
  - name: lost-cluster
    context: {cluster: nowhere}
  """

@Suite("Kubeconfig")
struct KubeconfigTests {
  @Test func certificatesAndCluster() throws {
    let access = try config(full).access()
    #expect(access.server == ServerURL(isTLS: true, host: "one.example", port: 6443))
    #expect(access.trust == .authorities(.file("/home/u/.kube/pki/ca.crt")))
    #expect(access.serverName == "kubernetes.default")
    #expect(access.proxy == "socks5h://proxy.example:1080")
    #expect(
      access.identity
        == .init(certificate: .pem(Array("-----BEGIN X-----\n".utf8)), key: .file("/home/u/.kube/key.pem")))
    #expect(access.credential == .none)
    #expect(access.namespace == "shop")
    #expect(access.clusterName == "one")
    #expect(access.description == "https://one.example:6443 (context dev of /home/u/.kube/config)")
  }

  @Test func otherContexts() throws {
    let config = try config(full)
    let tokens = try config.access(context: "tok")
    #expect(tokens.credential == .tokenFile("/home/u/.kube/tok"))
    #expect(tokens.trust == .none)
    #expect(tokens.server.description == "http://127.0.0.1:8001/prefix")
    #expect(tokens.namespace == "default")
    let plugin = try config.access(context: "exec")
    #expect(
      plugin.credential
        == .exec(
          .init(
            apiVersion: "client.authentication.k8s.io/v1", command: "/home/u/.kube/./login",
            arguments: ["get", "token"],
            environment: [.init(name: "A", value: "b")], installHint: "install it", providesClusterInfo: true)))
    #expect(
      plugin.impersonation
        == .init(user: "jane", groups: ["a", "b"], extra: [.init(key: "scopes", values: ["x", "y"])]))
    #expect(try config.access(context: "anonymous").credential == .none)
  }

  @Test("the first file to set a value wins")
  func merging() throws {
    let first = try config(
      "clusters: [{name: c, cluster: {server: 'https://first'}}]\ncontexts: [{name: a, context: {cluster: c}}]",
      path: "/1")
    let second = try config(
      """
      current-context: b
      clusters: [{name: c, cluster: {server: 'https://second'}}, {name: d, cluster: {server: 'https://d', certificate-authority: x}}]
      contexts: [{name: b, context: {cluster: d}}, {name: a, context: {cluster: d}}]
      """, path: "/dir/2")
    let merged = first.merging(second)
    #expect(merged.contextNames == ["a", "b"])
    #expect(try merged.access(context: "a").server.host == "first")
    let current = try merged.access()
    #expect(current.server.host == "d")
    #expect(current.trust == .authorities(.file("/dir/x")), "paths begin at their own file")
    #expect(current.source == "context b of /dir/2")
  }

  @Test("errors name the place and what is known")
  func contextErrors() throws {
    func message(_ context: String) -> String {
      do throws(APIError) {
        _ = try config(full).access(context: context)
        return ""
      } catch { return error.message }
    }
    #expect(
      message("prod")
        == "the context \"prod\" is not in /home/u/.kube/config; known: dev, tok, exec, anonymous, lost-user, lost-cluster"
    )
    #expect(
      message("lost-user")
        == "/home/u/.kube/config:44: the user \"nobody\" of context \"lost-user\" is not there; known: certs, tokens, plugin"
    )
    #expect(
      message("lost-cluster")
        == "/home/u/.kube/config:46: the cluster \"nowhere\" of context \"lost-cluster\" is not there; known: one, two")
  }

  @Test(arguments: [
    ("a: [1", "/f:2: not a kubeconfig"), ("- a", "/f:1: not a kubeconfig: a mapping is expected"),
    ("clusters: 5", "/f:1: clusters has to be a list"),
    ("a: 1\nclusters:\n- cluster: {}", "/f:3: an entry of clusters has no name"),
    ("users:\n- name: x", "/f:2: x in users has no user"),
    ("current-context: [a]", "/f:1: current-context has to be a text"),
  ])
  func brokenFiles(text: String, expected: String) {
    let error = #expect(throws: APIError.self) { try config(text, path: "/f") }
    #expect(error?.code == .configuration)
    #expect(error?.message.hasPrefix(expected) == true, "\(error?.message ?? "")")
  }

  @Test(arguments: [
    ("cluster: {}", "user: {}", "/f:3: the cluster \"c\" has no server"),
    ("cluster: {server: 'ftp://x'}", "user: {}", "/f:3: the server of cluster \"c\" is not an http or https URL"),
    (
      "cluster: {server: 'https://x', certificate-authority-data: '%%'}", "user: {}",
      "/f:3: certificate-authority-data is not base64"
    ),
    (
      "cluster: {server: 'https://x', certificate-authority-data: 'aGVsbG8='}", "user: {}",
      "/f:3: certificate-authority-data is not PEM"
    ),
    (
      "cluster: {server: 'https://x', insecure-skip-tls-verify: true, certificate-authority: a}", "user: {}",
      "/f:3: insecure-skip-tls-verify and a certificate-authority exclude each other"
    ),
    (
      "cluster: {server: 'https://x', insecure-skip-tls-verify: 'yes'}", "user: {}",
      "/f:3: insecure-skip-tls-verify has to be true or false"
    ),
    ("cluster: {server: 'https://x', proxy-url: 'ssh://p'}", "user: {}", "/f:3: proxy-url has to begin with"),
    ("cluster: {server: 'https://x', tls-server-name: 'a/b'}", "user: {}", "/f:3: tls-server-name is not a host name"),
    (
      "cluster: {server: 'https://x'}", "user: {client-key: k}",
      "/f:6: the user \"u\" has a client-key and no client-certificate"
    ),
    (
      "cluster: {server: 'https://x'}", "user: {exec: {apiVersion: v1}}",
      "/f:6: the plugin of user \"u\" has no command"
    ),
    (
      "cluster: {server: 'https://x'}", "user: {exec: {command: x}}",
      "/f:6: the plugin of user \"u\" has to have one of the apiVersions"
    ),
    ("cluster: {server: 'https://x'}", "user: {auth-provider: {name: gcp}}", "/f:6: auth-provider is gone"),
    ("cluster: {server: 'https://x'}", "user: {as-groups: [a]}", "/f:6: impersonation needs a user"),
  ])
  func unusableEntries(cluster: String, user: String, expected: String) {
    let text = """
      clusters:
      - name: c
        \(cluster)
      users:
      - name: u
        \(user)
      contexts: [{name: x, context: {cluster: c, user: u}}]
      current-context: x
      """
    let error = #expect(throws: APIError.self) { try config(text, path: "/f").access() }
    #expect(error?.message.hasPrefix(expected) == true, "\(error?.message ?? "")")
  }

  @Test func noCurrentContext() {
    let error = #expect(throws: APIError.self) {
      try config("contexts: [{name: a, context: {cluster: c}}]", path: "/f").access()
    }
    #expect(error?.message == "/f sets no current-context; choose one of a with --context")
  }

  @Test(arguments: [
    ("https://h", "https://h:443"), ("HTTP://h:1/", "http://h:1"),
    ("https://[::1]:6443/a/b//", "https://[::1]:6443/a/b"),
    ("https://h:0", nil), ("https://h:65536", nil), ("https://u@h", nil), ("https://", nil), ("h:1", nil),
    ("https://h?x", nil),
    ("https://::1", nil), ("https://h x", nil), ("https://h\n", nil),
  ])
  func serverURLs(text: String, expected: String?) {
    #expect(ServerURL(text)?.description == expected)
  }

  @Test("no secret shows in a description")
  func descriptions() {
    let secrets: [ClusterAccess.Credential] = [.token("s3cret"), .basic(user: "u", password: "s3cret")]
    for credential in secrets { #expect(!"\(credential)".contains("s3cret")) }
    #expect(!"\(ClusterAccess.Material.pem(Array("s3cret".utf8)))".contains("s3cret"))
  }
}

@Suite("Retry policy")
struct RetryPolicyTests {
  private let get = APIRequest(path: "/", timeout: .seconds(30))

  @Test(
    arguments: [
      (200, nil, RetryPolicy.Verdict.deliver), (404, "5", .deliver), (500, nil, .deliver),
      (503, "2", .retry(after: .seconds(2))), (429, nil, .retry(after: .seconds(1))),
      (429, "0", .retry(after: .milliseconds(100))),
      (429, "Wed, 21 Oct 2026 07:28:00 GMT", .retry(after: .seconds(1))), (429, "31", .deliver),
      (429, "-1", .retry(after: .seconds(1))),
    ] as [(Int, String?, RetryPolicy.Verdict)])
  func answers(status: Int, retryAfter: String?, expected: RetryPolicy.Verdict) {
    var policy = RetryPolicy(for: get)
    #expect(policy.answered(status: status, retryAfter: retryAfter, elapsed: .zero) == expected)
  }

  @Test func tenWaitsAndOneLogin() {
    var policy = RetryPolicy(for: APIRequest(path: "/", timeout: nil))
    for _ in 0..<10 {
      #expect(policy.answered(status: 429, retryAfter: "1", elapsed: .seconds(99)) == .retry(after: .seconds(1)))
    }
    #expect(policy.answered(status: 429, retryAfter: "1", elapsed: .seconds(99)) == .deliver)
    #expect(policy.answered(status: 401, retryAfter: nil, elapsed: .zero) == .reauthenticate)
    #expect(policy.answered(status: 401, retryAfter: nil, elapsed: .zero) == .deliver)
  }

  @Test func onlyReadsAreSentAgain() {
    var read = RetryPolicy(for: get)
    #expect(read.cutOff(elapsed: .zero) == .retry(after: .milliseconds(100)))
    #expect(read.cutOff(elapsed: .seconds(30)) == .deliver)
    #expect(read.cutOff(elapsed: .zero) == .retry(after: .milliseconds(100)))
    #expect(read.cutOff(elapsed: .zero) == .deliver)
    var write = RetryPolicy(for: APIRequest(method: .put, path: "/"))
    #expect(write.cutOff(elapsed: .zero) == .deliver)
  }
}
