/// How an option of a tool carries its secret.
enum OptionForm: Sendable {
  /// `-p secret`, `-p=secret`, or `-psecret` where no letter follows.
  case value
  /// `-p secret` or `-psecret`.
  case glued
  /// `-psecret` alone: with a blank, the option asks.
  case joined
  /// `-u user:secret`.
  case pair
  /// `-a user:secret`, or a token that looks chosen.
  case credential
  /// `-y algorithm:name:secret`: what stands behind the last colon.
  case lastPart
  /// `-object secret,id=a,data=secret`.
  case data
  /// `-u user,secret`.
  case commaPair
  /// `-U user%secret`.
  case percentPair
  /// `-passin pass:secret`.
  case passArgument
  /// `-x user:secret@host`.
  case userinfo
  /// `-b name=secret; name=secret`.
  case cookies
  /// `--from-literal=name=secret`, whatever the name.
  case literal
}

/// Tools whose options take a secret without saying so in their names.
enum CommandTools {
  struct Tool: Sendable {
    /// In lower case; `mysql` stands for `mysqldump` and `mysqladmin` as well.
    var name: StaticString
    /// Words of which one has to follow, for tools whose options mean something else elsewhere.
    var verbs: [StaticString] = []
    /// Bytes behind the name in which such a word is looked for.
    var reach = 64
    var options: [(StaticString, OptionForm)]
  }

  private static func tools(
    _ names: [StaticString], verbs: [StaticString] = [], reach: Int = 64, _ options: [(StaticString, OptionForm)]
  ) -> [Tool] {
    names.map { Tool(name: $0, verbs: verbs, reach: reach, options: options) }
  }

