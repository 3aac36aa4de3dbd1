import Testing

@testable import Redaction

/// Secrets and keys whose notation is another program's than a key's and a value's: each by representatives of its class, and
/// what looks like it and stays.
@Suite struct SecretResourceTests {
  @Test(
    "what the API server says of a wrong Secret",
    arguments: [
      "Secret in version \"v1\" cannot be handled as a Secret: illegal base64 data at input byte 4, error found in #10 byte of "
        + "...|\"mode\":\"‹lime-kettle›\"},\"kind\":\"Secret|..., bigger context ...|pha\":\"‹k3ttle›\",\"mode\":\"‹lime-ket›|...",
      "The Secret \"app\" is invalid: data[password]: Invalid value: \"‹lime-kettle›\": must be longer",
      "spec.adminPassword: Duplicate value: \"‹lime-kettle›\"",
      "spec.mode: Invalid value: \"lime-kettle\": must be fast",
      "ConfigMap in version \"v1\" cannot be handled as a ConfigMap: error found in #10 byte of ...|\"mode\":\"lime\"|...",
    ]) func messages(_ text: String) throws
  { try check(text) }

  @Test(
    "a review of admission: the objects beside its kind",
    arguments: [
      "{\"request\":{\"uid\":\"1\",\"kind\":{\"group\":\"\",\"version\":\"v1\",\"kind\":\"Secret\"},"
        + "\"object\":{\"data\":{\"mode\":\"‹bGltZTEy›\"}},\"oldObject\":{\"data\":{\"mode\":\"‹a2V0dGxl›\"}}}}",
      "{\"request\":{\"uid\":\"1\",\"kind\":{\"group\":\"\",\"version\":\"v1\",\"kind\":\"ConfigMap\"},"
        + "\"object\":{\"data\":{\"mode\":\"fast\"}}}}",
      "{\"request\":{\"object\":{\"data\":{\"mode\":\"‹bGltZTEy›\"}},\"kind\":{\"version\":\"v1\",\"kind\":\"Secret\"}}}",
      "{\"requestObject\":{\"data\":{\"mode\":\"‹bGltZTEy›\"}},\"objectRef\":{\"resource\":\"secrets\",\"name\":\"a\"}}",
      "{\"items\":[{\"data\":{\"mode\":\"fast\"}},{\"objectRef\":{\"resource\":\"secrets\"},\"verb\":\"get\"}]}",
      "{\"rules\":[{\"resource\":\"secrets\"}],\"data\":{\"mode\":\"fast\"}}",
    ]) func reviews(_ text: String) throws
  {
    try check(text)
    try check(text, name: "x.json")
  }

  @Test(
    "a resource in a state of Terraform",
    arguments: [
      "{\"type\":\"kubernetes_secret\",\"instances\":[{\"attributes\":{\"data\":{\"mode\":\"‹lime-kettle›\"}}}]}",
      "{\"instances\":[{\"attributes\":{\"data\":{\"mode\":\"‹lime-kettle›\"}}}],\"type\": \"kubernetes_secret_v1\"}",
      "{\"instances\":[{\"attributes\":{\"data\":{\"mode\":\"lime-kettle\"}}}],\"type\":\"kubernetes_config_map\"}",
    ]) func states(_ text: String) throws
  {
    try check(text)
    try check(text, name: "x.json")
  }

  @Test(
    "aliases of YAML stand for what their anchors name",
    arguments: [
      "x-data: &data\n  mode: \"‹lime-kettle›\"\nsecret:\n  kind: Secret\n  stringData: *data\n",
      "x-data: &data\n  mode: \"‹lime-kettle›\"\nsecret:\n  kind: Secret\n  stringData:\n    <<: *data\n    tone: \"‹kettle-lime›\"\n",
      "x-kind: &kind\n  kind: Secret\nsecret:\n  <<: *kind\n  stringData:\n    mode: \"‹lime-kettle›\"\n",
      "x-list: &list\n- \"‹lime-kettle›\"\npasswords: *list\n",
      "x-data: &data\n  mode: &mode lime-kettle\n  again: *mode\nmap:\n  kind: ConfigMap\n  stringDatum: *data\n",
      "a: &a {mode: \"‹lime-kettle›\"}\nb: &b {<<: *a}\nsecret: {kind: Secret, stringData: *b}\n",
    ]) func aliases(_ text: String) throws
  { try check(text, name: "x.yaml") }

  @Test("aliases that stand for too much are no work without end")
  func manyAliases() throws {
    var text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
    for level in 1...9 {
      let aliases = [String](repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
      text += "a\(level): &a\(level) [\(aliases)]\n"
    }
    let redactor = try Redactor()
    #expect(throws: RedactionError.self) {
      try redactor.redact(RawFile(name: "x.yaml", bytes: Array(text.utf8)))
    }
  }

