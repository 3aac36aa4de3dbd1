"""Holds a krew manifest to what krew itself checks of one (its pkg/index/validation), as far as that can be done without krew.

    krew.py MANIFEST [ARCHIVE]

With the archive: its checksum is the manifest's, and each pattern under `files` finds something in it, `bin` among them.
"""

import fnmatch
import hashlib
import pathlib
import re
import sys
import tarfile

import helm_python  # for its reader of YAML, which is krew's, too

KEYS = {
    "": {"apiVersion", "kind", "metadata", "spec"},
    "spec": {"version", "shortDescription", "description", "caveats", "homepage", "platforms"},
    "platform": {"uri", "sha256", "selector", "files", "bin"},
}


def known(keys, place):
    unknown = set(keys) - KEYS[place]
    assert not unknown, f"{place or 'manifest'}: krew knows no {', '.join(sorted(unknown))}"


def check_archive(platform, archive):
    content = pathlib.Path(archive).read_bytes()
    assert hashlib.sha256(content).hexdigest() == platform["sha256"], "the checksum is not the archive's"
    with tarfile.open(archive) as tar:
        files = [member.name for member in tar if member.isfile()]
    placed = set()
    for operation in platform["files"]:
        found = [f for f in files if fnmatch.fnmatch(f, operation["from"]) and f.count("/") == operation["from"].count("/")]
        assert found, f"{operation['from']} finds nothing in the archive"
        placed |= {str(pathlib.PurePath(operation["to"]) / pathlib.PurePath(f).name) for f in found}
    assert platform["bin"] in placed, f"{platform['bin']} is not among {sorted(placed)}"


def main(path, archive=None):
    manifest = helm_python.values_from_yaml(pathlib.Path(path).read_text())
    known(manifest, "")
    assert (manifest["apiVersion"], manifest["kind"]) == ("krew.googlecontainertools.github.com/v1alpha2", "Plugin")
    name = manifest["metadata"]["name"]
    assert re.fullmatch(r"[\w-]+", name) and pathlib.Path(path).name == f"{name}.yaml", f"the file of {name} has another name"
    spec = manifest["spec"]
    known(spec, "spec")
    assert re.fullmatch(r"v\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?", spec["version"]), spec["version"]
    assert spec["shortDescription"] and "\n" not in spec["shortDescription"] and len(spec["shortDescription"]) <= 50
    assert spec["platforms"]
    for platform in spec["platforms"]:
        known(platform, "platform")
        assert set(platform["selector"]["matchLabels"]) == {"os", "arch"}
        assert platform["uri"].startswith("https://") and platform["bin"] and ".." not in platform["bin"]
        for operation in platform["files"]:
            assert set(operation) == {"from", "to"} and ".." not in operation["to"], operation
        if archive:
            assert re.fullmatch(r"[0-9a-f]{64}", platform["sha256"]), "no checksum"
            check_archive(platform, archive)
    print(f"krew: {name} {spec['version']}, {len(spec['platforms'])} platform(s)")


main(*sys.argv[1:])
