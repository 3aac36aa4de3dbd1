"""The commands in README.md and docs/: what each block is for, and a run of those that need no cluster.

    doc_commands.py --block NAME FILE…    prints the commands of the blocks that are marked NAME, for a script that runs them
    doc_commands.py --check FILE…         every block of commands is marked
    doc_commands.py --run KUBE-MIND FILE… runs the blocks marked "run" or "run: compare", each file in a folder of its own

A block of commands is fenced as sh or console (there, lines after "$ " are commands, the others what they print). An HTML comment
on the line above says what becomes of it:

    <!-- run -->             run; each command must succeed
    <!-- run: compare -->    run; what it prints must be what stands there, where … stands for anything
    <!-- cluster: NAME -->   scripts/test-install.sh runs it in a real cluster
    <!-- make -->            targets of the Makefile, which CI runs; that they are there is checked
    <!-- not run: WHY -->    cannot be run here

Files that the commands read are in scripts/docs/.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

BLOCK = re.compile(r"(?:^<!-- (?P<mark>.*?) -->\n)?^```(?P<language>sh|console)\n(?P<text>.*?)^```$", re.M | re.S)
MARK = re.compile(r"run(: compare)?|cluster: .+|make|not run: .+")
FILES = pathlib.Path("scripts/docs").resolve()


def blocks(path):
    text = pathlib.Path(path).read_text()
    for match in BLOCK.finditer(text):
        yield text.count("\n", 0, match.start("text")) + 1, match["mark"] or "", match["language"], match["text"]


def check_fences(path):
    """An indented block of commands would be passed over unseen."""
    text = pathlib.Path(path).read_text()
    outside = re.sub(r"^```.*?^```$", lambda m: "\n" * m[0].count("\n"), text, flags=re.M | re.S)
    for number, line in enumerate(outside.split("\n"), 1):
        if re.match(r"    (\$ )?((kube-mind|kubectl|helm|make|docker|brew|bash) [a-z-]|scripts/)", line):
            raise SystemExit(f"error: {path}:{number}: commands stand in fences, so that they can be run: {line.strip()}")


def commands(language, text):
    """Commands with what they print: [(command, [line…])…]."""
    if language == "sh":
        return [(text, [])]
    found = []
    for line in text.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        elif found and found[-1][0].endswith("\\") and not found[-1][1]:
            found[-1] = (found[-1][0] + "\n" + line, [])
        elif found:
            found[-1][1].append(line)
    return found


def matches(expected, printed):
    """True if the lines are the expected ones; a line of … stands for any number of lines, … in a line for any text."""
    pattern = "".join(
        r"(?:.*\n)*" if line.strip() == "…" else r".*".join(re.escape(part) for part in line.split("…")) + "\n" for line in expected
    )
    return re.fullmatch(pattern, "".join(line + "\n" for line in printed)) is not None


def run(path, line, mark, language, text, folder, environment):
    compares = mark.endswith("compare")
    pieces = commands(language, text)
    # One shell for the block, so that $? and variables reach from one command to the next.
    # What stands between two of them leaves $? as it is.
    script = "mark() { local status=$?; printf '\\001%d\\n' $1; return $status; }\n"
    script += "".join(f"mark {n}\n{command}\n" for n, (command, _) in enumerate(pieces))
    if not compares:
        script = "set -e\n" + script
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", script], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300,
    )
    if not compares and done.returncode:
        raise SystemExit(f"error: {path}:{line}: exit {done.returncode}\n{done.stdout[-3000:]}")
    for part in done.stdout.split("\x01")[1:]:
        number, _, printed = part.partition("\n")
        command, expected = pieces[int(number)]
        if compares and not matches(expected, printed.splitlines()):
            raise SystemExit(f"error: {path}:{line}: {command}\nprints\n{printed}")
    return len(pieces)


def main(form, *arguments):
    if form == "--block":
        name, *paths = arguments
        print("".join(c + "\n" for p in paths for _, m, language, text in blocks(p) if m == name for c, _ in commands(language, text)), end="")
        return
    program, paths = (arguments[0], arguments[1:]) if form == "--run" else ("", arguments)
    counts = {}
    targets = set(re.findall(r"^([a-z-]+):", pathlib.Path("Makefile").read_text(), re.M))
    with tempfile.TemporaryDirectory() as top:
        (pathlib.Path(top) / "bin").mkdir()
        if program:
            for name in ("kube-mind", "kubectl-mind"):
                (pathlib.Path(top) / "bin" / name).symlink_to(pathlib.Path(program).resolve())
        kept = {k: os.environ[k] for k in ("PATH", "HOME", "TMPDIR", "LANG") if k in os.environ}
        environment = {**kept, "PATH": f"{top}/bin:{kept['PATH']}"}
        for index, path in enumerate(paths):
            check_fences(path)
            folder = pathlib.Path(top) / str(index)
            shutil.copytree(FILES, folder)
            for line, mark, language, text in blocks(path):
                if not MARK.fullmatch(mark):
                    raise SystemExit(f"error: {path}:{line}: these commands are not marked: say how they are tested, or why not")
                kind = mark.split(":")[0]
                if kind == "make":
                    unknown = set(re.findall(r"^(?:\$ )?make ([a-z-]+)", text, re.M)) - targets
                    if unknown:
                        raise SystemExit(f"error: {path}:{line}: no target {', '.join(unknown)} in the Makefile")
                if kind == "run" and form == "--run":
                    run(path, line, mark, language, text, folder, environment)
                counts[kind] = counts.get(kind, 0) + len(re.findall(r"^\$ ", text, re.M) if language == "console" else text.strip().splitlines())
    print("documented commands: " + ", ".join(f"{n} {kind}" for kind, n in sorted(counts.items())))


main(*sys.argv[1:])
