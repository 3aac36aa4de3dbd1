import Testing

@testable import Redaction

/// What tools show of secrets that have no telling key, by representatives of each class, and what looks like it and stays.
@Suite struct SecretTraceTests {
  @Test(
    "patches of Secrets, and entries of the audit log",
    arguments: [
      "kubectl patch secret app --type=json -p '[{\"op\":\"add\",\"path\":\"/stringData/mode\",\"value\":\"‹lime12›\"}]'",
      "kubectl patch secret app -p '{\"data\":{\"mode\":\"‹bGltZTEy›\"}}'",
      "PATCH /api/v1/namespaces/x/secrets/app [{\"op\":\"replace\",\"path\":\"/data/mode\",\"value\":\"‹bGltZTEy›\"}]",
      "{\"objectRef\":{\"resource\":\"secrets\",\"name\":\"a\"},\"requestObject\":{\"data\":{\"mode\":\"‹bGltZTEy›\"}}}",
      "kubectl patch configmap app -p '{\"data\":{\"mode\":\"fast\"}}'",
      "{\"objectRef\":{\"resource\":\"secrets\"},\"responseStatus\":{\"code\":200}}",
    ]) func patches(_ text: String) throws
  {
    try check(text)
    try check(text, name: "x.json")
  }

  @Test(
    "answers of kubectl, kubeadm and Vault",
    arguments: [
      "$ kubectl get secret app -o jsonpath='{.data.mode}' | base64 -d\n‹lime-kettle›\n$ ls",
      "$ kubectl get secret app -o jsonpath='{.data.mode}'\n‹bGltZS1rZXR0bGU=›",
      "$ kubectl view-secret app --all\ncolor='‹lime-kettle›'\nmode=‹k3ttle›\n$ ls",
      "$ kubectl get secret db\nNAME   TYPE     DATA   AGE\ndb     Opaque   3      12d",
      "====== Data ======\nKey     Value\n---     -----\ncolor   ‹lime-kettle›\nmode    ‹k3ttle›\n\ndone here",
      "{\"request_id\":\"1\",\"lease_id\":\"\",\"data\":{\"data\":{\"a\":\"‹lime-kettle›\"},\"metadata\":{\"version\":1}}}",
      "{\"Name\":\"/prod/db\",\"Type\":\"SecureString\",\"Value\":\"‹lime-kettle›\",\"Version\":1}",
      "[upload-certs] Using certificate key:\n‹e9770056fcca9ade1e3d5838e4ebf6d6ea63db476ab8a7b34831eefe763e1fa8›",
    ]) func answers(_ text: String) throws
  { try check(text) }

  @Test(
    "Secrets in other forms",
    arguments: [
      "{'apiVersion': 'v1', 'kind': 'Secret', 'data': {'color': '‹bGltZTEy›', 'mode': '‹a2V0dGxl›'}, 'x': {'y': 'z'}}",
      "V1Secret(api_version='v1', data={'mode': '‹bGltZTEy›'}, kind='Secret')",
      "$ kubectl get secret app -o jsonpath='{.data}'\n{\"color\":\"‹bGltZTEy›\",\"mode\":\"‹a2V0dGxl›\"}\n$ ls",
      "$ kubectl get secret app -o jsonpath='{.data}'\nmap[color:‹bGltZTEy› mode:‹a2V0dGxl›]",
      "default, app, Secret (v1) has changed:\n  kind: Secret\n  data:\n-   mode: ‹bGltZTEy›\n+   mode: ‹a2V0dGxl›\nend",
      "===== /Secret prod/app ======\n6c6\n<   mode: ‹bGltZTEy›\n---\n>   mode: ‹a2V0dGxl›\nend: here",
      "{'kty': 'oct', 'k': '‹kwAGAGhgBkczWaYU54M4hpJrHi8iIWQgXk0yLzu9CD›'}",
      "\"authorizationData\": [{\"authorizationToken\":\"‹QVdTOnh4eHg›\",\"proxyEndpoint\":\"https://x.example\"}]",
    ]) func otherForms(_ text: String) throws
  { try check(text) }

  @Test("a difference of a Secret")
  func difference() throws {
    try check(
      """
      diff -u -N /tmp/LIVE-1/v1.Secret.prod.app /tmp/MERGED-2/v1.Secret.prod.app
      @@ -1,7 +1,7 @@
       apiVersion: v1
       data:
      -  mode: ‹bGltZTEy›
      +  mode: ‹a2V0dGxl›
       kind: Secret
       metadata:
         name: app
      """)
  }

  @Test(
    "a Secret in the state of Terraform, a parameter of AWS, in documents",
    arguments: [
      "{\"type\":\"kubernetes_secret\",\"instances\":[{\"attributes\":{\"data\":{\"mode\":\"‹lime-kettle›\"},\"id\":\"a/b\"}}]}",
      "{\"Parameter\":{\"Name\":\"/prod/db\",\"Type\":\"SecureString\",\"Value\":\"‹lime-kettle›\"}}",
      "{\"objectRef\":{\"resource\":\"configmaps\"},\"requestObject\":{\"data\":{\"mode\":\"fast\"}}}",
      "{\"keys\":[{\"d\":\"‹KNPGV03Sj0cGuyniNytOz13ozfV1A0CLnw2bRlKvSfl›\",\"kty\":\"EC\",\"x\":\"aaa\"}]}",
      "{\"d\":\"some-plain-words-here\",\"p\":\"another-plain-value\"}",
    ]) func documents(_ text: String) throws
  { try check(text, name: "x.json") }

