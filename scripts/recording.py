"""Runs a command in a terminal of its own and draws what it wrote there, with its colours, as an SVG that plays it once.

    recording.py OUTPUT.svg COLUMNS SHOWN-COMMAND -- COMMAND…

The lines appear at the times at which the program wrote them; where nothing plays (print, reduced motion) all of them stand there.
Only what a program needs that writes line by line is understood: text, colours, new lines.
"""

import html
import os
import pathlib
import pty
import re
import struct
import sys
import termios
import time
from fcntl import ioctl

CELL, LINE, MARGIN = 8.4, 18, 16
COLOURS = {31: "#ff7b72", 32: "#7ee787", 33: "#e3b341", 34: "#79c0ff", 35: "#d2a8ff", 36: "#76e3ea", 90: "#8b949e"}
PLAIN, DIM, GROUND = "#e6edf3", "#8b949e", "#0d1117"


def record(command, columns):
    """[(seconds, text)…] as the program wrote it."""
    child, master = pty.fork()
    if child == 0:
        os.environ.update(TERM="xterm-256color", LANG="C.UTF-8")
        os.environ.pop("NO_COLOR", None)
        os.execvp(command[0], command)
    ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", 60, columns, 0, 0))
    pieces, start = [], time.monotonic()
    while True:
        try:
            data = os.read(master, 65536)
        except OSError:
            break
        if not data:
            break
        pieces.append((time.monotonic() - start, data))
    _, status = os.waitpid(child, 0)
    if status:
        raise SystemExit(f"error: {' '.join(command)} ended with {os.waitstatus_to_exitcode(status)}")
    return pieces


def lines(pieces):
    """[(seconds, line)…]; a line counts from its end."""
    rest, found = b"", []
    for at, data in pieces:
        *whole, rest = (rest + data).split(b"\n")
        found += [(at, line.decode().rstrip("\r")) for line in whole]
    return found + ([(pieces[-1][0], rest.decode())] if rest else [])


def spans(line, columns):
    """The text of a line in pieces of one style each: (text, colour, is bold)."""
    colour, bold, used = PLAIN, False, 0
    for part in re.split(r"(\x1b\[[0-9;]*m)", line):
        style = re.fullmatch(r"\x1b\[([0-9;]*)m", part)
        if not style:
            part = part[: columns - used]
            used += len(part)
            if part:
                yield part, colour, bold
            continue
        for code in (int(c or 0) for c in style[1].split(";")):
            if code == 0:
                colour, bold = PLAIN, False
            elif code == 1:
                bold = True
            elif code == 2:
                colour = DIM
            elif code in COLOURS:
                colour = COLOURS[code]


def draw(command, found, columns):
    width, height = columns * CELL + 2 * MARGIN, (len(found) + 2) * LINE + 2 * MARGIN
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}" '
        f'role="img" aria-label="{html.escape(command)}">',
        "<style>text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;white-space:pre}"
        ".l{animation:a .01s step-end backwards}@keyframes a{from{opacity:0}}"
        "@media (prefers-reduced-motion:reduce){.l{animation:none}}</style>",
        f'<rect width="100%" height="100%" rx="8" fill="{GROUND}"/>',
        f'<text x="{MARGIN}" y="{MARGIN + LINE}" fill="{PLAIN}" xml:space="preserve"><tspan fill="{DIM}">$ </tspan>{html.escape(command)}</text>',
    ]
    for number, (at, line) in enumerate(found):
        pieces = "".join(
            f'<tspan fill="{colour}"{" font-weight=" + chr(34) + "bold" + chr(34) if bold else ""}>{html.escape(text)}</tspan>'
            for text, colour, bold in spans(line, columns)
        )
        if pieces:
            y = MARGIN + LINE * (number + 2)
            out.append(f'<text class="l" style="animation-delay:{at:.2f}s" x="{MARGIN}" y="{y}" xml:space="preserve">{pieces}</text>')
    return "\n".join(out + ["</svg>", ""])


output, columns, shown, separator, *command = sys.argv[1:]
assert separator == "--", __doc__
pathlib.Path(output).write_text(draw(shown, lines(record(command, int(columns))), int(columns)))