  @Test(
    "resources of Terraform",
    arguments: [
      "resource \"kubernetes_secret\" \"app\" {\n  metadata {\n    name = \"app\"\n  }\n  data = {\n    mode = \"‹lime-kettle›\"\n"
        + "    file = var.file\n  }\n}\n",
      "  + resource \"azurerm_key_vault_secret\" \"app\" {\n      + name  = \"app\"\n      + value = \"‹lime-kettle›\"\n    }\n",
      "resource \"kubernetes_config_map\" \"app\" {\n  data = {\n    mode = \"lime-kettle\"\n  }\n}\n",
    ]) func resources(_ text: String) throws
  { try check(text) }

  @Test(
    "manifests behind a front that their lines share, and lines of others between",
    arguments: [
      "[debug] apiVersion: v1\n[debug] kind: Secret\n[debug] data:\n[debug]   mode: ‹bGltZTEy›\n[info]   mode: fast\n",
      "api-7c9d8 › app │ kind: Secret\napi-7c9d8 › app │ stringData:\napi-7c9d8 › app │   mode: ‹lime-kettle›\n",
      "2026-11-03T08:41:06.123456789Z stdout F kind: Secret\n2026-11-03T08:41:06.123456799Z stdout F data:\n"
        + "2026-11-03T08:41:06.123456999Z stdout F   mode: ‹bGltZTEy›\n      app  Secret  Optional: false\n",
      "2026-11-03T08:41:06.123456789Z data:\n2026-11-03T08:41:06.123456799Z   password: >-\n"
        + "2026-11-03T08:41:06.123456999Z     ‹lime-kettle9›\n",
      "sees kind: Secret\nand mode: fast\n",
      "{\"log\":\"kind: Secret\\ndata: {\\\"mode\\\": \\\"‹bGltZTEy›\\\"}\\nnote: fast\\n\",\"stream\":\"stdout\"}\n",
    ]) func fronts(_ text: String) throws
  { try check(text) }

  @Test(
    "dumps of Go",
    arguments: [
      "Secret{Name:app Data:map[mode:‹bGltZTEy› tone:‹a2V0dGxl›] Type:Opaque}",
      "{TypeMeta:{Kind:Secret APIVersion:v1} Data:map[mode:[‹104 117 110›] tone:[‹116 101›]] StringData:map[] Type:Opaque}",
      "ExternalSecret{Name:app Data:map[mode:fast] Type:Opaque}",
    ]) func dumps(_ text: String) throws
  { try check(text) }

  @Test(
    "an added line of a difference",
    arguments: [
      " kind: Secret\n stringData:\n-  mode: ‹lime-kettle›\n+  mode: ‹k3ttle›\n"
    ]) func differences(_ text: String) throws
  { try check(text) }

  @Test("keys of .NET in XML: the members that a public key lacks")
  func xmlKeys() throws {
    try check(
      "<RSAKeyValue><Modulus>q0aMP1le0HAGZBRikl8fCccTon7</Modulus><Exponent>AQAB</Exponent>"
        + "<P>‹q0aMP1le0HAGZBRikl8fCccTon7=›</P><D>‹Zq0aMP1le0HAGZBRikl8fCccTon7›</D></RSAKeyValue>")
    try check("<RSAKeyValue><Modulus>q0aMP1le0HAGZBRikl8fCccTon7</Modulus><Exponent>AQAB</Exponent></RSAKeyValue>")
  }

  @Test("a key in DER that is wrapped and indented")
  func wrappedKey() throws {
    try check(
      """
      keystore:
        ‹MIIKcAIBAzCCCioGCSqGSIb3DQEHAaCCChq0aMP1le0HAGZBRikl8fCccTon7+u4›
        ‹4GoUsYyqcnKZIqLdnOZy9yQW2WrffVrOcttiVnExDz+YYmQ3Fqie8VkYu0aSDhOR›
        ‹P6xY90Dla1uWXqLU›
      mode: fast
      """)
  }

  @Test(
    "tokens in parts, in proofs, and ids of sessions",
    arguments: [
      "['eyJhbGciOiJFUzI1NiIsImtpZCI6ImEifQ', '‹eyJpc3MiOiJodHRwczovL2kifQ›', '‹Jv-sTnMLEF5Cak4MVYiikgzitJH8O8xtBOQw7GDqm7LdXs9›']",
      "['eyJncmVldGluZyI6ImhlbGxvIHdvcmxkIn0', 'eyJpc3MiOiJodHRwczovL2kifQ', 'Jv-sTnMLEF5Cak4MVYiikgzitJH8O8xtBOQw7GDqm7LdXs9']",
      "client-final: c=biws,r=NBie2HhUNvHU2pzt0Oot78Ni,p=‹8VisE2f13/yUU2eZi5NwmLAJYHFwc9mz2OYv+bGgpTc=›",
      "bob has session id ‹7ef5e45a77e1a77122bce6e04197b590›, from 10.0.0.1",
      "bob has session id 7ef5e45a-77e1-4771-a2bc-e6e04197b590 and session id 42",
      "got ‹s.NURYG3JFAvyJz6j5D9lkzvdg› back", "call s.getOrdersOfCustomerById9() back",
      "got ‹vltr_WOLE1Y7A2H0KJBPQCHF6LUQZCPYT9OQZ6ZVP› back",
      "got bundle_0815423671ab2eeba94d68b40f8938de0815423671 back",
    ]) func tokens(_ text: String) throws
  { try check(text) }