  /// From the manuals of the tools.
  static let all: [Tool] =
    tools(
      ["curl"],
      [
        ("-u", .pair), ("--user", .pair), ("-U", .pair), ("--proxy-user", .pair), ("--pass", .value), ("-b", .cookies),
        ("--cookie", .cookies), ("-E", .pair), ("--cert", .pair), ("--proxy-cert", .pair), ("--proxy-pass", .value),
        ("--tlspassword", .value),
        ("-x", .userinfo), ("--proxy", .userinfo), ("--preproxy", .userinfo), ("--socks5", .userinfo),
      ])
    + tools(
      ["wget", "aria2c", "etcdctl", "crictl", "ctr "],
      [("--user", .pair), ("--creds", .pair)])
    + tools(
      ["skopeo"], [("--creds", .pair), ("--src-creds", .pair), ("--dest-creds", .pair), ("-p", .glued)])
    + tools(["mysql", "mariadb", "mydumper", "xtrabackup", "innobackupex"], [("-p", .joined)])
    + tools(["sshpass"], [("-p", .glued)])
    + tools(["redis-cli", "valkey-cli", "keydb-cli", "redis-benchmark"], [("-a", .value), ("--pass", .value)])
    + tools(
      [
        "cqlsh", "rabbitmqadmin", "sqoop", "psql-", "influx", "poetry", "arangosh", "neo4j", "cypher-shell",
        "couch",
        "ncftp",
      ],
      [
        ("-p", .value), ("-u", .pair),
      ])
    + tools(["mongo"], [("-p", .glued), ("-u", .pair)])
    + tools(
      [
        "docker", "podman", "nerdctl", "buildah", "helm", "oras", "crane", "regctl", "oc ", "argocd", "cf ", "az ",
        "ibmcloud", "harbor", "cosign", "ilorest",
      ],
      verbs: ["login", "auth", "sp create", "registry", "upload"], [("-p", .glued), ("-P", .value)])
    + tools(
      ["docker", "podman", "nerdctl", "buildah", "oras"], verbs: ["push", "pull", "copy"],
      [("--creds", .pair), ("--src-creds", .pair), ("--dest-creds", .pair)])
    + tools(["twine"], verbs: ["upload", "register"], [("-p", .value)])
    + tools(["ldap"], [("-w", .glued)]) + tools(["ldappasswd"], [("-s", .glued), ("-a", .glued)])
    + tools(["swaks"], [("-ap", .value)]) + tools(["sendemail"], [("-xp", .value)])
    + tools(["pdfto", "pdfinfo", "pdfimages", "pdfdetach"], [("-upw", .value), ("-opw", .value)])
    + tools(["gitlab-runner"], verbs: ["register"], [("-r", .value), ("-t", .value)])
    + tools(["nsupdate", "dig "], [("-y", .lastPart)])
    + tools(["qemu-"], reach: 256, [("-object", .data)])
    + tools(["hydra", "medusa", "add-user", "cbq", "cbbackupmgr", "cbimport", "cbexport"], [("-p", .value)])
    + tools(["p4 "], [("-P", .value)]) + tools(["squidclient"], [("-w", .value), ("-W", .value)])
    + tools(["lynx", "jenkins-cli"], [("-auth", .value), ("-pauth", .value)])
    + tools(["ssh-keygen"], [("-N", .value), ("-P", .value)])
    + tools(["hdbsql", "exaplus", "nzsql", "mclient", "beeline"], [("-p", .value), ("-pw", .value)])
    + tools(["mycli", "pgcli", "racadm", "litecli", "iredis", "usql"], [("-p", .value), ("-a", .value)])
    + tools(
      [
        "codecov", "influx config", "influx setup", "influx write", "influx query", "influx bucket", "influx delete",
        "influx backup", "influx restore", "influx task", "flyctl", "fly ",
      ], [("-t", .value)])
    + tools(["keytool"], [("-new", .value)]) + tools(["gpg-preset"], [("-P", .value)])
    + tools(["ipa-", "dsconf", "dsctl"], [("-w", .value)])
    + tools(["caddy"], verbs: ["hash-password"], [("--plaintext", .value), ("-p", .value)])
    + tools(
      ["choco"], verbs: ["apikey", "api-key", "push", "source"], [("--key", .value), ("-k", .value), ("-p", .value)])
    + tools(["keyvault secret"], verbs: ["set"], [("--value", .value)])
    + tools(["vault token"], verbs: ["create"], [("-id", .value)])
    + tools(["gh secret", "gh variable"], verbs: ["set"], [("-b", .glued), ("--body", .value)])
    + tools(
      ["secretsmanager"], verbs: ["secret"],
      [("--secret-string", .value), ("--secret-binary", .value)])
    + tools(["ssm put-param"], [("--value", .value)])
    + tools(["wmic"], [("/password:", .glued)])
    + tools(["vsql", "gsql", "ksql", "dbaccess"], [("-w", .value)])
    + tools(
      [
        "sqlcmd", "bcp ", "isql", "tsql", "osql", "ipmitool", "mosquitto_pub", "mosquitto_sub", "mosquitto_rr",
        "bsqldb", "zip ", "unzip",
      ], [("-P", .glued)])
    + tools(
      ["smbclient", "rpcclient", "winexe", "smbmap", "smbget", "net rpc", "net ads", "wmic", "mount.cifs"],
      [("-U", .percentPair), ("--user", .percentPair)])
    + tools(["clickhouse"], [("--password", .value)])
    + tools(["7z ", "7za ", "7zz ", "unrar", "rar "], [("-p", .joined), ("-hp", .joined)])
    + tools(
      ["openssl"],
      [
        ("-passin", .passArgument), ("-passout", .passArgument), ("-pass", .passArgument), ("-k", .value),
        ("-K", .value),
        ("-password", .passArgument),
      ])
    + tools(["snmp"], [("-A", .value), ("-X", .value), ("-c", .value), ("-a", .pair)])
    + tools(["http", "https", "xh "], [("-a", .credential), ("--auth", .credential)])
    + tools(["certutil", "signtool", "pk12util"], [("-p", .value), ("/p", .value), ("-W", .value)])
    + tools(["freerdp", "xfreerdp", "wfreerdp", "mstsc", "rdesktop"], [("/p:", .glued), ("-p", .value)])
    + tools(["useradd", "usermod"], [("-p", .value), ("--password", .value)])
    + tools(["kadmin"], [("-w", .value), ("-pw", .value)])
    + tools(["iscsiadm"], verbs: ["auth.password"], reach: 256, [("-v", .value), ("--value", .value)])
    + tools(["gem "], verbs: ["push", "signin", "yank"], [("--key", .value), ("-k", .value)])
    + tools(["lftp"], [("-u", .commaPair)])
    + tools(["kubectl", "oc create"], [("--from-literal", .literal)])
    + tools(["doctl"], [("-t", .value)])
    + tools(["nuget"], [("-k", .value), ("-p", .value)])
    + tools(["kinit", "klist"], [("--password", .value)])
    + tools(["ab "], verbs: ["http"], [("-A", .pair), ("-P", .pair)])
    + tools(["svn ", "git-credential"], [("--password", .value)])
    + tools(["ansible"], [("--vault-pass", .value)])
    + tools(["pscp", "plink", "psftp"], [("-pw", .value)])
    + tools(
      ["runas", "psexec", "schtasks", "winrs", "winrm"],
      [("-p:", .glued), ("-p", .value), ("/p", .value), ("/rp", .value)])
    + tools(["impacket", "crackmapexec", "netexec", "evil-winrm"], [("-p", .value)])

  static let names: [String] = Array(Set(all.map { "\($0.name)" }))

  /// The tools of a trigger: one that has several commands has options for each.
  static func tools(_ bytes: Bytes, at hit: Int, length: Int) -> [Tool] {
    all.filter { $0.name.utf8CodeUnitCount == length && bytes.hasIgnoringCase($0.name, at: hit) }
  }
}
