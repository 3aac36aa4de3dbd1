import Testing

@testable import Redaction

/// Options and places by which tools take a password, from their manuals; the password may be the weakest word.
@Suite struct ToolOptionTests {
  @Test(
    "options, apart and joined",
    arguments: [
      "mongodump -uadmin -p‹tigger› -d shop", "mongosh -u admin -p ‹tigger› --port 27017",
      "ldapadd -D cn=a -w‹tigger› -f x",
      "ldappasswd -x -D cn=a -w ‹tigger› -s ‹newtie› uid=x", "docker login -u a -p‹tigger› reg.io",
      "podman login -u a -p ‹tigger› reg.io", "skopeo login -u a -p ‹tigger› reg.io",
      "podman pull --creds ‹a:tigger› reg.io/x", "az ad sp create -p ‹tigger›", "cf auth bob -p ‹tigger›",
      "swaks --to x -au a -ap ‹tigger›", "sendemail -f a -xu a -xp ‹tigger›", "pdftotext -upw ‹tigger› a.pdf",
      "pdfinfo -opw ‹tigger› a.pdf", "gitlab-runner register -n -u http://h -r ‹tigger›",
      "nsupdate -y hmac-sha256:k1:‹VGlnZ2Vy› f", "dig -y k1:‹VGlnZ2Vy› a b",
      "qemu-system-x86_64 -m 1 -object secret,id=s,data=‹tigger›,format=raw", "hydra -l a -p ‹tigger› ssh://h",
      "add-user.sh -u a -p ‹tigger› -g admin", "cbq -u a -p ‹tigger› -e h", "p4 -u a -P ‹tigger› sync",
      "squidclient -u a -w ‹tigger› mgr:info", "lynx -auth=‹a:tigger› http://h",
      "java -jar jenkins-cli.jar -auth ‹a:tigger› -s http://h", "http -A bearer -a ‹Tigger5945› GET h",
      "anytool --user=bob:‹Hunter21x› get", "  -u bob:‹Hunter26x› \\", "anytool --user 'bob:‹Hunter!26x›'",
      "ilorest login h -u a -p ‹tigger›", "export REDISCLI_AUTH=‹tigger›",
    ]) func options(_ text: String) throws
  { try check(text) }

  @Test(
    "places",
    arguments: [
      "mysqladmin -u root password ‹tigger›", "mysqladmin -uroot password ‹tigger›",
      "sqlplus -s system/‹tigger› @x.sql",
      "expdp scott/‹tigger› dumpfile=x.dmp", "rman target=sys/‹tigger›", "rman target sys/‹tigger›@prod",
      "net use Z: \\\\h\\s /user:a ‹Tigger5616›", "neo4j-admin dbms set-initial-password ‹tigger›",
      "neo4j-admin set-initial-password ‹tigger›", "pdftk a.pdf input_pw ‹tigger› output b.pdf",
      "pdftk a.pdf output b.pdf owner_pw ‹tigger›", "qpdf --encrypt ‹tigger› ‹newtie› 256 -- a b",
      "qpdf a.pdf --encrypt ‹tigger› ‹newtie› 128 -- b", "pg_md5 ‹tigger›", "quote PASS ‹tigger›",
      ".logon h/a,‹tigger›",
      "psexec.py DOM/a:‹tigger›@h", "secretsdump.py -outputfile x a:‹tigger›@10.0.0.1",
      "db2 connect to shop user db2inst1 using ‹tigger›", "db2 \"connect to shop user db2inst1 using ‹tigger›\"",
    ]) func places(_ text: String) throws
  { try check(text) }

  @Test(
    "what is no password",
    arguments: [
      "ldapsearch -x -s base -b dc=a", "cf push app -p ./dir", "wget -p http://h/", "mongodump --port 27017 -d x",
      "mongo_exporter -port 9216", "az vm list -p x", "helm push a.tgz oci://h -p 5", "docker push -a x",
      "docker login -u a --password-stdin reg.io", "http -a x GET", "sqlplus -s /nolog @bin/x.sql", "rman target /",
      "impdp directory=dp/x dumpfile=a/b.dmp", "qemu-system-x86_64 -object memory-backend-ram,id=s,data=abc",
      "dig -y key a b", "the input_pw option of pdftk", "failed to connect to host user agent using proxy",
      "docker run --user=1000:1000 x", "podman run -u nginx:nginx x", "x --user svc:staff x", "ps -u bob:x",
      "rsync -u web:/srv/data2/X1 .", "qpdf --linearize a.pdf b.pdf 256",
    ]) func stays(_ text: String) throws
  { try check(text) }
}
