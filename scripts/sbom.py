"""Writes what the image is made of: a CycloneDX bill of materials, and the licences of what is linked into the binary.

    sbom.py ROOT VERSION

Swift packages come from the list of objects that the linker was given, not from what was fetched: a package that is only
there for others is not named. Libraries come from the package database in the image. The same input gives the same bytes.
ROOT/usr/share/doc/kube-mind gets sbom.cdx.json and third-party-licences.txt; the first is left in dist/, too.
"""

import hashlib
import json
import pathlib
import re
import subprocess
import sys
import uuid

CHECKOUTS = pathlib.Path(".build/checkouts")
OBJECTS = pathlib.Path(".build/release/kube-mind.product/Objects.LinkFileList")
# How the licences of Swift packages begin; another one is to be looked at by a person first.
LICENCES = {"Apache License": "Apache-2.0", "MIT License": "MIT", "Redistribution and use in source": "BSD-3-Clause"}


def licence(path):
    text = path.read_text()
    for words, name in LICENCES.items():
        if words in text[:2000]:
            return name + (" WITH Swift-exception" if "Runtime Library Exception" in text else "")
    raise SystemExit(f"error: the licence of {path.parent.name} is none that sbom.py knows: look at {path}")


def swift_packages():
    """Packages of which an object is linked, with their modules."""
    if not OBJECTS.exists():
        raise SystemExit(f"error: no {OBJECTS}; run make release")
    linked = set(re.findall(r"/([^/]+)\.build/", OBJECTS.read_text()))
    pins = {pin["identity"]: pin for pin in json.loads(pathlib.Path("Package.resolved").read_text())["pins"]}
    unknown = set(linked)
    for folder in sorted(CHECKOUTS.iterdir()):
        targets = {p.name for p in folder.glob("Sources/**/") if p.is_dir()}
        # A module's name has underscores where its folder may have dashes.
        modules = sorted(linked & {t.replace("-", "_") for t in targets})
        unknown -= set(modules)
        if not modules:
            continue
        pin = pins[folder.name.lower()]
        (file,) = list(folder.glob("LICENSE*"))[:1]
        yield pin, modules, file
    ours = {p.name.replace("-", "_") for p in pathlib.Path("Sources").glob("**/") if p.is_dir()} | {"kube_mind"}
    if unknown - ours:
        raise SystemExit(f"error: these linked modules are in no package that is known: {sorted(unknown - ours)}")


def debian_packages(root):
    for file in sorted((root / "var/lib/dpkg/status.d").iterdir()):
        fields = dict(re.findall(r"^([A-Z][A-Za-z-]*): (.*)$", file.read_text(), re.M))
        yield fields["Package"], fields["Version"], fields["Architecture"], fields.get("Source", fields["Package"]).split(" ")[0]


def main(root, version):
    root = pathlib.Path(root)
    components = []
    notices = ["The binary holds parts of these packages. The libraries beside it have theirs in /usr/share/doc.\n"]
    for pin, modules, file in swift_packages():
        state = pin["state"]
        name = licence(file)
        url = re.sub(r"^https?://|\.git$", "", pin["location"])
        components.append({
            "type": "library", "name": pin["identity"], "version": state["version"],
            "purl": f"pkg:swift/{url}@{state['version']}",
            "licenses": [{"expression": name}],
            "properties": [{"name": "kube-mind:linked", "value": " ".join(modules)}, {"name": "git:commit", "value": state["revision"]}],
        })
        notices.append(f"{'=' * 80}\n{pin['identity']} {state['version']}\n{'=' * 80}\n{file.read_text()}")
    toolchain = re.search(r"Swift version (\S+)", subprocess.run(["swift", "--version"], capture_output=True, text=True, check=True).stdout)[1]
    components.append({
        "type": "library", "name": "swift-runtime", "version": toolchain, "purl": f"pkg:swift/github.com/swiftlang/swift@{toolchain}",
        "licenses": [{"expression": "Apache-2.0 WITH Swift-exception"}],
        "properties": [{"name": "kube-mind:linked", "value": "static standard library, Dispatch, FoundationEssentials"}],
    })
    for name, release, architecture, source in debian_packages(root):
        components.append({
            "type": "library", "name": name, "version": release,
            "purl": f"pkg:deb/debian/{name}@{release}?arch={architecture}&upstream={source}",
            "properties": [{"name": "kube-mind:licence", "value": f"/usr/share/doc/{name}/copyright"}],
        })
    binary = hashlib.sha256((root / "usr/local/bin/kube-mind").read_bytes()).hexdigest()
    bom = {
        "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, binary)}",
        "metadata": {"component": {
            "type": "application", "name": "kube-mind", "version": version, "licenses": [{"license": {"id": "Apache-2.0"}}],
            "hashes": [{"alg": "SHA-256", "content": binary}],
        }},
        "components": sorted(components, key=lambda c: c["purl"]),
    }
    text = json.dumps(bom, indent=2) + "\n"
    folder = root / "usr/share/doc/kube-mind"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "sbom.cdx.json").write_text(text)
    (folder / "third-party-licences.txt").write_text("\n".join(notices))
    pathlib.Path("dist/kube-mind.cdx.json").write_text(text)
    print(f"sbom: {len(components)} parts, binary sha256 {binary[:12]}")


main(*sys.argv[1:])