  @Test(
    "JSON in JSON behind percent signs and behind entities, and PLAIN of SASL as programs show it",
    arguments: [
      "{\"u\": \"%7B%22inner%22%3A%20%22%7B%5C%22password%5C%22%3A%20%5C%22‹lime-kettle›%5C%22%7D%22%7D\"}",
      "<d>{&quot;inner&quot;: &quot;{\\&quot;password\\&quot;: \\&quot;‹lime-kettle›\\&quot;}&quot;}</d>",
      "{\"u\": \"%7B%22inner%22%3A%20%22%7B%5C%22mode%5C%22%3A%20%5C%22lime-kettle%5C%22%7D%22%7D\"}",
      "SaslAuthenticateRequest(auth_bytes=\\x00app\\x00‹lime-kettle›)",
      "StartOk(mechanism=PLAIN, response=\\x00bob\\x00‹lime-kettle›)",
    ]) func layers(_ text: String) throws
  { try check(text) }

  @Test(
    "parts of a line that Fluent Bit marks",
    arguments: [
      "{\"log\":\"x api_token=‹q0aMP1le0HAGZB›\",\"_p\":\"P\",\"stream\":\"stdout\"}\n"
        + "{\"log\":\"‹Rikl8fCccTon7u4›\\n\",\"_p\":\"F\",\"stream\":\"stdout\"}\n"
    ]) func parts(_ text: String) throws
  { try check(text) }

  @Test(
    "what reads like a key and its value, and is none",
    arguments: [
      "    nginx.ingress.kubernetes.io/auth-secret: basic-auth",
      "metadata:\n  annotations:\n    nginx.ingress.kubernetes.io/auth-secret: shop/basic-auth",
      "  string client_secret = 4;", "gpg: using RSA key 2A057DCDC9497751F69A1B10090235E74170F994",
      "PackageVerificationCode: c0e197ecc66982bfc92e0f5f580f8d1274282dce", "x-goog-hash: crc32c=HdmXBQ==",
      "code_challenge=p1-rzFOxidmu-i-d1vi54qK7RCG190h-6LoQ7mXqUwE",
      "kubernetes.io/service-account-token app-token-tdd7k",
      "\"nonce\":\"7lO8d4wUTAJEU0Ex\"", "kid=p_n2ybcE2g30G90449giED4AC06GQD9ulQfwQPsfhH0b",
      "meeting 19:meeting_UVBVdFExM1A1ekhBczliSDBTYW81U041VXZ1QXlk@thread.v2",
    ]) func harmless(_ text: String) throws
  {
    try check(text)
    try check(text, name: "x.yaml")
  }

  @Test(
    "a sentence about the borders of a key, and a key that is cut behind them",
    arguments: [
      "the file has to begin with -----BEGIN PRIVATE KEY----- and nothing else may stand in its first line",
      "parse -----BEGIN PRIVATE KEY-----\\n‹2eJdzLsoirZ6CDhacoJjjl60wM4JhCjXeLPoH9Eb›: eof",
    ]) func borders(_ text: String) throws
  { try check(text) }

  @Test(
    "commands, caches and assertions",
    arguments: [
      "echo '‹lime-kettle›' | wrangler secret put API_KEY", "cmake -DDB_PASSWORD:STRING=‹lime-kettle› ..",
      "using DB_PASSWORD \"‹lime-kettle-42›\" from environment", "using secret \"lime-kettle\" from namespace prod",
      "AZURE_SAS_TOKEN=‹sv=2023-01-03&ss=b&srt=sco&sp=rl&sig=abcDEF123%2Bxyz›",
      "AssertionError: assert '‹l1me-kettle›' == settings.DB_PASSWORD", "assert mode == settings.DB_PASSWORD",
      "POST ‹https://corp.webhook.office.com/webhookb2/5fa9ff0f-82a3-4b05-8ba8-8c57922f2263@5fa9ff0f-82a3-4b05-8ba8-8c57922f2263/"
        + "IncomingWebhook/ca77148c50aa6c8f5501419bf4149b87/5fa9ff0f-82a3-4b05-8ba8-8c57922f2263› 200",
    ]) func commands(_ text: String) throws
  { try check(text) }

  @Test("a space of no width between a key and its sign")
  func noWidth() throws { try check("DB_PASSWORD\u{200B}=‹lime-kettle›") }
}
