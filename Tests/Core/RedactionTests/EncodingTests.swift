import Testing

@testable import Redaction

/// Secrets behind encodings that are read where they begin with a mark of theirs: what they hold is found, what looks like it stays.
@Suite struct EncodingTests {
  @Test(
    "gzip behind base64 and hexadecimal digits",
    arguments: [
      "release: ‹H4sIAAAAAAACA6tWSklSsqpWKi1OLVKyUkosKFDSUSpILC4uzy9KAQrkZOam6manlpTkpFoq1eoo5eanpAKF0xKLS5RqAd39qcI9AAAA›",
      "release: ‹SDRzSUFBQUFBQUFDQTZ0V1NrbFNzcXBXS2kxT0xWS3lVa29zS0ZEU1VTcElMQzR1enk5S0FRcmtaT2FtNm1hbmxwVGtwRm9xMWVvbzVlYW5wQUtGMHhLTFM1UnFBZDM5cWNJOUFBQUE=›",
      "got ‹1f8b0800000000000203ab564a4952b2aa562a2d4e2d52b2524a2c2850d2512a482c2e2ecf2f4a010ae464e6a6ea66a79694e4a45a2ad5ea28e5e6a7a40285d3128b4b946a01ddfda9c23d000000› back",
      "cut ‹H4sIAAAAAAACA6tWSklSsqpWKi1OLVKyUkosKFDSUSpILC4uzy9KAQrkZOam6manlpTkpFoq1eoo5ean›",
      "got H4sIAAAAAAACA6tWKkpNz8zPU7JSSi3VLU8tLtE1VNJRys1PSQUKpSUWlwB5yfmleSVKVoZGtQBiG2fOLwAAAA== back",
      "got H4sIAAAAAAAAA1234567890abcdefghijklmnop back",
    ]) func packed(_ text: String) throws
  { try check(text) }

  @Test(
    "base64 in pieces, base32, and a user with a password",
    arguments: [
      "blob = \"‹eyJkYiI6eyJ1c2VyIjoiYXBwIiwi›\" + \"‹cGFzc3dvcmQiOiJsaW1lLWtldHRs›\" + \"‹ZTkifSwibW9kZSI6ImZhc3QifQ==›\";",
      "blob = \"‹eyJkYiI6eyJ1c2VyIjoiYXBwIiwi›\" +\n    \"‹cGFzc3dvcmQiOiJsaW1lLWtldHRs›\" +\n    \"‹ZTkifSwibW9kZSI6ImZhc3QifQ==›\";",
      "blob = (b'‹eyJkYiI6eyJ1c2VyIjoiYXBwIiwi›'\n    b'‹cGFzc3dvcmQiOiJsaW1lLWtldHRs›'\n    b'‹ZTkifSwibW9kZSI6ImZhc3QifQ==›')",
      "blob = \"eyJyZWdpb24iOiJldS13ZXN0LTEi\" + \"LCJtb2RlIjoiZmFzdCIsInpvbmUi\" + \"OiJhIiwieCI6MX0=\";",
      "got ‹OBQXG43XN5ZGIPLMNFWWKLLLMV2HI3DFHE======› back",
      "got ABCDEFGHIJKLMNOPQRSTUVWXYZ234567 back",
      "pull with auth for registry.example.com: ‹Y2k6TGltZTBLZXR0bGU0IQ==›",
      "node id VXNlcjo0ODE1MTYyMw== with auth",
      "auth \(String(repeating: "a", count: 70)) YXBwOkxpbWUwS2V0dGxlNCE= stays",
      "sum c2hhMjU2OjAxMjM0NTY3ODlhYmNkZWYwMTIzNDU2Nzg5YWJjZGVm auth",
    ]) func pieces(_ text: String) throws
  { try check(text) }

  @Test(
    "escapes of programming languages",
    arguments: [
      "x = \"\\160\\141\\163\\163\\167\\157\\162\\144\\075‹\\154\\151\\155\\145\\055\\153\\145\\164\\164\\154\\145\\071›\"",
      "x = \"\\u{70}\\u{61}\\u{73}\\u{73}\\u{77}\\u{6f}\\u{72}\\u{64}\\u{3d}‹\\u{6c}\\u{69}\\u{6d}\\u{65}\\u{2d}\\u{6b}\\u{65}\\u{74}\\u{74}\\u{6c}\\u{65}\\u{39}›\"",
      "open C:\\101\\102 mode=fast, see \\u{1F600} and \\0",
    ]) func escapes(_ text: String) throws
  { try check(text) }

