"""The helm commands of the documentation, done by Helm's own engine: its SDK from PyPI, for there is no package of the program.

    helm.py install RELEASE CHART | upgrade [--install] RELEASE CHART | template RELEASE CHART | lint CHART | uninstall RELEASE
            | package CHART --destination FOLDER
        [--namespace NAME] [--create-namespace] [--set PATH=VALUE]… [--values FILE]…

Another word is an error, so that a command here is one that helm takes.
"""

import argparse
import pathlib

import helm_python


def merged(base, more):
    """Maps are merged, everything else is replaced, as Helm does with values."""
    result = dict(base)
    for key, value in more.items():
        result[key] = merged(result[key], value) if isinstance(value, dict) and isinstance(result.get(key), dict) else value
    return result


def arguments():
    parser = argparse.ArgumentParser(prog="helm", allow_abbrev=False)
    verbs = parser.add_subparsers(dest="verb", required=True)
    for verb in ("install", "upgrade", "template", "lint", "uninstall", "package"):
        command = verbs.add_parser(verb, allow_abbrev=False)
        if verb in ("install", "upgrade", "template", "uninstall"):
            command.add_argument("release")
        if verb != "uninstall":
            command.add_argument("chart")
        command.add_argument("--namespace", "-n", default="default")
        command.add_argument("--set", action="append", default=[])
        command.add_argument("--values", "-f", action="append", default=[])
        if verb == "install" or verb == "upgrade":
            command.add_argument("--create-namespace", action="store_true")
        if verb == "upgrade":
            command.add_argument("--install", action="store_true")
        if verb == "package":
            command.add_argument("--destination", "-d", default=".")
    return parser.parse_args()


def main():
    asked = arguments()
    values = {}
    for file in asked.values:
        values = merged(values, helm_python.values_from_yaml(pathlib.Path(file).read_text()))
    for expression in asked.set:
        values = merged(values, helm_python.parse_set_string(expression))
    if asked.verb == "package":
        print(helm_python.package(asked.chart, destination=asked.destination))
        return
    if asked.verb == "lint":
        report = helm_python.lint(asked.chart, values, strict=True, namespace=asked.namespace)
        problems = [m for m in report["messages"] if m["severity"] >= 2] + report["errors"]
        raise SystemExit(f"error: {problems}" if problems else 0)
    if asked.verb == "template":
        with helm_python.Chart.load(asked.chart) as chart:
            chart.validate_schema(values)
            rendered = chart.render(values, name=asked.release, namespace=asked.namespace, is_install=True)
        print("\n---\n".join(text for name, text in sorted(rendered.items()) if not name.endswith("NOTES.txt")))
        return
    cluster = helm_python.Config(namespace=asked.namespace)
    if asked.verb == "uninstall":
        cluster.uninstall(asked.release)
        print(f'release "{asked.release}" uninstalled')
        return
    with helm_python.Chart.load(asked.chart) as chart:
        chart.validate_schema(values)
        there = asked.verb == "upgrade" and any(r["name"] == asked.release for r in cluster.list())
        if asked.verb == "upgrade" and (there or not asked.install):
            release = cluster.upgrade(chart, asked.release, values, namespace=asked.namespace)
        else:
            release = cluster.install(
                chart, asked.release, values, namespace=asked.namespace, create_namespace=asked.create_namespace
            )
    print(f'NAME: {asked.release}\nNAMESPACE: {asked.namespace}\n{release.get("notes", "")}')


try:
    main()
except helm_python.HelmError as refusal:
    raise SystemExit(f"Error: {refusal}") from refusal
