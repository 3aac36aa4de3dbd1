// Made from rules.yaml by scripts/rules: edit that file, not this one.

/// The rule file that comes with the program, as text: a resource bundle would need Foundation.
let embeddedRules = #"""
  # The rules of redaction, as data: the tests run each rule on its examples, the table in docs/redaction.md is generated from this
  # file, and EmbeddedRules.swift holds it for the binary (scripts/rules).
  #
  # Prefixes of formats are those by which the providers, or public rule sets of secret scanners, tell their tokens. Lengths are
  # wider than any of them says, for a token of a length that nobody foresaw is still one.
  #
  # words: what a word means in the name of a key (DB_PASSWORD, dbPassword, db-password are the words db, password).
  # keys: whole names of keys, as globs.
  # verifiers: rules whose shape is code; they are named here, with examples.
  # formats: token formats of providers. A pattern is a sequence of literal characters, \-escapes and classes [A-Za-z0-9_]
  #   with {n}, {n,}, {n,m}, + or ?; it matches greedily, and no letter or digit may stand before or after.
  # checksum: crc32-base62 for tokens that end in their CRC-32: a right one proves a token that is glued to other letters. A wrong
  #   one does not save a token from being masked.
  # match: texts in which the rule masks something. clean: texts that stay as they are.
  version: '2026.11.1'

  words:
    # Secret whatever stands under them.
    password:
      - passwds
      - pwds
      - senhas
      - contrasenas
      - oldpass
      - newpass
      - curpass
      - tmppass
      - temppass
      - loginpass
      - dbpw
      - wachtwoorden
      - authpassword
      - pword
      - pswrd
      - psswd
      - pssword
      - passwrod
      - passw0rd
      - p4ssw0rd
      - p4ssword
      - pa55word
      - pa55w0rd
      - passvvord
      - pasword
      - paswd
      - contrasenia
      - contrasinal
      - парол
      - parol
      - mima
      - passphr
      - tunnussana
      - passwordv
      - pinkod
      - パスコード
      - 暗証番号
      - 비번
      - salasõna
      - лозинка
      - парола
      - authtok
      - assword
      - ssword
      - remotepass
      - imappass
      - proxypass
      - mysqlpass
      - wifipass
      - bindpass
      - mqttpass
      - vncpass
      - sudopass
      - becomepass
      - keystorepass
      - trustpass
      - certpass
      - סיסמה
      - المرور
      - sandi
      - matkhau
      - dnpass
      - ldappw
      - Пароль
      - ПАРОЛЬ
      - Şifre
      - Κωδικός
      - passe
      - losenord
      - jelszó
      - adgangskode
      - contrasenya
      - κωδικός
      - lozinka
      - geslo
      - 口令
      - пасс
      - slaptažodis
      - parole
      - passphras
      - passwrd
      - passwd2
      - kodeord
      - lykilorð
      - katasandi
      - 암호
      - 密碼
      - passw
      - kennwoerter
      - passwoerter
      - ldappass
      - smtppass
      - rootpassword
      - pgpass
      - redispass
      - ftppass
      - mailpass
      - sqlpass
      - apipass
      - password
      - passwords
      - passwd
      - passphrase
      - passphrases
      - passcode
      - pass
      - pwd
      - pswd
      - psw
      - passwort
      - kennwort
      - contrasena
      - contraseña
      - motdepasse
      - mdp
      - senha
      - wachtwoord
      - lozenord
      - lösenord
      - passord
      - salasana
      - heslo
      - haslo
      - hasło
      - parola
      - пароль
      - parool
      - jelszo
      - sifre
      - şifre
      - 密码
      - 密碼
      - パスワード
      - 비밀번호
      - adminpass
      - userpass
      - dbpass
      - rootpass
      - pgpassword
      - mysqlpwd
      - requirepass
      - masterauth
      - storepass
      - keypass
      - bindpw
      - rootpw
      - sshpass
      - userpw
      - pw
    secret:
      - writekey
      - sealkey
      - unlockkey
      - recoverykey
      - ingestkey
      - activationkey
      - fernetkey
      - deploykey
      - zugangsdaten
      - hemlighet
      - secrete
      - secrète
      - segreta
      - segrete
      - hemmelighed
      - tajemstvi
      - tajemství
      - salaisuus
      - 비밀키
      - 秘密鍵
      - 暗号鍵
      - apiキー
      - 凭证
      - 凭据
      - 認証情報
      - 자격증명
      - apikeyv
      - secretv
      - appkey
      - aeskey
      - cipherkey
      - sessionkey
      - hmackey
      - kek
      - dek
      - secreta
      - secretid
      - geheimnis
      - geheim
      - секрет
      - 密钥
      - 密鑰
      - 秘密
      - 秘钥
      - 密匙
      - secreto
      - segreto
      - sekret
      - clientsecret
      - secretaccesskey
      - credencial
      - credenciales
      - identifiants
      - auths
      - htpasswd
      - secret
      - secrets
      - credential
      - credentials
      - creds
      - cred
      - cookie
      - cookies
      - apikey
      - apikeys
      - secretkey
      - accesskey
      - privatekey
      - signingkey
      - encryptionkey
      - masterkey
      - accountkey
      - authkey
      - sharedkey
      - licensekey
      - storagekey
      - apisecret
      - authorization
      - connectionstring
      - connstr
      - mnemonic
      - passkey
      - pepper
      - seedphrase
      - hmac
      - psk
      - authpass
      - privkey
      - sas
      - accesskeyid
    token:
      - tkn
      - 访问令牌
      - 액세스토큰
      - 토큰
      - tokenv
      - 令牌
      - токен
      - トークン
      - jeton
      - cvv
      - cvc
      - otac
      - hotp
      - authcode
      - token
      - tokens
      - jwt
      - otp
      - totp
      - mfa
      - bearer
      - authtoken
      - accesstoken
      - refreshtoken
      - idtoken
      - csrf
      - xsrf
      - tok
      - pin
      - assertion
    key:
      - cle
      - chiave
      - sleutel
      - klucz
      - klic
      - klíč
      - nyckel
      - nøgle
      - noegle
      - nøkkel
      - noekkel
      - avain
      - kulcs
      - anahtar
      - klyuch
      - kljuc
      - kluch
      - ključ
      - llave
      - key
      - keys
      - clé
      - ключ
      - clave
      - chave
      - schluessel
      - schlüssel
    # A key with one of these before it is secret.
    qualifier:
      - tacacs
      - radius
      - activation
      - acceso
      - acces
      - accès
      - accesso
      - acesso
      - zugang
      - zugriffs
      - toegang
      - toegangs
      - tajny
      - tajní
      - tajná
      - hemlig
      - hemmelig
      - gizli
      - sekretny
      - sekretnyy
      - sekretnyj
      - закрытый
      - geheime
      - geheimer
      - privée
      - privee
      - privado
      - privada
      - privata
      - privato
      - wifi
      - wlan
      - dostępu
      - dostepu
      - доступа
      - cifrado
      - cifratura
      - chiffrement
      - cryptage
      - firma
      - authentification
      - autenticacion
      - autenticazione
      - wep
      - cookie
      - cluster
      - instrumentation
      - preshared
      - pre
      - kek
      - dek
      - gpr
      - ossrh
      - dkim
      - wg
      - wrap
      - wpa
      - encrypt
      - decrypt
      - functions
      - function
      - access
      - account
      - admin
      - aes
      - api
      - app
      - application
      - auth
      - aws
      - azure
      - backup
      - bot
      - cipher
      - client
      - consumer
      - crypt
      - crypto
      - database
      - db
      - decryption
      - deploy
      - des
      - ecdsa
      - ed25519
      - enc
      - encryption
      - fernet
      - hash
      - hashing
      - hmac
      - iam
      - ingest
      - integration
      - jwt
      - license
      - licence
      - maps
      - master
      - openai
      - private
      - priv
      - provisioning
      - recovery
      - registration
      - root
      - rsa
      - sas
      - sdk
      - sealing
      - secure
      - security
      - seed
      - server
      - service
      - session
      - sharedaccess
      - shared
      - sign
      - signing
      - signature
      - ssh
      - ssl
      - storage
      - stripe
      - subscription
      - symmetric
      - tls
      - tsig
      - unlock
      - unseal
      - user
      - vault
      - webhook
      - wrapping
      - wireguard
      - write
    # A key with one of these before it names something.
    harmless:
      - gpg
      - pgp
      - registry
      - public
      - pub
      - foreign
      - unique
      - partition
      - partitioning
      - sort
      - cache
      - row
      - map
      - index
      - object
      - lookup
      - metric
      - label
      - annotation
      - config
      - configmap
      - group
      - grouping
      - bucket
      - message
      - event
      - i18n
      - translation
      - feature
      - topology
      - hot
      - idempotency
      - dedup
      - deduplication
      - join
      - shard
      - sharding
      - kms
      - meta
      - search
      - order
      - tag
      - state
      - lock
      - rate
      - limit
      - item
      - tree
      - arrow
      - shortcut
      - composite
      - natural
      - candidate
      - business
      - project
      - issue
      - host
    # As the last word: the value describes a secret and is none.
    describes:
      - hashers
      - validators
      - encoders
      - stdin
      - encryption
      - hasher
      - rounds
      - iterations
      - characters
      - chars
      - regex
      - pattern
      - history
      - lifetime
      - complexity
      - strategy
      - encoding
      - charset
      - separator
      - delimiter
      - options
      - option
      - settings
      - setting
      - config
      - configuration
      - comparator
      - processor
      - listener
      - filter
      - interceptor
      - bean
      - util
      - utils
      - helper
      - callback
      - screen
      - route
      - placeholder
      - autocomplete
      - cost
      - entity
      - repository
      - client
      - provided
      - needs
      - upgrade
      - expiresat
      - prompts
      - sync
      - syncer
      - refresher
      - rotator
      - watcher
      - scanner
      - scan
      - init
      - loader
      - reader
      - writer
      - job
      - pod
      - container
      - image
      - volume
      - volumes
      - mounts
      - annotation
      - annotations
      - labels
      - ring
      - bag
      - name
      - names
      - ref
      - refs
      - reference
      - file
      - files
      - filename
      - path
      - paths
      - dir
      - directory
      - folder
      - url
      - urls
      - uri
      - endpoint
      - endpoints
      - server
      - host
      - hostname
      - port
      - type
      - types
      - kind
      - id
      - ids
      - identifier
      - uid
      - uuid
      - arn
      - count
      - counts
      - counter
      - total
      - ttl
      - expiry
      - expires
      - expire
      - expiration
      - expired
      - seconds
      - second
      - secs
      - sec
      - ms
      - minutes
      - hours
      - days
      - at
      - time
      - timestamp
      - timeout
      - duration
      - date
      - length
      - len
      - size
      - bytes
      - bits
      - min
      - max
      - limit
      - limits
      - policy
      - policies
      - version
      - versions
      - algorithm
      - alg
      - algo
      - method
      - format
      - provider
      - providers
      - class
      - namespace
      - attempts
      - attempt
      - retries
      - retry
      - failures
      - failure
      - enabled
      - disabled
      - enable
      - disable
      - required
      - optional
      - field
      - fields
      - header
      - headers
      - column
      - prefix
      - suffix
      - issuer
      - audience
      - subject
      - scope
      - scopes
      - location
      - mount
      - store
      - alias
      - usage
      - usages
      - age
      - rotation
      - rotated
      - interval
      - period
      - refresh
      - renew
      - renewed
      - quota
      - bucket
      - buckets
      - source
      - mode
      - status
      - valid
      - validity
      - invalid
      - space
      - spaces
      - reset
      - change
      - changed
      - updated
      - created
      - manager
      - service
      - review
      - reviews
      - request
      - requests
      - response
      - controller
      - handler
      - factory
      - resolver
      - validator
      - validation
      - verifier
      - encoder
      - generator
      - strength
      - score
      - hint
      - index
      - domain
      - realm
      - schema
      - table
      - template
      - templates
      - rules
      - rule
      - label
      - description
      - message
      - error
      - errors
      - exception
      - warning
      - prompt
      - input
      - form
      - page
      - link
      - view
      - list
      - set
      - map
      - used
      - remaining
      - issued
      - revoked
      - missing
      - found
      - present
      - exists
      - set
      - changed
      - per
      - cost
      - usage
      - rate
      - budget
      - window
      - operation
      - operations
      - ops
      - owner
      - group
      - role
      - roles
      - user
      - username
      - email
      - login
      - account
      - thumbprint
      - fingerprint
      - sha
      - sha1
      - sha256
      - md5
      - checksum
      - digest
      - crt
      - cert
      - certificate
      - ca
      - pub
      - public
      - engine
      - backend
      - driver
      - plugin
      - cache
      - grant
      - grants
      - permission
      - permissions
      - hits
      - misses
      - hit
      - miss
    # As the last word they say nothing: the word before decides.
    ignored:
      - v
      - b
      - base
      - word
      - phrase
      - sha256
      - sha512
      - sha1
      - value
      - val
      - values
      - data
      - string
      - str
      - text
      - plain
      - plaintext
      - cleartext
      - raw
      - base64
      - b64
      - hex
      - encoded
      - encrypted
      - decrypted
      - env
      - var
      - new
      - old
      - current
      - previous
      - prev
      - next
      - prod
      - production
      - dev
      - stage
      - staging
      - test
      - live
      - default
      - secondary
      - confirm
      - confirmation
      - again
      - repeat
      - param
      - arg
      - content
      - contents
    # In front: a count, a switch, a message or the name of an object.
    negates:
      - from
      - page
      - pagination
      - checksum
      - fingerprint
      - thumbprint
      - digest
      - sha256
      - sha1
      - md5
      - unexpected
      - next
      - illegal
      - max
      - min
      - total
      - num
      - number
      - count
      - prompt
      - completion
      - input
      - output
      - used
      - remaining
      - per
      - missing
      - invalid
      - no
      - not
      - without
      - forgot
      - forgotten
      - change
      - changed
      - existing
      - pull
      - image
      - automount
      - cached
      - reasoning
      - estimated
      - unknown
      - wrong
      - bad
      - expired
    # In front they say that this is a switch, unless the value looks like a secret: ENABLE_SECRET=x.
    switches:
      - has
      - have
      - had
      - is
      - are
      - was
      - use
      - uses
      - using
      - require
      - requires
      - required
      - enable
      - enabled
      - disable
      - disabled
      - allow
      - allows
      - show
      - hide
      - bypass
      - force
      - skip
    # Beside a secret word they make a boolean a switch: createToken: true. They say nothing of any other value.
    actions:
      - automount
      - automounted
      - mount
      - create
      - creates
      - created
      - generate
      - generated
      - rotate
      - rotates
      - persist
      - persisted
      - expose
      - include
      - includes
      - included
      - should
      - must
      - can
      - need
      - needs
      - want
      - wants
      - ask
      - save
      - saved
      - store
      - stored
      - send
      - set
      - unset
      - with
      - add
      - drop
      - clear
      - delete
      - remove
      - reset
      - recover
      - remember
      - log
      - print
      - echo
      - mask
      - masked
      - redact
      - check
      - validate
      - verify
      - valid
      - validated
      - verified
      - configured
      - present
      - provided
      - encrypt
      - encrypted
      - decrypt
      - hashed
      - protected
      - secure
      - secured
      - only
      - http
      - empty
      - blank
      - auto
      - authenticate
      - authenticated
      - optional
      - renew
      - revoke
      - revoked
      - support
      - supports
      - supported
      - review
      - reviews
    weak:
      - schluessel
      - schlüssel
      - cle
      - sk
      - ak
      - clave
      - refresh
      - community
      - webhook
      - signature
      - pat
      - auth
      - authentication
      - basic
      - login
      - license
      - salt
      - sig
      - seed
      - code
      - dsn
      - unseal
      - entropy
      - hash
      - verifier
      - challenge
      - ticket
      - sso
      - saml
      - samlresponse
      - access
      - private
      - seal
      - iv
      - credentialid
    onetime:
      - verification
      - confirmation
      - activation
      - pairing
      - recovery
      - backup
      - security
      - unlock
      - otp
      - totp
      - mfa
      - 2fa
      - sms
      - login
      - authorization
      - authentication
      - passcode
      - invite
      - device
    code:
      - code
      - codes
      - kod
      - código
    session:
      - session
      - sessions
      - sid
      - sess
      - sessionid
      - sessid
      - jsessionid
      - phpsessid
      - id
      - connect
      - ssid
    # Endings of compounds that are written in one word.
    endings:
      password: [password, pw, passwd, kennwort, passphrase, passwort, passcode, pwd, storepass, 密码, 密碼, 口令, keypass, userpass, sshpass, adminpass, rootpass, pword, パスワード, 비밀번호]
      secret: [secret, apikey, accesskey, secretkey, privatekey, signingkey, appkey, aeskey, cipherkey, sessionkey, sharedsecret, clientsecret, appsecret, hmacsecret, masterkey, encryptionkey, authkey, credentials, credential, sharedkey, accountkey, hmackey, レットキー, apiキー, 秘密鍵, 密钥, 秘钥, 密鑰, 비밀키]
      token: [token, jwt, 令牌, tkn]
      session: [sessionid, sessid]

  # Whole names that hold no word of those above, as globs.
  keys:
    - 'x-jfrog-art-api'
    - 'samlresponse'
    - '*userlist?txt'
    - '_auth'
    - 'sensitive_value'
    - 'aws_sec_key'
    - '*rocommunity'
    - '*rwcommunity'
    - '*snmp*community'
    - 'api_sec'
    - 'apisec'
    - 'client_sec'
    - 'clientsec'
    - 'app_sec'
    - '*code?verifier'
    - '*codeverifier'
    - '*root?token?id'
    - '*auth.user.info'
    - 'bundle_*__*'
    - '*auth?users'
    - '*authident'
    - '*password?sha256?hex'
    - '*password?double?sha1?hex'
    - 'git*-oauth*'
    - 'bitbucket-oauth'
    - 'rediscli_auth'
    - '*sonar?login'
    - 'x-honeycomb-team'
    - '*snmp?community'
    - '*security?answer*'
    - '*secret?answer*'
    - '*securityanswer*'
    - '*secretanswer*'
    - '*password?digest'
    - '*passworddigest'
    - '*seed?phrase'
    - '*recovery?phrase'

  verifiers:
    - name: key-value
      why: A value under a key whose name says that it is secret, in any spelling of key and value
      match:
        - 'DB_PASSWORD=hunter2-Prod'
        - '{"apiKey": "abc123def456"}'
        - "settings={'host': 'h', 'aws_secret_access_key': 'srr2N7tVD0XzRm+yeUoM'}"
        - '&{Host:h User:app RunnerToken:abcDEF123 TLS:false}'
        - 'exec: app --client-secret window-ember --verbose'
        - 'exec: app --client-secret=window-ember --verbose'
        - 'GET /cb?state=1&access_token=1a0cde43&lang=en HTTP/1.1'
        - '<password>hunter2</password>'
        - '-Djavax.net.ssl.keyStorePassword=changeme9 -Dx=y'
        - 'Your temporary password is: OpsMonkey6156.'
        - 'AccountName=x;AccountKey=B+7oWBoZVd==;EndpointSuffix=y'
        - 'API key: 4f2a9c118e'
        - 'Please use the following password to log in: ProdAdmin4226!'
        - 'settings = Config { db_password: Some("hunter2") }'
        - '[password] => hunter2'
        - '["password"]=> string(7) "hunter2"'
        - "define('DB_PASSWORD', 'hunter2');"
        - 'your password is lemon'
        - 'use lemon42 as the admin password'
        - 'password mismatch: expected lemon-12, got anchor-34'
      clean:
        - 'the password is incorrect'
        - 'enter the password to continue'
        - 'token_count=1832 tokens_per_second=44.1'
        - 'max_tokens: 4096'
        - 'secretName: my-secret'
        - 'passwordSecretRef: {name: db, key: password}'
        - 'key: app'
        - 'tokenExpirationSeconds: 3607'
        - 'password: ${DB_PASSWORD}'
        - '    token = self.tokens.next()'
        - 'if password == "" { return ErrNoPassword }'
        - 'https://auth.example.com/oauth2/token'
        - 'the password must have at least 12 characters'
        - 'apiKey: <your-api-key>'
        - 'key=user:81104:profile request_id=4059c367'
        - 'secret: {{ .Values.auth.secret }}'
    - name: url-userinfo
      why: The password in the userinfo of a URL, or a token that stands there alone
      match:
        - 'dial redis://root:0X7jPX-zxDCy%40c5xJ@kafka-2.svc:35723/main failed'
        - 'postgres://payments:hunter2@db:5432/x'
        - 'clone https://gx8sK2kd93kdKsl2mXo1@git.example.com/a.git'
      clean:
        - 'ssh://git@github.com/acme/app.git'
        - 'http://user@host.example.com/path'
        - 'postgres://db.prod.svc:5432/main?sslmode=disable'
    - name: dsn-userinfo
      why: The password of a connection string that has no scheme, as Oracle's tools and Go's MySQL driver write it
      match:
        - 'connect: app:DevQwerty9532@@tcp(db.prod.svc.cluster.local:3306)/main'
    - name: authorization
      why: Credentials of HTTP authentication, any scheme, in a header or on a command line
      match:
        - 'Authorization: Basic YWRtaW46T3BzU3VtbWVyNDc2NkA='
        - 'Authorization: Bearer X28jbkgOgmVXeUDtHB1ogQ4yxMAnu06XJyn9UzGY'
        - "curl -H 'Authorization: token abcdef0123456789' https://x"
        - 'proxy_set_header Authorization "Basic cHJveHk6Rm5vaUp0QEJSZ0I5KlJxY1Y=";'
      clean:
        - 'authorization is disabled'
        - 'invalid bearer token, retrying'
    - name: cookie
      why: Values of cookies in Cookie and Set-Cookie headers, but for those that only set a preference
      match:
        - 'Cookie: theme=dark; auth_token=ea2f5388e6272cc3; lang=en'
        - 'Set-Cookie: session=G4jtf3XTOPpCIqqGp5SE8T0; Path=/; HttpOnly'
      clean:
        - 'Cookies are set for this site'
    - name: private-key
      why: The body of a private key in PEM or in PuTTY's form, whole, cut, indented or with a prefix before each line
      match:
        - "-----BEGIN EC PRIVATE KEY-----\nMHcCAQHQJPfl/usDMBVEeO7Xoy1JBUJnjKUT\n-----END EC PRIVATE KEY-----"
      clean:
        - 'unable to parse private key: EOF'
        - '-----BEGIN CERTIFICATE-----'
    - name: jwt
      why: JSON Web Token or JSON Web Encryption
      match:
        - 'got eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIwNDc3MDA1ODU3In0.fZ9x9MIQUZDo9oxYaS93qo47Vx1DaHSMhrYRNKZzY8H x'
    - name: jwk
      why: Private members of a JSON Web Key
      match:
        - '{"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ","alg":"HS256"}'
        - '{"kty":"EC","crv":"P-256","x":"f83OJ3D2","d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9"}'
    - name: command-option
      why: Options, places and pipes by which well-known tools take a password, and calls that are given a user and a password
      match:
        - 'curl -sf -u ci:xOGca5_DsWeu https://nexus.example.com/'
        - 'mysql -h db -u root -phunter2 shop'
        - 'sshpass -p hunter2 ssh a@b'
        - 'redis-cli -h r -a hunter2 ping'
        - 'hydra -l bob -p Lemon42 ssh://h'
        - 'echo lemon | zfs load-key pool'
      clean:
        - 'docker run -p 8080:80 nginx'
        - 'mkdir -p /var/lib/app'
    - name: sql-password
      why: Passwords and keys in statements of SQL, values of secret columns in INSERT, commands of database shells
      match:
        - "CREATE USER app IDENTIFIED BY 'copper-violet'"
        - "ALTER ROLE app WITH PASSWORD 'DevDragon7952@';"
      clean:
        - 'ALTER TABLE users ADD COLUMN password_hash text'
    - name: encoded
      why: Base64, also wrapped over lines, or hexadecimal that decodes to text in which another rule finds something
      match:
        - 'payload=eyJ1c2VyIjogImFwcCIsICJwYXNzd29yZCI6ICJodW50ZXIyLXByb2QifQ== size=53'
      clean:
        - 'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
        - 'integrity sha512-exc+0U/D9j0v5D5fVGEGPG2/bGzOSECf4/EY8pz4Ft6sjL3/9ORTQ76f7W7bh8gzkm/caoK+SqhImgy3puwEIw=='
    - name: card-number
      why: Payment card number with a valid check digit, in groups; in one piece only after a word about cards
      match:
        - 'charge card=4111 1111 1111 1111 ok'
      clean:
        - 'id 4111 1111 1111 1112 ok'
    - name: personal-mail
      why: Mail address of a person, first.last@domain; addresses of roles and machines stay
      match:
        - 'receipt sent to kari.nordmann1@kunde.example'
        - '{"owner":"ole.hansen@shop.example"}'
      clean:
        - 'contact ops@example.com or git@github.com'
        - 'image registry.shop.example/app.server@sha256:0a1b2c3d4e5f'
        - 'account svc@acme-prod.iam.gserviceaccount.com'
    - name: pgpass
      why: A line of a .pgpass file
      match:
        - 'db.example.com:5432:shop:app:hunter2'
    - name: kubernetes-secret
      why: Every value of a Secret object, whatever its key, in a document and in a manifest inside a log
      match: []
    - name: known-value
      why: A value that another rule found in this incident, wherever else it stands, plain or in a trivial encoding
      match: []
    - name: prefixed-token
      why: 'Random characters behind a short name, and perhaps a word for what they are: the form that newer providers choose'
      match:
        - 'got acme_live_aB3zymMlopiWfqUyHRSIf8NFmAUNLnY5 back'
        - 'got acme_pat_aB3Yx0y3RnjDQl2Kvf8THRXfEuzcrJaBnx7I back'
        - 'got acme_secret_aB3fDH5mMDdwin86TkVYCM7l8GQlchbk back'
        - 'GET /v2/items/zx-9KqB6BO8WlgbU9UfUfBZ5DhtGB8FohqradUx/list'
        - 'got zx_sk_703cfbc8f29226f063fbc272eb4a3ed1b15af252 back'
        - 'got tkn.Bq9xfIk9bX0ydBwy0dIi1D.uU71IFwOkx51p5SMWJu7YRw2PGL15FmybRlKinIu7Sf back'
      clean:
        - 'ran orders_test_checkoutWithoutCoupons in 12 ms'
        - 'metric http_token_requests_total_by_namespace 12'
        - 'cache_key_5f3a9c0be2d14a7f8e6b1c2d3e4f5a6b'
        - 'id chatcmpl-9aBcK2dEfG4hIjKlM6nOpQrStUvWx'
        - 'pushed registry.example/api-703cfbc8f29226f063fbc272eb4a3ed1b15af252'
        - 'customer cus_NffrFeUfNV2Hib of pi_3MtwBwLkdIwHu7ix28a3tqPa'

  formats:
    - name: aws-access-key-id
      why: 'AWS access key id (IAM user, role, group …): documented prefixes, 16 of base32'
      patterns:
        - 'AKIA[A-Z0-9]{16}'
        - 'ASIA[A-Z0-9]{16}'
        - 'ABIA[A-Z0-9]{16}'
        - 'ACCA[A-Z0-9]{16}'
      match:
        - 'got AKIAUJZDE8GXD6NCF10E back'
        - 'got ASIAPF91DHODZDOC9IS0 back'
        - 'got ABIAJ8HT9LGMXG9EDN58 back'
        - 'got ACCA1U33XTPLPFT75V2S back'
      clean:
        - 'got AKIAUJZDE back'
    - name: aws-session-token
      why: 'AWS session token: base64 that begins with the encoded header of STS'
      patterns:
        - 'IQoJb3JpZ2lu[A-Za-z0-9+/=]{50,}'
        - 'FwoGZXIvYXdz[A-Za-z0-9+/=]{50,}'
        - 'FQoGZXIvYXdz[A-Za-z0-9+/=]{50,}'
        - 'AQoDYXdz[A-Za-z0-9+/=]{80,}'
      match:
        - 'got IQoJb3JpZ2lumEHgaKwVJ7faC9qEwjky40UVsWmflzdE1F8ResqEDusTpkr0cS back'
        - 'got FwoGZXIvYXdztY4qWB8dWKnHfDNxSIvPZZ63fFKcZjR4I0b3jRtaWr4Y9OJFLJ back'
        - 'got FQoGZXIvYXdzOqOAf1lLQSAJaiXnkU8Is2g8nprvDd53x83rzjZZZZGeoZDMEN back'
        - 'got AQoDYXdzOqOAf1lLQSAJaiXnkU8Is2g8nprvDd53x83rzjZZZZGeoZDMENOqOAf1lLQSAJaiXnkU8Is2g8nprvDd53x83rzjZZZZGeoZDMEN back'
      clean:
        - 'got IQoJb3JpZ2lumEHgaKwVJ7faC9q back'
    - name: aws-bedrock-key
      why: 'Amazon Bedrock API key'
      patterns:
        - 'ABSK[A-Za-z0-9+/]{100,}[=]{0,2}'
      match:
        - 'got ABSKcKHVmDGAkJiG8XnBE3NnYJoQ9WmXeHH2fdeeTFJGvVvQe1sKhBN88hXJsi6BwhTp3Fs2QhX6KWxOiixgVoOnzyw2MzP0ZvzOMhfW== back'
      clean:
        - 'got ABSKcKHVmDGAkJiG8XnBE3NnYJoQ9WmXeHH2fdee back'
    - name: aws-mws-key
      why: 'Amazon MWS authentication token'
      patterns:
        - 'amzn\.mws\.[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}'
      match:
        - 'got amzn.mws.8f86bebb-2737-f6a6-f0fb-23c6f5da2cec back'
      clean:
        - 'got amzn.mws.8f86bebb-27 back'
    - name: github-token
      why: 'GitHub personal, OAuth, user-to-server, server-to-server and refresh tokens'
      checksum: crc32-base62
      patterns:
        - 'ghp_[A-Za-z0-9]{36,255}'
        - 'gho_[A-Za-z0-9]{36,255}'
        - 'ghu_[A-Za-z0-9]{36,255}'
        - 'ghs_[A-Za-z0-9_.-]{36,1000}'
        - 'ghr_[A-Za-z0-9]{36,255}'
      match:
        - 'got ghp_v8FuKKIBJl5dzpJn0meq7WJjjIBAzupGhv7I back'
        - 'got gho_b3M03NBQNSgPwlUQia1ID6vW5dql05ha064g back'
        - 'got ghu_IiJhgB3cxLmAxzJLJenuHjDUrhhjeyxG4jDP back'
        - 'got ghs_MRCxGgcjBw56EcUngmgMsRcgizeg8Psh4487 back'
      clean:
        - 'got ghp_v8FuKKIBJl5dzp back'
    - name: github-fine-grained
      why: 'GitHub fine-grained personal access token'
      patterns:
        - 'github_pat_[A-Za-z0-9_]{70,255}'
      match:
        - 'got github_pat_Q7j58M1cIaHZcUEqPbENqTyH5xJ8tpqXJQ4I9dOv8GZ4fKq1OKtbgZVaMWUFuXBVjdctBY back'
      clean:
        - 'got github_pat_Q7j58M1cIaHZ back'
    - name: gitlab-token
      why: 'GitLab personal, runner, deploy, trigger, feed, agent, OAuth, SCIM and CI job tokens'
      patterns:
        - 'glpat-[A-Za-z0-9_.-]{20,300}'
        - 'glrt-[A-Za-z0-9_.-]{20,300}'
        - 'gldt-[A-Za-z0-9_-]{20,64}'
        - 'glptt-[A-Za-z0-9_-]{20,64}'
        - 'glft-[A-Za-z0-9_-]{20,64}'
        - 'glagent-[A-Za-z0-9_-]{50,64}'
        - 'gloas-[A-Za-z0-9_-]{40,80}'
        - 'glsoat-[A-Za-z0-9_-]{20,64}'
        - 'glcbt-[A-Za-z0-9_-]{20,70}'
        - 'glimt-[A-Za-z0-9_-]{20,64}'
        - 'glffct-[A-Za-z0-9_-]{20,64}'
        - 'GR1348941[A-Za-z0-9_-]{20,64}'
        - 'glrtr-[A-Za-z0-9_.-]{20,300}'
        - 'glwt-[A-Za-z0-9_.-]{20,300}'
      match:
        - 'got glrtr-IwFQuYhrsiF8nfMaunlNy5yX back'
        - 'got glwt-2kVF8thrxFeUZCRjAbNX7iFd back'
        - 'got glpat-VhnSg9EH6yO4GFQRC5xL back'
        - 'got glrt-RwI0b26r08QZJi6gkfsU back'
        - 'got gldt-FRDzsLb5ER8BoFzQFm2O back'
        - 'got glptt-283e0ad84173581569969e58b081006f7e3dfc96 back'
      clean:
        - 'got glpat-VhnSg back'
    - name: bitbucket-token
      why: 'Bitbucket app password'
      patterns:
        - 'ATBB[A-Za-z0-9]{24,40}'
        - 'BBDC-[A-Za-z0-9+/]{40,48}'
      match:
        - 'got BBDC-a1BZqumpm08hsE8JNpjJOQGa2rb19FlY0mG1ylvuhfJX back'
        - 'got ATBBToOFl9h2wJq5ty4mYwUufJSu back'
      clean:
        - 'got ATBBToOFl9h2 back'
    - name: atlassian-token
      why: 'Atlassian API token (Jira, Confluence, Bitbucket)'
      patterns:
        - 'ATATT3[A-Za-z0-9_=-]{80,400}'
        - 'ATCTT3[A-Za-z0-9_=-]{80,400}'
      match:
        - 'got ATATT3OVM14tuoIZWD1IAEov4QbKDFq1Y3gqSmPsSCdLKRcAQX9VjUPC94TNWLAVYFeRgpMPgxAFQ0FJZlCZBT back'
        - 'got ATCTT3npJC01t5gobuszgI6hwgk10zB0rlz5tr9spOFBCIoX9GY1cjDoBoirPfQAdzEv7g5iFqhEvveQzE2QPu back'
      clean:
        - 'got ATATT3OVM14tuoIZWD1IAEov4QbKDFq1Y3gqSm back'
    - name: slack-token
      why: 'Slack bot, user, app, refresh, legacy and configuration tokens'
      patterns:
        - 'xoxb-[0-9A-Za-z-]{20,255}'
        - 'xoxp-[0-9A-Za-z-]{20,255}'
        - 'xoxa-[0-9A-Za-z-]{20,255}'
        - 'xoxr-[0-9A-Za-z-]{20,255}'
        - 'xoxs-[0-9A-Za-z-]{20,255}'
        - 'xoxo-[0-9A-Za-z-]{20,255}'
        - 'xoxe-[0-9A-Za-z.-]{20,255}'
        - 'xoxe\.xox[bp]-[0-9A-Za-z-]{20,255}'
        - 'xoxc-[0-9A-Za-z-]{20,255}'
        - 'xoxd-[0-9A-Za-z%/+=-]{20,400}'
        - 'xapp-[0-9A-Za-z-]{20,255}'
        - 'xwfp-[0-9A-Za-z-]{20,255}'
      match:
        - 'got xoxb-mDElfTVsO4UwhIn2defC back'
        - 'got xoxp-4c9LGfliJda80U3VHh6i back'
        - 'got xoxa-DhVIjXITTTn7vZCJ5xU1 back'
        - 'got xoxr-IT4qWzSHODwyxD4b59lX back'
      clean:
        - 'got xoxb-mDElfT back'
    - name: slack-webhook
      why: 'Slack incoming webhook and workflow: the path is the credential'
      patterns:
        - 'https://hooks\.slack\.com/services/[A-Za-z0-9/_-]{20,100}'
        - 'https://hooks\.slack\.com/workflows/[A-Za-z0-9/_-]{20,120}'
        - 'https://hooks\.slack\.com/triggers/[A-Za-z0-9/_-]{20,120}'
        - 'hooks\.slack-gov\.com/[a-z]{8,9}/[A-Za-z0-9/_-]{20,120}'
      match:
        - 'got hooks.slack-gov.com/zcblftvkk/z19CY0RnOjJsrBw38SvZagt5 back'
        - 'got https://hooks.slack.com/services/Q8XIm0ogR4HtXOf54fZB back'
        - 'got https://hooks.slack.com/workflows/KA8frcZTuJaWYUH1VAUw back'
        - 'got https://hooks.slack.com/triggers/V1ZH87MtA5vSQXEZY3lE back'
      clean:
        - 'got https://hooks.slack.com back'
    - name: discord-webhook
      why: 'Discord webhook: the path is the credential'
      patterns:
        - 'https://discord\.com/api/webhooks/[0-9]{16,20}/[A-Za-z0-9_-]{60,80}'
        - 'https://discordapp\.com/api/webhooks/[0-9]{16,20}/[A-Za-z0-9_-]{60,80}'
        - 'discord\.com/api/v[0-9]{1,2}/webhooks/[0-9]{16,20}/[A-Za-z0-9_-]{60,90}'
        - 'discord\.com/api/webhooks/[0-9]{16,20}/[A-Za-z0-9_-]{60,90}'
      match:
        - 'got discord.com/api/v36/webhooks/36560188308428734678/MvBGzTElC9DaTXjo8tlkSMwG3yZZyLQdVI4I5c32ssYaj9tLXQNRdk24sYL067ek back'
        - 'got discord.com/api/webhooks/84270633172445183825/vrHuI0IJiFCwgpYKW3ytOnmw9nKVxD5VzobMTLvHJfp9hu7AOY6ryGyyPkcuym34 back'
        - 'got https://discord.com/api/webhooks/5640410423468535/y9b4BzwoZ648jjNuFD7uacnwIp3SfD67jIKeaVSTQvvpQZpPTejqZHKpKENg back'
        - 'got https://discordapp.com/api/webhooks/7837576283312581/UPXQzkM4Bv3aYavhNYRVwDfRk9XIrghoy32NFR5PYZpcb9T2039BICbtw5ze back'
      clean:
        - 'got https://discord.com/api/webhooks/5640410 back'
    - name: teams-webhook
      why: 'Microsoft Teams incoming webhook'
      patterns:
        - '\.webhook\.office\.com/webhookb2/[A-Za-z0-9@/-]{60,250}'
      match:
        - 'got .webhook.office.com/webhookb2/9lfAEZ7770h2dcPyGOJJhrG80usp2w5dFjxCAyIOk6CptT9IoQhobswHGETh back'
      clean:
        - 'got .webhook.office.com/webhookb2/9lfAEZ7770 back'
    - name: discord-token
      why: 'Discord bot token: user id in base64, time, HMAC'
      patterns:
        - 'mfa\.[A-Za-z0-9_-]{80,95}'
        - '[MNO][A-Za-z0-9_-]{23,25}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,38}'
      match:
        - 'got OMYQOymAAiTdR9Up14PehPjP.B9atpT.DBMf4rpaFQOqb7XOfCsVtaXrZMA back'
      clean:
        - 'got OMYQOymAAiTdR9Up14PehPjP.B back'
    - name: telegram-bot
      why: 'Telegram bot token: bot id, colon, 35 characters from AA on'
      patterns:
        - '[0-9]{8,10}:AA[A-Za-z0-9_-]{32,34}'
        - 'bot[0-9]{8,10}:AA[A-Za-z0-9_-]{32,34}'
      match:
        - 'POST https://api.telegram.org/bot48137343:AAOdOQw4SG8nfnL5Ofa6qD8mJ7ZDNBmJaD/sendMessage'
        - 'got 48137343:AAOdOQw4SG8nfnL5Ofa6qD8mJ7ZDNBmJaD back'
      clean:
        - 'got 48137343:AAOdOQw4SG back'
    - name: stripe-key
      why: 'Stripe secret and restricted keys, live and test'
      patterns:
        - 'sk_live_[A-Za-z0-9]{16,255}'
        - 'sk_test_[A-Za-z0-9]{16,255}'
        - 'rk_live_[A-Za-z0-9]{16,255}'
        - 'rk_test_[A-Za-z0-9]{16,255}'
        - 'sk_org_[A-Za-z0-9_]{20,255}'
        - 'pi_[A-Za-z0-9]{20,30}_secret_[A-Za-z0-9]{20,60}'
        - 'seti_[A-Za-z0-9]{20,30}_secret_[A-Za-z0-9]{20,60}'
        - 'ek_live_[A-Za-z0-9]{20,255}'
      match:
        - 'got pi_J7N4jUxfzO2QH20XLrEgSAl1_secret_a0XiFL4C7Xu2ZxcOT2pOpuTG back'
        - 'got seti_cw9F4ca96QEgS6r3UyeiI75Q_secret_YV4MWAqWsS92M5qqKyoQqavw back'
        - 'got ek_live_hT8rvKgyzc7NQv2vadjhonxo back'
        - 'got sk_live_tDLZc5t4UuHF7KVM back'
        - 'got sk_test_Lp7hvdCTquY1XVcK back'
        - 'got rk_live_GAFRFWa94Hj9wNYW back'
        - 'got rk_test_x0T0zbFDteMXi6cM back'
      clean:
        - 'got sk_live_tD back'
    - name: webhook-signing-secret
      why: 'Signing secret of Standard Webhooks, which Stripe and Svix use'
      patterns:
        - 'whsec_[A-Za-z0-9+/=]{24,100}'
      match:
        - 'got whsec_UXv5eBoaPzoxZCYCdEz6DQMv back'
      clean:
        - 'got whsec_UXv5eBo back'
    - name: square-token
      why: 'Square access token and OAuth secret'
      patterns:
        - 'sq0atp-[A-Za-z0-9_-]{22}'
        - 'sq0csp-[A-Za-z0-9_-]{43}'
        - 'sq0idp-[A-Za-z0-9_-]{22}'
        - 'EAAA[A-Za-z0-9_-]{60}'
      match:
        - 'got sq0atp-E5mVXRV99nCQvtsU7RTAuw back'
        - 'got sq0csp-m6zo88EB0OGet9d9xYyQ6b0fI7fLAz7vT0sxJmPU3Ud back'
        - 'got sq0idp-XyymFgMZwKPaEpCejiUKb4 back'
        - 'got EAAAGEQnFNGaftcLOIadn5rPvi2xqwHx1SSRkRXQvQMcPLPPJS46lMUEZQPghOpz back'
      clean:
        - 'got sq0atp-E5mVXR back'
    - name: braintree-token
      why: 'Braintree production access token'
      patterns:
        - 'access_token\$production\$[0-9a-z]{16}\$[0-9a-f]{32}'
        - 'access_token\$sandbox\$[0-9a-z]{16}\$[0-9a-f]{32}'
      match:
        - 'got access_token$production$6t260uesn2ie73cc$2b5e803b61ba4168160adb59261ff2d3 back'
        - 'got access_token$sandbox$pz9y5aphqijq3jmq$d0b6cc60d5d32cbe54014c2b54b95523 back'
      clean:
        - 'got access_token$production$6t260ues back'
    - name: openai-key
      why: 'OpenAI project, service account, admin and older keys'
      patterns:
        - 'sk-proj-[A-Za-z0-9_-]{40,250}'
        - 'sk-svcacct-[A-Za-z0-9_-]{40,250}'
        - 'sk-admin-[A-Za-z0-9_-]{40,250}'
        - 'sk-None-[A-Za-z0-9_-]{40,250}'
        - 'sk-[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20}'
        - 'sess-[A-Za-z0-9]{40}'
      match:
        - 'got sk-proj-Yfwzy9zMTI18C6eUDm7oYF5tns05Koy2OnZn2M1e back'
        - 'got sk-svcacct-LkNCZ8hKYWHJPu05MC4j1wrCq1UHYmdj2oxTpaTl back'
        - 'got sk-admin-PbYqXcgcLBAnfdPcwnx0d1LzeZGEIWbXFzcggqCC back'
        - 'got sk-None-oIF7uUxugFDwg5Yp8yIB2Enus0HMI4fS9z6yKryu back'
      clean:
        - 'got sk-proj-Yfwzy9zMTI18C back'
    - name: anthropic-key
      why: 'Anthropic API, admin and OAuth keys'
      patterns:
        - 'sk-ant-[A-Za-z0-9_-]{40,250}'
      match:
        - 'got sk-ant-7OE1WnwQKU5nR50dJQg96eNlQngPUXCMLZKo7RrU back'
      clean:
        - 'got sk-ant-7OE1WnwQKU5nR5 back'
    - name: openrouter-key
      why: 'OpenRouter API key'
      patterns:
        - 'sk-or-v1-[0-9a-f]{64}'
        - 'sk-or-[A-Za-z0-9-]{40,100}'
      match:
        - 'got 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 back'
        - 'got sk-or-zQ9ADp0j5Wmplcm7hufPK5ACDiBZLPKD6xGAnjq8 back'
      clean:
        - 'got sk-or-v1-c5831be38cb8cb4ba2e7519 back'
    - name: langfuse-key
      why: 'Langfuse secret key'
      patterns:
        - 'sk-lf-[0-9a-f-]{36}'
      match:
        - 'got sk-lf-e2e5738713a818d8962058765a6ca7cff00d back'
      clean:
        - 'got sk-lf-e2e5738713a8 back'
    - name: generic-sk-key
      why: 'Keys of the shape sk-… that several providers of models share (DeepSeek, older OpenAI, LiteLLM)'
      patterns:
        - 'sk-[A-Za-z0-9]{32,64}'
      match:
        - 'got sk-MJaMhmpgppa0nLgTEToD4uyetiAY2bv6 back'
      clean:
        - 'got sk-MJaMhmpgppa0 back'
    - name: groq-key
      why: 'Groq API key'
      patterns:
        - 'gsk_[A-Za-z0-9]{40,60}'
      match:
        - 'got gsk_9uOk4TyNZnlEk6KJCBHGn7KWJsBBCIspoCsEvCE2 back'
      clean:
        - 'got gsk_9uOk4TyNZnlEk6K back'
    - name: xai-key
      why: 'xAI API key'
      patterns:
        - 'xai-[A-Za-z0-9]{70,100}'
      match:
        - 'got xai-lwXM090i5qE43w6t8YGPNNHCC826zwoF0wooSeGIGywpNSUVbQBWQ7SDtwX6Ux9mge2Snv back'
      clean:
        - 'got xai-lwXM090i5qE43w6t8YG back'
    - name: perplexity-key
      why: 'Perplexity API key'
      patterns:
        - 'pplx-[A-Za-z0-9]{40,64}'
      match:
        - 'got pplx-ByaBbhxGWetDikNt30Fk0SKbAhMSwwDAWfGfsy0L back'
      clean:
        - 'got pplx-ByaBbhxGWetDikN back'
    - name: replicate-token
      why: 'Replicate API token'
      patterns:
        - 'r8_[A-Za-z0-9]{37,40}'
      match:
        - 'got r8_9flW91gQk8KS0N8sOfKH8oxFfysjyGoUWGZ7Z back'
      clean:
        - 'got r8_9flW91gQk8KS0N8 back'
    - name: huggingface-token
      why: 'Hugging Face user and organisation tokens'
      patterns:
        - 'hf_[A-Za-z0-9]{32,40}'
        - 'api_org_[A-Za-z0-9]{34}'
      match:
        - 'got hf_54vFb4pBXNTQb5igKY4oO8dIimwswmpC back'
        - 'got api_org_WlUhJ31cqjvUKdcsxQlOIVdp4sPgMRTwt0 back'
      clean:
        - 'got hf_54vFb4pBXNTQ back'
    - name: fireworks-key
      why: 'Fireworks AI API key'
      patterns:
        - 'fw_[A-Za-z0-9]{24}'
      match:
        - 'got fw_1nJuJPuUmhWKPU9MQ9uGK9qG back'
      clean:
        - 'got fw_1nJuJPuUm back'
    - name: nvidia-key
      why: 'NVIDIA NGC and NIM key'
      patterns:
        - 'nvapi-[A-Za-z0-9_-]{60,70}'
      match:
        - 'got 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 back'
      clean:
        - 'got nvapi-MYJJyTuTbRMGo6GRN4YdCAZ back'
    - name: tavily-key
      why: 'Tavily search API key'
      patterns:
        - 'tvly-[A-Za-z0-9-]{30,60}'
      match:
        - 'got 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 back'
      clean:
        - 'got tvly-l2OrLpHdbU back'
    - name: langsmith-key
      why: 'LangSmith personal and service keys'
      patterns:
        - 'lsv2_pt_[0-9a-f]{32}_[0-9a-f]{10}'
        - 'lsv2_sk_[0-9a-f]{32}_[0-9a-f]{10}'
      match:
        - 'got 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 back'
        - 'got 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 back'
      clean:
        - 'got lsv2_pt_d5a0cf318656b3 back'
    - name: pinecone-key
      why: 'Pinecone API key'
      patterns:
        - 'pcsk_[A-Za-z0-9]{5,6}_[A-Za-z0-9]{50,70}'
      match:
        - 'got pcsk_0k5Uy8_Ih1WolAqAN8EpSQmGlJ2OLxcWyJN5ZyiKn5smyFq55jyo1TMfs back'
      clean:
        - 'got pcsk_0k5Uy8_Ih1WolAqAN8EpSQ back'
    - name: google-api-key
      why: 'Google API key (Maps, Firebase, Gemini)'
      patterns:
        - 'AIza[A-Za-z0-9_-]{35}'
        - 'AQ\.[A-Za-z0-9_-]{50}'
      match:
        - 'got AIzaNhFv1cq4HjHQaO0IefjDed5JsfPfKim3vAK back'
        - 'got AQ.1UdskfqS1dXba9rELoXopBBnCrv7VzGgefw5JCNtaoIVG3qXVe back'
      clean:
        - 'got AIzaNhFv1cq4HjHQa back'
    - name: google-oauth
      why: 'Google OAuth access token, refresh token and client secret'
      patterns:
        - 'ya29\.[A-Za-z0-9_.-]{30,2000}'
        - '1//0[A-Za-z0-9_-]{40,200}'
        - 'GOCSPX-[A-Za-z0-9_-]{28}'
      match:
        - 'got ya29.xhjx6NSbVbQjD0SSW0fZVgR3gWNpfy back'
        - 'got 1//0HVMUtTIloFyCZuj4ZikDZTGACM06emxqDyg6inYn back'
        - 'got 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 back'
      clean:
        - 'got ya29.xhjx6NSbVb back'
    - name: google-hmac
      why: 'Google Cloud Storage HMAC access id'
      patterns:
        - 'GOOG1[A-Z0-9]{56,60}'
        - 'GOOG[A-Z0-9]{20}'
      match:
        - 'got GOOG1AXIT9QTL0CUB1D57CH0Z2EAYJ409GF4NJA1AAHFNHI4BRP2LDXJFS953 back'
        - 'got GOOGQDCADAFYTTK5DUX24KJH back'
      clean:
        - 'got GOOG1AXIT9QTL0CUB1D57CH0Z2E back'
    - name: azure-client-secret
      why: 'Microsoft Entra client secret: three characters, digit, Q~, 31 to 34 characters'
      patterns:
        - '[A-Za-z0-9_~.-]{3}8Q~[A-Za-z0-9_~.-]{31,34}'
        - '[A-Za-z0-9_~.-]{3}7Q~[A-Za-z0-9_~.-]{31,34}'
      match:
        - 'got X9p8Q~KozaeYxyc8RywkVSRDnptz0mV3muA1J back'
        - 'got m1T7Q~lb4PYYrYmx5OzcSsAUQRbKl60w4yCS1 back'
      clean:
        - 'got X9p8Q~KozaeYxyc8 back'
    - name: azure-storage-key
      why: 'Azure storage, Cosmos DB and Service Bus keys carry their kind before the last characters'
      patterns:
        - '[A-Za-z0-9_-]{40,44}AzFu[A-Za-z0-9_-]{6}[=]{0,2}'
        - '[A-Za-z0-9+/]{76}\+ASt[A-Za-z0-9+/]{6}=='
        - '[A-Za-z0-9+/]{76}ACDb[A-Za-z0-9+/]{6}=='
        - '[A-Za-z0-9+/]{33}\+ASb[A-Za-z0-9+/]{6}='
        - '[A-Za-z0-9+/]{33}AIoT[A-Za-z0-9+/]{6}='
        - '[A-Za-z0-9+/]{42}AzSe[A-Za-z0-9]{6}'
        - '[A-Za-z0-9+/]{42}\+ACR[A-Za-z0-9]{6}'
      match:
        - 'got Jz43kJR2zzjrx6fWiFijfzYMywu7OTmDrZdtN7QlwAyYdiFizWxEOZlh5Q41hUeglMMNMFLzsSXk+AStkWZxh2== back'
        - 'got JPC7fX3GXodyFJUmBWRhmBGCN33kflkNQ7xRbG8cxl0m9IQ1CVMLYFBDCjX3tdf8265E3moZ7Ht9ACDbFQUkOp== back'
        - 'got F96qgZLc2KX9PuOLC8Q8WD5j5B16DQygt+ASbvpweDG= back'
        - 'got JUwA8MrvTllcwpGeUXQYHXeYKcPzJ6r5AAIoTdt6MzC= back'
      clean:
        - 'got Jz43kJR2zzjrx6fWiFijfzYMywu7OTmDrZdtN7Q back'
    - name: azure-devops-pat
      why: 'Azure DevOps personal access token: the mark AZDO near its end'
      patterns:
        - '[A-Za-z0-9]{76}AZDO[A-Za-z0-9]{4}'
      match:
        - 'got K71OE7n3X4vIxc9G77Y1BoEcVU0OeHoXJVOvDLtcj4Jc3JRaaPJBRk1SVzKQfGUd5eHJgDo5yq7NAZDOje1S back'
      clean:
        - 'got K71OE7n3X4vIxc9G77Y1BoEcVU0OeHoXJVOvD back'
    - name: digitalocean-token
      why: 'DigitalOcean personal, OAuth and refresh tokens'
      patterns:
        - 'dop_v1_[0-9a-f]{64}'
        - 'doo_v1_[0-9a-f]{64}'
        - 'dor_v1_[0-9a-f]{64}'
      match:
        - 'got dop_v1_386bd8773c9d51940ea4e095bd1d6854575622f856469602d1ba9f20df4875b1 back'
        - 'got doo_v1_5b0be23b7ac193fe04072755398003680e7e3b35183ef8333c4774ec50cd1c1b back'
        - 'got dor_v1_ac7adac1a4b7d0b352ad6074dce1118813830d71939b53182e4e349d98729e7c back'
      clean:
        - 'got dop_v1_386bd8773c9d51940ea4e095 back'
    - name: cloudflare-token
      why: 'Cloudflare API tokens with a prefix, origin CA key'
      patterns:
        - 'cfut_[A-Za-z0-9_-]{40,60}'
        - 'cfat_[A-Za-z0-9_-]{40,60}'
        - 'cfk_[A-Za-z0-9_-]{40,60}'
        - 'v1\.0-[0-9a-f]{24}-[0-9a-f]{146}'
      match:
        - 'got cfut_MjtXd5jTnee0TBPVOMgiYlZA7WK38PUjUfRS4NSD back'
        - 'got cfat_xBKjEm3WcqDhY1cWvwGhO9rv7JaVqWIrMnn2R01h back'
        - 'got cfk_Gv2v7weRyoto6tIa3GAaxjlHfZ9kJa2yR3nmHY2c back'
        - 'got v1.0-e9b9bcca0fce9594dc72aa7a-6d0018f99ddceb1be0273dbc46dfcea25bab29539ad5966d513b1d00909c30065f846d34530325fed10a47b851832b6ec017c1e1777155a0e9d8f27c7d9cf07255bc509cb3acac23db back'
      clean:
        - 'got cfut_MjtXd5jTnee0TBP back'
    - name: heroku-key
      why: 'Heroku API key'
      patterns:
        - 'HRKU-[A-Za-z0-9_-]{36,80}'
      match:
        - 'got HRKU-jPYMdSWPbCRqBVzJPtIFMRi1yIjcd1yzPKXW back'
      clean:
        - 'got HRKU-jPYMdSWPbCRqB back'
    - name: fly-token
      why: 'Fly.io access token'
      patterns:
        - 'fo1_[A-Za-z0-9_-]{43}'
        - 'fm1r_[A-Za-z0-9+/=_-]{60,2000}'
        - 'fm2_[A-Za-z0-9+/=_-]{60,2000}'
      match:
        - 'got fo1_NuZYo9lNT8egNO2crI8tQm5clXiPZmgNI3wHrgFi2Rv back'
        - 'got fm1r_xwYBqtkJTAYtFsLx2OUMq5GEj6XzgwTMEtTFOSI0tZSWZ26dxo4o33I7RLBX back'
        - 'got fm2_rzqsW5aBqtsdP2ZW5oGLSHR6muOtrCZCmKbMwTJYvCjToo8Lk1OkfthQ7bqr back'
      clean:
        - 'got fo1_NuZYo9lNT8egNO2cr back'
    - name: vercel-token
      why: 'Vercel tokens'
      patterns:
        - 'vcp_[A-Za-z0-9]{24,60}'
        - 'vci_[A-Za-z0-9]{24,60}'
        - 'vca_[A-Za-z0-9]{24,60}'
        - 'vcr_[A-Za-z0-9]{24,60}'
        - 'vck_[A-Za-z0-9]{24,60}'
      match:
        - 'got vcp_kW7AH1wxpS5C42lmsDPrHCyU back'
        - 'got vci_Nx6Wv6FasvZvn1ORhFW88bc7 back'
        - 'got vca_Vsgvs11oocgDrsNbrg27xIfw back'
        - 'got vcr_MC8s0zjQLiKxoPiQP9DKWWaF back'
      clean:
        - 'got vcp_kW7AH1wx back'
    - name: netlify-token
      why: 'Netlify personal access token'
      patterns:
        - 'nfp_[A-Za-z0-9]{36}'
        - 'nfc_[A-Za-z0-9]{36}'
      match:
        - 'got nfp_MoTIIrtfqePtPAgscI7pWsTI4tJlkPVo0Hjb back'
        - 'got nfc_w8KrqJmd1xZ1NHsSAXfNCD5RTMHsTc9HKUcd back'
      clean:
        - 'got nfp_MoTIIrtfqePtPA back'
    - name: supabase-key
      why: 'Supabase personal, service and secret keys'
      patterns:
        - 'sbp_[0-9a-f]{40}'
        - 'sbp_v0_[0-9a-f]{40}'
        - 'sb_secret_[A-Za-z0-9_-]{30,50}'
      match:
        - 'got sbp_b95210ef2a83fdf6a0b29872400c49b5539ac5ba back'
        - 'got sbp_v0_7b4b87113c16fdf5924754ec21ef66b01d4921da back'
        - 'got sb_secret_EcAq90L5uKYSAczkrWkMeFiUhdbi6o back'
      clean:
        - 'got sbp_b95210ef2a83fdf back'
    - name: planetscale-token
      why: 'PlanetScale tokens and passwords'
      patterns:
        - 'pscale_tkn_[A-Za-z0-9_.=-]{32,64}'
        - 'pscale_pw_[A-Za-z0-9_.=-]{32,64}'
        - 'pscale_oauth_[A-Za-z0-9_.=-]{32,64}'
      match:
        - 'got pscale_tkn_3JZ9mnFzzDurVmqTkka8XeqpIT3Vh4oB back'
        - 'got pscale_pw_2MOrvcsFJqlXjl8aXhPkcZQHOL94MjvH back'
        - 'got pscale_oauth_O31QpGMhqQtfOjdOiksHvg6lkF2arEzc back'
      clean:
        - 'got pscale_tkn_3JZ9mnFz back'
    - name: neon-key
      why: 'Neon API key'
      patterns:
        - 'napi_[a-z0-9]{60,70}'
      match:
        - 'got napi_i696h6g3z8km4fixdzpdxcan3thi1fmhwkxvaqhpx67w5cwgw9uhcpqwm2b2 back'
      clean:
        - 'got napi_i696h6g3z8km4fixdzpdxcan back'
    - name: mongodb-atlas
      why: 'MongoDB Atlas service account secret'
      patterns:
        - 'mdb_sa_sk_[A-Za-z0-9_-]{40}'
      match:
        - 'got mdb_sa_sk_HyBfHEzQLJj7S3rqY1Jl4QiswzR8cABVJfge3Cz1 back'
      clean:
        - 'got mdb_sa_sk_HyBfHEzQLJj7 back'
    - name: databricks-token
      why: 'Databricks personal access token'
      patterns:
        - 'dapi[0-9a-f]{32}-[0-9]'
        - 'dapi[0-9a-f]{32}'
        - 'dose[0-9a-f]{32}'
      match:
        - 'got dapi125cf5ec72ba694165beaecba0afa707-7 back'
        - 'got dapi1448c828b4136d3b97429ab7bca1aafb back'
        - 'got dose77b4460ecec9524998a26259bebd2fa5 back'
      clean:
        - 'got dapi125cf5ec72ba6 back'
    - name: snowflake-token
      why: 'Snowflake programmatic access token'
      patterns:
        - 'ver:1-hint:[0-9]{5,20}-ETMs[A-Za-z0-9+/=]{20,400}'
      match:
        - 'got ver:1-hint:44802430306739481330-ETMs9ImDFEz04kVuIAMRip4A back'
      clean:
        - 'got ver:1-hint:44802430306739 back'
    - name: confluent-key
      why: 'Confluent Cloud API secret'
      patterns:
        - 'cflt[A-Za-z0-9+/]{60}'
      match:
        - 'got cfltoU7BNUU3vBpfZnrzVLD3ayCFonVxfmZQ8d3AB7UkpUDantu1VKFBJNJhx1FW back'
      clean:
        - 'got cfltoU7BNUU3vBpfZnrzVLD3ayCF back'
    - name: airtable-token
      why: 'Airtable personal access token'
      patterns:
        - 'pat[A-Za-z0-9]{14}\.[0-9a-f]{64}'
      match:
        - 'got pat0XbWirl3jJqmkV.78f19e8b8480f3b47c20431658b4550b7ef6bce6a0302cb17cdc70808d77b6ad back'
      clean:
        - 'got pat0XbWirl3jJqmkV.78f19e8b8480f3b47c back'
    - name: notion-token
      why: 'Notion integration token'
      patterns:
        - 'ntn_[A-Za-z0-9]{40,60}'
        - 'secret_[A-Za-z0-9]{43}'
      match:
        - 'got ntn_pRT4fNkyKe373xR9wI0TSFVAf35PKUrnm9cNlD4y back'
        - 'got secret_N24vXCxx3cLb3I7TrBzHJ6AI6TJgvWGwKdrZFaVp6qt back'
      clean:
        - 'got ntn_pRT4fNkyKe373xR back'
    - name: linear-key
      why: 'Linear API and OAuth keys'
      patterns:
        - 'lin_api_[A-Za-z0-9]{32,64}'
        - 'lin_oauth_[A-Za-z0-9]{32,64}'
      match:
        - 'got lin_api_Z4V5ClPMyosACIgmOkbsGuBD5UE4HH9f back'
        - 'got lin_oauth_IhbALOriJovigHhW1f96EWN294OuERtL back'
      clean:
        - 'got lin_api_Z4V5ClPMyo back'
    - name: figma-token
      why: 'Figma personal access token'
      patterns:
        - 'figd_[A-Za-z0-9_-]{40,60}'
        - 'figo_[A-Za-z0-9_-]{40,60}'
      match:
        - 'got figd_AQRE9CMgDayj8XRAUsCpdiSjVsa3vtRZbUiaYJYw back'
        - 'got figo_Y4azJ5oAPmg7QsnuYP0MqHF1nyC6tDZsjUrpcjqU back'
      clean:
        - 'got figd_AQRE9CMgDayj8XR back'
    - name: asana-token
      why: 'Asana personal access token'
      patterns:
        - '[0-9]{1,2}/[0-9]{16}/[0-9]{16}:[0-9a-f]{32}'
      match:
        - 'got 79/0778598636516849/5183944758979321:b65b754e51acbd3d48c3bb9e28c9e3ef back'
      clean:
        - 'got 79/0778598636516849/51839447589 back'
    - name: clickup-token
      why: 'ClickUp personal token'
      patterns:
        - 'pk_[0-9]{6,9}_[A-Z0-9]{32}'
      match:
        - 'got pk_282025783_X7VYQB9MAQDLT8RUQPQ2F75FMI1SXC2Y back'
      clean:
        - 'got pk_282025783_X7VYQB9 back'
    - name: typeform-token
      why: 'Typeform personal token'
      patterns:
        - 'tfp_[A-Za-z0-9_.=-]{40,64}'
      match:
        - 'got tfp_XCtwSabpmzQWPY2lI7nM2tlXEqNV3EFwcYZhaf75 back'
      clean:
        - 'got tfp_XCtwSabpmzQWPY2 back'
    - name: contentful-token
      why: 'Contentful management token'
      patterns:
        - 'CFPAT-[A-Za-z0-9_-]{43}'
      match:
        - 'got CFPAT-pwyBGlkd7ds1baeL4EcZfIgw0AqOvMZiC7rSjVxYxdH back'
      clean:
        - 'got CFPAT-pwyBGlkd7ds1baeL back'
    - name: hubspot-token
      why: 'HubSpot private app token'
      patterns:
        - 'pat-na1-[0-9a-f-]{36}'
        - 'pat-eu1-[0-9a-f-]{36}'
      match:
        - 'got pat-na1-27203f26e16af1d4d14aa605882ac89cd199 back'
        - 'got pat-eu1-7cd896416bef4ba6e1a02da187e966ece661 back'
      clean:
        - 'got pat-na1-27203f26e16 back'
    - name: mailchimp-key
      why: 'Mailchimp API key'
      patterns:
        - '[0-9a-f]{32}-us[0-9]{1,2}'
      match:
        - 'got 5d3142f505f7965463e3621d78ed4141-us27 back'
      clean:
        - 'got 5d3142f505f79654 back'
    - name: mandrill-key
      why: 'Mandrill API key'
      patterns:
        - 'md-[A-Za-z0-9_-]{22}'
      match:
        - 'got md-SwO3lzUtjuJT6QUj1NJ8zq back'
      clean:
        - 'got md-SwO3lzUt back'
    - name: mailgun-key
      why: 'Mailgun private, public validation and webhook keys'
      patterns:
        - 'key-[0-9a-f]{32}'
        - 'pubkey-[0-9a-f]{32}'
        - '[0-9a-f]{32}-[0-9a-f]{8}-[0-9a-f]{8}'
      match:
        - 'got key-7c1ac49726e45dac31b3629fb0f26f89 back'
        - 'got pubkey-264f879130b64915abef7ab5392e335c back'
        - 'got e1113d4db2b5b52a0f94833734f83ae7-518b69c6-4773031f back'
      clean:
        - 'got key-7c1ac49726e4 back'
    - name: sendgrid-key
      why: 'SendGrid API key'
      patterns:
        - 'SG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{32,64}'
      match:
        - 'got SG.yyskNsvOFwKJ1QBb.ZnhHSk4HFqlNOPmxygt0D0PEmVGCNnxs back'
      clean:
        - 'got SG.yyskNsvOFwKJ1QBb.Znh back'
    - name: brevo-key
      why: 'Brevo (Sendinblue) API and SMTP keys'
      patterns:
        - 'xkeysib-[0-9a-f]{64}-[A-Za-z0-9]{16}'
        - 'xsmtpsib-[0-9a-f]{64}-[A-Za-z0-9]{16}'
      match:
        - 'got 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 back'
        - 'got xsmtpsib-03fdd9e4a62bce19a285ed7361c5c8a4b57bc9fa65c00537e8b3c48d2ae89b9c-8hzrD6pffXsBD414 back'
      clean:
        - 'got xkeysib-59a2e50add127454b4667a20f1fa2261 back'
    - name: resend-key
      why: 'Resend API key'
      patterns:
        - 're_[A-Za-z0-9]{8}_[A-Za-z0-9]{24}'
      match:
        - 'got re_rHjYcTwg_5JumvdC8UeIA875RJMl6kgCZ back'
      clean:
        - 'got re_rHjYcTwg_5Jum back'
    - name: twilio-key
      why: 'Twilio API key and account ids'
      patterns:
        - 'SK[0-9a-f]{32}'
      match:
        - 'got SK58790dd2cfb8a5f1b461595919cb589f back'
      clean:
        - 'got SK58790dd2cfb8a back'
    - name: sentry-token
      why: 'Sentry organisation and user tokens'
      patterns:
        - 'sntrys_[A-Za-z0-9+/=_-]{60,400}'
        - 'sntryu_[0-9a-f]{64}'
        - 'sntrya_[0-9a-f]{64}'
      match:
        - 'got sntrys_MnU7cZGrQXZUYy9eRHN76ncg1aoKx5UCJRwieqj2qawERZXt6ZhzS2oHQcxA back'
        - 'got 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 back'
        - 'got sntrya_0e4e81e11e3f79aa766907508db2823ccd71ba82f4dee6a63c59620e66869002 back'
      clean:
        - 'got sntrys_MnU7cZGrQXZUYy9eRHN76nc back'
    - name: datadog-key
      why: 'Datadog tokens with a prefix'
      patterns:
        - 'ddpat_[A-Za-z0-9_-]{40,100}'
        - 'ddapp_[A-Za-z0-9]{34,60}'
      match:
        - 'got ddpat_WNaA13puvoiQjWoKkoUWTGCvLsWa5BztdxGVG2JX back'
        - 'got ddapp_x4efF6VyUe50I2GhkQgYNWQqB86MtR80hb back'
      clean:
        - 'got ddpat_WNaA13puvoiQjW back'
    - name: newrelic-key
      why: 'New Relic user, ingest, browser and insights keys'
      patterns:
        - '[a-z]{2}[0-9]{2}x[0-9a-fx]{29,33}NRAL'
        - 'NRAK-[A-Z0-9]{20,40}'
        - 'NRII-[A-Za-z0-9_-]{20,40}'
        - 'NRIQ-[A-Za-z0-9_-]{20,40}'
        - 'NRRA-[0-9a-f]{42}'
        - 'NRJS-[0-9a-f]{19}'
        - '[0-9a-f]{36}NRAL'
      match:
        - 'got NRAK-YK1IIAHN8YBAF3CN8EUV back'
        - 'got NRII-nj4dfxo5NAPN5WY4GGl4 back'
        - 'got NRIQ-I8Mcdkl6ort6cwEkuuD3 back'
        - 'got NRRA-f5c7ff43fc2770c7173601e1c771d814e0f33545a3 back'
      clean:
        - 'got NRAK-YK1IIA back'
    - name: grafana-token
      why: 'Grafana service account, cloud and API keys'
      patterns:
        - 'glsa_[A-Za-z0-9]{32}_[0-9a-f]{8}'
        - 'glc_[A-Za-z0-9+/=]{32,400}'
        - 'eyJrIjoi[A-Za-z0-9+/=]{60,400}'
      match:
        - 'got glsa_gy94Y64AE2Bjp0FgjnnmyziEtDqinSdZ_0605e636 back'
        - 'got glc_qbHnFihWrGFuP242GFXRTTwSJfmkVxMA back'
        - 'got eyJrIjoiFECHrsxmNhYda7nkpN6wuwyF6B1DtuBqrI26bz4DLn8ScQtIQyT2WBUYGKcK back'
      clean:
        - 'got glsa_gy94Y64AE2Bjp0F back'
    - name: dynatrace-token
      why: 'Dynatrace tokens'
      patterns:
        - 'dt0[a-z][0-9]{2}\.[A-Z0-9]{8,24}\.[A-Z0-9]{64}'
      match:
        - 'got dt0u79.URPA08BVO8WVAPVF8KGCU1VX.E8H3KN7D8P07FNNSAQ1HL2KSZPVQBFNQJEEZTEEE8AEXEJ9H56R2LGQTZ0L2G3VU back'
      clean:
        - 'got dt0u79.URPA08BVO8WVAPVF8KGCU1VX.E8H3KN7D back'
    - name: honeycomb-key
      why: 'Honeycomb ingest and management keys'
      patterns:
        - 'hcaik_[a-z0-9]{24,64}'
        - 'hcaic_[a-z0-9]{24,64}'
        - 'hcamk_[a-z0-9]{24,64}'
      match:
        - 'got hcaik_nbyognwvramefktqlcj4gdyqfodesariwx8lixqxxk7hpksybomoyxp4qa back'
        - 'got hcaic_dgyxpsb425hh395fzh54lo12dhmerx24pv9de6o4nyhd17dp7k6ungf4q3 back'
        - 'got hcamk_3ie2ugnrxeh44ql6a6b4c8o5ixjyucxlob3f2ncs2imtumezbkax4oe4x6 back'
      clean:
        - 'got hcaik_nbyognwvramefkt back'
    - name: pulumi-token
      why: 'Pulumi access token'
      patterns:
        - 'pul-[0-9a-f]{40}'
      match:
        - 'got pul-f666f69e87a1d5ad0b57048efc48738d444a157d back'
      clean:
        - 'got pul-f666f69e87a1d5a back'
    - name: terraform-token
      why: 'Terraform Cloud and Enterprise token'
      patterns:
        - '[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_=-]{60,80}'
      match:
        - 'got KFl0cyaQ4kqO3J.atlasv1.9vR98taGDb60G9B5SESw9L3IaEhY2TzqptglHcPfqhlrzX5h9jMbEl5QkYL3 back'
      clean:
        - 'got KFl0cyaQ4kqO3J.atlasv1.9vR98taGDb60G9 back'
    - name: vault-token
      why: 'HashiCorp Vault service, batch and recovery tokens'
      patterns:
        - 'hvs\.[A-Za-z0-9_-]{20,400}'
        - 'hvb\.[A-Za-z0-9_-]{60,400}'
        - 'hvr\.[A-Za-z0-9_-]{20,400}'
        - 'b\.AAAAAQ[A-Za-z0-9_-]{60,400}'
      match:
        - 'got b.AAAAAQaTXjo8tlkSMwG3yZZyLQdVI4I5c32ssYaj9tLXQNRdk24sYL067ek5o46eqKEiPd back'
        - 'got hvs.s9QpPaX9hQr0EsvDnreN back'
        - 'got hvb.rUz6AceVrwt9p4Ld9UyObF9NiaZ9I5vOXvtXYqfxXIOoN4RHCgI4ZnapEeld back'
        - 'got hvr.8VkiWWtwbULzesBrrxKZ back'
      clean:
        - 'got hvs.s9QpPa back'
    - name: doppler-token
      why: 'Doppler tokens'
      patterns:
        - 'dp\.pt\.[A-Za-z0-9]{40,44}'
        - 'dp\.st\.[A-Za-z0-9_.-]{40,80}'
        - 'dp\.sa\.[A-Za-z0-9]{40,44}'
        - 'dp\.ct\.[A-Za-z0-9]{40,44}'
        - 'dp\.scim\.[A-Za-z0-9]{40,44}'
        - 'dp\.audit\.[A-Za-z0-9]{40,44}'
      match:
        - 'got dp.pt.XH9oxS1jpNoPtl9xMXx2TpQK0Emd2q4xlCM5Amia back'
        - 'got dp.st.ujRBEzA1LFsPALOLQ5tyPBBHF7FMJeVEhWUSave3 back'
        - 'got dp.sa.QVD7FQKQFEnDsQIy3uVVgfJMm7jzDwJ1sbYStBOT back'
        - 'got dp.ct.zEzeGElJMytczdy0OnF0qekbIAM7lNG1odPwQgbh back'
      clean:
        - 'got dp.pt.XH9oxS1jpNoPtl back'
    - name: infisical-token
      why: 'Infisical service token'
      patterns:
        - 'st\.[0-9a-f]{24}\.[0-9a-f]{32}\.[0-9a-f]{32}'
      match:
        - 'got st.a1070796e656984517ea9ca9.1a291a7457e06a3bf9232cdf287eafdb.ea13e284142e192ad24c3119432a5d57 back'
      clean:
        - 'got st.a1070796e656984517ea9ca9.1a291a7457e0 back'
    - name: onepassword-token
      why: '1Password service account token and secret key'
      patterns:
        - 'A3-[A-Z0-9]{6}-[A-Z0-9]{11}-[A-Z0-9]{5}-[A-Z0-9]{5}-[A-Z0-9]{5}'
        - 'ops_eyJ[A-Za-z0-9+/=_-]{80,2000}'
        - 'A3-[A-Z0-9]{6}-[A-Z0-9]{5,6}-[A-Z0-9]{5}-[A-Z0-9]{5}-[A-Z0-9]{5}[A-Z0-9-]{0,6}'
      match:
        - 'got ops_eyJLYwzbtVXH5PdjHFQ8v85u5YeO9LmzSwdZtMuyIvM69fG30gVzPBQge0sJ2nUULuv2VrMqaD0A3OkWAywQmC5C8UO2U04R8XTXnWZYSH8OA6rawox4kw6P06pzD4uKwJ0TQgpUYb1TIPitVq0DW52L2U4xI289v3rip6Dy31jd8Veydyv31NuVXPEGHU4B5yBOXEnEfvD back'
        - 'got A3-M3ZT4Y-T4UWTW-G7E42-0AONN-X8XHC31BI1F back'
      clean:
        - 'got ops_eyJLYwzbtVXH5PdjHFQ8v85u5Ye back'
    - name: bitwarden-token
      why: 'Bitwarden Secrets Manager access token'
      patterns:
        - '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\.[A-Za-z0-9]{30}:[A-Za-z0-9+/=]{24}'
      match:
        - 'got 0.59b3717b-d5c2-d6a9-a5f0-4c5503b11606.gd7JjNJJoczBbImsQmROaNgodDFxAz:V5tKvyPiQOh0LOmL53Mluu== back'
      clean:
        - 'got 0.59b3717b-d5c2-d6a9-a5f0-4c5503b11606.g back'
    - name: tailscale-key
      why: 'Tailscale authentication, API and client keys'
      patterns:
        - 'tskey-[A-Za-z0-9-]{15,100}'
      match:
        - 'got tskey-dtmtNR11b7gDf8A back'
      clean:
        - 'got tskey-dtm back'
    - name: age-secret-key
      why: 'age (and sops) identity'
      patterns:
        - 'AGE-SECRET-KEY-1[A-Z0-9]{50,60}'
        - 'AGE-PLUGIN-[A-Z0-9]{1,20}-1[A-Z0-9]{20,200}'
      match:
        - 'got AGE-SECRET-KEY-12FE90JU3KN8V0PMOK0W1TTKN2FJMUH6SL04254R47M46J6KOEW back'
        - 'got AGE-PLUGIN-YEZGW1VWZJ39AC4W6Z1T-1K9AJXZUOVK99ZLSHIBU4 back'
      clean:
        - 'got AGE-SECRET-KEY-12FE90JU3KN8V0 back'
    - name: docker-token
      why: 'Docker Hub personal and organisation tokens, Swarm join tokens and unlock keys'
      patterns:
        - 'dckr_pat_[A-Za-z0-9_-]{20,64}'
        - 'dckr_oat_[A-Za-z0-9_-]{20,64}'
        - 'SWMTKN-1-[a-z0-9]{50}-[a-z0-9]{25}'
        - 'SWMKEY-1-[A-Za-z0-9+/]{43}'
      match:
        - 'got dckr_pat_cfRXh5BWjiy7Uo8eHVQY back'
        - 'got dckr_oat_nmky2QBXzYEXz6oiAR5V back'
        - 'got SWMTKN-1-s5kybemndijtood1qhgj99fj1mc5y1flitcfdkhcbukh3kglmw-mxh1uz0q2o4blkljwd27c29a2 back'
        - 'got SWMKEY-1-c4BmoVqZg8J3D6yjhJfLsYKspAgz7ysg8A2zXatqMkY back'
      clean:
        - 'got dckr_pat_cfRX back'
    - name: npm-token
      why: 'npm access token'
      checksum: crc32-base62
      patterns:
        - 'npm_[A-Za-z0-9]{36}'
      match:
        - 'got npm_uqaV9e9l7nKU5YMR5Nyqyn0AlsUUpwjQznVK back'
      clean:
        - 'got npm_uqaV9e9l7nKU5Y back'
    - name: pypi-token
      why: 'PyPI and TestPyPI upload token: a macaroon for that host'
      patterns:
        - 'pypi-AgE[A-Za-z0-9_-]{50,1000}'
      match:
        - 'got pypi-AgEk2if8R27Ff71wCJbwFka6Slgbt7AFlxIGYR4Hm3bc4uzQFucpX back'
      clean:
        - 'got pypi-AgEk2if8R27Ff71wCJbwF back'
    - name: rubygems-token
      why: 'RubyGems API key'
      patterns:
        - 'rubygems_[0-9a-f]{48}'
      match:
        - 'got rubygems_31f96288b6d8eacf314914bc781ef02216ef29a54358a557 back'
      clean:
        - 'got rubygems_31f96288b6d8eacf back'
    - name: crates-token
      why: 'crates.io API token'
      patterns:
        - 'cio[A-Za-z0-9]{32}'
      match:
        - 'got cioe2yOQQ6DOK6nTxEoYin29cNGa6ezUrDv back'
      clean:
        - 'got cioe2yOQQ6DOK6n back'
    - name: nuget-key
      why: 'NuGet API key'
      patterns:
        - 'oy2[a-z0-9]{43}'
      match:
        - 'got oy2yo347mqk7h9uzki445rxg95vkvgxyhi5svy9lubun3h back'
      clean:
        - 'got oy2yo347mqk7h9uzki44 back'
    - name: clojars-token
      why: 'Clojars deploy token'
      patterns:
        - 'CLOJARS_[a-z0-9]{60}'
      match:
        - 'got CLOJARS_s3xx4m8lxmmtspe0an9en66hphsgmard1frua60w8lamlognhr6uyzbe1hr6 back'
      clean:
        - 'got CLOJARS_s3xx4m8lxmmtspe0an9en6 back'
    - name: artifactory-key
      why: 'JFrog Artifactory API key and reference token'
      patterns:
        - 'AKCp[A-Za-z0-9]{64,80}'
        - 'cmVmdGtu[A-Za-z0-9]{50,64}'
      match:
        - 'got AKCpJbX3qB9BDbnipYKXuXjIW65XQiJKKJJHlyzHKTgkkGjfadiwAuDPbIP7wAP50WPx back'
        - 'got cmVmdGtuF1elYbVewCOq1DcgP7Cm7LMEQFxVwFVpFbwTEgx7cPrJLTbU76 back'
      clean:
        - 'got AKCpJbX3qB9BDbnipYKXuXjIW65XQi back'
    - name: sonar-token
      why: 'SonarQube tokens'
      patterns:
        - 'squ_[0-9a-f]{40}'
        - 'sqp_[0-9a-f]{40}'
        - 'sqa_[0-9a-f]{40}'
      match:
        - 'got squ_3d51f35191a136c576d8e27e07c36d29ba78a71c back'
        - 'got sqp_dd24221683cf863fe92f442fd405123a7178b5bd back'
        - 'got sqa_85ee5042d74833c27041b29ae696fa4bb7840dd5 back'
      clean:
        - 'got squ_3d51f35191a136c back'
    - name: circleci-token
      why: 'CircleCI personal and project tokens'
      patterns:
        - 'CCIPAT_[A-Za-z0-9]{22}_[0-9a-f]{40}'
        - 'CCIPRJ_[A-Za-z0-9]{22}_[0-9a-f]{40}'
      match:
        - 'got CCIPAT_CiSRHxotcxXhePt73giYiS_9c18fa6eb9eb2b67d8b081abd1d97aaf35f3b68f back'
        - 'got CCIPRJ_CtI5V2a39cSaJUJpLtKWRD_7a151dd64b338ec80cc5c0b3aa41660793677fa3 back'
      clean:
        - 'got CCIPAT_CiSRHxotcxXhePt73giYiS_9 back'
    - name: buildkite-token
      why: 'Buildkite user and agent tokens'
      patterns:
        - 'bkua_[0-9a-f]{40}'
        - 'bkat_[A-Za-z0-9_-]{40,100}'
        - 'bkct_[A-Za-z0-9_-]{30,100}'
        - 'bkaj_[A-Za-z0-9_.-]{30,400}'
      match:
        - 'got bkct_N86tKvycm7L8gqLCHBKer0aF7boFJTnAYV back'
        - 'got bkaj_cQiZ0wIW8se7DIv3tmxvJm8aHGHJSLLaJ7 back'
        - 'got bkua_1a2e376e9db073ac7d7a7c198ffe01ce75fc538e back'
        - 'got bkat_84FTd3NsAEF5FLXAbagdS6sWhXtKGghfHXS3iNO4 back'
      clean:
        - 'got bkua_1a2e376e9db073a back'
    - name: harness-token
      why: 'Harness access tokens'
      patterns:
        - 'pat\.[A-Za-z0-9_-]{22}\.[0-9a-f]{24}\.[A-Za-z0-9]{20}'
        - 'sat\.[A-Za-z0-9_-]{22}\.[0-9a-f]{24}\.[A-Za-z0-9]{20}'
      match:
        - 'got pat.YW2VmnjkRSwFn9tX1HXqip.a4a3a5d0b7c056ebc875e5b1.BYO49UrZrCfiezMiLEpL back'
        - 'got sat.sLQzpgIsnxKqg3USjiIteu.3489967ea4bfe51321482500.n4OcF10sdiP3LMU5oVmB back'
      clean:
        - 'got pat.YW2VmnjkRSwFn9tX1HXqip.a4a3a back'
    - name: launchdarkly-key
      why: 'LaunchDarkly SDK, mobile and API keys'
      patterns:
        - 'sdk-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}'
        - 'mob-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}'
      match:
        - 'got sdk-4ab22031-5989-26e8-0197-92f4cece6788 back'
        - 'got mob-749c1736-ebeb-f0bc-65bf-c54d5f667b38 back'
      clean:
        - 'got sdk-4ab22031-5989- back'
    - name: postman-key
      why: 'Postman API key'
      patterns:
        - 'PMAK-[0-9a-f]{24}-[0-9a-f]{34}'
      match:
        - 'got PMAK-8b3f9c6ad09844593dedd634-d54a7dc843565f6ef306e13d6975bb3f25 back'
      clean:
        - 'got PMAK-8b3f9c6ad09844593dedd63 back'
    - name: readme-key
      why: 'ReadMe API key'
      patterns:
        - 'rdme_[a-z0-9]{70}'
      match:
        - 'got rdme_tjq9gddmpnfqqfq5lqat3oxp0hoahvg25bonwcuy08zot0e62174rl00nd9n3p96hfx1aa back'
      clean:
        - 'got rdme_tjq9gddmpnfqqfq5lqat3oxp0hoa back'
    - name: prefect-key
      why: 'Prefect Cloud keys'
      patterns:
        - 'pnu_[A-Za-z0-9]{36}'
        - 'pnb_[A-Za-z0-9]{36}'
      match:
        - 'got pnu_QofoK1Me0I3Tbtou7NJpZqAqSBYcuUhmOVEI back'
        - 'got pnb_DqFSCySTyiszKHFupE7TBxu6XtLnZogva5HH back'
      clean:
        - 'got pnu_QofoK1Me0I3Tbt back'
    - name: shopify-token
      why: 'Shopify access, app secret, custom app and private app tokens'
      patterns:
        - 'shptka_[0-9a-fA-F]{24,40}'
        - 'shpat_[0-9a-fA-F]{24,40}'
        - 'shpss_[0-9a-fA-F]{24,40}'
        - 'shpca_[0-9a-fA-F]{24,40}'
        - 'shppa_[0-9a-fA-F]{24,40}'
        - 'shpua_[0-9a-fA-F]{24,40}'
      match:
        - 'got 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 back'
        - 'got 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 back'
        - 'got 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 back'
        - 'got 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 back'
      clean:
        - 'got shpat_Ae9fec3d7c6 back'
    - name: flutterwave-key
      why: 'Flutterwave secret and encryption keys'
      patterns:
        - 'FLWSECK_TEST-[A-Za-z0-9]{12,40}'
        - 'FLWSECK-[A-Za-z0-9]{12,40}'
      match:
        - 'got FLWSECK_TEST-g1gSuTXPa65g back'
        - 'got FLWSECK-Rmm5Pb8dQ802 back'
      clean:
        - 'got FLWSECK_TES back'
    - name: razorpay-key
      why: 'Razorpay key id'
      patterns:
        - 'rzp_live_[A-Za-z0-9]{14,20}'
        - 'rzp_test_[A-Za-z0-9]{14,20}'
      match:
        - 'got rzp_live_nzNIjpIzzjAFQ3 back'
        - 'got rzp_test_tLXQsn7MZdLtpG back'
      clean:
        - 'got rzp_live_n back'
    - name: easypost-key
      why: 'EasyPost API keys'
      patterns:
        - 'EZAK[A-Za-z0-9]{54}'
        - 'EZTK[A-Za-z0-9]{54}'
      match:
        - 'got EZAKTqzGLepphraC5M99ZZrbMXqsjvpSZqkZgZMY8J9gxVjdC1FPrvEtj8 back'
        - 'got EZTKL1X4yR5ydeVTmXz41L2iqLKFJ5khNeV3GhJJtjO2zV2STFRNZ6A8bO back'
      clean:
        - 'got EZAKTqzGLepphraC5M99ZZrbMX back'
    - name: duffel-token
      why: 'Duffel API token'
      patterns:
        - 'duffel_live_[A-Za-z0-9_=-]{43}'
        - 'duffel_test_[A-Za-z0-9_=-]{43}'
      match:
        - 'got duffel_live_YdAc3oYyAG98OZQPBlGdtalqgFPcSNDXkC41Hw2lBot back'
        - 'got duffel_test_lz4sfjJ0ZJ5idRWZKMFtkyxqoVmb7MzSkrUD7gXgGCV back'
      clean:
        - 'got duffel_live_YdAc3oYyAG98 back'
    - name: facebook-token
      why: 'Meta access token'
      patterns:
        - 'EAA[A-Za-z0-9]{100,300}'
        - 'EAACEdEose0cBA[A-Za-z0-9]{20,300}'
        - 'EAA[A-Z][A-Za-z0-9]{80,300}'
        - 'IGQV[A-Za-z0-9_-]{80,300}'
        - 'IGAA[A-Za-z0-9_-]{80,300}'
      match:
        - 'got IGQVa1BqIEnomef2mSJ5CMTIeg1ZTVnVv2fgKD0f6YYIgrCOX6Jhw7Hd11XzWL8MHpoKEzViXZya8cdFOcVwWBhqG5KSFdPE0SPgjtHfb1F6w70WAK back'
        - 'got EAACEdEose0cBAQtv78pQqR7bxhccddwkU back'
        - 'got EAADsnLzHPvrr5tININfqVM8VuceyCo1L0DLcEEcBB4evag9FaO2IxDlaPVTofaZDp4gAUCmybMOVABG1D2b back'
      clean:
        - 'got EAACEdEose0cBAQ back'
    - name: alibaba-key
      why: 'Alibaba Cloud access key id'
      patterns:
        - 'LTAI[A-Za-z0-9]{12,24}'
      match:
        - 'got LTAI21fsf9X1GlYl back'
      clean:
        - 'got LTAI21f back'
    - name: tencent-key
      why: 'Tencent Cloud secret id'
      patterns:
        - 'AKID[A-Za-z0-9]{32}'
      match:
        - 'got AKIDUA9YoQan9EfihYGfGZqGfubzgmBHume3 back'
      clean:
        - 'got AKIDUA9YoQan9Efi back'
    - name: yandex-key
      why: 'Yandex Cloud API key and IAM token'
      patterns:
        - 'y[0-6]_[A-Za-z0-9_-]{50,70}'
        - 'AQVN[A-Za-z0-9_-]{35,38}'
        - 't1\.[A-Za-z0-9_-]{40,800}\.[A-Za-z0-9_-]{86}'
        - 'YCAJ[A-Za-z0-9_-]{21}'
      match:
        - 'got AQVNx2wTCm4aqmRq6A0e55PWkdYGSowmnDVTiP7 back'
        - 'got t1.0kZ64kzqBbd4joul9JnueTo5iCtS8qAJUt4sDwyP.B6pKzQPuY1OvtthmxUnlJ9zx08GPch4Y8WJzcL2j9xS7XBhRyfD7HK11AZ1jr7vEUVEJYI7TisCl4H2zdgwJf0 back'
        - 'got YCAJ10HN48JzTO5AD360QG5xL back'
      clean:
        - 'got AQVNx2wTCm4aqmRq6 back'
    - name: scaleway-key
      why: 'Scaleway access key'
      patterns:
        - 'SCW[A-Z0-9]{17}'
      match:
        - 'got SCW27UILUZJ2RQ8LIXJP back'
      clean:
        - 'got SCW27UILU back'
    - name: rancher-token
      why: 'Rancher API and kubeconfig tokens'
      patterns:
        - 'token-[a-z0-9]{5}:[a-z0-9]{54}'
        - 'kubeconfig-[a-z0-9]{5,30}:[a-z0-9]{54}'
      match:
        - 'got token-bhmta:tugs38k2gfwzlkneafzfip3d02hbzvmp1w38xiyes0sshn1u2sm4ty back'
        - 'got kubeconfig-fh2e21q5qzgo6k61ma4yvyh9fzjt06:isu23s4ilq6b0br85xn1b30mffotym0x31xygoet7h20w0kp681vqy back'
      clean:
        - 'got token-bhmta back'
    - name: openshift-token
      why: 'OpenShift OAuth token'
      patterns:
        - 'sha256~[A-Za-z0-9_-]{43}'
      match:
        - 'got sha256~UfucCfkgNqD0KDWTyF4NPfxTc5iaiECuELqNsFYJ6h0 back'
      clean:
        - 'got sha256~UfucCfkgNqD0KDW back'
    - name: rancher-k3s-token
      why: 'k3s and RKE2 node token: CA hash, user and secret'
      patterns:
        - 'K10[0-9a-f]{64}::[A-Za-z0-9._-]{1,40}:[A-Za-z0-9]{16,64}'
      match:
        - 'got K109b24ad7312fa1c8be785e55eb4c269b873ac7a00edb9f7796bfbc200caf6d6f1::ex4NUexAsQSqswIowczunq2NSifmLu6MTZVBGSW6:uMkJLauSHXwlJ9GT back'
      clean:
        - 'got K109b24ad7312fa1c8be785e55eb4c269b873ac7 back'
    - name: elastic-key
      why: 'Elastic Cloud API key'
      patterns:
        - 'essu_[A-Za-z0-9+/=_-]{40,200}'
      match:
        - 'got essu_QwgaRp4d85Swvrs6jVQq89uAOVOUxMzbQ5VBu1pT back'
      clean:
        - 'got essu_QwgaRp4d85Swvrs back'
    - name: password-hash
      why: 'crypt(3), bcrypt, Argon2, scrypt, PBKDF2, Apache MD5: offline guessing finds weak passwords from it'
      patterns:
        - '\$2a\$[0-9]{2}\$[A-Za-z0-9./]{53}'
        - '\$2b\$[0-9]{2}\$[A-Za-z0-9./]{53}'
        - '\$2y\$[0-9]{2}\$[A-Za-z0-9./]{53}'
        - '\$6\$[A-Za-z0-9./=,$]{20,200}'
        - '\$5\$[A-Za-z0-9./=,$]{20,200}'
        - '\$y\$[A-Za-z0-9./$]{20,200}'
        - '\$1\$[A-Za-z0-9./]{1,8}\$[A-Za-z0-9./]{22}'
        - '\$apr1\$[A-Za-z0-9./]{1,8}\$[A-Za-z0-9./]{22}'
        - '\$argon2[a-z]{1,2}\$[A-Za-z0-9+/=,$]{20,300}'
        - '\$scrypt\$[A-Za-z0-9+/=,$]{20,300}'
        - 'pbkdf2_sha256\$[0-9]{1,9}\$[A-Za-z0-9+/=$]{20,200}'
        - 'SCRAM-SHA-256\$[0-9]{1,7}:[A-Za-z0-9+/=:$]{40,200}'
        - '\{SSHA\}[A-Za-z0-9+/=]{28,200}'
        - '\$2x\$[0-9]{2}\$[A-Za-z0-9./]{53}'
        - '\$krb5[a-z]{3,6}\$[A-Za-z0-9*$@./:_-]{60,4000}'
        - '\$pbkdf2-sha[0-9]{1,3}\$[0-9]{1,9}\$[A-Za-z0-9./$+=]{20,200}'
        - 'pbkdf2:sha[0-9]{1,3}:[0-9]{1,9}\$[A-Za-z0-9]{4,64}\$[0-9a-f]{40,128}'
        - 'scrypt:[0-9]{1,9}:[0-9]{1,3}:[0-9]{1,3}\$[A-Za-z0-9]{4,64}\$[0-9a-f]{64,128}'
        - 'pbkdf2_sha1\$[0-9]{1,9}\$[A-Za-z0-9+/=$]{20,200}'
        - '\{SSHA512\}[A-Za-z0-9+/=]{28,200}'
        - '\{SSHA256\}[A-Za-z0-9+/=]{28,200}'
        - 'aad3b435b51404eeaad3b435b51404ee:[0-9a-f]{32}'
        - '\$NT\$[0-9a-f]{32}'
        - '\$7\$[0-9]{1,7}\$[A-Za-z0-9+/=]{12,64}\$[A-Za-z0-9+/=]{40,128}'
        - '\$HEX\[[0-9a-f]{8,128}\]'
        - 'grub\.pbkdf2\.sha512\.[0-9]{1,7}\.[0-9A-Fa-f]{64,256}\.[0-9A-Fa-f]{64,256}'
      match:
        - 'password_pbkdf2 root grub.pbkdf2.sha512.10000.0847d489dc2b0f7f2f9714e2b4b120600847d489dc2b0f7f2f9714e2b4b120600847d489dc2b0f7f2f9714e2b4b120600847d489dc2b0f7f2f9714e2b4b12060.0847d489dc2b0f7f2f9714e2b4b120600847d489dc2b0f7f2f9714e2b4b120600847d489dc2b0f7f2f9714e2b4b120600847d489dc2b0f7f2f9714e2b4b12060'
        - 'got scrypt:32768:8:1$adYEjW1W5bSapfQ7$e3cf347862554017cdf83fd989e60f210402362d53c9efc6d892aa68bfcc8c928344b16103485a1c292be01e4fc2d031c41885221c25f6aaf76fdc6c369aad6b back'
        - 'got pbkdf2:sha256:260000$YPnqwYo8kwQj1qH9$e99f73f289509dddc3ebffc5ccd8099ee02cab83bb43e451f9ab2845ad0f3d76 back'
        - 'Administrator:500:aad3b435b51404eeaad3b435b51404ee:1f3d0201bfe8c26b715568b9126bef73:::'
        - '$krb5tgs$23$*svc$CORP.LOCAL$svc*$fecde3b53f79a8afba701070d26d7f79$a73aff5cfd4501150bf8e28d3e14be535893b80598e7d8a50f510dc6c4393a96'
        - 'got $2b$08$59RINXHoXVHgLbQFl7cfTXhhx0uCVa6nyQjLefV6IP4QmsGP7P4PC back'
        - 'got $6$MshPIir1fW3fXqDMqoOb back'
        - 'got $5$heMCtVCFRWHfJgh4L9yo back'
        - 'bob:$7$101$trsijYTuUvL9xLp7$8xMhcY5gMFFo2MWmC3j4MTA5vR0qhTakKFcP3l2FmwG3ihEIPSdVJu5x32b0O5PLnV4JwUwBVuGvvhmFeHpVlc=='
        - 'got $y$GhnJ3YITNlwVeF7eVyZN back'
      clean:
        - 'got scrypt:32768:8:1 back'
        - 'md5 d41d8cd98f00b204e9800998ecf8427e md5:d41d8cd98f00b204e9800998ecf8427e'
        - 'the LM hash aad3b435b51404eeaad3b435b51404ee is that of nothing'
        - 'got $2b$08$59RINXHoXVHgLbQFl7cf back'
    - name: putty-private-key
      why: 'PuTTY private key MAC line and age header are left; the marker shows a private key file'
      patterns:
        - 'Private-MAC: [0-9a-f]{40,64}'
      match:
        - 'got Private-MAC: b0ff663e73a436ab2d319cef8a906f526bd62214 back'
      clean:
        - 'got Private-MAC: b0ff663e73 back'
    - name: nkey-seed
      why: 'NATS seed (operator, account, user, server)'
      patterns:
        - 'SU[A-Z2-7]{56}'
        - 'SA[A-Z2-7]{56}'
        - 'SO[A-Z2-7]{56}'
        - 'SN[A-Z2-7]{56}'
      match:
        - 'got SUB74QRB2RCRI5NNPJBRI72XA32DG7CZI77LJZI2RRFPH5XGLNIBFVOUOH back'
        - 'got SAD2LCF66N2TNJ56KCWNVHN4GHVJDRA72DIV32E3PXZJ3QXTF4BUHZ74LH back'
        - 'got SOXCPAJDS5UDPP4Q64YHOLXHW5JD3NE46IGA22PHO4VNUF4LVEUBHQ2LVC back'
        - 'got SN4HUNKTJRQR4JSQ4NKM4INVLZTZ6ZJXD3QLVNYRIIX5NILVQA3LEQFNGS back'
      clean:
        - 'got SUB74QRB2RCRI5NNPJBRI72XA3 back'
    - name: paseto
      why: 'PASETO token'
      patterns:
        - 'v[1-4]\.local\.[A-Za-z0-9_-]{40,2000}[A-Za-z0-9_.-]{0,200}'
        - 'v[1-4]\.public\.[A-Za-z0-9_-]{40,2000}[A-Za-z0-9_.-]{0,200}'
      match:
        - 'got v4.local.UmPS0RyWrysyDsv4kpqHkCBKkQ3hF0ol3bMPfiwzVdC2TQ2xHZpxWy4jTtGvM8z2mptrUSRRnFOxCFnYWkLpbV7RPoK3o9qhgSLk35HjLBPXggeIj8ua5ldKCX1FBpU1JBmDyLITS023s9GgrKy5apJiqSULIcKcZLITYIjUjPZXzyFhVm7d3v6Gwwijyok3HkQnGJ4VU3aBiGGLt7yay84QUDJvwRsHXWVpJ71ddpzCVTUt back'
        - 'got v1.public.vU4DWtshZr3WwjjlXcRI4Ez3ToFsMq9bCCz7hSj6iLa6jiFI6PGrI9rcpnz1sA7PDOAuPwx7JYi4xJK2h25wvkZ9ezRA91yOrUTjuyf7zCXb4IrncIkmzqhV9pAt5ttfj2jJAVet10ZXkBpfC6HeEFkZUOQpcpFc6i12j7clThmiWf29uN0bEaHgWtIib6q1N9POPOVBZRSDAhaT6ryjYmuTwvksotKedd2SZCGd8nULo3g4 back'
      clean:
        - 'got v4.local.UmPS0RyWrysyDsv4kpqHkCBKkQ3hF0o back'
    - name: mapbox-token
      why: 'Mapbox secret token'
      patterns:
        - 'sk\.eyJ[A-Za-z0-9_-]{12,300}\.[A-Za-z0-9_-]{20,60}'
      match:
        - 'got sk.eyJB2u07f3LORXvnmHVAlW6WYmwH824VV6tV0TJLy9B.l203EdiuUO7gGAXNaiQ9 back'
      clean:
        - 'got sk.eyJB2u07f3LORXvnmHVAlW6WYmw back'
    - name: plaid-token
      why: 'Plaid access token'
      patterns:
        - 'access-sandbox-[0-9a-f-]{36}'
        - 'access-development-[0-9a-f-]{36}'
        - 'access-production-[0-9a-f-]{36}'
      match:
        - 'got access-sandbox-a8028b2c80bd0980b117e3a28b342ee758af back'
        - 'got access-development-8d62014ea5dd9d602448e500ba01d8773e62 back'
        - 'got access-production-73773e3adaf5cf5ace533ef327b42dffc4df back'
      clean:
        - 'got access-sandbox-a8028b2 back'
    - name: dropbox-token
      why: 'Dropbox access token'
      patterns:
        - 'sl\.[A-Za-z0-9_-]{130,1500}'
        - 'sl\.u\.[A-Za-z0-9_-]{100,1500}'
      match:
        - 'got sl.L7dSjG5m5jKVXOmo0vPPcs02Zg8fbipy3JNOW1VEETHeLvdo974qdAZElChbMBh8oIMw2WaU9NWpnMi7QMx5A8P9Uv42gDCqTAntz8GBx9Yh1avcW16B6ovnscJlCK11rt back'
        - 'got sl.u.odUkRx63idBSV5WBExE5c0yAha2Hyuez1yFy4HRAYF41i1oh9PZ2OHrUmAshasx9zklKhxo7o9AFLwOOLUVZ3DWbqIg0fMsThAxM back'
      clean:
        - 'got sl.L7dSjG5m5jKVXOmo0vPPcs02Zg8fbipy3JNOW back'
    - name: frameio-token
      why: 'Frame.io token'
      patterns:
        - 'fio-u-[A-Za-z0-9_=-]{64}'
      match:
        - 'got fio-u-VaNvcs74OTC2VvYkOa7kYEFGGTiHfD3tFusnCNCuI04nhOnkaZPRWJp3Vod7LcQ9 back'
      clean:
        - 'got fio-u-VaNvcs74OTC2VvYkOa7kYEFGG back'
    - name: adafruit-key
      why: 'Adafruit IO key'
      patterns:
        - 'aio_[A-Za-z0-9]{28}'
      match:
        - 'got aio_gdD2TNiOeT65kqollyyjXpAuiyuI back'
      clean:
        - 'got aio_gdD2TNiOeT back'
    - name: unkey-key
      why: 'Unkey API key'
      patterns:
        - 'unkey_[A-Za-z0-9]{16,40}'
      match:
        - 'got unkey_XUUJBg1TvmfqApOF back'
      clean:
        - 'got unkey_XUU back'
    - name: zuplo-key
      why: 'Zuplo API key'
      patterns:
        - 'zpka_[A-Za-z0-9_]{30,60}'
      match:
        - 'got zpka_EHOvqoI2BKfKAiQXY0NeA0QrP2UIaQ back'
      clean:
        - 'got zpka_EHOvqoI2BK back'
    - name: stytch-key
      why: 'Stytch project secret'
      patterns:
        - 'secret-live-[A-Za-z0-9_=-]{36}'
        - 'secret-test-[A-Za-z0-9_=-]{36}'
      match:
        - 'got secret-live-5edqN10e5IH8gdjHAULnirMomnzYhEqBM1k3 back'
        - 'got secret-test-25TE4xHKcWHMk3071YR7MQZkHraOQYaGbyhL back'
      clean:
        - 'got secret-live-5edqN10e5 back'
    - name: scalingo-token
      why: 'Scalingo API token'
      patterns:
        - 'tk-us-[A-Za-z0-9_-]{48}'
      match:
        - 'got tk-us-KI3RJoqoJhx2swNfi8KNPLJZEeWs4UpqFOEl7hBBrGkk9mwF back'
      clean:
        - 'got tk-us-KI3RJoqoJhx2swNfi8 back'
    - name: together-key
      why: 'Together AI API key'
      patterns:
        - 'tgp_v1_[A-Za-z0-9_-]{43}'
      match:
        - 'got tgp_v1_vtEfybatRuTbzvQtq3fs8CcfWgBpeKi1TTGfeEE4Kcc back'
      clean:
        - 'got tgp_v1_vtEfybatRuTbzvQ back'
    - name: anyscale-key
      why: 'Anyscale API key'
      patterns:
        - 'esecret_[a-z0-9]{24,40}'
      match:
        - 'got esecret_gxp07vxz198k8ctnnkz2o14o back'
      clean:
        - 'got esecret_gxp07v back'
    - name: posthog-key
      why: 'PostHog personal key'
      patterns:
        - 'phx_[A-Za-z0-9]{43,60}'
      match:
        - 'got phx_WegRhVYnIdBojFXSJWxUUvafmy0AJI9N5XOZVYI9kcl back'
      clean:
        - 'got phx_WegRhVYnIdBojFXSJ back'
    - name: e2b-key
      why: 'E2B API key'
      patterns:
        - 'e2b_[0-9a-f]{40}'
      match:
        - 'got e2b_17a1429bdf9cb6877f85f36f2d8233bf7f2fb84f back'
      clean:
        - 'got e2b_17a1429bdf9cb68 back'
    - name: cerebras-key
      why: 'Cerebras API key'
      patterns:
        - 'csk-[a-z0-9]{48}'
      match:
        - 'got csk-idkm5jo4r3agzqp6sgsdqkpi63i4ajn8wtsdu3eoyq2jqhip back'
      clean:
        - 'got csk-idkm5jo4r3agzqp6sgs back'
    - name: deno-deploy-token
      why: 'Deno Deploy personal and organisation tokens'
      patterns:
        - 'ddp_[A-Za-z0-9]{36}'
        - 'ddo_[A-Za-z0-9]{36}'
      match:
        - 'got ddp_g9N43cKGUdUhYyLLJR9ZAxneGEwFb7KOv4GO back'
        - 'got ddo_PDUFpExY9hWGtsC0hIigGelvc1UF1UsFHZGV back'
      clean:
        - 'got ddp_g9N43cKGUdUhYy back'
    - name: azure-openai-key
      why: 'Azure AI services key with its fixed signature'
      patterns:
        - '[A-Za-z0-9]{52}JQQJ99[A-Za-z0-9]{20,40}'
      match:
        - 'got zymMlopiWfqUyHRSIf8NFmAUNLnY5Yx0y3RnjDQl2Kvf8THRXfEuJQQJ99zcrJaBnx7IACOGfDH5mMDdwin8 back'
      clean:
        - 'got zymMlopiWfqUyHRSIf8NFmAUNLnY5Yx0y3Rnj back'
    - name: adobe-secret
      why: 'Adobe client secret'
      patterns:
        - 'p8e-[A-Za-z0-9_-]{32}'
      match:
        - 'got p8e-5e551305fd2d2490ca4c616e8c4bf144 back'
      clean:
        - 'got p8e-5e551305fd2d back'
    - name: elevenlabs-key
      why: 'ElevenLabs API key'
      patterns:
        - 'sk_[0-9a-f]{48}'
      match:
        - 'got sk_d3334955d46af783b52901a6ccaccdb251bce79793a67c9e back'
      clean:
        - 'got sk_d3334955d46af783b52 back'
    - name: infracost-key
      why: 'Infracost API key'
      patterns:
        - 'ico-[A-Za-z0-9]{32}'
      match:
        - 'got ico-W9f4CA96qeGs6R3uYEIi75qB4sA9Q0Nk back'
      clean:
        - 'got ico-W9f4CA96qeGs back'
    - name: shippo-token
      why: 'Shippo live and test tokens'
      patterns:
        - 'shippo_live_[0-9a-f]{40}'
        - 'shippo_test_[0-9a-f]{40}'
      match:
        - 'got shippo_live_9ce6ca6b0b9658d7dbc036095e68de96039211d9 back'
      clean:
        - 'got shippo_live_9ce6ca6b0b9 back'
    - name: rootly-token
      why: 'Rootly API key'
      patterns:
        - 'rootly_[0-9a-f]{64}'
      match:
        - 'got rootly_b963cc58ea44ecd5b868ec5ff527e03af2a080ad8541c11a795e1d763f588b26 back'
      clean:
        - 'got rootly_b963cc58ea44ecd5b868ec5f back'
    - name: render-key
      why: 'Render API key'
      patterns:
        - 'rnd_[A-Za-z0-9]{26,36}'
      match:
        - 'got rnd_XJlSwP90IfVRhUi0ijIfcWGPykw3YT back'
      clean:
        - 'got rnd_XJlSwP90IfV back'
    - name: sourcegraph-token
      why: 'Sourcegraph access tokens'
      patterns:
        - 'sgp_[0-9a-f]{16}_[0-9a-f]{40}'
        - 'sgp_local_[0-9a-f]{40}'
        - 'sgp_[0-9a-f]{40}'
        - 'sgd_[0-9a-f]{64}'
        - 'slk_[0-9a-f]{64}'
      match:
        - 'got sgp_75a1ad69534f07c3_7e255eb8a1c095409993fd21b5aaa1c87409cd75 back'
      clean:
        - 'got sgp_75a1ad69534f07c3_7e255e back'
    - name: boundary-token
      why: 'HashiCorp Boundary authentication token'
      patterns:
        - 'at_[A-Za-z0-9]{10}_s[0-9][A-Za-z0-9]{40,200}'
      match:
        - 'got at_HAdnpPqk1K_s1gBaK8b1mi59lOtd4qlLWBja7PcGz7CekLovBiE6NfxGkoUKFnT2gBNm5ZliE back'
      clean:
        - 'got at_HAdnpPqk1K_s1gBaK8 back'
    - name: intercom-token
      why: 'Intercom access token: base64 of tok:'
      patterns:
        - 'dG9rO[A-Za-z0-9]{54,60}[=]{0,2}'
      match:
        - 'got dG9rOV5pl1RqkPHRZG632IeppHoRTAzHJepquXKvFmgYOb8cBdum7dQslr5= back'
      clean:
        - 'got dG9rOV5pl1RqkPHRZG632IeppHo back'
    - name: twitter-bearer
      why: 'X (Twitter) application bearer token'
      patterns:
        - 'AAAAAAAAAAAAAAAAAAAA[A-Za-z0-9%]{60,120}'
      match:
        - 'got AAAAAAAAAAAAAAAAAAAAA7QqaKHsmUxhkwyjStHqmCd89bwojMf13ybw8u4ypIjXebblnovNqW8ePaBhQBfS2UxFBJ4yXJ5PquTwZ back'
      clean:
        - 'got AAAAAAAAAAAAAAAAAAAAA7QqaKHsmUxhkwyjStHq back'
    - name: vercel-blob-token
      why: 'Vercel Blob read-write token'
      patterns:
        - 'vercel_blob_rw_[A-Za-z0-9]{10,20}_[A-Za-z0-9]{20,40}'
      match:
        - 'got vercel_blob_rw_hrHpe7coruNgr4tN_NpnCQCHbMVqeXyhVbsFW85ZTCBY7Wu back'
      clean:
        - 'got vercel_blob_rw_hrHpe7coruNg back'
    - name: google-chat-webhook
      why: 'Google Chat webhook: key and token in its query are the credential'
      patterns:
        - 'chat\.googleapis\.com/v1/spaces/[A-Za-z0-9_-]{8,20}/messages\?[A-Za-z0-9_=&%.-]{40,200}'
      match:
        - 'POST https://chat.googleapis.com/v1/spaces/AAAAGpMSI73/messages?key=abc&token=3g6szXneL7rDVFvMfSbdKfOi3AmB4QQLLbbhZunnQOg 200'
      clean:
        - 'got POST https://chat.googleapis.com/v1/spac back'
    - name: office-webhook
      why: 'Microsoft 365 connector, and Power Automate flows: the path or the signature is the credential'
      patterns:
        - 'webhookb2/[A-Za-z0-9@/-]{60,250}'
        - 'outlook\.office\.com/webhook/[A-Za-z0-9@/-]{60,250}'
        - 'outlook\.office365\.com/webhook/[A-Za-z0-9@/-]{60,250}'
      match:
        - 'got https://outlook.office.com/webhook/0d95495d-395d-c328-9858-3128fc49f69e@885e946a-47b2-7d40-ac20-d2de32062796/IncomingWebhook/34895623a069ca1e8fb6b41a76df5b59/00b44d12-a9b5-a391-ad65-152fcdcbc836 back'
      clean:
        - 'got https://outlook.office.com/webhook/0d954 back'
    - name: zapier-webhook
      why: 'Zapier hook: the path is the credential'
      patterns:
        - 'hooks\.zapier\.com/hooks/catch/[0-9]{4,10}/[a-z0-9]{5,12}'
      match:
        - 'got https://hooks.zapier.com/hooks/catch/123456/abc12de/ back'
      clean:
        - 'got https://hooks.zapier.co back'
    - name: make-webhook
      why: 'Make hook: the path is the credential'
      patterns:
        - 'hook\.[a-z0-9]{2,4}\.make\.com/[a-z0-9]{20,40}'
        - 'maker\.ifttt\.com/trigger/[A-Za-z0-9_-]{1,60}/with/key/[A-Za-z0-9_-]{20,60}'
      match:
        - 'got https://hook.eu2.make.com/29326ml64lg2tjf8cz2ka7edcmpb3u2m back'
      clean:
        - 'got https://hook.eu2.make.com/ back'
    - name: ifttt-webhook
      why: 'IFTTT hook: the key in its path is the credential'
      patterns:
        - 'maker\.ifttt\.com/trigger/[A-Za-z0-9_-]{1,60}/with/key/[A-Za-z0-9_-]{20,60}'
      match:
        - 'got https://maker.ifttt.com/trigger/deploy/with/key/hOoSfAqFdpRaj71FtQUwOgSBEkxGZG2SYE9B2rANN76 back'
      clean:
        - 'got https://maker.ifttt.com/trigger/deploy/w back'
    - name: alchemy-key
      why: 'Alchemy endpoint: the last part of the path is the key'
      patterns:
        - '\.alchemy\.com/v2/[A-Za-z0-9_-]{32}'
        - '\.alchemyapi\.io/v2/[A-Za-z0-9_-]{32}'
      match:
        - 'got https://eth-mainnet.g.alchemy.com/v2/XwieqRg6axyuLpLhMQs7rA5iiQ41isSQ back'
      clean:
        - 'got https://eth-mainnet.g.alchemy.c back'
    - name: infura-key
      why: 'Infura endpoint: the last part of the path is the key'
      patterns:
        - '\.infura\.io/v3/[0-9a-f]{32}'
        - '\.infura\.io/ws/v3/[0-9a-f]{32}'
      match:
        - 'wss://mainnet.infura.io/ws/v3/0847d489dc2b0f7f2f9714e2b4b12060'
        - 'got https://mainnet.infura.io/v3/1fccd268a29a0d347301ef56e64dc3cd back'
      clean:
        - 'got https://mainnet.infura.io/v back'
    - name: sentry-dsn
      why: 'Sentry DSN: its user is a key that lets anybody send events'
      patterns:
        - 'https://[0-9a-f]{32}@[a-z0-9.]{1,40}sentry\.io/[0-9]{1,20}'
        - 'https://[0-9a-f]{32}:[0-9a-f]{32}@[a-z0-9.]{4,60}/[0-9]{1,20}'
      match:
        - 'dsn https://0847d489dc2b0f7f2f9714e2b4b12060@o123456.ingest.sentry.io/1234567 set'
      clean:
        - 'got https://0847d489dc2b0f7f2f9714e2 back'
    - name: private-key-der
      why: 'Private keys in DER or OpenSSH form, base64 without borders: PKCS 8, PKCS 1, SEC 1, and PEM that was encoded once more'
      patterns:
        - 'MII[A-Za-z0-9+/]{3}IBADANBgkqhkiG9w0BAQEFAASC[A-Za-z0-9+/=]{20,}'
        - 'MII[A-Za-z0-9+/]{3}IBAAK[A-Za-z0-9+/=]{40,}'
        - 'MHcCAQEE[A-Za-z0-9+/=]{40,}'
        - 'MIGkAgEBBD[A-Za-z0-9+/=]{40,}'
        - 'MIGHAgEAMBMGByqGSM49[A-Za-z0-9+/=]{40,}'
        - 'MC4CAQAwBQYDK2Vw[A-Za-z0-9+/=]{30,}'
        - 'b3BlbnNzaC1rZXktdjEA[A-Za-z0-9+/=]{40,}'
        - 'LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBL[A-Za-z0-9+/=]{40,}'
        - 'LS0tLS1CRUdJTiBQUklWQVRFIEtF[A-Za-z0-9+/=]{40,}'
        - 'LS0tLS1CRUdJTiBFQyBQUklWQVRFIEtF[A-Za-z0-9+/=]{40,}'
        - 'LS0tLS1CRUdJTiBPUEVOU1NIIFBSSVZB[A-Za-z0-9+/=]{40,}'
        - 'LS0tLS1CRUdJTiBFTkNSWVBURUQgUFJJ[A-Za-z0-9+/=]{40,}'
        - 'MII[A-Za-z0-9+/]{3}IBAzCC[A-Za-z0-9+/=]{40,}'
      match:
        - 'pkcs12 MIIKDwIBAzCCCckGCSqGSIb3DQEHAaCCCboEggm2OLD5pIrRzgiQXbhGLbitAhCrNipR0HjXFZfTvMUHoXTBzyTzbmncNnz5BhgJ ok'
        - 'loaded MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQCCmPHWDFOTanUcMojOBl4i36ZJDs1MbX1U0ctdOcRpKz2x8WFWisKwS5jS6cYvK0xI1mQA9RqlGqE1fyT ok'
        - 'id: b3BlbnNzaC1rZXktdjEAAAAAAUq9MtEaJlXbSqol5R49T1bkH3otquzwzk4qxYkajJDDrV1EOuUOluKjSNdG'
      clean:
        - 'got loaded MIIEvQIBADANBgkqhkiG9w0BAQEFAASCB back'
    - name: xendit-key
      why: 'Xendit secret key'
      patterns:
        - 'xnd_production_[A-Za-z0-9]{40,80}'
        - 'xnd_development_[A-Za-z0-9]{40,80}'
      match:
        - 'got xnd_development_V0zZYa0XiFL4C7Xu2ZxcOT2pOpuTG3suUNwztrtPYScw back'
        - 'got xnd_production_jH3LZ7wM6GKHVjk9tCSi5eIeeaAXZY7rzsj6HoV5D0bA2DAzqx2T4Rc1hotd back'
      clean:
        - 'got xnd_production_HNYgt0sgCWBn1Bue6bs back'
    - name: wakatime-key
      why: 'WakaTime API key'
      patterns:
        - 'waka_[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}'
      match:
        - 'got waka_1f0c2a9b-6d3e-4c51-9f7a-0b8e2d4c6a13 back'
      clean:
        - 'got waka_1f0c2a9b-6d3e back'
    - name: snyk-token
      why: 'Snyk personal and service tokens'
      patterns:
        - 'snyk_[a-z]{3}\.[A-Za-z0-9_.-]{20,200}'
      match:
        - 'got snyk_uat.a1BBu4RstbtSPrwfm74O5bFGEhS2v3y7.a1BX6Qd4VKW0y1tpQP3JTkLoaz48FcB9Q88zxNWt back'
      clean:
        - 'got snyk_uat.x back'
    - name: extended-private-key
      why: 'BIP 32 extended private key of a wallet'
      patterns:
        - 'xprv[1-9A-HJ-NP-Za-km-z]{100,112}'
        - 'yprv[1-9A-HJ-NP-Za-km-z]{100,112}'
        - 'zprv[1-9A-HJ-NP-Za-km-z]{100,112}'
        - 'tprv[1-9A-HJ-NP-Za-km-z]{100,112}'
      match:
        - 'got xprv9s21ZrQH143K632boxFRZxK1GSQWkvZNpSqvqae2TkkxdUUD1fxv476rXKDNNJFWcsCN9rcQPfzz4BT9URtSC3sec7vqtZeoU9sqmEecwB9S back'
      clean:
        - 'got xprv9s21ZrQH143K back'
    - name: jina-key
      why: 'Jina AI key'
      patterns:
        - 'jina_[A-Za-z0-9_-]{40,80}'
      match:
        - 'got jina_hPjGbSwmOXpybPd72QNWSF3EH6FEhcKtkErbdgVK0lE89hxt9fTy6aHNoieh back'
      clean:
        - 'got jina_EwLhqqA8FutShQVR3DC back'
    - name: runpod-key
      why: 'RunPod API key'
      patterns:
        - 'rpa_[A-Za-z0-9]{40,60}'
      match:
        - 'got rpa_HJCTGABU30F82PPT261UG7C9JKLI957NFKWMLUTD1CYX back'
      clean:
        - 'got rpa_XLG9OCX1MVEXUDCACL9 back'
    - name: firecrawl-key
      why: 'Firecrawl API key'
      patterns:
        - 'fc-[0-9a-f]{32,32}'
      match:
        - 'got fc-b11f5c9538f28f41ec36f2e5fa8b4ecf back'
      clean:
        - 'got fc-e5dc94fa78e5fa0 back'
    - name: browserbase-key
      why: 'Browserbase API key'
      patterns:
        - 'bb_live_[A-Za-z0-9_-]{20,60}'
      match:
        - 'got bb_live_gXOsHzoMp7BKOHNfEkalT2ib0Z8 back'
      clean:
        - 'got bb_live_voX2D86By back'
    - name: xata-key
      why: 'Xata API key'
      patterns:
        - 'xau_[A-Za-z0-9]{30,60}'
      match:
        - 'got xau_vkNx5MYjCPC1zaPLvaLO7ZOE8JV45sXqGwpFOB1e back'
      clean:
        - 'got xau_dmZ9AZnSgYWGB3 back'
    - name: axiom-token
      why: 'Axiom API and personal tokens'
      patterns:
        - 'xaat-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}'
        - 'xapt-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}'
      match:
        - 'got xaat-1f0c2a9b-6d3e-4c51-9f7a-0b8e2d4c6a13 back'
      clean:
        - 'got xaat-1f0c2a9b back'
    - name: trello-token
      why: 'Trello token'
      patterns:
        - 'ATTA[0-9a-f]{60,80}'
      match:
        - 'got ATTA17418e52d2d058b3abc4aa0df28d2993a370361fd9eec39ea79497344d3bcf7d49a2a091 back'
      clean:
        - 'got ATTA15e67425209ada870573ca7570574 back'
    - name: artifactory-reference-token
      why: 'JFrog reference token: base64 of reftkn:'
      patterns:
        - 'cmVmdGtuO[A-Za-z0-9]{50,60}'
      match:
        - 'got cmVmdGtuOJdqkQzYP6PT5mJq36wPRhYQDs8WKeW1gsC48aqm0xz19rBPQ17AcSGb back'
      clean:
        - 'got cmVmdGtuO8Q9T6IMaVF3bDWbcXh2iEHO4 back'
    - name: salesforce-session
      why: 'Salesforce session id: organisation, exclamation mark, signature'
      patterns:
        - '00D[A-Za-z0-9]{12,15}![A-Za-z0-9._]{60,200}'
      match:
        - 'got 00D5g000004abcD!AQa1Bck7nEbkdtmq9yDCMSc0hf3KjWevOvPf4GNiMPSbf8nPblDH8qrCx1d12MZTOLgc69fieW7G93UpzVQ5Tr6sv2ID back'
      clean:
        - 'got 00D5g000004abcD back'
    - name: firebase-server-key
      why: 'Firebase Cloud Messaging server key'
      patterns:
        - 'AAAA[A-Za-z0-9_-]{7}:APA91b[A-Za-z0-9_-]{100,160}'
        - '[A-Za-z0-9_-]{20,24}:APA91b[A-Za-z0-9_-]{100,160}'
      match:
        - 'got ZYMmLOPIwFQuYhrsiF8nfMau:APA91b2kVF8thrxFeUZCRjAbNX7iFdh5MmdDWIN86tKvycm7L8gqLCHBKer0aF7boFJTnAYVIhZM5yDoNcQiZ0wIW8se7DIv3tmxvJm8aHGHJS back'
        - 'got AAAAx1Y2z3Q:APA91ba1BAzqKzV9a6rD5aeLmBqxNK9fxP7uLT5rXuBk0CNgwNiCMNBxZNazLqccGJz1yZdasThsqxW8q12sxlahIJhh3Swkbx94xqjzJhiT6ItwyPMNv497UOJOEhYaWjKJe0LRrx4r back'
      clean:
        - 'got AAAAx1Y2z3Q:APA91b back'
    - name: akamai-credential
      why: 'Akamai EdgeGrid client and access tokens'
      patterns:
        - 'akab-[a-z0-9]{16}-[a-z0-9]{16}'
        - 'akaa-[a-z0-9]{16}-[a-z0-9]{16}'
      match:
        - 'got akaa-va8rau0qkidzcdv6-9sk2d0omh5krrxe9 back'
        - 'got akab-sc3okg2i33f79ugr-j5b8ax7t40djtrin back'
      clean:
        - 'got akab-0kelo0on back'
    - name: netbird-token
      why: 'NetBird personal access token'
      patterns:
        - 'nbp_[A-Za-z0-9]{36,40}'
      match:
        - 'got nbp_lguyQYvT7TvGRFusGAqryLB6mQ6RpIHcwt49 back'
      clean:
        - 'got nbp_q7GEkaai5juFrn4bg back'
    - name: configcat-key
      why: 'ConfigCat SDK key'
      patterns:
        - 'configcat-sdk-1/[A-Za-z0-9_-]{22}/[A-Za-z0-9_-]{22}'
      match:
        - 'got configcat-sdk-1/a1BFlzdANyqIma06CpPPkf/a1BSoW1ARR4u6fHqLlGO1w back'
      clean:
        - 'got configcat-sdk-1/ back'
    - name: paddle-key
      why: 'Paddle API key'
      patterns:
        - 'pdl_live_apikey_[A-Za-z0-9_]{30,80}'
      match:
        - 'got pdl_live_apikey_AWzKiLZj0Jhy6MyUT0wPfrBeRLguaMfhkToC3zvlZHVJccffqw back'
      clean:
        - 'got pdl_live_apikey_As47Dd61 back'
    - name: polar-token
      why: 'Polar organization access token'
      patterns:
        - 'polar_oat_[A-Za-z0-9]{30,60}'
      match:
        - 'got polar_oat_lBkU0WttqpkRzoxePCdOh05gm29mcKjZD8wvLNf4gWZ back'
      clean:
        - 'got polar_oat_uKI5siRndAeUqc back'
    - name: kong-token
      why: 'Kong Konnect personal access token'
      patterns:
        - 'kpat_[A-Za-z0-9]{40,60}'
      match:
        - 'got kpat_HTOlR5mDsy1q2kGD3VPHkS2thxjEWs4UMXvsGz60Ky9hxskhvu back'
      clean:
        - 'got kpat_0pcwhQ9qgbud5hJGFyU back'
    - name: cockroachdb-key
      why: 'CockroachDB Cloud API key'
      patterns:
        - 'CCDB1_[A-Za-z0-9_]{40,80}'
      match:
        - 'got CCDB1_F9sNJgD3gGCMg1F7ZVXcgzVsbLg2gOklScGk7yLkBgmrAkRUYQOn8kvb2gFbR2 back'
      clean:
        - 'got CCDB1_9ZT4N9KvwjCsBFPdRmc back'
    - name: dbt-token
      why: 'dbt Cloud service and user tokens'
      patterns:
        - 'dbtc_[A-Za-z0-9_-]{20,60}'
        - 'dbtu_[A-Za-z0-9_-]{20,60}'
      match:
        - 'got dbtc_a1BG0mPkJ57eD2t8nhttLdIdxRLGZV51aqE3BrTE back'
        - 'got dbtu_a1BzefRjP5UZ3LjJfdL6IOq2w0zIUGEctrmNdrM7 back'
      clean:
        - 'got dbtc_x back'
    - name: inngest-key
      why: 'Inngest signing key'
      patterns:
        - 'signkey-[a-z]{4,10}-[0-9a-f]{32,64}'
      match:
        - 'got signkey-prod-7d25fef061b71cae867d715976846b70cf3a1b6137f55e84f9681b98c7b76510 back'
      clean:
        - 'got signkey-prod-x back'
    - name: trigger-dev-key
      why: 'Trigger.dev secret key'
      patterns:
        - 'tr_prod_[A-Za-z0-9]{20,40}'
        - 'tr_dev_[A-Za-z0-9]{20,40}'
      match:
        - 'got tr_prod_a1BLXs6RFVwkPC7GRVHxqGcb back'
      clean:
        - 'got tr_prod_x back'
    - name: onesignal-key
      why: 'OneSignal API key'
      patterns:
        - 'os_v2_app_[a-z0-9]{60,120}'
      match:
        - 'got os_v2_app_filgmpr2685kwt1v834tihmbz075rzx873psr3025j41jnx78xojcuou7ranrwzcnfisf3xdby4o2gc3ixdf89gb7219q2psar33p1n back'
      clean:
        - 'got os_v2_app_rx18vxqs9hchvvq6c895npk29nsih back'
    - name: chromatic-token
      why: 'Chromatic project token'
      patterns:
        - 'chpt_[a-z0-9]{12,40}'
      match:
        - 'got chpt_bi9i3zyxka0f2g4p back'
      clean:
        - 'got chpt_x1f0b back'
    - name: checkout-key
      why: 'Checkout.com secret key'
      patterns:
        - 'sk_sbox_[a-z0-9*#$=]{20,40}'
      match:
        - 'got sk_sbox_azqu110i0tsu1rmb5zg38srmi9m back'
      clean:
        - 'got sk_sbox_x back'
    - name: gitbook-token
      why: 'GitBook API token'
      patterns:
        - 'gb_api_[A-Za-z0-9]{30,60}'
      match:
        - 'got gb_api_wrgFMiuJ2E5Tc2vzy815juh9DG1ly5LhwVq7AEBm back'
      clean:
        - 'got gb_api_ALsqEGpZ8r4qyB back'
    - name: cloudflare-origin-key
      why: 'Cloudflare origin CA key'
      patterns:
        - 'v1\.0-[0-9a-f]{24}-[0-9a-f]{146}'
      match:
        - 'got v1.0-e61cd80e149a44c6d9050ed5-6c13d0a836825153000f57584f71aaba5f2fe9fc138cbc91caafd44ab0641c8d74215cbf91007264fd531b8c2629e72ca0b568b55cdbb4f6c42c0267f207507da3609a7b15015cabfe back'
      clean:
        - 'got v1.0-a1ce305461f49f9293942399 back'
    - name: amazon-login-token
      why: 'Login with Amazon and Alexa client secrets and tokens'
      patterns:
        - 'amzn1\.oa2-cs\.v1\.[0-9a-f]{64}'
        - 'Atza\|[A-Za-z0-9_-]{60,800}'
        - 'Atzr\|[A-Za-z0-9_-]{60,800}'
      match:
        - 'got amzn1.oa2-cs.v1.d28ee4a2a33048f11ce2860e835e25d5100a0b0c77008eb5ca19cede29432457 back'
      clean:
        - 'got amzn1.oa2-client.1 back'
    - name: new-relic-ingest
      why: 'New Relic license key with its region'
      patterns:
        - 'eu01xx[0-9a-f]{34}'
        - '[0-9a-f]{36}FFFFNRAL'
      match:
        - 'got eu01xxc4afbd9187952612da8be1e484c45b04c0 back'
      clean:
        - 'got eu01xx1 back'
    - name: mergify-key
      why: 'Mergify application key'
      patterns:
        - 'mka_[A-Za-z0-9]{30,80}'
      match:
        - 'got mka_McPSFY9i6oHMQmXFWNOT1X6SSAamCKoNJUI1z3MnFcE3jJ83Ai4T3jzLdDcoxvuN back'
      clean:
        - 'got mka_Dt3nXEHqixk4h8 back'
    - name: zoho-token
      why: 'Zoho OAuth access and refresh tokens'
      patterns:
        - '1000\.[0-9a-f]{32}\.[0-9a-f]{32}'
      match:
        - 'got 1000.4da1df102993e52c4dadbd96776b3579.435565a6567476badbc9c64ee27fb75f back'
      clean:
        - 'got 1000.5 back'
    - name: weights-and-biases-key
      why: 'Weights and Biases key'
      patterns:
        - 'wandb_v1_[A-Za-z0-9_]{40,120}'
      match:
        - 'got 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 back'
      clean:
        - 'got wandb_v1_6PphbhJPR86PRlcNCrZ back'
    - name: mailersend-token
      why: 'MailerSend API token'
      patterns:
        - 'mlsn\.[0-9a-f]{64}'
      match:
        - 'got mlsn.cf57b3c4f3c95188e24e5de5b4fd6588acd888f1b44e8e5454a9aa9d801391b4 back'
      clean:
        - 'got mlsn.0a back'
    - name: slack-workflow-webhook
      why: 'Slack workflow webhook'
      patterns:
        - 'https://hooks\.slack\.com/workflows/[A-Za-z0-9/]{20,120}'
        - 'https://hooks\.slack\.com/triggers/[A-Za-z0-9/]{20,120}'
      match:
        - 'got https://hooks.slack.com/triggers/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 back'
      clean:
        - 'got https://hooks.slack.com/ back'
    - name: workos-keygen-key
      why: 'Keygen and WorkOS tokens'
      patterns:
        - 'sk_test_a2V5[A-Za-z0-9+/=_]{30,90}'
        - 'prod-[0-9a-f]{64}v3'
      match:
        - 'got sk_test_a2V5a1BdPFmhQCCEVFyyXp7KRE2GcNz39WZ38zEfdEwR6vavBiVtokahyFim0p17 back'
      clean:
        - 'got prod-1 back'
    - name: blockchain-endpoint
      why: 'Ankr and QuickNode addresses: their path is the key'
      patterns:
        - '\.quiknode\.pro/[0-9a-f]{40}'
        - 'rpc\.ankr\.com/[a-z_]{2,20}/[0-9a-f]{64}'
      match:
        - 'POST https://x.quiknode.pro/0847d489dc2b0f7f2f9714e2b4b1206001234567/'
        - 'POST https://rpc.ankr.com/eth/0847d489dc2b0f7f2f9714e2b4b120600847d489dc2b0f7f2f9714e2b4b12060'
      clean:
        - 'POST https://rpc.ankr.com/eth'
    - name: ping-address
      why: 'Healthchecks and Cronitor addresses: whoever has one may report'
      patterns:
        - 'hc-ping\.com/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}'
        - 'cronitor\.link/p/[0-9a-f]{32}'
      match:
        - 'curl https://hc-ping.com/a8cf60d2-2427-474b-abe5-c7097f09cf7f/start'
        - 'curl https://cronitor.link/p/0847d489dc2b0f7f2f9714e2b4b12060/x'
      clean:
        - 'curl https://hc-ping.com/'
    - name: apps-script-address
      why: 'Address of a Google Apps Script that is deployed: whoever has it may call it'
      patterns:
        - 'script\.google\.com/macros/s/AKfycb[A-Za-z0-9_-]{30,120}'
      match:
        - 'https://script.google.com/macros/s/AKfycbd1tJDfqdyi1excB91clAaMVvrmCiCOPG7XqZ0HqaGI0u9F9lpmKagVjbHWB1/exec'
      clean:
        - 'https://script.google.com/macros/s/AKfycb/exec'
    - name: ceph-key
      why: 'Key of a Ceph client: base64 of a header and 16 bytes'
      patterns:
        - 'AQ[A-Za-z0-9+/]{36}=='
      confidence: low
      match:
        - 'key = AQv8uHAvosbnr070d4G3oFWkc3GMUYDhjS4kbm=='
      clean:
        - 'key = AQv8uHAvosbnr070d4G3oFWkc3=='
    - name: mollie-key
      why: 'Mollie API key'
      patterns:
        - 'live_[A-Za-z0-9]{30,40}'
      confidence: low
      match:
        - 'got live_aB3ER0Af7BOfjtNayviHzm5YdOnCqI back'
      clean:
        - 'ran test_checkoutWithoutCouponsOrVouchers back'
    - name: aiven-password
      why: Aiven service password
      patterns:
        - 'AVNS_[A-Za-z0-9_-]{16,32}'
      match:
        - 'got AVNS_PpQK1kGbAk8B1MI59LoT back'
      clean:
        - 'got AVNS_P back'
    - name: authress-key
      why: Authress service client access key
      patterns:
        - '[a-z]{2,8}_[a-z0-9]{5,30}\.[a-z0-9]{4,6}\.acc_[a-z0-9-]{10,32}\.[A-Za-z0-9+/_=-]{30,120}'
      match:
        - 'got bifsyn_ac6z2ekov.i4fx6k.acc_mli4plqk768epp.rtaZhjEPQUxkVfMGyoB8CbDUM7DqSLR57q back'
      clean:
        - 'got bifsyn_ac6 back'
    - name: beamer-key
      why: Beamer API key
      patterns:
        - 'b_[a-z0-9=_-]{44}'
      confidence: low
      match:
        - 'got b_7smxhkwyjt7qm2dbwojfybwuyp8jebblnovqea1h1fx5 back'
      clean:
        - 'got b_7smxhkwy back'
    - name: clickhouse-key
      why: ClickHouse Cloud API secret
      patterns:
        - '4b1d[A-Za-z0-9]{38}'
      confidence: low
      match:
        - 'got 4b1dtWzHRhPE7CORUnGR4TnnPNcqchBmvQExYHvBSf back'
      clean:
        - 'got 4b1dtWzHRh back'
    - name: defined-networking-key
      why: Defined Networking API token
      patterns:
        - 'dnkey-[a-z0-9=_-]{26}-[a-z0-9=_-]{52}'
      match:
        - 'got dnkey-zner35vfbdfi0m1bbhunnga1sl-sl0gtl0yger7tqkrhceq4zis4n6t2q6ql3sjmv6i6ow7eo91javz back'
      clean:
        - 'got dnkey-zner back'
    - name: intra42-secret
      why: 42 intranet client secret
      patterns:
        - 's-s4t2[a-z]{2}-[0-9a-f]{64}'
      match:
        - 'got s-s4t2dc-6279634895623a069ca1e8fb6b41a76df5b5900b44d12a9b5a391ad65152fcdc back'
      clean:
        - 'got s-s4t2dc-6 back'
    - name: maxmind-key
      why: MaxMind license key
      patterns:
        - '[A-Za-z0-9]{6}_[A-Za-z0-9]{29}_mmk'
      match:
        - 'got 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 back'
      clean:
        - 'got Xlp17Y_G6N back'
    - name: octopus-key
      why: Octopus Deploy API key
      patterns:
        - 'API-[A-Z0-9]{25,32}'
      confidence: low
      match:
        - 'got API-QT1YFWB5O4E5TP6CI3EW9IW8CEANA back'
      clean:
        - 'got API-QT1Y back'
    - name: okta-token
      why: 'Okta API token: 00 and 40 characters'
      patterns:
        - '00[A-Za-z0-9_-]{40}'
      confidence: low
      match:
        - 'got 00phwdfotANuCmOJobL4I36zjdS1mBx1u0CTDoCrPk back'
      clean:
        - 'got 00phwdfotA back'
    - name: settlemint-token
      why: SettleMint personal, application and service tokens
      patterns:
        - 'sm_pat_[A-Za-z0-9]{16,40}'
        - 'sm_aat_[A-Za-z0-9]{16,40}'
        - 'sm_sat_[A-Za-z0-9]{16,40}'
      match:
        - 'got sm_pat_s6CyVk0Xi1Mqa9rQLgQe back'
        - 'got sm_aat_jLxBsQOL5r49t1BKh3OT back'
        - 'got sm_sat_XyKAJjddRv1eoUuoLUkJ back'
      clean:
        - 'got sm_pat back'
    - name: baidu-key
      why: Baidu Cloud API key
      patterns:
        - 'bce-v3/ALTAK-[A-Za-z0-9]{21}/[0-9a-f]{40}'
      match:
        - 'got bce-v3/ALTAK-FOowPyYKPta99OVFLDuDF/c68ea05dda854fb4fee5ef9ee3f1e63bf0cda164 back'
      clean:
        - 'got bce-v3/ALT back'
    - name: gc-notify-key
      why: 'GC Notify API key: name, service and key'
      patterns:
        - 'gcntfy-[a-z0-9_-]{74,160}'
      match:
        - 'got gcntfy-oqbwd-61676605-5bbb-a8a8-c579-22f2263bca77-7a1b6605-5bbb-a8a8-c579-22f2263bca78 back'
      clean:
        - 'got gcntfy-oqb back'
    - name: devcycle-key
      why: DevCycle SDK keys
      patterns:
        - 'dvc_server_[A-Za-z0-9_-]{20,60}'
        - 'dvc_client_[A-Za-z0-9_-]{20,60}'
        - 'dvc_mobile_[A-Za-z0-9_-]{20,60}'
      match:
        - 'got dvc_server_fvyLK4tly4qBqDJCTWeJDISp back'
        - 'got dvc_client_zjLAolrMUfYXIn13xON7b0gd back'
        - 'got dvc_mobile_GjttCLCMR32bAEFKBPFHEEFB back'
      clean:
        - 'got dvc_serv back'
    - name: fullstory-key
      why: FullStory API key
      patterns:
        - 'na1\.[A-Za-z0-9+/]{60,120}[=]{0,2}'
        - 'eu1\.[A-Za-z0-9+/]{60,120}[=]{0,2}'
      confidence: low
      match:
        - 'got na1.cYmDbLeMgdU7EWLsTq0TmCoNqMCgjUvpPndHR3javNHCKezHywLMIKob1El682QF back'
        - 'got eu1.rmdnRvkQhcIjxvdiW7wewPygm3G4IE35pEKmP43hIhlawqSzBSYLqX45mDEmMwgv back'
      clean:
        - 'got na1.cYmDbL back'
    - name: jd-cloud-key
      why: JD Cloud access key
      patterns:
        - 'JDC_[A-Z0-9]{25,40}'
      match:
        - 'got JDC_4W3KVXPNRRO6G4I4RQ3LNTB73RBXA back'
      clean:
        - 'got JDC_4W3K back'
    - name: lichess-token
      why: Lichess personal and OAuth tokens
      patterns:
        - 'lip_[A-Za-z0-9]{16,40}'
        - 'lio_[A-Za-z0-9]{16,40}'
      match:
        - 'got lip_IYwg2kmLiXMJ0BygGeGm back'
        - 'got lio_AnFdl3lmXPWUGsrBp8Hy back'
      clean:
        - 'got lip_IY back'
    - name: lightspeed-token
      why: Lightspeed X-Series personal token
      patterns:
        - 'lsxs_pt_[A-Za-z0-9]{24,60}'
      match:
        - 'got lsxs_pt_NY0qd1Q62uDLNlFFYLibsnJNkb5T back'
      clean:
        - 'got lsxs_pt_N back'
    - name: localstack-token
      why: LocalStack authentication token
      patterns:
        - '[l]s-[A-Za-z0-9]{8}-[A-Za-z0-9]{4}-[A-Za-z0-9]{4}-[A-Za-z0-9]{4}-[A-Za-z0-9]{12}'
      confidence: low
      match:
        - 'got ls-1VyfJO0g-EZPg-eM3j-lb5l-uKcIvOJadeQ4 back'
      clean:
        - 'got ls-1VyfJO back'
    - name: logicmonitor-token
      why: LogicMonitor bearer and API tokens
      patterns:
        - 'lmb_[A-Za-z0-9+/=_-]{40,200}'
        - 'lma_[A-Za-z0-9+/=_^-]{30,200}'
      match:
        - 'got lmb_ngCNfhriBcr4biDrN7Fcl3oaeBMOEPipYKIpOUYp16vq back'
        - 'got lma_wMajZ5z4vIA5UiUMRXHPeSdXnyZ7yrvK7B back'
      clean:
        - 'got lmb_ngCNfh back'
    - name: secret-token-uri
      why: 'The scheme secret-token: of RFC 8959'
      patterns:
        - 'secret-token:[A-Za-z0-9._~!$&%+=@-]{16,400}'
      match:
        - 'got secret-token:CMqRkeklluZCMm3FfhJN back'
      clean:
        - 'got secret-t back'
    - name: midtrans-key
      why: Midtrans server key
      patterns:
        - 'Mid-server-[A-Za-z0-9_-]{16,40}'
      match:
        - 'got Mid-server-O0OQ56uIoJBQRWezMYck back'
      clean:
        - 'got Mid-ser back'
    - name: meta-oculus-token
      why: Meta Horizon (Oculus) application and user tokens
      patterns:
        - 'OC\|[0-9]{10,20}\|[0-9a-f]{24,40}'
      match:
        - 'got OC|05325002680586|b72b5431bc1a984271932d393e74 back'
      clean:
        - 'got OC|0532500 back'
    - name: onfido-token
      why: Onfido API tokens
      patterns:
        - 'api_live\.[A-Za-z0-9_-]{11}\.[A-Za-z0-9_-]{32}'
        - 'api_sandbox\.[A-Za-z0-9_-]{11}\.[A-Za-z0-9_-]{32}'
        - 'api_live_[a-z]{2}\.[A-Za-z0-9_-]{11}\.[A-Za-z0-9_-]{32}'
      match:
        - 'got api_live.sLWptilR4xf.mAKmCE4OWgchN4lov0YtcLMfmVT0yc3H back'
        - 'got api_sandbox.Uy7kVk2MLOt.9LNDlCuzAUB9bcQtXMiOxaPv1lR5qO40 back'
        - 'got api_live_hr.0mt5PWc4laI.ZMcTYdxzQWf28ymmhOufsojIXNlu7ja3 back'
      clean:
        - 'got api_live.s back'
    - name: pagerduty-token
      why: PagerDuty OAuth tokens
      patterns:
        - 'pdus[+]_[A-Za-z0-9]{6,10}_[0-9a-f-]{36}'
        - 'pdeu[+]_[A-Za-z0-9]{6,10}_[0-9a-f-]{36}'
      match:
        - 'got pdus+_MQLSGTDS9b_b4950ba8-326b-9c6a-9c82-c3a0f3b45deb back'
        - 'got pdeu+_Ucnw75bMle_c51c2a67-b838-01a4-b0ef-5e331c852ec6 back'
      clean:
        - 'got pdus+_MQLS back'
    - name: persona-key
      why: Persona API keys
      patterns:
        - 'persona_production_[0-9a-f-]{36}'
        - 'persona_sandbox_[0-9a-f-]{36}'
      match:
        - 'got persona_production_977cfd09-6135-1a0a-68d6-e615d36fb7db back'
        - 'got persona_sandbox_aab1a247-7018-fd5d-f699-2136eea0cc09 back'
      clean:
        - 'got persona_pr back'
    - name: pinterest-token
      why: Pinterest access and refresh tokens
      patterns:
        - 'pina_[A-Za-z0-9]{40,100}'
        - 'pinr_[A-Za-z0-9._-]{40,200}'
      match:
        - 'got pina_QaVALzT5Xn5ZZI2MaoeEUbr56c1Ki8WXeLuCJC6qvkU1 back'
        - 'got pinr_WQEC1Q5J1RnQdHcln1xTNZiA3Isv8qD2WfKHPDeAhLlr back'
      clean:
        - 'got pina_QaVAL back'
    - name: sindri-key
      why: Sindri API key
      patterns:
        - 'sindri_[A-Za-z0-9]{32}_[A-Za-z0-9]{4}'
      match:
        - 'got sindri_4t2NSsLyulGQc1k8uBMzgyDz2hJFX0sC_FaBi back'
      clean:
        - 'got sindri_4t2 back'
    - name: tableau-token
      why: Tableau personal access token
      patterns:
        - '[A-Za-z0-9+/]{22}==:[A-Za-z0-9]{32}'
      match:
        - 'got HVyYBeFTG0DdG0zfP0rO1W==:ShOL9s3oe92negq6Bp0pHk0WjN5wwMWa back'
      clean:
        - 'got HVyYBeFTG0 back'
    - name: telnyx-key
      why: Telnyx API key
      patterns:
        - 'KEY[0-9A-F]{32}_[A-Za-z0-9]{22}'
      match:
        - 'got KEY0B2A5BB905716B736CF9A9F8DEA8678D_fRZ29cAwIeOajOrfg3QX4Z back'
      clean:
        - 'got KEY0B2A5BB back'
    - name: volcengine-key
      why: Volcengine access key id
      patterns:
        - 'AKLT[A-Za-z0-9_-]{30,60}'
      confidence: low
      match:
        - 'got AKLTM4J90z82iYjdnhsJc3HzLjcSGmDam986Zp back'
      clean:
        - 'got AKLTM4J90 back'
    - name: cashfree-key
      why: Cashfree client secret
      patterns:
        - 'cfsk_ma_[a-z]{4,10}_[0-9a-f]{32}_[0-9a-f]{8}'
      match:
        - 'got cfsk_ma_ilhaugwe_7bae532dca940da718a6095fb53f553c_252f24e8 back'
      clean:
        - 'got cfsk_ma_il back'
    - name: convex-key
      why: Convex deploy keys
      patterns:
        - 'prod:[a-z0-9-]{3,60}\|[A-Za-z0-9+/=]{40,200}'
        - 'dev:[a-z0-9-]{3,60}\|[A-Za-z0-9+/=]{40,200}'
        - 'preview:[a-z0-9:-]{3,90}\|[A-Za-z0-9+/=]{40,200}'
      match:
        - 'got prod:mgj37ho|WT29eputKSO4wxhed6UC8RPHZwG66ortKYyG8Ndas3i6 back'
        - 'got dev:fjkh7ni|8oTunUDejRUd9Jpfp4JkL3yRkbw6F4qfoiyGrJPfSuhi back'
        - 'got preview:dabg2m0|pEEFGEcm1niRR4fxT18VYjQrnacT2CDD5jSrak17Ftdo back'
      clean:
        - 'got prod:mgj37 back'
    - name: endor-labs-key
      why: Endor Labs API key
      patterns:
        - 'endr[+][A-Za-z0-9-]{16,40}'
      match:
        - 'got endr+saiGkkV7WWeHwqIwAJ0F back'
      clean:
        - 'got endr+s back'
    - name: klaviyo-key
      why: Klaviyo private key
      patterns:
        - 'pk_[0-9a-f]{34}'
      match:
        - 'got pk_b9b6e1c952450d129cf3732cb6b63bb95d back'
      clean:
        - 'got pk_b9b6e1 back'
    - name: ngrok-token
      why: ngrok authentication token and API key
      patterns:
        - '[12][A-Za-z0-9]{26}_[A-Za-z0-9]{21}'
      confidence: low
      match:
        - 'got 1knwItbjyq7wDutt3pN4azGCzVT_0Q5DOHpdRFbKCG3LkljBc back'
      clean:
        - 'got 1knwItbjyq back'
    - name: open-vsx-token
      why: Open VSX access token
      patterns:
        - 'ovsxat_[0-9a-f-]{36}'
        - 'ovsxp_[0-9a-f-]{36}'
      match:
        - 'got ovsxat_7ee00258-e298-405e-4e6e-7918518da5c2 back'
        - 'got ovsxp_a0bea992-c064-b210-c01d-50b9fd00c967 back'
      clean:
        - 'got ovsxat_7ee back'
    - name: recharge-key
      why: Recharge Payments API keys
      patterns:
        - 'sk_1x1_[0-9a-f]{64}'
        - 'sk_2x2_[0-9a-f]{64}'
        - 'sk_test_1x1_[0-9a-f]{64}'
        - 'sk_test_2x2_[0-9a-f]{64}'
      match:
        - 'got sk_1x1_668d5f56aefa0f6ec3111f7c9138755b6acc99b7fa90efcca52c8b1cdaad99e8 back'
        - 'got sk_2x2_1cdfdce8b4ff740d453699d100a6ed67ada223d4c8833a2585dcf4d36f790eee back'
        - 'got sk_test_1x1_5353370ac4a3249a4498f3c805e9090e3894ea00c51169a629a3842a55fd836b back'
        - 'got sk_test_2x2_1d51a5081de0badebad4e3211ee49b127771bebe69d8bf7c7f35edb1869f7d06 back'
      clean:
        - 'got sk_1x1_668 back'
    - name: rapidapi-key
      why: RapidAPI key
      patterns:
        - '[0-9a-f]{10}msh[0-9a-f]{15}p1[0-9a-f]{6}jsn[0-9a-f]{12}'
      match:
        - 'got d11367dcdemsh0c1ef04a1a716ccp1841973jsnb8382d332709 back'
      clean:
        - 'got d11367dcde back'
    - name: stackhawk-key
      why: StackHawk API key
      patterns:
        - 'hawk\.[A-Za-z0-9_-]{20}\.[A-Za-z0-9_-]{20}'
      match:
        - 'got hawk.EehdouEGkDR01NQVlFhp.UUaDXC0eeoZWSxlyQHJn back'
      clean:
        - 'got hawk.Eehdo back'
    - name: voiceflow-key
      why: Voiceflow API keys
      patterns:
        - 'VF\.DM\.[0-9a-f]{24}\.[A-Za-z0-9]{16}'
        - 'VF\.WS\.[0-9a-f]{24}\.[A-Za-z0-9]{16}'
        - 'VF\.[0-9a-f]{24}\.[A-Za-z0-9]{16}'
      match:
        - 'got VF.DM.3e55e5b34738ddfb1f5d5f64.fDmvQyMfRq5u2hEN back'
        - 'got VF.WS.751b4a895e8ca6ce82062c1a.htuX5TQc7GWGNGyL back'
        - 'got VF.f789abbf7ad99828e7d1fbe6.QTLeClMM3e1AgbW9 back'
      clean:
        - 'got VF.DM.3e55 back'
    - name: zhipu-key
      why: 'Zhipu AI API key: id and secret'
      patterns:
        - '[0-9a-f]{32}\.[A-Za-z0-9]{16}'
      confidence: low
      match:
        - 'got 1c4b28c44f500f331beed9e6ee3d03c8.nZLdA67YQBNAQXOL back'
      clean:
        - 'got 1c4b28c44f back'
    - name: deepl-key
      why: DeepL API key of the free plan
      patterns:
        - '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}:fx'
      match:
        - 'got d70f9367-8585-405a-9812-cc216747f80b:fx back'
      clean:
        - 'got d70f9367- back'
    - name: ory-token
      why: Ory API keys, access, refresh and session tokens
      patterns:
        - 'ory_[a-z]{2,6}_[A-Za-z0-9_-]{20,60}[A-Za-z0-9._-]{0,60}'
      confidence: low
      match:
        - 'got ory_khgbvj_Dg9V0zgsP6fudXT3SO4mXG56257o back'
      clean:
        - 'got ory_khgbv back'
    - name: firehydrant-key
      why: FireHydrant bot token
      patterns:
        - 'fhb-[0-9a-f]{32}'
      match:
        - 'got fhb-f4e4ad5107c8952efe5b04cf445a8870 back'
      clean:
        - 'got fhb-f4e4a back'
    - name: checkly-key
      why: Checkly user and service keys
      patterns:
        - '[c]u_[0-9a-f]{32}'
        - '[s]v_[0-9a-f]{32}'
      match:
        - 'got cu_b94c003da0a7956f5f39d8bcf262be00 back'
        - 'got sv_177612f332126dbb2b6997acf106542b back'
      clean:
        - 'got cu_b94c0 back'
    - name: lambdatest-key
      why: LambdaTest access key
      patterns:
        - '[L]T_[A-Za-z0-9]{50}'
      match:
        - 'got LT_3seRMeuC6Z81rTJ2C8Qet9pyDocLTQZ1wpkGwiA1ilQXfBEFls back'
      clean:
        - 'got LT_3seRMeu back'
    - name: depot-token
      why: Depot organization, project and user tokens
      patterns:
        - 'depot_[a-z]{3,8}_[0-9a-f]{40,80}'
      match:
        - 'got depot_zucfowe_3147ce720b803749cab9e5f3c8540da0cb7c78e45014 back'
      clean:
        - 'got depot_zucf back'
    - name: youtrack-token
      why: JetBrains permanent token (YouTrack, Hub, TeamCity Cloud)
      patterns:
        - 'perm:[A-Za-z0-9+/=]{4,80}\.[A-Za-z0-9+/=-]{2,40}\.[A-Za-z0-9]{20,60}'
        - 'perm-[A-Za-z0-9+/=]{4,80}\.[A-Za-z0-9+/=-]{2,40}\.[A-Za-z0-9]{20,60}'
      match:
        - 'got perm:KN5uAK1I.JN8god.W0hsP3sc5Glgh3Sq5y5Xi7NP back'
        - 'got perm-jqTQq3TY.KZVr6Z.7LntetrOsCb6INR3KavCpO8H back'
      clean:
        - 'got perm:KN5uA back'
    - name: phabricator-token
      why: Phabricator Conduit token
      patterns:
        - '[c]li-[a-z0-9]{28}'
        - '[a]pi-[a-z0-9]{28}'
      confidence: low
      match:
        - 'got cli-i442jh6nsl61o4958qxuq0iq70lt back'
        - 'got api-033c0nclma4x0kmpdwbn4uewdltu back'
      clean:
        - 'got cli-i442 back'
    - name: upcloud-token
      why: UpCloud API token
      patterns:
        - 'ucat_[0-9A-Z]{26}'
      match:
        - 'got ucat_R6XKKOS9SC3SVWHJYSHVLUNKF8 back'
      clean:
        - 'got ucat_R6 back'
    - name: exoscale-key
      why: Exoscale API key
      patterns:
        - 'EXO[0-9a-f]{24}'
      match:
        - 'got EXOec9479c8503b3826e2470147 back'
      clean:
        - 'got EXOec9 back'
    - name: fernet-token
      why: OpenStack Keystone token, and other Fernet messages
      patterns:
        - 'gAAAAAB[A-Za-z0-9_-]{70,4000}[=]{0,2}'
      match:
        - 'got gAAAAABiWw86FMMY7XBLCSMQebfjkEfvblKfrp9vquc911N3WLRm4TQVOhlzyYx3ZqKF9RlBSROWfPnvh back'
      clean:
        - 'got gAAAAABiWw back'
    - name: cloudflare-tunnel-token
      why: 'Cloudflare Tunnel token: base64 of account, tunnel and secret'
      patterns:
        - 'eyJhIjoi[A-Za-z0-9+/=]{100,400}'
      match:
        - 'got eyJhIjoiSAKMPapKprznVMISIRi2qjPXSqv8kt6MVUdaibGvREYY4N8p350tsUptKG1YkurGVPFsXyQQNf9LXa5g2kI7cJD9ROm8rzvSkoIM7nAN back'
      clean:
        - 'got eyJhIjoiSA back'
    - name: headscale-key
      why: Headscale authentication and API keys
      patterns:
        - 'hskey-[a-z]{3,8}-[A-Za-z0-9_-]{12}-[A-Za-z0-9_-]{40,80}'
      match:
        - 'got hskey-zwnboou-uAs5uQ3dGQ9M-MGV0kfAXMI9z2hTKsJLEtMysH5QULiVUO1HTTxLBHIyo back'
      clean:
        - 'got hskey-zwnb back'
    - name: retool-token
      why: Retool API token
      patterns:
        - 'retool_01[a-z0-9]{20,40}'
      match:
        - 'got retool_01uxcmkzqdhnmiq5api6vo9vm7 back'
      clean:
        - 'got retool_0 back'
    - name: metabase-key
      why: Metabase API key
      patterns:
        - '[m]b_[A-Za-z0-9+/]{43}='
      match:
        - 'got mb_6j3z3ogkfSjkNcKXUhTtUZ1z2Aa3yjUZwd70i6tDsAS= back'
      clean:
        - 'got mb_6j3z3og back'
    - name: pubnub-secret
      why: PubNub secret key
      patterns:
        - 'sec-c-[A-Za-z0-9]{40,60}'
      match:
        - 'got sec-c-CMXXc3vOhVytiKPFRqkBLuoLjrvZcq8n8dtrKl8lKImR back'
      clean:
        - 'got sec-c-CMXX back'
    - name: imagekit-key
      why: ImageKit private key
      patterns:
        - 'private_[A-Za-z0-9+/]{27}='
      match:
        - 'got private_Hcs8scDll0tyUy0nt8PvB9wcdjN= back'
      clean:
        - 'got private_H back'
    - name: backblaze-key
      why: Backblaze B2 application key
      patterns:
        - 'K00[0-9][A-Za-z0-9+/]{27}'
      confidence: low
      match:
        - 'got K0069qizq6a9J7KELzSS0GRnatLFIYH back'
      clean:
        - 'got K0069qi back'
    - name: fauna-key
      why: Fauna key
      patterns:
        - '[f]n[AEF][A-Za-z0-9_-]{37}'
      confidence: low
      match:
        - 'got fnA8Hvo75cw9KWqxX0mu2IJkbtXk2ZQ2tha1QzEw back'
      clean:
        - 'got fnA8Hvo75c back'
    - name: tinybird-token
      why: Tinybird token
      patterns:
        - 'p\.eyJ[A-Za-z0-9_-]{40,400}\.[A-Za-z0-9_-]{30,60}'
      match:
        - 'got p.eyJiNVi3MQ5W1xyHa5pWB70UXjY8Gi69vNBU7lS8WpMuAdT.w9z61VbhzZSmiGuQBvRIZn1QIyMJS2YY97 back'
      clean:
        - 'got p.eyJiNVi3 back'
    - name: sanity-token
      why: Sanity API token
      patterns:
        - '[s]k[A-Za-z0-9]{150,200}'
      confidence: low
      match:
        - 'got skHcWieunEISNSWhj4djO5D7e0KXQCm1OqoVAKBD0HRyk81zY7Xz9VNy2suowufI5cCyhVsKFHQQZW49lOKFyKFUKcdR4ULJ0cE8k40jtNV4cuwl8Rv5zDpTNkthCN8qabLAGX8PvnJvvk94rT3OSquLMbmR back'
      clean:
        - 'got skHcWieunE back'
    - name: ghost-admin-key
      why: 'Ghost Admin API key: id and secret'
      patterns:
        - '[0-9a-f]{24}:[0-9a-f]{64}'
      match:
        - 'got 20fe4976332ae832dcc05831:a444482b302b7a6a315d5f32e79d68a6c650050830919436b185c0bf8ea4cb2f back'
      clean:
        - 'got 20fe497633 back'
    - name: woocommerce-key
      why: WooCommerce consumer key and secret
      patterns:
        - '[c][ks]_[0-9a-f]{40}'
      match:
        - 'got cs_6b64708b70f376eb758ed698ba55954ff5536c7a back'
      clean:
        - 'got cs_6b64708 back'
    - name: adyen-key
      why: Adyen API key
      patterns:
        - 'AQE[A-Za-z0-9+/]{40,120}[=]{0,2}-[A-Za-z0-9+/]{40,48}[=]{0,2}-[A-Za-z0-9._;:(){}<>?&%]{14,20}'
      match:
        - 'got AQEKGWGxDOOObFSCTLSOZJpXOsHmWTEjqhHUErXigbKR4GO-8kGoumhMulfVZadW1PszmtZA6Nd7pGcUIU5Nie1PXb8F-iV6u3j7MSB3sbN4aUy back'
      clean:
        - 'got AQEKGWGxDO back'
    - name: mollie-access-token
      why: Mollie OAuth access token
      patterns:
        - 'access_[A-Za-z0-9]{30,60}'
      confidence: low
      match:
        - 'got access_IqtK5eXq9h30dK6XBHw6yw6PpUmSiknk62 back'
      clean:
        - 'got access_Iqt back'
    - name: klarna-key
      why: Klarna API keys
      patterns:
        - 'klarna_live_[a-z]{2,10}_[A-Za-z0-9_-]{20,200}'
        - 'klarna_test_[a-z]{2,10}_[A-Za-z0-9_-]{20,200}'
      match:
        - 'got klarna_live_qcnldl_LUeUgVPmDojApLRWy5z6MFz3 back'
        - 'got klarna_test_iazwzl_1gW311op7HTWIkJVD47oUqoh back'
      clean:
        - 'got klarna_liv back'
    - name: paypal-token
      why: PayPal access token
      patterns:
        - 'A21AA[A-Za-z0-9_-]{70,110}'
      match:
        - 'got A21AAL0jp1tXddeUVQM87eRiqozjbwFYwkyRXBC25Gla7vwDKSTEtPF2vrLfbWWSY0r2R2qQZytVEqc back'
      clean:
        - 'got A21AAL0jp1 back'
    - name: revolut-token
      why: Revolut Business access and refresh tokens
      patterns:
        - 'oa_prod_[A-Za-z0-9_-]{30,60}'
        - 'oa_sand_[A-Za-z0-9_-]{30,60}'
      match:
        - 'got oa_prod_qGlEzuSuDB7LrgUfYqwQ15SO3WM9ugzAYo back'
        - 'got oa_sand_U40JU12mHgxVOTJg0wyCqbR7C1ztRyTzaB back'
      clean:
        - 'got oa_prod_qG back'
    - name: webex-token
      why: Webex bot and access tokens
      patterns:
        - '[A-Za-z0-9]{60,68}_[A-Z][A-Z0-9]{3}_[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}'
      match:
        - 'got KfW4o0uhCU5brUd4mmAopJrETzczmXAhn8cD32owXgOEOqm7JpN2yIbhtNmpuHq_OW4I_dc45866a-fc32-648c-3a4b-0fd821a3671d back'
      clean:
        - 'got KfW4o0uhCU back'
    - name: matrix-token
      why: Matrix (Synapse, MAS) access and refresh tokens
      patterns:
        - 'syt_[A-Za-z0-9+/=_-]{20,200}'
        - 'syr_[A-Za-z0-9+/=_-]{20,200}'
        - 'mct_[A-Za-z0-9]{30}_[A-Za-z0-9]{6}'
        - 'mcr_[A-Za-z0-9]{30}_[A-Za-z0-9]{6}'
        - '[m]at_[A-Za-z0-9]{30}_[A-Za-z0-9]{6}'
      match:
        - 'got syt_JmRieotXclTQiddwuSPcphSS back'
        - 'got syr_XgRVTpP2zUGBKLJHsRhINPke back'
        - 'got mct_1BYRB37nYo4UDWUxsnFbB0k56FgqV9_AbZPS9 back'
        - 'got mcr_eLw48gjzF8GACvmBehhXFQbnTsyspd_x28zM4 back'
        - 'got mat_FpY62QKteOsqlEEXVUYoFKoaLSVmcf_rywZzK back'
      clean:
        - 'got syt_JmR back'
    - name: twitch-chat-token
      why: Twitch chat token
      patterns:
        - 'oauth:[a-z0-9]{30}'
      confidence: low
      match:
        - 'got oauth:o0i7yc8rzohw2pqmqij57n0toqo7as back'
      clean:
        - 'got oauth:o0i back'
    - name: kaggle-token
      why: Kaggle API token
      patterns:
        - 'KGAT_[0-9a-f]{32}'
      match:
        - 'got KGAT_e40938c2160c7cc286430aa5b1fb031a back'
      clean:
        - 'got KGAT_e409 back'
    - name: runway-key
      why: Runway API key
      patterns:
        - 'key_[0-9a-f]{128}'
      match:
        - 'got key_1052699a1a632f87b8f4e54b10c244d9d10c5542e1c89b177d6a72bb621bc18be75e31ff98097964438de375b97490bfb7c15a8b714c6afdbad0aebaa5c677d0 back'
      clean:
        - 'got key_105269 back'
    - name: elastic-encoded-key
      why: 'Elastic API key as it is sent: id and key'
      patterns:
        - '[A-Za-z0-9_-]{20}:[A-Za-z0-9_-]{22}'
      confidence: low
      match:
        - 'got BwRZhrk96j1NtmRUuP5W:AbPJS0dmgdPK23a4ysBlQz back'
      clean:
        - 'got BwRZhrk96j back'
    - name: porkbun-key
      why: Porkbun API keys
      patterns:
        - '[ps]k1_[0-9a-f]{64}'
      match:
        - 'got pk1_3010c2c758ffa110a20eadf7fb2be7e4964c09db301b44004f46dccb83ffee8d back'
      clean:
        - 'got pk1_3010c2 back'
    - name: dnsimple-token
      why: DNSimple account and user tokens
      patterns:
        - 'dnsimple_[au]_[A-Za-z0-9]{24,60}'
      match:
        - 'got dnsimple_a_knGIYFLD0RG68h8mtRmGTqJwJd1R back'
      clean:
        - 'got dnsimple_ back'
    - name: hcaptcha-secret
      why: hCaptcha secret
      patterns:
        - 'ES_[0-9a-f]{32}'
      match:
        - 'got ES_be292d0f80288ea8fecf71fb2084627a back'
      clean:
        - 'got ES_be292 back'
    - name: turnstile-secret
      why: Cloudflare Turnstile secret; a site key is shorter
      patterns:
        - '0x4AAAAAAA[A-Za-z0-9_-]{20,40}'
      match:
        - 'got 0x4AAAAAAA99q6R2pRRD8hukRnEYOL9rbC back'
      clean:
        - 'got 0x4AAAAA back'
    - name: socket-key
      why: Socket API key
      patterns:
        - 'sktsec_[A-Za-z0-9_-]{30,60}'
      match:
        - 'got sktsec_mc047rltR7tFXI3EnRYjW6QERkGNteQQnf back'
      clean:
        - 'got sktsec_mc0 back'
    - name: coralogix-key
      why: Coralogix personal and team keys
      patterns:
        - 'cxtp_[A-Za-z0-9]{24,40}'
        - 'cxup_[A-Za-z0-9]{24,40}'
      match:
        - 'got cxtp_ArumcObrh0eN4cGUMB9rOQpvoLNm back'
        - 'got cxup_uznvuMGunsuwocFq3Hgc8OtFHfSY back'
      clean:
        - 'got cxtp_Aru back'
    - name: uptimerobot-key
      why: UptimeRobot keys
      patterns:
        - '[urm]{1,2}[0-9]{5,10}-[0-9a-f]{24}'
      match:
        - 'got um038836492-73a962e4aaa345318e402baf back'
      clean:
        - 'got um0388364 back'
    - name: nexus-token
      why: Sonatype Nexus tokens of npm, Docker and NuGet
      patterns:
        - 'NpmToken\.[0-9a-f-]{36}'
        - 'DockerToken\.[0-9a-f-]{36}'
        - 'NuGetApiKey\.[0-9a-f-]{36}'
      match:
        - 'got NpmToken.cc69620d-c074-23cf-f9a9-3db5241ea6ae back'
        - 'got DockerToken.557e8e6d-09d2-93ef-9db6-4ecdb5a4a91a back'
        - 'got NuGetApiKey.2c4f0e4a-a7e8-4391-0baa-b897a063953f back'
      clean:
        - 'got NpmToken.c back'
    - name: packagist-token
      why: Packagist organization and user tokens
      patterns:
        - 'packagist_[a-z]{3}_[0-9a-f]{60,80}'
      match:
        - 'got packagist_pxs_e0982294934cff6af158a1923ee7baa6e2c5c8095d6521302072b7d37f68d4d9 back'
      clean:
        - 'got packagist_ back'
    - name: jitpack-token
      why: JitPack token
      patterns:
        - '[j]p_[a-z0-9]{26}'
      confidence: low
      match:
        - 'got jp_39406gxed2issyw56ofoa5yt58 back'
      clean:
        - 'got jp_3940 back'
    - name: dotenv-vault-key
      why: dotenv-vault key
      patterns:
        - 'vlt_[0-9a-f]{64}'
        - 'key_[0-9a-f]{64}'
      match:
        - 'got vlt_91d5bf2d28d161f0e82dce39a01e1621b2e3ae9b82ab5cf42dfa8419db43fc77 back'
        - 'got key_9095f9f2cb283bfd56010757a3569c65ccc6abcf4abdc3ddbff0edaa6dcb13c8 back'
      clean:
        - 'got vlt_91d5bf back'
    - name: roblox-cookie
      why: Roblox session cookie
      patterns:
        - '_\|WARNING:-DO-NOT-SHARE-THIS[A-Za-z.-]{20,200}\|_[0-9A-Za-z_-]{60,2000}'
      match:
        - 'got _|WARNING:-DO-NOT-SHARE-THISpwcWVcluskrBeHbMHZFyerVN|_OXQQgxwPeZbzYpb7D8lra25826zLt7fJylEPrOkLAOFdrUiTV4FpVLvttSWHB5JW back'
      clean:
        - 'got _|WARNING: back'
    - name: lark-token
      why: Lark and Feishu tenant and user tokens
      patterns:
        - '[tu]-g10[A-Za-z0-9_.-]{20,60}'
      confidence: low
      match:
        - 'got t-g10Q6MPreEWpSiwAB5hFbBLvVrE back'
      clean:
        - 'got t-g10Q6 back'
    - name: go-note-key
      why: Private key of a Go checksum database or module signature
      patterns:
        - 'PRIVATE[+]KEY[+][A-Za-z0-9._/-]{1,100}[+][0-9a-f]{8}[+][A-Za-z0-9+/=]{40,60}'
      match:
        - 'got PRIVATE+KEY+VvyOS+2b627405+2Div9Vzqz1lPgmKNt2RNgwOmSFlO5nlAICAHk3jPUauA back'
      clean:
        - 'got PRIVATE+KE back'
    - name: jenkins-secret
      why: A value that Jenkins has encrypted with the key that lies beside it, as it stands in credentials.xml
      confidence: high
      patterns:
        - '\{AQAAAB[A-Za-z0-9+/]{8,}={0,2}\}'
      match:
        - '<secretBytes>{AQAAABAAAAAwOqOAf1lLQSAJaiXnkU8I=}</secretBytes>'
      clean:
        - 'got {AQAAAB} back'
    - name: aws-key-pair
      why: AWS access key id with its secret behind a separator
      patterns:
        - "AKIA[A-Z0-9]{16}[:/,;| \t][A-Za-z0-9+/]{40}"
        - "ASIA[A-Z0-9]{16}[:/,;| \t][A-Za-z0-9+/]{40}"
      match:
        - 'got AKIA6VYJJJLUZCJOKAJQ:lb9J2CCN62RfsNWaBck5fQueOfiUYo46Gl1g0FlI back'
        - 'got ASIAA075ECTLNT33ROQH:R1B4BHjhiSw8pD8okXYOR9X8zSAVxFlvp27f8CFZ back'
      clean:
        - 'got AKIA6VYJJJ back'
    - name: ntlm-message
      why: 'NTLM authentication message: offline guessing finds weak passwords from it'
      patterns:
        - 'TlRMTVNTUAAD[A-Za-z0-9+/]{40,4000}[=]{0,2}'
      match:
        - 'got TlRMTVNTUAADPrPrxkMa7McRH5fX93PNza55csLUx0UpT94qvfHekpyW back'
      clean:
        - 'got TlRMTVNTUA back'
    - name: kerberos-ticket
      why: 'Kerberos ticket as HTTP and SASL carry it, in SPNEGO or bare: whoever has it is the user while it lasts'
      patterns:
        - 'YII[A-Za-z0-9+/]{2}[AQgw]YGKwYBBQUC[A-Za-z0-9+/]{40,4000}[=]{0,2}'
        - 'YII[A-Za-z0-9+/]{2}[AQgw]YJKoZIhvcSAQIC[A-Za-z0-9+/]{40,4000}[=]{0,2}'
      match:
        - 'WWW-Authenticate: Negotiate YIIKaAYGKwYBBQUCoIIKXDCC1VOqg6YYZYn9ZhyiA4uoRgnatmUdjAWtGSU8po+799NksnRH9ucAUsdMlHUv'
        - 'got YIIFtgYJKoZIhvcSAQICAQBuggWlMIIFTCQCyEZDz/TddJ8HyS5SUkCnD8zRA9a9SkpXz9w3QlY7Zkuvqdt7s8Stqcbn back'
      clean:
        - 'got YIIKaAYGKwYBBQ back'
        - 'got MIIFtgYJKoZIhvcSAQICAQBuggWl back'
    - name: lark-webhook
      why: Lark and Feishu bot webhook
      patterns:
        - 'open\.feishu\.cn/open-apis/bot/v2/hook/[0-9a-f-]{36}'
        - 'open\.larksuite\.com/open-apis/bot/v2/hook/[0-9a-f-]{36}'
      match:
        - 'got open.feishu.cn/open-apis/bot/v2/hook/4c36a939-42ab-455b-ec47-1720c0d2c233 back'
        - 'got open.larksuite.com/open-apis/bot/v2/hook/5548a226-50f3-d142-39bc-e4da41822576 back'
      clean:
        - 'got open.feish back'
    - name: mattermost-webhook
      why: 'Mattermost and Rocket.Chat webhooks: the path is the credential'
      patterns:
        - '/hooks/[a-z0-9]{26}'
        - '/hooks/[A-Za-z0-9]{15,24}/[A-Za-z0-9]{30,70}'
      match:
        - 'got /hooks/lk2pia98yk7fqpsoqn7gehww9u back'
        - 'got /hooks/tyTkwHhEsoBPY3cLXKY/Kl78jofv2JZj1VRIzL2MWIm0Ty5cys67aA back'
      clean:
        - 'got /hooks/l back'
    - name: pagerduty-address
      why: PagerDuty integration address
      patterns:
        - '\.pagerduty\.com/integration/[0-9a-zA-Z]{32}'
      match:
        - 'got .pagerduty.com/integration/esZr00yZDnDgT4WYUy50xNmDlHNzIQ3r back'
      clean:
        - 'got .pagerduty back'
    - name: victorops-address
      why: Splunk On-Call (VictorOps) integration address
      patterns:
        - 'alert\.victorops\.com/integrations/[A-Za-z0-9_-]{2,20}/[0-9]{8}/alert/[0-9a-f-]{36}'
      match:
        - 'got alert.victorops.com/integrations/K8sTQz/43899632/alert/4a334c29-2e52-eaae-2bd7-017c3bb8f160 back'
      clean:
        - 'got alert.vict back'
    - name: sumologic-address
      why: Sumo Logic HTTP source address
      patterns:
        - '\.sumologic\.com/receiver/v1/[a-z]{2,10}/[A-Za-z0-9_=-]{40,140}'
      match:
        - 'got .sumologic.com/receiver/v1/kzveho/MvFhT7wk9hQi3kbPL0bOxnzNIF3NMpgNEqjQyddOeMyf back'
      clean:
        - 'got .sumologic back'
    - name: loggly-address
      why: Loggly input address
      patterns:
        - '\.loggly\.com/inputs/[0-9a-f-]{36}'
        - '\.loggly\.com/bulk/[0-9a-f-]{36}'
      match:
        - 'got .loggly.com/inputs/753ef76f-733f-f6c4-9a57-36d25630ffb0 back'
        - 'got .loggly.com/bulk/a1d995a7-4ff6-5265-b9d1-13405dcf208a back'
      clean:
        - 'got .loggly.co back'
    - name: deploy-hook
      why: Deploy and build hooks of Netlify, Vercel, Cloudflare Pages and Docker Hub
      patterns:
        - 'api\.netlify\.com/build_hooks/[0-9a-f]{24}'
        - 'api\.vercel\.com/v1/integrations/deploy/[A-Za-z0-9_-]{8,60}/[A-Za-z0-9]{8,40}'
        - 'webhooks/deploy_hooks/[0-9a-f-]{36}'
        - 'hub\.docker\.com/api/build/v1/source/[0-9a-f-]{36}/trigger/[0-9a-f-]{36}'
      match:
        - 'got api.netlify.com/build_hooks/078f7578caaaebfc1dd898f6 back'
        - 'got api.vercel.com/v1/integrations/deploy/YjUTKcZ7TTYi/08BGKbEHTpJr back'
        - 'got webhooks/deploy_hooks/8876ea4d-f023-8604-3fe3-557a02a94780 back'
        - 'got hub.docker.com/api/build/v1/source/497e9457-b50d-3d22-560b-94c801c62daa/trigger/d1553d64-98d3-2021-a8d9-123c774a77d4 back'
      clean:
        - 'got api.netlif back'
    - name: snitch-address
      why: 'Dead Man''s Snitch address: whoever has it may report'
      patterns:
        - 'nosnch\.in/[0-9a-f]{10}'
      match:
        - 'got nosnch.in/ea195ff22e back'
      clean:
        - 'got nosnc back'
    - name: calendar-address
      why: Private address of a Google calendar
      patterns:
        - '/private-[0-9a-f]{32}/basic'
      match:
        - 'got /private-3ce263abc70a150ccd8414afab31bf30/basic back'
      clean:
        - 'got /private-3 back'
    - name: reset-address
      why: 'Links that reset a password, confirm an address or log in: the last part of the path is the credential'
      patterns:
        - 'reset-password/[A-Za-z0-9._-]{20,300}'
        - 'reset_password/[A-Za-z0-9._-]{20,300}'
        - 'password-reset/[A-Za-z0-9._-]{20,300}'
        - 'password/reset/[A-Za-z0-9._-]{20,300}'
        - 'password_reset/[A-Za-z0-9._-]{20,300}'
        - 'verify-email/[A-Za-z0-9._-]{20,300}'
        - 'magic-link/[A-Za-z0-9._-]{20,300}'
        - 'invitations/[A-Za-z0-9._-]{20,300}/accept'
        - 'activate/[A-Za-z0-9._-]{20,300}'
        - 'unsubscribe/[A-Za-z0-9._-]{30,300}'
      confidence: low
      match:
        - 'got reset-password/1avAIrA10alzZnSCrEdujEtU back'
        - 'got reset_password/dyIZZryCR3Gqql5AjtwMo4uj back'
        - 'got password-reset/ptDVGOexAAff07gfGMilf6py back'
        - 'got password/reset/mDCNBKtzusydalOlgF0mviPF back'
        - 'got password_reset/Mu7CgsmABK0ud6Y8kGVtT3oS back'
        - 'got verify-email/nGolzRxxxtRiQWrKDQdV4THI back'
        - 'got magic-link/0T3uaz7PF0RJVmwNolVJnSms back'
        - 'got /invitations/vNMteLjatEzZAc1JAKivqmAb/accept back'
        - 'got /activate/0Mrizrx8inS06x2EWQykPOJY back'
        - 'got /unsubscribe/wUnn14rI3YkbJpbnwaMAidEaMKnPDRLjvYGzvwJ4pRu8 back'
      clean:
        - 'got reset-pas back'
    - name: otp-migration
      why: 'Export of an authenticator: holds the secrets of all its accounts'
      patterns:
        - 'otpauth-migration://offline[?]data=[A-Za-z0-9%+/=_-]{20,4000}'
      match:
        - 'got otpauth-migration://offline?data=hEsVsVHkuhFjorrx99WCawkA back'
      clean:
        - 'got otpauth-mi back'
    - name: private-key-der-more
      why: Encrypted PKCS 8, more curves, PKCS 1 and PKCS 8 in hexadecimal, PKCS 12 and Java key stores, without borders
      patterns:
        - 'MI[A-Za-z0-9+/]{2,6}BgkqhkiG9w0BBQ[0-9A-Za-z+/=]{60,4000}'
        - 'MHQCAQEEI[A-Za-z0-9+/=]{60,400}'
        - 'MIGTAgEAMBMGByqGSM49[A-Za-z0-9+/=]{60,400}'
        - 'MIG2AgEAMBAGByqGSM49[A-Za-z0-9+/=]{60,400}'
        - 'MIHuAgEAMBAGByqGSM49[A-Za-z0-9+/=]{60,400}'
        - 'MIGEAgEAMBAGByqGSM49[A-Za-z0-9+/=]{60,400}'
        - 'MIHcAgEBBEI[A-Za-z0-9+/=]{60,400}'
        - 'MC4CAQAwBQYDK2Vu[A-Za-z0-9+/=]{30,100}'
        - 'MEcCAQAwBQYDK2Vx[A-Za-z0-9+/=]{30,120}'
        - '/u3[+]7QAAAA[A-Za-z0-9+/=]{60,4000}'
        - 'zs7OzgAAAA[A-Za-z0-9+/=]{60,4000}'
        - 'MII[A-Za-z0-9+/]{3}IBAzCC[A-Za-z0-9+/=]{60,4000}'
        - 'MIACAQMwgAYJKoZIhvcNAQcB[A-Za-z0-9+/=]{60,4000}'
        - '3082[0-9a-f]{4}020100300d06092a864886f70d010101[0-9a-f]{60,4000}'
      match:
        - 'got MIv0d9iSBgkqhkiG9w0BBQBSeSdiIhps9gVo6PKvvgmflO7emNmM4GqCLwleyyquE8JVZl9yAenZZwIhmRcOuE back'
        - 'got MHQCAQEEI9vZd1WuBRkN4kIjPoaKo0IlLQ34qPCrE2EvCUSUMgOarlTK09DKiIYrAJzsLyQY1 back'
        - 'got MIGTAgEAMBMGByqGSM49Om6k0PMv4ashqHNfg4E7Ognrq96EBwepVmxfyRFEWrKeSV86OA80NlLloyN4ZLRW back'
        - 'got MIG2AgEAMBAGByqGSM49ch19eXOeZ4xUZByQoZ0mHuxFXOdqnxWm4XqskzTFcVXboqCo1xY2yPmUZNsmFHsb back'
        - 'got MIHuAgEAMBAGByqGSM49Pw9NjoumjZgNYCKrgdTog5vbJjox9rJTHdy3YFVIFxdhTGQxyWi47fRRwUPYixGg back'
        - 'got MIGEAgEAMBAGByqGSM499rXs4rJJi3i110egIYTlkZIujUCzMojW2EElvElGXChMl7wt6cXLhCoRLlc0Qlap back'
        - 'got MIHcAgEBBEIJoNsGyfEP1U5al3jm9U1mW3Bq68Gij44y5dAp6O8fuYHu2TWh2xpgxPwXcZKhSdY back'
        - 'got MC4CAQAwBQYDK2Vu7mMvNBJMDmIRUefniGMNe1aAgpWLAbJL7G back'
        - 'got MEcCAQAwBQYDK2VxWLKQPrbpqdsmZSCzBoFTKnSD8pHAI8Rlsm back'
        - 'got /u3+7QAAAAu8JVZjJpuiT655Cjwn74of0xuj5STfVBnTIlj4JWdwnTimYqUM0v9LNzikf3lJYC back'
        - 'got zs7OzgAAAACtoBOWao7NjnplK7esdGCiXi6h2LrWlzZT66aKNcy5cQGWpflZnREkvQUwR72TI8 back'
        - 'got MIIJqQIBAzCCCW8GCSqGSIb3DQEHAaCCPtYgjmUhBel31iEl2hpChYgCfrL1spNxnyVmihA/2O76UMFxFkM/R5Kjp1vR back'
        - 'got MIACAQMwgAYJKoZIhvcNAQcBoIAkt+1fjORS/6ilI8ihN5KXSc7Tvo/hBKqFYY/kv5ZJr3J1TWDtkwtDDb+xHKas back'
        - 'got 30820464020100300d06092a864886f70d0101011584271a0128ea055ceb4f3b5cc76d92d181f9a1cc3595a0b15fe24ae2525815 back'
      clean:
        - 'got MIv0d9iSBg back'
    - name: segment-token
      why: Segment public API token
      patterns:
        - 'sgp_[A-Za-z0-9]{64}'
      match:
        - 'got sgp_rN0uqCbLACWKkOXcDTub2Uyo5ZT4852B9yjQFXf82Un5JMUAXdSH3dIJb91REomb back'
      clean:
        - 'got sgp_rN0uqC back'
    - name: turbot-token
      why: Turbot Pipes token
      patterns:
        - 'tpt_[a-z0-9]{20}_[a-z0-9]{40,60}'
      match:
        - 'got tpt_5qmtn0evljomsn7ltjhq_7neu0i593cmao14wgdgmr1zn2d7lt2ujgikmq85arugq back'
      clean:
        - 'got tpt_5qmtn0 back'
    - name: lightdash-token
      why: Lightdash personal access token
      patterns:
        - 'ldpat_[0-9a-f]{32}'
      match:
        - 'got ldpat_c57c43f506b80cba530b5ab9b9be2471 back'
      clean:
        - 'got ldpat_c57 back'
    - name: hex-token
      why: Hex API tokens
      patterns:
        - 'hxtp_[0-9a-f]{40,96}'
        - 'hxtw_[0-9a-f]{40,96}'
      match:
        - 'got hxtp_38c3ab2c3cb4714d883f1fcd8b3a6a1a45a993fc9610 back'
        - 'got hxtw_4df49dc08398c58d026808c840c27950471af677a7b4 back'
      clean:
        - 'got hxtp_38c3a back'
    - name: stellar-seed
      why: Stellar secret seed
      patterns:
        - 'S[A-D][A-Z2-7]{54}'
      confidence: low
      match:
        - 'got SACRMOTCAR4LSEUZCDKARI3LDD2CWMK7VVRMTYOSYDNRKQC3HTGOO4YI back'
      clean:
        - 'got SACRMOTCAR back'
    - name: val-town-token
      why: Val Town API token
      patterns:
        - 'vtwn_[A-Za-z0-9]{24,60}'
      match:
        - 'got vtwn_Ab4PRIqeL6KnV0Spcf785r80lPB back'
      clean:
        - 'got vtwn_Ab4PRIq back'
    - name: modal-token
      why: Modal token id and secret
      patterns:
        - '[a][ks]-[A-Za-z0-9]{22}'
      confidence: low
      match:
        - 'got as-S8JWfrlaUZGpmylyuYMw7D back'
      clean:
        - 'got as-S8JWfrlaUZGp back'
    - name: aspnet-protected
      why: 'Data that ASP.NET Core protected: session cookies and antiforgery tokens'
      patterns:
        - 'CfDJ8[A-Za-z0-9_-]{60,4000}'
      match:
        - 'got CfDJ8uI0IJiFCwgpYKW3ytOnmw9nKVxD5VzobMTLvHJfp9hu7AOY6ryGyyPkcuym34F40 back'
      clean:
        - 'got CfDJ8uI0IJ back'
    - name: signed-session
      why: Signed sessions of Flask, Django and Rails
      patterns:
        - '\.eJ[A-Za-z0-9_-]{20,4000}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27}'
        - 'eyJ[A-Za-z0-9_-]{8,4000}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27}'
        - 'eyJ[A-Za-z0-9_-]{8,4000}:[A-Za-z0-9]{6}:[A-Za-z0-9_-]{27,43}'
        - '[A-Za-z0-9+/=%]{60,4000}--[0-9a-f]{40}'
      match:
        - 'got .eJXQUlClZBT8KI8A4SzjSSHfbz.CWKmrU.qUz19CY0RnOjJsrBw38SvZagt5x back'
        - 'got eyJDNPpQK1kGbAk.1MI59L.D4QLlwbJA7pCgZ7cEKlOVbIe6nF back'
        - 'got eyJukfNt2GbnM5z:Iev5PL:Kphrzg632iEPPhOrtaZhjEPQUxkVfMG back'
        - 'got yoB8CbDUM7DqSLR57qQAkhSMuXHKWYJsThQMcD89BWOJmF13YBW8U4YPiJxEBBLN--820d3d2bfdc8ab3872178a38976ee082c309feda back'
      clean:
        - 'got .eJXQUlClZ back'
    - name: laravel-key
      why: Key of a Laravel application
      patterns:
        - 'base64:[A-Za-z0-9+/]{43}='
      match:
        - 'got base64:dvfVmFsBDkFoI3aMb4qqllBBHzUNNqoGAb184SL1I0x= back'
      clean:
        - 'got base64:dvf back'
    - name: expo-token
      why: Expo push token
      patterns:
        - 'ExponentPushToken\[[A-Za-z0-9_-]{20,40}\]'
      match:
        - 'got ExponentPushToken[eZI4SmeN23xgT1cQgQoLdSJM] back'
      clean:
        - 'got ExponentPu back'
    - name: wallet-import-key
      why: Private key of a Bitcoin wallet in its import format
      patterns:
        - '5[HJK][1-9A-HJ-NP-Za-km-z]{49}'
        - '[KL][1-5][1-9A-HJ-NP-Za-km-z]{50}'
      confidence: low
      match:
        - 'got 5KFgPfa5FcUsAd1NosoSes61U6UW761Dx6rGLD8AoHnLCuckiD6 back'
        - 'got K32vELSNZ3ViHXbgPEP93mMmckFwEtthafUnXBfPcCoawtbL22fe back'
      clean:
        - 'got 5KFgPfa5Fc back'
    - name: microk8s-token
      why: Token that joins a MicroK8s cluster
      patterns:
        - ':25000/[0-9a-f]{32}/[0-9a-f]{12}'
        - ':25000/[0-9a-f]{32}'
      match:
        - 'got :25000/9b5a391ad65152fcdcbc836b42830bca/398d44490847 back'
        - 'got :25000/b0f7f2f9714e2b4b12060e6ef06174d5 back'
      clean:
        - 'got :25000/9b5 back'
    - name: flagsmith-key
      why: Flagsmith server key
      patterns:
        - 'ser\.[A-Za-z0-9]{22}'
      confidence: low
      match:
        - 'got ser.x1u0CTDoCrPkZ2X8wfwISk back'
      clean:
        - 'got ser.x1 back'
    - name: unleash-token
      why: Unleash API tokens
      patterns:
        - '[*a-z0-9-]{1,40}:production\.[0-9a-f]{56,64}'
        - '[*a-z0-9-]{1,40}:development\.[0-9a-f]{56,64}'
      match:
        - 'got wjcvx:production.05087505798acbc58b504ee8fa5a41c4e63cadaa62277c57d7a25112fc68 back'
        - 'got 2v6al:development.ef9ee3f1e63bf0cda1643d03464780b1161676605e8fbbba790e3516c9ba back'
      clean:
        - 'got wjcvx:prod back'
    - name: fal-key
      why: 'fal.ai key: id and secret'
      patterns:
        - '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}:[0-9a-f]{32}'
      match:
        - 'got 5fa9ff0f-82a3-db05-bba8-8c57922f2263:ca77148c50aa6c8f5501419bf4149b87 back'
      clean:
        - 'got 5fa9ff0f-8 back'
    - name: salesforce-refresh-token
      why: Salesforce OAuth refresh token
      patterns:
        - '5Aep861[A-Za-z0-9._]{60,120}'
      match:
        - 'got 5Aep861e8jnPJjoqgA2RB19fLy0Mg1YLVUHFjxQieNOMEF2Msj5cmtiEG1ztvNvV2FGkd0F back'
      clean:
        - 'got 5Aep861e8j back'
    - name: newrelic-admin-key
      why: New Relic admin key
      patterns:
        - 'NRAA-[0-9a-f]{27}'
      match:
        - 'got NRAA-1c77fc4c011f1bd38f1f34920fb back'
      clean:
        - 'got NRAA-1c7 back'
    - name: pangea-token
      why: Pangea service token
      patterns:
        - '[p]t[s]_[a-z0-9]{32}'
      match:
        - 'got pts_jbapf5hy6gipqnfkkjbdoy27rg62srs5 back'
      clean:
        - 'got pts_jba back'
    - name: nightfall-key
      why: Nightfall API key
      patterns:
        - '[N]F-[A-Za-z0-9]{32}'
      confidence: low
      match:
        - 'got NF-ECBvJAFq4GgNrFxbKG8qYSd4fis0xZM4 back'
      clean:
        - 'got NF-ECB back'
    - name: canva-secret
      why: Canva Connect client secret
      patterns:
        - 'cnvca[A-Za-z0-9_-]{40,60}'
      confidence: low
      match:
        - 'got cnvcaU6MxRXwurevxxphZgiZ3QYv4j1tqT7FRrGJIX7ysDN60 back'
      clean:
        - 'got cnvcaU6M back'
    - name: mercadopago-token
      why: Mercado Pago access token, live and test
      patterns:
        - 'APP_USR-[0-9]{12,20}-[0-9]{6}-[0-9a-f]{32}-[0-9]{6,12}'
        - 'TEST-[0-9]{12,20}-[0-9]{6}-[0-9a-f]{32}-[0-9]{6,12}'
      match:
        - 'got APP_USR-8996141579007276-601062-885221c25f6aaf76fdc6c369aad6b68b-2524874473 back'
        - 'got TEST-2049668896617857-626686-099ee02cab83bb43e451f9ab2845ad0f-8633907196 back'
      clean:
        - 'got APP_USR-899 back'
    - name: appwrite-key
      why: Appwrite API key
      patterns:
        - 'standard_[0-9a-f]{200,300}'
      match:
        - 'got standard_26b715568b9126bef73fecde3b53f79a8afba701070d26d7f79a73aff5cfd4501150bf8e28d3e14be535893b80598e7d8a50f510dc6c4393a96e78c3403049d3e8474f2a7dccc06616cd334b459e42220d8c947e0dedc8b137913993ed6da209da99098b260f back'
      clean:
        - 'got standard_26b back'
    - name: helicone-key
      why: Helicone API keys
      patterns:
        - 'sk-helicone-[a-z0-9]{5,10}-[a-z0-9]{5,10}-[a-z0-9]{5,10}-[a-z0-9]{5,10}'
        - 'pk-helicone-[a-z0-9]{5,10}-[a-z0-9]{5,10}-[a-z0-9]{5,10}-[a-z0-9]{5,10}'
      match:
        - 'got sk-helicone-5c1zxtfcb-y6sapzx36-z7b011mad-f4smvvro3 back'
        - 'got pk-helicone-lc9g61in9-izhj6bwmp-bd54754hc-k4rbdgl4h back'
      clean:
        - 'got sk-helicone-5c1 back'
    - name: plain-key
      why: Plain API key
      patterns:
        - 'plainApiKey_[a-z]{2,4}__[A-Za-z0-9]{20,32}__[A-Za-z0-9-]{30,40}'
      match:
        - 'got plainApiKey_iinp__sHqvr3dc9pHJ1CTGABUdaFic__TrcgbUGh6CvjJKL8IjfhrNkF9K3WMLU4mT back'
      clean:
        - 'got plainApiKey_iin back'
    - name: raycast-token
      why: Raycast access token
      patterns:
        - '[r]c[a]_[0-9a-f]{64}'
      match:
        - 'got rca_bb5371bd6a2ba11015b11f5c9538f28f41ec36f2e5fa8b4ecfe5dc94fa78e5fa back'
      clean:
        - 'got rca_bb5 back'
    - name: paserk
      why: Private and shared keys in the form of PASERK
      patterns:
        - 'k[1-4]\.secret\.[A-Za-z0-9_-]{40,200}'
        - 'k[1-4]\.local\.[A-Za-z0-9_-]{40,200}'
      match:
        - 'got k2.secret.pc1ZAplVAlo7zoe8jv45SxQgWPfob1EDMz9azNsGywgb back'
        - 'got k2.local.iFaALrm8RuWHU9W1384Y8hJm8U8uU6BblrwfEQ4aF3sy back'
      clean:
        - 'got k2.s back'
    - name: macaroon
      why: 'Macaroon: its base64 begins with the field for its place, as two versions write it, and the one of LND in hexadecimal'
      patterns:
        - 'MDA[A-Za-z0-9]{3}xvY2F0aW9uI[A-Za-z0-9_+/=-]{40,4000}'
        - 'AgEDbG5k[A-Za-z0-9_+/=-]{60,4000}'
        - '0201036c6e64[0-9a-fA-F]{80,4000}'
      match:
        - 'got MDA8tUxvY2F0aW9uIYGS4dVlwOSJSOpHIJnbHwWZr9fOia7tJip1SmUFnVnBq back'
        - 'got AgEDbG5kEsK4FpAtpSU2bVQO4mBLP1GZU3OohpKsPBmLPIjDQKqZyp6pt5MjQ36WprHyqdS8 back'
        - 'got 0201036c6e641A0FBD0f0e0134fAE156f051968ceeD132C42aEaE2AD4DE026E05eA88eb1DEC31242A7cF89aBedc8Cc08 back'
      clean:
        - 'got MDA8tU back'
    - name: minisign-secret-key
      why: Secret keys of minisign and of signify
      patterns:
        - 'RWRTY0Iy[A-Za-z0-9+/=]{180,240}'
        - 'RWRCS[A-Za-z0-9+/=]{120,160}'
      match:
        - 'got RWRTY0IyXp7Ult5RxUbK0cnGWnIcmnbXznAZlQCCgjZ1YzDAStHSQXw8Q12SXLAHijHH3sWKBX94XQJZjHIt6iTWYpmnV497uojoeHyAwJkjE0lrRX4Rs6SCd9qyOK70GnlcsI6rdsxdFhjUGRJpuzlf2Bi0vtvAmXhmyTeaDJsxTRI5NaK8uELOawONLGUY back'
        - 'got RWRCSgaQRYlb6Mq6rPihCWT49Q7geKAAI5JUfRN4BGfLZDanYQiMA06cPppKFsOw1arr4U6FhQlLgo1WawZkIlzJ0jHY6mYut0WpFRbErlGUAmFHKtOc3ZVLzhvjCCFFQ back'
      clean:
        - 'got RWRTY0IyXp7 back'
    - name: pgp-secret-packet
      why: 'Secret key of OpenPGP in base64 without borders: the packets of RSA, ECDSA and Ed25519 keys'
      patterns:
        - 'lQ[A-Za-z0-9]{1}YB[A-Za-z0-9+/=]{120,4000}'
        - 'lQ[A-Za-z0-9]{1}GB[A-Za-z0-9+/=]{120,4000}'
        - '[l]F[g]E[A-Za-z0-9+/=]{100,4000}'
        - '[l]I[Y]E[A-Za-z0-9+/=]{120,4000}'
        - 'xcLYB[A-Za-z0-9+/=]{120,4000}'
        - '[x]V[g]E[A-Za-z0-9+/=]{100,4000}'
      confidence: low
      match:
        - 'got lQSYB61rOshQzLbKu0wTTQPKrZOXEpcDoH05GM29MCkJzd8WVlnF4GwzUki5SIrNDaEuQChtoLr5MdSY1Q2Kgd3vphKs2THXJewS4umxVSgZ60kY9HXSKHVU0PCWHq9QG back'
        - 'got lQDGBYuf9SnjGd3GgcmG1f7zvxCGZvSBlG2GoKLsCgK7YlKbGMRaKruyqoN8KVB2GfBr29zt4n9kVWJcSbfpDrMCg0MpKj57Ed2T8NHTTlDiDXrlgzv51AQe3bRteZEFr back'
        - 'got lFgEl6ioQ2W0ZiugeCTRMnDRm7PaELrnf6cl0eBMCWOr6oCjZyUc11R7lNOuxbvPDKTOkq59NQJM12XPAYetGtVsw6Cqgs09u0WN7DHtPhve back'
        - 'got lIYEJfmSj7Mww5Q8DWS4xRx7Zou9OWP2MKuikCuAlxS6rfvWKpc7grvhXQgCBFsIL6GMPRqc3gkwirfKWT4pbVixdewTIHMB8mZakhpfR9ZX8i7z6hd8PSRdakcfJebJ back'
        - 'got xcLYB80xC5UpqOUhRANRsWlmZCtNFuISt6FdXDBYleOcGCdk9IXD7Fi16jGBhtycob6jQcPSnA3RddPsbqtwNvRXubniVXQxlSjH8Cp9H0zVVvQgCyijfNPxt9zK9kpnc back'
        - 'got xVgEB74IjlkrIvdZYXKwAra2FcvGeP1Xk3bFoaBAZQ2Ukbba73tIaT2SUbpR2M6rBfZ9Grd9iSRMkI0pljMWRGfmIUj2e5tC2VZY815JUH9d back'
      clean:
        - 'got lQSYB back'
    - name: google-auth-key
      why: Google API key of the form that is bound to an account
      patterns:
        - 'AQ\.Ab8RN6[A-Za-z0-9_-]{30,80}'
      match:
        - 'got AQ.Ab8RN6alSQegPz8R4QYbycNCYz3bxQAndCIo4TVw back'
      clean:
        - 'got AQ.Ab8RN6alS back'
    - name: azure-event-hub-key
      why: 'Azure Event Hubs key: its mark before the last characters'
      patterns:
        - '[A-Za-z0-9+/]{33}\+AEh[A-D][A-Za-z0-9+/]{5}='
      match:
        - 'got II8YjyyMjy1wbTBLBcaK4N6sZCGbAVv91+AEhAKgtDL= back'
      clean:
        - 'got II8Y back'
    - name: atlassian-service-token
      why: Atlassian service account and app tokens
      patterns:
        - 'ATSTT3[A-Za-z0-9_=-]{80,400}'
      match:
        - 'got ATSTT3KRnIeP3DgUUwXn5VygLeFf6pcTfZuCHiRnqZWw5ZSCztYVVvr0fv5bJlvJVXAs5NJ2kCu5YQr2bu7OwIrECK back'
      clean:
        - 'got ATSTT3KRn back'
    - name: cas-ticket
      why: 'Tickets of a central authentication service: for granting tickets, for a proxy, for a service'
      patterns:
        - '[T]G[T]-[0-9]{1,9}-[A-Za-z0-9_-]{24,120}'
        - '[P]G[T]-[0-9]{1,9}-[A-Za-z0-9_-]{24,120}'
        - 'PGTIOU-[0-9]{1,9}-[A-Za-z0-9_-]{20,120}'
      confidence: low
      match:
        - 'got TGT-98900-gPFnNgtIebKHzDXtQZEg1zppNETd back'
        - 'got PGT-09852-RpXLvkxwzKZj2bjuXX5JfMZJE1Yn back'
        - 'got PGTIOU-32036-H7MvBmnTx3UOWD6LB5CLqZ12 back'
      clean:
        - 'got TGT-989 back'
    - name: rancher-kubeconfig-token
      why: Rancher kubeconfig token
      patterns:
        - 'kubeconfig-u[a-z0-9-]{1,40}:[a-z0-9]{54}'
      match:
        - 'got kubeconfig-unc486:t4tftgsiehs8s0fr23jve7uhhaj9q5dcy3f96qm8a2r9hl2fl1lcaa back'
      clean:
        - 'got kubeconfig-unc4 back'
    - name: age-hybrid-key
      why: age identity of the hybrid kind
      patterns:
        - 'AGE-SECRET-KEY-PQ-1[A-Z0-9]{58,4000}'
      match:
        - 'got AGE-SECRET-KEY-PQ-1912ET7JGFI8LPZIU5X91SCRO8SKEM8DE81U6RW2D2JR7IYJLXAIYAC5IO7M50A back'
      clean:
        - 'got AGE-SECRET-KEY-PQ-1912 back'
    - name: postman-access-token
      why: Postman collection access key
      patterns:
        - 'PMAT-[A-Z0-9]{26}'
      match:
        - 'got PMAT-5C4J90IJZD3COXVU3TN47QIXKH back'
      clean:
        - 'got PMAT-5C4 back'
    - name: anaconda-token
      why: Anaconda token, as it stands in the path of a channel
      patterns:
        - '[t]k-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}'
      match:
        - 'channel https://conda.x/t/tk-43e8f81d-ebfe-4bcc-affd-11ff3a9692a5/main'
      clean:
        - 'got tk-43e8f81d-ebfe back'
  """#
