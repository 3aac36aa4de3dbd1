/// The demo's crash loops: what the programs are, what they print, what they should not have printed.
extension FailingWorkload {
  /// Node.js: cannot reach its database and prints the URL; 240 lines before it.
  static var paymentsAPI: FailingWorkload {
    let password = "hvit-Elg-4417!"
    let apiKey = "pk9f2c77e01b5d4a8896aa31"
    let smtp = "tr0ub4dor-Fjell-7"
    let token =
      "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJwYXltZW50cyIsInNjb3BlIjoiY2hhcmdlIn0."
      + "R2KQg6hfeuhuFPmTH53IIspy2ANgOZcIyJAkcYDMsAA"
    var log = (1...220).map { index in
      #"{"level":"info","service":"payments-api","seq":\#(index),"msg":"charge ch_\#(100_000 + index) settled in 14 ms"}"#
    }
    log += [
      #"{"level":"debug","msg":"calling ledger","headers":{"Authorization":"Bearer \#(token)","Accept":"*/*"}}"#,
      #"{"level":"warn","msg":"pool exhausted","dsn":"postgres://payments:\#(password)@db.payments.svc:5432/payments"}"#,
      "Error: connect ECONNREFUSED 10.96.14.2:5432",
      "    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1555:16)",
      "    at Pool.connect (/app/node_modules/pg-pool/index.js:45:11)",
      "    at async Ledger.open (/app/src/ledger.js:88:5)",
      "    at async main (/app/src/index.js:17:3) {",
      "  code: 'ECONNREFUSED', address: '10.96.14.2', port: 5432, password: '\(password)'",
      "}",
      "Node.js v20.11.1",
    ]
    return FailingWorkload(
      workload: SimulatedWorkload(
        namespace: "payments", name: "payments-api",
        containers: [
          .init(
            "api", image: "registry.shop.example/payments-api:1.4.2",
            environment: [
              .init("DB_PASSWORD", password), .init("PAYMENT_API_KEY", apiKey), .init("LOG_LEVEL", "debug"),
            ],
            memoryLimit: "256Mi")
        ],
        configMaps: [
          .init(
            "payments-config",
            [
              "FEATURE_INSTALMENTS": "true", "SMTP_URL": "smtp://mailer:\(smtp)@mail.shop.example:587",
              "application.yaml": "server: {port: 8080}\nledger:\n  url: https://ledger.shop.example\n"
                + "  apiKey: \(apiKey)\nretries: 5\n",
            ])
        ],
        annotations: ["shop.example/runbook": "https://wiki.shop.example/payments"]),
      script: .crashLoop(container: "api", exitCode: 1, log: log),
      secrets: [
        .init(password, "env DB_PASSWORD, last-applied annotation, log (URL, property)"),
        .init(apiKey, "env PAYMENT_API_KEY, ConfigMap application.yaml"),
        .init(smtp, "ConfigMap SMTP_URL"), .init(token, "log, Authorization header in JSON"),
      ])
  }

  /// .NET in an init container: the connection string is printed before the migration fails.
  static var ledger: FailingWorkload {
    let password = "Brunost#Kniv-2024"
    return FailingWorkload(
      workload: SimulatedWorkload(
        namespace: "payments", name: "ledger",
        containers: [
          .init(
            "migrate", image: "registry.shop.example/ledger-migrations:42", isInit: true,
            environment: [.init("LEDGER_DB_PASSWORD", password)]),
          .init("ledger", image: "registry.shop.example/ledger:7.3.0"),
        ]),
      script: .initCrashLoop(
        container: "migrate", exitCode: 134,
        log: [
          "Running migrations for ledger (target 0042_add_settlement_index)",
          "Using connection string Server=db.payments.svc;Port=5432;User Id=ledger;Password=\(password);Database=ledger",
          "Applying 0041_split_accounts ... OK",
          "Applying 0042_add_settlement_index ... FAILED",
          "Unhandled exception. Npgsql.PostgresException (0x80004005): 42P01: relation \"settlements\" does not exist",
          "   at Npgsql.Internal.NpgsqlConnector.ReadMessageLong(Boolean async)",
          "   at Ledger.Migrations.Runner.Apply(Migration m) in /src/Runner.cs:line 57",
          "   at Ledger.Migrations.Program.Main(String[] args) in /src/Program.cs:line 21",
          "Aborted (core dumped)",
        ]),
      secrets: [.init(password, "env LEDGER_DB_PASSWORD of an init container, log (connection string)")])
  }

