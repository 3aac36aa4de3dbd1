/// Commands that take the secret by its place: `vault login TOKEN`, `rabbitmqctl add_user u p`, `echo p | sudo -S`.
enum Positional {
  /// One command: the words that name it, and which word after them is the secret.
  struct Form: Sendable {
    /// In lower case. `*` is any word, `#` a number.
    var words: [StaticString]
    /// Index of the secret among all words that are no options; negative for what `take` explains.
    var place: Int
    /// Fewest words, without options.
    var least: Int = 0
    /// Another place that is secret as well; 0 for none.
    var also: Int = 0
  }

  static let forms: [Form] = [
    Form(words: ["vault", "login"], place: 2), Form(words: ["isql"], place: 3, least: 4),
    Form(words: ["vault", "operator", "unseal"], place: 3),
    Form(words: ["vault", "unwrap"], place: 2),
    Form(words: ["vault", "kv", "put"], place: -2),
    Form(words: ["vault", "kv", "patch"], place: -2),
    Form(words: ["vault", "write"], place: -5),
    Form(words: ["rabbitmqctl", "add_user"], place: 3),
    Form(words: ["rabbitmqctl", "change_password"], place: 3),
    Form(words: ["rabbitmqctl", "authenticate_user"], place: 3),
    Form(words: ["mc", "alias", "set"], place: 6),
    Form(words: ["mc", "config", "host", "add"], place: 7),
    Form(words: ["mc", "admin", "user", "add"], place: 6),
    Form(words: ["net", "user"], place: 3),
    Form(words: ["net", "use"], place: 3, least: 4),
    Form(words: ["mosquitto_passwd"], place: 3),
    Form(words: ["htpasswd"], place: -1, least: 3),
    Form(words: ["wpa_passphrase"], place: 2), Form(words: ["virsh", "secret-set-value", "*"], place: 3),
    Form(words: ["rclone", "obscure"], place: 2),
    Form(words: ["ngrok", "authtoken"], place: 2),
    Form(words: ["ngrok", "config", "add-authtoken"], place: 3),
    Form(words: ["cloudflared", "service", "install"], place: 3),
    Form(words: ["flyctl", "auth", "token"], place: 3),
    Form(words: ["fly", "auth", "token"], place: 3),
    Form(words: ["redis-cli", "auth"], place: 2),
    Form(words: ["auth"], place: -1, least: 2),
    Form(words: ["acl", "setuser"], place: -3),
    Form(words: ["dotnet", "user-secrets", "set"], place: 4),
    Form(words: ["db2", "connect", "to"], place: 7),
    Form(words: ["nmcli", "dev", "wifi", "connect"], place: 6),
    Form(words: ["stats", "auth"], place: -4),
    Form(words: ["authuserpass"], place: 2),
    Form(words: ["rootpw"], place: 1),
    Form(words: ["snmp-server", "community"], place: 2),
    Form(words: ["rocommunity"], place: 1), Form(words: ["rwcommunity"], place: 1),
    Form(words: ["username", "*", "password"], place: -1),
    Form(words: ["username", "*", "secret"], place: -1),
    Form(words: ["username", "*", "privilege", "*"], place: -1),
    Form(words: ["enable", "secret"], place: -1), Form(words: ["enable", "password"], place: -1),
    Form(words: ["neighbor", "*", "password"], place: -1),
    Form(words: ["radius-server", "host", "*", "key"], place: -1), Form(words: ["radius-server", "key"], place: -1),
    Form(words: ["tacacs-server", "host", "*", "key"], place: -1), Form(words: ["tacacs-server", "key"], place: -1),
    Form(words: ["crypto", "isakmp", "key"], place: 3), Form(words: ["wpa-psk"], place: -1),
    Form(words: ["addauth", "digest"], place: -4),
    Form(words: ["etcdctl", "user", "add"], place: -4),
    Form(words: ["etcdctl", "put"], place: -6), Form(words: ["consul", "kv", "put"], place: -6),
    Form(words: ["chamber", "write", "*"], place: -6), Form(words: ["doppler", "secrets", "set"], place: -6),
    Form(words: ["pulumi", "config", "set"], place: -6), Form(words: ["glab", "variable", "set"], place: -6),
    Form(words: ["hset", "*"], place: -7), Form(words: ["hmset", "*"], place: -7),
    Form(words: ["hsetnx", "*"], place: -7), Form(words: ["\\password", "*"], place: 2),
    Form(words: ["snyk", "auth"], place: 2), Form(words: ["cargo", "login"], place: 2),
    Form(words: ["nuget", "setapikey"], place: 2),
    Form(words: ["poetry", "config", "*"], place: -8),
    Form(words: ["convertto-securestring"], place: 1),
    Form(words: ["openssl", "passwd"], place: -1), Form(words: ["kubeadm", "token", "create"], place: 3),
    Form(words: ["samba-tool", "user", "create"], place: 4), Form(words: ["samba-tool", "user", "add"], place: 4),
    Form(words: ["message-digest-key", "*", "md5"], place: -1), Form(words: ["ppp", "chap", "password"], place: -1),
    Form(words: ["ppp", "pap", "sent-username", "*", "password"], place: -1), Form(words: ["key-string"], place: -1),
    Form(words: ["standby", "#", "authentication"], place: -1),
    Form(words: ["vrrp", "#", "authentication"], place: -1),
    Form(words: ["snmp-server", "user"], place: -9), Form(words: ["createuser", "*"], place: -9),
    Form(words: ["com2sec"], place: -1, least: 4),
    Form(words: ["flyctl", "secrets", "set"], place: -2), Form(words: ["fly", "secrets", "set"], place: -2),
    Form(words: ["wrangler", "secret", "put"], place: -6),
    Form(words: ["/secure", "set"], place: 3), Form(words: ["composer", "config", "*"], place: -8),
    Form(words: ["bundle", "config"], place: -4), Form(words: ["net", "rpc", "user", "add"], place: 5),
    Form(words: ["vault", "token", "revoke"], place: 3), Form(words: ["vault", "token", "lookup"], place: 3),
    Form(words: ["vault", "token", "renew"], place: 3), Form(words: ["mkpasswd"], place: -11),
    Form(words: ["radtest"], place: 2, least: 6, also: 5),
    Form(words: ["ansible-vault", "encrypt_string"], place: 2), Form(words: ["iwconfig", "*", "key"], place: 3),
    Form(words: ["npm", "config", "set"], place: -6), Form(words: ["yarn", "config", "set"], place: -6),
    Form(words: ["pnpm", "config", "set"], place: -6),
    Form(words: ["authentication-key", "#", "md5"], place: 3), Form(words: ["sentinel", "auth-pass"], place: 3),
    Form(words: ["trapcommunity"], place: 1), Form(words: ["trapsink", "*"], place: 2),
    Form(words: ["trap2sink", "*"], place: 2), Form(words: ["informsink", "*"], place: 2),
    Form(words: ["radius-server", "*", "secret"], place: 3), Form(words: ["snmp", "community"], place: -10),
    Form(words: ["community", "public"], place: -10), Form(words: ["community", "private"], place: -10),
    Form(words: ["mysqladmin", "*", "password"], place: 3), Form(words: ["mysqladmin", "password"], place: 2),
    Form(words: ["neo4j-admin", "set-initial-password"], place: 2),
    Form(words: ["neo4j-admin", "dbms", "set-initial-password"], place: 3),
    Form(words: ["input_pw"], place: 1), Form(words: ["user_pw"], place: 1), Form(words: ["owner_pw"], place: 1),
    Form(words: ["qpdf"], place: -12, least: 4), Form(words: ["pg_md5"], place: -1),
    Form(words: ["quote", "pass"], place: 2),
    Form(words: [".logon"], place: -13),
    Form(words: ["psexec.py"], place: -14), Form(words: ["wmiexec.py"], place: -14),
    Form(words: ["smbexec.py"], place: -14), Form(words: ["atexec.py"], place: -14),
    Form(words: ["secretsdump.py"], place: -14), Form(words: ["mssqlclient.py"], place: -14),
    Form(words: ["nickserv", "identify"], place: -1), Form(words: ["nickserv", ":identify"], place: -1),
  ]

  /// The first words, which are the triggers.
  static let names: [String] = Array(
    Set(
      forms.map { form in
        let first = "\(form.words[0])"
        // A short or common word is sought with the one after it.
        if first == "auth" { return "auth " }
        if ["hset", "hmset", "hsetnx", "enable", "crypto", "consul", "poetry", "standby", "vrrp", "nickserv", "quote"]
          .contains(
            first)
        {
          return "\(first) "
        }
        return first.utf8.count >= 5 || form.words.count == 1
          ? first : "\(form.words[1])" == "*" ? first : "\(first) \(form.words[1])"
      }))
}