  @Test(
    "numbers and members of private keys",
    arguments: [
      "publicExponent: 65537 (0x10001)\nprivateExponent:\n    ‹30:82:04:bd:02:01:00:30:0d:06:09:2a:86:48:86›\n    ‹f7:0d›\nend",
      "coefficient:\n  0.25", "modulus:\n    00:c1:30:82",
      "  kty: EC\n  crv: P-256\n  d: ‹1O41bqHlL7eHdCVP4Kb_mezmDQ2TrimkEFM6bwBf9f›\nkid: a",
      "{Kty:EC Crv:P-256 X:W9op48 D:‹yHXvXK8D4Z9wpErVRefdnHYI85LECjNGRRoDaUUemCz›}",
      "-----BEGIN RSA PRIVATE KEY-----$\n‹2eJdzLsoirZ6CDhacoJjjl60wM4JhCjXeLPoH9EboiUMQzH24tTOcHAoGUEKRuAa›$\n"
        + "‹Q7==›$\n-----END RSA PRIVATE KEY-----$",
      "error parsing \"-----BEGIN RSA PRIVATE KEY-----\\n‹2eJdzLsoirZ6CDhacoJjjl60wM4JhCjXeLPoH9Eb›\": asn1\njps -l -m",
      "tls_key=\"‹-----BEGIN RSA PRIVATE KEY-----\\nMIIEpAIBAAKCAQEA0Z3VS5JJcds3xfn\\n-----END RSA PRIVATE KEY-----›\" level=info msg=\"a b\"",
    ]) func privateKeys(_ text: String) throws
  { try check(text) }

  @Test(
    "logins and cookie files",
    arguments: [
      "S: 334 UGFzc3dvcmQ6\nC: ‹b3lzdGVyLXppcHBlcg==›\nS: 235 ok", "HELLO 3 AUTH default ‹Ranger3186!› SETNAME x",
      "*2\\r\\n$4\\r\\nAUTH\\r\\n$11\\r\\n‹Purple4464!›\\r\\n",
      ".corp.example\tTRUE\t/\tTRUE\t1780000000\tuid\t‹Ep1Grn0pZWyw›", "a\tTRUE\tb\tFALSE\tc",
    ]) func logins(_ text: String) throws
  { try check(text) }

  @Test(
    "values on the next line",
    arguments: [
      "docker login \\\n  -u bob \\\n  -p ‹Tigger5872› \\\n  r.io",
      "mysql -u root \\\n  --password=\\\n‹Tigger5872!› db",
      "curl -u \\\n  bob:‹candle622› https://x.example", "docker run \\\n  -p 8080:80 \\\n  nginx:1.27",
      "{\n  \"password\":\n    \"‹Tigger5872›\"\n}", "password:\n  required: true",
      "Password:\n  must be at least 12 long",
    ]) func continued(_ text: String) throws
  { try check(text) }

  @Test(
    "hexadecimal behind a prefix",
    arguments: [
      "data=‹0x70617373776f72643d6c696d652d6b6574746c65›", "VALUES ('\\‹x70617373776f72643d6c696d652d6b6574746c65›')",
      "tx 0x9f3c2b1af0e1d3c3b7968572643dac99fd65ad6b65 mined",
    ]) func hexadecimal(_ text: String) throws
  { try check(text) }

  @Test(
    "digests, sealed values and nonces stay",
    arguments: [
      "kubernetes.io/config.hash: 4337cc674681595a7725f579926d971b", "Sec-WebSocket-Key: 9XK4y26I/5oIUQKhm/SXKw==",
      "requests==2.32.3 --hash=sha256:a2004e42caa0bd0258ff624ebaaf4c1afe9c34f6ced5443626573ea3261ef919",
      "<script integrity=\"sha384-SDvY7gJdxmnlFPj+Dmf2K3bzWvLI9kIIBd4tVuGvTB0Cn8Mwazdmeku1dwU4AUdG\">",
      "password: ENC[AES256_GCM,data:20+NVZngzt+xtezI,iv:ecZqmRg1nuyQNODqSq7fJVZbIZmaMEKlUONj/vsWvxo=,tag:Dl10oNZo==,type:str]",
      "    password: AgB" + String(repeating: "x9+Lz/", count: 60) + "==", "jwt: 3 keys loaded",
    ]) func harmless(_ text: String) throws
  { try check(text) }

  @Test("a key without its borders, in lines") func borderless() throws {
    let line = String(repeating: "aB3+", count: 16)
    try check("‹MIIEpAIBAAKCAQEA\(line.prefix(48))›\n‹\(line)›\n‹Qx9A==›\nend here")
  }

  @Test("a token that was wrapped over lines is masked to its end") func wrappedToken() throws {
    try check(
      "token: ‹eyJhbGciOiAiUlMyNTYiLCAidHlwIjogIkpXVCJ9.eyJzdWIiOiAiQUJDREVGR0gi›\n"
        + "‹LCAiaWF0IjogMTcwMDAwMDAwMH0.QhWv00aHU866zD4mIbH1EqTWuSdIHoS4nKXo›\n‹KpwA9x›\nnext line")
  }
}
