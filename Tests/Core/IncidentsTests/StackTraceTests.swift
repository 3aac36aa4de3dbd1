import Testing

@testable import Incidents

@Suite("Stack traces")
struct StackTraceTests {
  private func traces(_ log: String) -> [StackTrace] {
    LogExcerpt(Array(log.utf8), lines: 500, bytes: 1 << 20).traces
  }

  @Test(
    "each runtime's shape is known: language, headline, first frame, lines",
    arguments: [
      (
        """
        2026-11-23 02:06:25.729 ERROR 1 --- [main] o.s.boot.SpringApplication : Application run failed
        org.springframework.beans.factory.BeanCreationException: Error creating bean with name 'dataSource'
        \tat org.springframework.beans.Factory.create(Factory.java:628) ~[spring-beans-6.1.jar:6.1]
        \tat shop.Main.main(Main.java:12)
        Caused by: java.net.ConnectException: Connection refused
        \tat java.base/sun.nio.ch.Net.pollConnect(Native Method)
        \t... 21 common frames omitted
        bye
        """, "java",
        "org.springframework.beans.factory.BeanCreationException: Error creating bean with name 'dataSource'",
        "at org.springframework.beans.Factory.create(Factory.java:628) ~[spring-beans-6.1.jar:6.1]", 6
      ),
      (
        """
        /app/index.js:5
            throw new Error('boom')
            ^

        Error: connect ECONNREFUSED 10.0.0.5:5432
            at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1555:16)
            at async start (/app/dist/main.js:41:3) {
          errno: -111,
          code: 'ECONNREFUSED'
        }

        Node.js v18.19.0
        """, "node", "Error: connect ECONNREFUSED 10.0.0.5:5432",
        "at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1555:16)", 6
      ),
      (
        """
        Unhandled exception. System.InvalidOperationException: no connection string
         ---> System.ArgumentNullException: Value cannot be null.
           at Shop.Api.Program.Main(String[] args) in /src/Program.cs:line 12
           --- End of inner exception stack trace ---
           at Shop.Api.Startup.Configure() in /src/Startup.cs:line 9
        """, "dotnet", " ---> System.ArgumentNullException: Value cannot be null.",
        "at Shop.Api.Program.Main(String[] args) in /src/Program.cs:line 12", 4
      ),
      (
        """
        [23-Nov-2026 02:06:25 UTC] PHP Fatal error:  Uncaught PDOException: SQLSTATE[08006] Connection refused in /app/db.php:12
        Stack trace:
        #0 /app/db.php(12): PDO->__construct('pgsql:host=db')
        #1 {main}

        Next RuntimeException: no database in /app/boot.php:5
        Stack trace:
        #0 /app/index.php(3): boot()
        #1 {main}
          thrown in /app/boot.php on line 5
        bye
        """, "php",
        "[23-Nov-2026 02:06:25 UTC] PHP Fatal error:  Uncaught PDOException: SQLSTATE[08006] Connection refused in /app/db.php:12",
        "#0 /app/db.php(12): PDO->__construct('pgsql:host=db')", 10
      ),
      (
        """
        [2026-11-23 02:06:25] production.ERROR: no database {"exception":"[object] (RuntimeException(code: 0): no database at /app/a.php:3)
        [stacktrace]
        #0 /app/a.php(3): boot()
        #1 {main}
        "}
        """, "php",
        "[2026-11-23 02:06:25] production.ERROR: no database {\"exception\":\"[object] (RuntimeException(code: 0): no database at /app/a.php:3)",
        "#0 /app/a.php(3): boot()", 4
      ),
      // A message of several lines, as Npgsql's are.
      (
        """
        waiting
        Npgsql.PostgresException (0x80004005): 42P01: relation "entries" does not exist

        POSITION: 44
           at Npgsql.Internal.NpgsqlConnector.ReadMessage(Boolean async)
           at Ledger.Migrations.Run() in /src/Migrations.cs:line 88
        """, "dotnet", #"Npgsql.PostgresException (0x80004005): 42P01: relation "entries" does not exist"#,
        "at Npgsql.Internal.NpgsqlConnector.ReadMessage(Boolean async)", 5
      ),
      (
        """
        starting
        Traceback (most recent call last):
          File "/app/main.py", line 3, in <module>
            run()
          File "/app/run.py", line 9, in run
            os.environ["DB"]
        KeyError: 'DB'

        During handling of the above exception, another exception occurred:

        Traceback (most recent call last):
          File "/app/main.py", line 5, in <module>
            raise SystemError("no config")
        SystemError: no config
        after
        """, "python", "SystemError: no config", #"File "/app/main.py", line 3, in <module>"#, 13
      ),
      (
        """
        panic: runtime error: invalid memory address or nil pointer dereference
        [signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x48]

        goroutine 1 [running]:
        main.(*Server).Handle(0x0, {0xc000010250, 0x5})
        \t/src/server.go:41 +0x1d
        main.main()
        \t/src/main.go:12 +0x25
        exit status 2
        """, "go", "panic: runtime error: invalid memory address or nil pointer dereference",
        "main.(*Server).Handle(0x0, {0xc000010250, 0x5})", 9
      ),
      (
        """
        thread 'main' panicked at src/main.rs:14:10:
        called `Result::unwrap()` on an `Err` value: NotPresent
        stack backtrace:
           0: rust_begin_unwind
                     at /rustc/abc/library/std/src/panicking.rs:645:5
           1: shop::main
        note: run with `RUST_BACKTRACE=full`
        """, "rust", "called `Result::unwrap()` on an `Err` value: NotPresent", "0: rust_begin_unwind", 7
      ),
      (
        """
        thread 'tokio-runtime-worker' panicked at 'boom', src/main.rs:3:5
        note: run with `RUST_BACKTRACE=1` environment variable
        """, "rust", "thread 'tokio-runtime-worker' panicked at 'boom', src/main.rs:3:5", "", 2
      ),
      (
        """
        app.rb:3:in `connect': Connection refused (Errno::ECONNREFUSED)
        \tfrom app.rb:9:in `run'
        \tfrom app.rb:12:in `<main>'
        done
        """, "ruby", "app.rb:3:in `connect': Connection refused (Errno::ECONNREFUSED)", "from app.rb:9:in `run'", 3
      ),
      (
        #"{"level":"error","stack":"Error: no db\n    at f (/app/a.js:1:2)\n    at g"}"#, "node",
        #"{"level":"error","stack":"Error: no db\n    at f (/app/a.js:1:2)\n    at g"}"#, "", 1
      ),
    ])
  func shapes(log: String, language: String, headline: String, frame: String, lines: Int) throws {
    let found = traces(log)
    let trace = try #require(found.first)
    #expect(found.count == 1)
    #expect(trace.language.rawValue == language)
    #expect(trace.headline == headline.drop { $0 == " " })
    #expect(trace.frame == frame)
    #expect(trace.lines == lines)
    // The same with Windows line ends.
    #expect(traces(log.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n")).count == 1)
  }

  @Test(
    "what only resembles one is none",
    arguments: [
      "look at me\n", "  at 10:00 the job runs\n", "goroutine pool is full\n",
      "Traceback (most recent call last):\nno frames\n",
      "mail from bob\n  from here\n", "panic: nothing follows\n", "at\n at\n", "{\"a\":\"b\\nc\"}\n",
    ])
  func noTrace(log: String) {
    #expect(traces(log).isEmpty)
  }

  @Test("a recursion's frames are folded and stay one trace")
  func recursion() throws {
    let log =
      ["Exception in thread \"main\" java.lang.StackOverflowError"] + Array(repeating: "\tat A.f(A.java:3)", count: 900)
    let excerpt = LogExcerpt(Array(log.joined(separator: "\n").utf8), lines: 200, bytes: 1 << 20)
    #expect(excerpt.repeatedLines == 899)
    #expect(excerpt.traces.map(\.lines) == [3])
  }

  @Test("a line of many megabytes is neither copied nor cut into a headline")
  func longLine() throws {
    let log = "Error: " + String(repeating: "s", count: 1 << 20) + "\n    at f (/a.js:1:2)\n    at g (/a.js:1:2)\n"
    #expect(traces(log).map(\.headline) == [""])
  }
}