  /// C: a segmentation fault, exit 139; the URL of its store in the environment.
  static var cartCache: FailingWorkload {
    let password = "r3d1s-Sommerfugl-55"
    return FailingWorkload(
      workload: SimulatedWorkload(
        namespace: "shop", name: "cart-cache",
        containers: [
          .init(
            "cache", image: "registry.shop.example/cart-cache:1.0.0",
            environment: [.init("REDIS_URL", "redis://:\(password)@cache.shop.svc:6379/0")])
        ]),
      script: .crashLoop(
        container: "cache", exitCode: 139,
        log: [
          "cart-cache: loading snapshot /var/lib/carts/current.bin", "cart-cache: mapped 0 bytes",
          "cart-cache: falling back to redis://:\(password)@cache.shop.svc:6379/0",
          "Segmentation fault (core dumped)",
        ]),
      secrets: [.init(password, "env REDIS_URL, log (URL)")])
  }

  /// Python: a traceback that shows the arguments of the call.
  static var notifier: FailingWorkload {
    let password = "post-Due-8842-zq"
    let webhook = "whk4b7e1f20c9d84417aa06"
    return FailingWorkload(
      workload: SimulatedWorkload(
        namespace: "platform", name: "notifier",
        containers: [
          .init(
            "notifier", image: "registry.shop.example/notifier:0.8.4",
            environment: [.init("SMTP_PASSWORD", password), .init("WEBHOOK_TOKEN", webhook)])
        ]),
      script: .crashLoop(
        container: "notifier", exitCode: 1,
        log: [
          "INFO:notifier:starting with smtp_password=\(password) host=mail.shop.example",
          "DEBUG:urllib3.connectionpool:POST https://hooks.shop.example/send?token=\(webhook) HTTP/1.1 503",
          "Traceback (most recent call last):",
          "  File \"/app/notifier/__main__.py\", line 31, in <module>", "    main()",
          "  File \"/app/notifier/smtp.py\", line 74, in connect",
          "    server.login(user, \"\(password)\")",
          "smtplib.SMTPAuthenticationError: (535, b'5.7.8 Authentication credentials invalid')",
        ]),
      secrets: [
        .init(password, "env SMTP_PASSWORD, log (pair, literal in a traceback)"),
        .init(webhook, "env WEBHOOK_TOKEN, log (query of a URL)"),
      ])
  }

  /// Java: a private key in a ConfigMap and a password in a nested cause.
  static var invoiceExport: FailingWorkload {
    let password = "faktura-Tog-3390x"
    let key = [
      "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDFakeDemoKeyA1",
      "bXk5dGhpc0lzTm90QVJlYWxLZXlCdXRBUGxhbnRlZE9uZUZvckRlbW9uc3RyYXRp",
    ]
    return FailingWorkload(
      workload: SimulatedWorkload(
        namespace: "payments", name: "invoice-export",
        containers: [
          .init(
            "export", image: "registry.shop.example/invoice-export:2.2.0",
            environment: [.init("SFTP_PASSWORD", password)], memoryLimit: "512Mi")
        ],
        configMaps: [
          .init(
            "invoice-keys",
            [
              "signing.pem": "-----BEGIN PRIVATE KEY-----\n\(key.joined(separator: "\n"))\n-----END PRIVATE KEY-----\n",
              "schedule": "0 3 * * *",
            ])
        ]),
      script: .crashLoop(
        container: "export", exitCode: 1,
        log: [
          "INFO  InvoiceExport - 1,204 invoices selected",
          "Exception in thread \"main\" java.lang.IllegalStateException: export failed",
          "\tat example.shop.invoice.Export.run(Export.java:112)",
          "\tat example.shop.invoice.Main.main(Main.java:20)",
          "Caused by: com.jcraft.jsch.JSchException: Auth fail for sftp://export:\(password)@files.bank.example:22",
          "\tat com.jcraft.jsch.Session.connect(Session.java:519)", "\t... 2 more",
        ]),
      secrets: [.init(password, "env SFTP_PASSWORD, log (URL in a nested cause)")]
        + key.map { .init($0, "ConfigMap signing.pem, line of a private key") })
  }
}
