"""Checks the C# example without a compiler: its syntax, by tree-sitter's grammar of C#; and what it uses of the contract, in the code that
protoc and gRPC's plugin make of it: types, properties, enum values, the service's base class and method. It finds what is no C#, and a name
of the contract that is not there; types are not checked.

Usage: check-csharp.py EXAMPLE GENERATED CONTRACT
"""

import pathlib
import re
import sys

import tree_sitter
import tree_sitter_c_sharp

example, generated, contract = map(pathlib.Path, sys.argv[1:4])
code = "\n".join(file.read_text() for file in sorted(generated.rglob("*.cs")))
proto = contract.read_text()
used = "\n".join(re.sub(r"//.*", "", file.read_text()) for file in sorted(example.glob("*.cs")))

problems = []


def want(pattern, text, what):
    if not re.search(pattern, text):
        problems.append(what)


def syntax_errors(node):
    if node.type == "ERROR" or node.is_missing:
        yield node
    elif node.has_error:
        for child in node.children:
            yield from syntax_errors(child)


parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_c_sharp.language()))
for file in sorted(example.glob("*.cs")):
    for error in syntax_errors(parser.parse(file.read_bytes()).root_node):
        problems.append(f"{file.name}:{error.start_point[0] + 1}: no C#: {error.text.decode()[:60]!r}")

namespace = re.search(r'option csharp_namespace = "([\w.]+)";', proto)[1]
want(rf"using {re.escape(namespace)};", used, f"the example does not use the namespace {namespace}")
want(rf"namespace {re.escape(namespace)} ", code, f"the contract's code is not in the namespace {namespace}")

service = re.search(r"service (\w+) \{", proto)[1]
method, request, response = re.search(r"rpc (\w+)\(stream (\w+)\) returns \(stream (\w+)\);", proto).groups()
want(rf"public static partial class {service}\b", code, f"the contract's code has no class {service}")
want(rf"public abstract partial class {service}Base\b", code, f"the contract's code has no class {service}Base")
want(rf"public virtual \S*Task {method}\(", code, f"the contract's code has no method {method}")
want(rf"\b{service}\.{service}Base\b", used, f"the example is no {service}.{service}Base")
signature = rf"override async Task {method}\(\s*IAsyncStreamReader<{request}> \w+, IServerStreamWriter<{response}> \w+, ServerCallContext \w+\)"
want(signature, used, f"the example does not override {method} as the contract has it")

messages = set(re.findall(r"public sealed partial class (\w+) : pb::IMessage<", code))
enums = dict(re.findall(r"public enum (\w+) \{(.*?)\n  \}", code, re.S))
values = {name: set(re.findall(r"\] (\w+) = \d+", body)) for name, body in enums.items()}
properties = {}
for name in messages:
    body = code[re.search(rf"public sealed partial class {name} : ", code).start() :]
    end = body.find("public sealed partial class", 10)
    properties[name] = set(re.findall(r"public [\w:.<>]+ (\w+) \{\n\s+get", body[: end if end > 0 else None]))

checked = 0
for name in {request, response}:
    if name not in messages:
        problems.append(f"the contract's code has no message {name}")
for enum, value in set(re.findall(r"\b(Outcome|FailureClass)\.(\w+)", used)):
    checked += 1
    if value not in values.get(enum, ()):
        problems.append(f"{enum} has no value {value}")
# Paths that begin at an incident: each step is a property of the message before it.
types = {
    (name, found): kind
    for name in messages
    for kind, found in re.findall(
        rf"public global::{re.escape(namespace)}\.(?:Types\.)?(\w+) (\w+) \{{",
        code[re.search(rf"public sealed partial class {name} : ", code).start() :][:40_000],
    )
}
for path in set(re.findall(r"\bincident((?:\.[A-Z]\w*)+)", used)):
    kind = request
    for step in path.strip(".").split("."):
        if step in ("Length", "All", "ToByteArray"):
            break
        checked += 1
        if step not in properties.get(kind, ()):
            problems.append(f"{kind} has no property {step}")
            break
        kind = types.get((kind, step), "")
for step in set(re.findall(r"^\s+(\w+) = .*,$", used, re.M)) | set(re.findall(r"\banswer\.(\w+)", used)):
    checked += 1
    if step not in properties[response]:
        problems.append(f"{response} has no property {step}")

for problem in problems:
    print(f"error: docs/examples/csharp: {problem}", file=sys.stderr)
if problems or checked < 8:
    sys.exit(f"error: {len(problems)} problems, {checked} names looked up")
print(f"C# example: the syntax is right, {checked} names of the contract found", file=sys.stderr)