  @Test("UTF-16 with its zeros escaped")
  func wide() throws {
    let redactor = try Redactor()
    for zero in ["\\0", "\\x00", "\\u0000"] {
      let wide = "Lime-Kettle-Horn".map { "\($0)\(zero)" }.joined()
      let text = "DB_PASSWORD=Lime-Kettle-Horn\nsaw \(wide) there\n"
      let out = try redactor.redact(RawFile(name: "x.log", bytes: Array(text.utf8))).value
      #expect(!String(decoding: out, as: UTF8.self).contains("K\(zero)e\(zero)t"))
      #expect(String(decoding: out, as: UTF8.self).hasSuffix(" there\n"))
    }
  }

  @Test(
    "dumps in lines: a secret, or a known value, that goes over two of them",
    arguments: [
      "00000000  47 45 54 20 2f 78 0a 70  61 73 73 77 6f 72 64 3d  |GET /x.password=|\n00000010  ‹6c 69 6d 65 2d 6b 65 74  74 6c 65 39› 0a 6d 6f 64  |‹lime-kettle9›.mod|\n00000020  65 3d 66 61 73 74 2c 20  6f 6b                    |e=fast, ok|\n",
      "2026-11-23T10:00:00.000000000Z stdout F 00000000  47 45 54 20 2f 78 0a 70  61 73 73 77 6f 72 64 3d  |GET /x.password=|\n2026-11-23T10:00:00.000000001Z stdout F 00000010  ‹6c 69 6d 65 2d 6b 65 74  74 6c 65 39› 0a 6d 6f 64  |‹lime-kettle9›.mod|\n2026-11-23T10:00:00.000000002Z stdout F 00000020  65 3d 66 61 73 74 2c 20  6f 6b                    |e=fast, ok|\n",
      "00000000: 4745 5420 2f78 0a70 6173 7377 6f72 643d  GET /x.password=\n00000010: ‹6c69 6d65 2d6b 6574 746c 6539› 0a6d 6f64  ‹lime-kettle9›.mod\n00000020: 653d 6661 7374 2c20 6f6b                 e=fast, ok\n",
      "DB_PASSWORD=‹Lime0Kettle4Horn›\n00000000  02 00 00 ‹4c 69 6d 65 30  4b 65 74 74 6c 65 34 48›  |...‹Lime0Kettle4H›|\n00000010  ‹6f 72 6e› 00 05 61 61                              |‹orn›..aa|\n",
      "00000000  47 45 54 20 2f 68 65 61  6c 74 68 7a 20 48 54 54  |GET /healthz HTT|\n00000010  50 2f 31 2e 31 20 6d 6f  64 65 3d 66 61 73 74 2c  |P/1.1 mode=fast,|\n00000020  20 61 6e 64 20 73 6f 6d  65 20 6d 6f 72 65 20 74  | and some more t|\n00000030  65 78 74                                          |ext|",
      "10.0.0010  text\n00000010  aa bb\n",
    ]) func dumps(_ text: String) throws
  { try check(text) }

  @Test(
    "tokens that end before they are long enough",
    arguments: [
      "2026-11-23 refused ‹sk_live_51Hq9ZxT3bNvKp7R›",
      "refused ‹sk_live_51Hq9ZxT3bNvKp7R›... (truncated)",
      "see sk_live_testing_is_fun",
      "moved to gke-prod-default-pool-5f6c7d8e-abcd",
      "pod token-service-6c5cd4c43-de367",
    ]) func cutTokens(_ text: String) throws
  { try check(text) }

  @Test(
    "tokens that nodes join with, and answers of Vault without a lease",
    arguments: [
      "[bootstrap-token] Using: ‹k7xw2m.9q4zr8t1vb3n6c5d›",
      "‹k7xw2m.9q4zr8t1vb3n6c5d›   23h   system:bootstrappers:kubeadm:default-node-token",
      "kubeadm: api.example.com:6443 at abcdef.kubernetesnodes1 is up",
      "module bootstrap.min.css, kubeadm v1.31.2",
      "{\"data\":{\"data\":{\"mode\":\"‹lime-kettle›\"},\"metadata\":{\"created_time\":\"x\",\"version\":3}}}",
      "{\"data\":{\"mode\":\"fast\"},\"status\":{\"created_time\":\"x\"}}",
      "$ vault kv get -field=mode secret/app\n‹lime-kettle›\n$ ls",
      "Key                 Value\n---                 -----\nrefresh_interval    768h\nmode                ‹lime-kettle›\ndone\n",
    ]) func traces(_ text: String) throws
  { try check(text) }
}
