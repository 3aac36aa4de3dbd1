#!/usr/bin/env python3
"""Presses TAB in real shells and looks at what they offer.

    completions.py PROGRAM COMPLETIONS SHELL...

PROGRAM is kube-mind, COMPLETIONS the folder with its three files, SHELL any of bash, zsh and fish. Names of the cluster come from a
server of this script that answers two lists, through a kubeconfig of this script with two contexts.
"""

import fcntl
import http.server
import json
import os
import pathlib
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time

# Longest wait for a shell's answer: a debug build takes its time on a loaded machine.
PATIENCE = 30
# A line that is typed, and words that must be offered or be filled in, and words that must not.
CASES = [
    ("kube-mind har", ["harvest"], []),
    ("kube-mind harvest ", ["pod", "pods"], ["complete", "reference"]),
    ("kube-mind harvest pod --conf", ["--config-maps"], ["--preflight"]),
    ("kube-mind harvest pod -o ", ["json", "yaml"], []),
    ("kube-mind harvest pod -n sh", ["shop"], ["kube-system"]),
    ("kube-mind harvest pod -n shop web-", ["web-5d9c-a", "web-5d9c-b"], ["db-0"]),
    ("kube-mind watch --context st", ["staging"], ["production"]),
]


# What a shell says to the terminal besides text: movements, colours, modes, titles.
CONTROL = re.compile(r"\x1b\[[0-9;?>=]*[A-Za-z]|\x1b[()][A-Z0-9]|\x1b[=>]|[\x07\x0e\x0f]|\x1b\][^\x07]*\x07")


class Server(http.server.BaseHTTPRequestHandler):
    names = {"/api/v1/namespaces": ["shop", "kube-system"], "/api/v1/namespaces/shop/pods": ["web-5d9c-a", "web-5d9c-b", "db-0"]}

    def do_GET(self):
        names = self.names.get(self.path.partition("?")[0], [])
        body = json.dumps({"kind": "List", "items": [{"metadata": {"name": name}} for name in names]}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Shell:
    """An interactive shell on a terminal of our own."""

    def __init__(self, arguments, environment):
        self.master, terminal = pty.openpty()
        # Of no size nothing fits.
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 160, 0, 0))
        self.process = subprocess.Popen(
            arguments, stdin=terminal, stdout=terminal, stderr=terminal, env=environment, start_new_session=True,
            # fish wants to own its terminal.
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        os.close(terminal)
        self.seen = ""

    def type(self, text):
        os.write(self.master, text.encode())

    def read_until(self, isDone, patience=PATIENCE):
        """Reads what it shows until `isDone` of it, or until the patience (seconds) is at its end."""
        end = time.monotonic() + patience
        while not isDone(self.seen) and time.monotonic() < end:
            if select.select([self.master], [], [], 0.2)[0]:
                try:
                    data = os.read(self.master, 65536).decode(errors="replace")
                except OSError:
                    break
                self.seen += CONTROL.sub("", data)

    def end(self):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        os.close(self.master)


def start(shell, completions, home, environment):
    """A shell that knows the completions and has said so."""
    if shell == "bash":
        (home / ".bashrc").write_text(f"source {completions}/kube-mind.bash\nPS1='ready> '\nbind 'set completion-query-items 0'\nbind 'set show-all-if-ambiguous on'\n")
        arguments = ["bash", "--rcfile", str(home / ".bashrc"), "-i"]
    elif shell == "zsh":
        (home / ".zshrc").write_text(f"fpath=({completions} $fpath)\nautoload -Uz compinit && compinit -u -D\nPS1='ready> '\nunsetopt zle_bracketed_paste\nLISTMAX=1000\n")
        arguments = ["zsh", "-i"]
    else:
        folder = home / ".config/fish"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "config.fish").write_text(
            f"source {completions}/kube-mind.fish\nset fish_greeting\nset fish_autosuggestion_enabled 0\nfunction fish_prompt; echo -n 'ready> '; end\n")
        arguments = ["fish", "-i"]
    shell = Shell(arguments, environment | {"HOME": str(home), "ZDOTDIR": str(home), "XDG_CONFIG_HOME": str(home / ".config")})
    shell.read_until(lambda seen: "ready> " in seen)
    shell.seen = ""
    return shell


def offered(text, line, word):
    """True if the word was filled into the line or stands in what the shell lists below it."""
    rest = text.partition(line.rpartition(" ")[2])[2] if line.rpartition(" ")[2] else text
    filled = re.sub(r"\s*\r\s*", "", text)
    return re.search(rf"(^|[\s ]){re.escape(word)}($|[\s/ ])", rest) or line.rpartition(" ")[0] + " " + word in filled


def answer(shell, line, wanted, completions, home, environment):
    """What the shell shows for a line."""
    session = start(shell, completions, home, environment)
    try:
        session.type(line)
        session.read_until(lambda seen: line.split()[-1] in seen)
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and not all(offered(session.seen, line, word) for word in wanted):
            # The first TAB fills in what is common, the next lists what is left.
            session.type("\t")
            session.read_until(lambda seen: all(offered(seen, line, word) for word in wanted), patience=2)
        return session.seen
    finally:
        session.end()


def check(shell, line, wanted, unwanted, *place):
    text = answer(shell, line, wanted, *place)
    complaints = [f"{line!r} does not offer {word}" for word in wanted if not offered(text, line, word)]
    complaints += [f"{line!r} offers {word}" for word in unwanted if offered(text, line, word)]
    return [f"{shell}: {complaint}; it shows {text!r}" for complaint in complaints]


def main(program, completions, *shells):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    completions = str(pathlib.Path(completions).resolve())
    with tempfile.TemporaryDirectory() as folder:
        home = pathlib.Path(folder)
        address = f"http://127.0.0.1:{server.server_port}"
        (home / "kubeconfig").write_text(json.dumps({
            "apiVersion": "v1", "kind": "Config", "current-context": "production",
            "clusters": [{"name": "c", "cluster": {"server": address}}], "users": [{"name": "u", "user": {}}],
            "contexts": [{"name": name, "context": {"cluster": "c", "user": "u"}} for name in ("production", "staging")]}))
        (home / "bin").mkdir()
        (home / "bin/kube-mind").symlink_to(pathlib.Path(program).resolve())
        environment = {
            "PATH": f"{home}/bin:/usr/local/bin:/usr/bin:/bin", "TERM": "xterm", "LANG": "C.UTF-8",
            "KUBECONFIG": str(home / "kubeconfig")}
        complaints = []
        for shell in shells:
            for line, wanted, unwanted in CASES:
                complaints += check(shell, line, wanted, unwanted, completions, home, environment)
    server.shutdown()
    for complaint in complaints:
        print(complaint, file=sys.stderr)
    print(f"{len(shells)} shells, {len(CASES)} lines in each, {len(complaints)} complaints")
    return 1 if complaints else 0


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
