#!/usr/bin/env python3
"""Packs a file tree as a container image archive that `docker load` and `ctr images import` take.

    image_archive.py TREE DOCKERFILE REFERENCE OUTPUT [NAME=VALUE]...

User, entry point, labels and so on are read from the Dockerfile's last stage, so that they are written down once;
NAME=VALUE is what --build-arg gives to an engine. The same input gives the same bytes.
"""

import hashlib
import io
import json
import os
import shlex
import string
import sys
import tarfile

EPOCH = int(os.environ.get("SOURCE_DATE_EPOCH", "0"))
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


def last_stage(dockerfile):
    """The instructions after the last FROM, continuation lines joined, comments gone."""
    text = "".join(line for line in open(dockerfile) if not line.lstrip().startswith("#"))
    stage = []
    for line in text.replace("\\\n", " ").splitlines():
        if line.strip():
            name, _, rest = line.strip().partition(" ")
            stage = [] if name == "FROM" else stage + [(name, rest.strip())]
    return stage


def healthcheck(rest):
    """`--interval=30s … CMD […]` as Docker's image configuration has it: times in nanoseconds."""
    options, _, command = rest.partition("CMD ")
    times = dict(option[2:].split("=", 1) for option in options.split())
    check = {"Test": ["CMD"] + json.loads(command)}
    for option, key in (("interval", "Interval"), ("timeout", "Timeout"), ("start-period", "StartPeriod")):
        if option in times:
            assert times[option].endswith("s"), f"HEALTHCHECK --{option} is not in seconds"
            check[key] = int(times[option][:-1]) * 1_000_000_000
    return check


def configuration(dockerfile, given):
    config = {"Env": ["PATH=/usr/local/bin:/usr/bin:/bin"]}
    arguments = {}
    for name, rest in last_stage(dockerfile):
        rest = string.Template(rest).substitute(arguments) if name == "LABEL" else rest
        if name == "ARG":
            argument, _, default = rest.partition("=")
            arguments[argument] = given.pop(argument, default)
        elif name in ("ENTRYPOINT", "CMD"):
            config[name.capitalize()] = json.loads(rest)
        elif name == "USER":
            config["User"] = rest
        elif name == "WORKDIR":
            config["WorkingDir"] = rest
        elif name == "EXPOSE":
            config["ExposedPorts"] = {port + "/tcp": {} for port in rest.split()}
        elif name == "HEALTHCHECK":
            config["Healthcheck"] = healthcheck(rest)
        elif name == "LABEL":
            config.setdefault("Labels", {}).update(pair.split("=", 1) for pair in shlex.split(rest))
        elif name != "COPY":
            raise SystemExit(f"error: {dockerfile}: no word here on how to pack {name}")
    if given:
        raise SystemExit(f"error: {dockerfile}: the last stage has no ARG {' '.join(given)}")
    return config


def layer(tree):
    buffer = io.BytesIO()

    def clean(info):
        # The build folder may belong to whoever built: in the image all is root's but the user's home.
        info.mtime, info.uname, info.gname = EPOCH, "", ""
        info.uid = info.gid = 65532 if info.name.startswith("home/nonroot") else 0
        return info

    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for folder, folders, files in os.walk(tree):
            folders.sort()
            for name in sorted(folders + files):
                path = os.path.join(folder, name)
                archive.add(path, os.path.relpath(path, tree), recursive=False, filter=clean)
    return buffer.getvalue()


def main(tree, dockerfile, reference, output, *given):
    content = layer(tree)
    digest = hashlib.sha256(content).hexdigest()
    machine = os.uname().machine
    config = json.dumps(
        {
            "architecture": ARCHITECTURES.get(machine, machine),
            "os": "linux",
            "created": "1970-01-01T00:00:00Z",
            "config": configuration(dockerfile, dict(pair.split("=", 1) for pair in given)),
            "rootfs": {"type": "layers", "diff_ids": ["sha256:" + digest]},
            "history": [{"created": "1970-01-01T00:00:00Z"}],
        },
        sort_keys=True,
    ).encode()
    name = hashlib.sha256(config).hexdigest() + ".json"
    manifest = json.dumps([{"Config": name, "RepoTags": [reference], "Layers": [digest + "/layer.tar"]}]).encode()
    with tarfile.open(output, "w", format=tarfile.GNU_FORMAT) as archive:
        for path, data in ((digest + "/layer.tar", content), (name, config), ("manifest.json", manifest)):
            info = tarfile.TarInfo(path)
            info.size, info.mtime = len(data), EPOCH
            archive.addfile(info, io.BytesIO(data))
    print(f"{output}: sha256:{hashlib.sha256(config).hexdigest()}")


if __name__ == "__main__":
    if len(sys.argv) < 5 or not all("=" in pair for pair in sys.argv[5:]):
        sys.exit(__doc__)
    main(*sys.argv[1:])
