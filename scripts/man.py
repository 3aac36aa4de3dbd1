"""Writes man pages from what the argument parser says of itself: one page for the program, one for each verb.

    man.py FOLDER < tool-info.json

The JSON is what `kube-mind --experimental-dump-help` prints. What a parser cannot know, such as examples and exit codes,
stands in man/sections/PAGE.man and is put behind the options. The same input gives the same bytes: no build date.
"""

import json
import pathlib
import re
import sys

FOLDER = pathlib.Path(sys.argv[1])
SECTIONS = pathlib.Path("man/sections")
VERSION = re.search(r'static let number = "(.*)"', pathlib.Path("Sources/CLI/Version.swift").read_text())[1]
# The day of that release, as the changelog has it; none for what is not released.
DATE = re.search(rf"^## \[{re.escape(VERSION)}\] - (\S+)", pathlib.Path("CHANGELOG.md").read_text(), re.M)


def text(words):
    """Prose for roff: nothing in it is taken for a macro or an escape; hyphens stay hyphens that can be copied."""
    words = (words or "").strip().replace("\\", r"\e").replace("-", r"\-")
    lines = []
    for line in words.split("\n"):
        line = line.strip()
        lines.append(".PP" if not line else (r"\&" + line if line[0] in ".'" else line))
    return "\n".join(lines)


def flag(name):
    return {"long": "--", "short": "-", "longWithSingleDash": "-"}[name["kind"]] + name["name"]


def bold(word):
    return r"\fB" + text(word) + r"\fP"


def italic(word):
    return r"\fI" + text(word) + r"\fP"


def shown(command):
    """What help shows; a flag and its opposite (--x, --no-x) come as two and are told as one."""
    merged = []
    for argument in (a for a in command.get("arguments", []) if a["shouldDisplay"]):
        before = merged[-1] if merged else {}
        if argument["kind"] == "flag" == before.get("kind") and argument["preferredName"]["name"] == "no-" + before["preferredName"]["name"]:
            merged[-1] = {**before, "names": before["names"] + argument["names"]}
        else:
            merged.append(argument)
    return merged


def usage(argument):
    value = italic(argument.get("valueName", "value"))
    if argument["kind"] == "positional":
        word = value
    else:
        word = bold(flag(argument["preferredName"])) + (" " + value if argument["kind"] == "option" else "")
    word += r" \&..." if argument["isRepeating"] else ""
    return "[" + word + "]" if argument["isOptional"] else word


def entry(argument):
    """One tagged paragraph: the names, then what it is for, then its values and default."""
    value = italic(argument.get("valueName", "value"))
    if argument["kind"] == "positional":
        tag = value
    else:
        # Short names first, as people look for them.
        names = sorted(argument["names"], key=lambda name: (name["kind"] != "short", name["name"] != argument["preferredName"]["name"]))
        tag = ", ".join(bold(flag(name)) for name in names) + (" " + value if argument["kind"] == "option" else "")
    said = [argument.get("abstract"), argument.get("discussion")]
    allowed = argument.get("allValues") or argument.get("allValueStrings")
    if allowed:
        said.append("One of: " + ", ".join(allowed) + ".")
    if argument.get("defaultValue"):
        said.append("Default: " + argument["defaultValue"] + ".")
    return "\n".join([".TP", tag] + [text(one) for one in said if one])


def page(command, parents, verbs):
    name = "-".join(parents + [command["commandName"]])
    words = " ".join(parents + [command["commandName"]])
    date = DATE[1] if DATE else ""
    out = [
        r".\" Generated from the argument parser by scripts/docs.sh: do not edit.",
        f'.TH {name.upper()} 1 "{date}" "kube\\-mind {VERSION}" "User Commands"',
        ".SH NAME",
        f"{text(name)} \\- {text(command.get('abstract', '')).rstrip('.')}",
        ".SH SYNOPSIS",
        ".nh",
        ".ad l",
        bold(words) + ("" if not verbs else " " + italic("verb")),
    ]
    out += [usage(argument) for argument in shown(command)]
    out += [".ad", ".hy"]
    if command.get("discussion"):
        out += [".SH DESCRIPTION", text(command["discussion"])]
    if verbs:
        out.append(".SH VERBS")
        for verb in verbs:
            out += [".TP", bold(verb["commandName"]), text(verb.get("abstract"))]
            out.append(f"See {bold(name + '-' + verb['commandName'])}(1).")
    groups = {}
    for argument in shown(command):
        title = "ARGUMENTS" if argument["kind"] == "positional" else argument.get("sectionTitle") or "OPTIONS"
        groups.setdefault(title.upper(), []).append(entry(argument))
    for title, entries in groups.items():
        out += [f'.SH "{title}"'] + entries
    extra = SECTIONS / (name + ".man")
    if extra.exists():
        out.append(extra.read_text().rstrip())
    related = [name + "-" + verb["commandName"] for verb in verbs] or ["-".join(parents)] * bool(parents)
    out += ['.SH "SEE ALSO"', ",\n".join(bold(other) + "(1)" for other in related + ["kubectl"])]
    (FOLDER / (name + ".1")).write_text("\n".join(out) + "\n")
    for verb in verbs:
        page(verb, parents + [command["commandName"]], subcommands(verb))


def subcommands(command):
    return [one for one in command.get("subcommands") or [] if one["shouldDisplay"] and one["commandName"] != "help"]


root = json.load(sys.stdin)["command"]
page(root, [], subcommands(root))
