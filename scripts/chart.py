"""Lints and renders the Helm chart with Helm's own engine, and holds the result to what the design promises.

    chart.py CHART OUTPUT [KUBECONFIG]
    chart.py --rbac CHART NAMESPACE
    chart.py --kustomize CHART FOLDER
    chart.py --argocd CHART FOLDER

Writes one file of manifests for each case to OUTPUT/CASE.yaml, and the program's configuration in them to
OUTPUT/config/CASE.yaml. With a kubeconfig they are rendered for that cluster's
version, as `helm install --dry-run=server` does. Run by chart.sh.
The second form prints only the account and its rights, for tests that run the program with them. The third writes the
default as the base of deploy/kustomize: manifests.yaml and config.yaml, without what only Helm needs. The fourth checks that
the applications of Argo CD name what is there, and that the chart takes their values.
"""

import pathlib
import re
import sys

import helm_python

URL = {"orchestrator": {"url": "https://brain.example:8443"}}


def values(**more):
    return {**URL, **more}


# What people set. Every case must lint, render, and (test-cluster.sh) be accepted by a real API server.
CASES = {
    "default": values(),
    "mtls": values(orchestrator={**URL["orchestrator"], "tls": {"secretName": "kube-mind-tls", "serverName": "brain"}}),
    "namespaced": values(watch={"namespaces": ["shop", "billing"]}),
    "single": values(replicas=1, podDisruptionBudget={"enabled": False}),
    "scheduling": values(
        priorityClassName="system-cluster-critical",
        nodeSelector={"kubernetes.io/os": "linux"},
        tolerations=[{"key": "dedicated", "operator": "Exists", "effect": "NoSchedule"}],
        topologySpreadConstraints=[
            {"maxSkew": 1, "topologyKey": "topology.kubernetes.io/zone", "whenUnsatisfiable": "ScheduleAnyway"}
        ],
        podLabels={"team": "sre"},
        podAnnotations={"example.org/note": "x"},
    ),
    "granted-elsewhere": values(rbac={"create": False}, serviceAccount={"create": False, "name": "given"}),
    "pinned": values(image={"repository": "images.example/kube-mind", "digest": "sha256:" + "0" * 64}),
    "with-jobs": values(config={"detection": {"classes": ["JobFailed"]}, "harvest": {"jobs": True}}),
    "long-name": values(fullnameOverride="o" * 52),
    "monitored": values(
        metrics={
            "podMonitor": {"enabled": True, "interval": "15s", "labels": {"release": "prometheus"}},
            "rules": {"enabled": True, "labels": {"release": "prometheus"}},
            "dashboard": {"enabled": True},
        },
    ),
    "closed-in": values(
        networkPolicy={
            "enabled": True,
            "scrapeFrom": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}],
            "apiServer": {"cidrs": ["10.0.0.1/32"]},
            "orchestrator": [{"podSelector": {"matchLabels": {"app": "brain"}}}],
        },
    ),
    "memory-outbox": values(outbox={"enabled": False}),
    "claimed-outbox": values(
        outbox={
            "volume": {
                "ephemeral": {
                    "volumeClaimTemplate": {
                        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
                    }
                }
            }
        },
    ),
    "open-network-policy": values(networkPolicy={"enabled": True}),
    "cert-manager": values(
        orchestrator={
            **URL["orchestrator"],
            "tls": {"certManager": {"enabled": True, "issuerRef": {"kind": "ClusterIssuer", "name": "internal"}}},
        },
    ),
    "configured": values(
        clusterName="production",
        log={"level": "debug"},
        config={
            "detection": {"classes": ["OOMKilled", "CrashLoopBackOff"]},
            "debounce": {"window": "10m", "key": "owner"},
            "harvest": {"logLines": 500, "configMaps": False},
            "outbox": {"bytes": "16MiB"},
        },
    ),
}

# What must be refused, with the word that the message has to hold.
REFUSED = {
    "no orchestrator": ({}, "orchestrator.url"),
    "not a URL": ({"orchestrator": {"url": "brain"}}, "url"),
    "unknown value": (values(replicaCount=3), "replicaCount"),
    "two volumes": (values(outbox={"volume": {"emptyDir": {}, "hostPath": {"path": "/x"}}}), "volume"),
    "no replica": (values(replicas=0), "replicas"),
    "bad namespace": (values(watch={"namespaces": ["Shop"]}), "namespaces"),
    "bad level": (values(log={"level": "loud"}), "level"),
    "certificate without an issuer": (
        values(orchestrator={**URL["orchestrator"], "tls": {"certManager": {"enabled": True}}}), "issuerRef",
    ),
    "account without a name": (values(serviceAccount={"create": False}), "serviceAccount.name"),
}

READ = [
    {"apiGroups": [""], "resources": ["pods", "pods/log", "events", "configmaps"], "verbs": ["get", "list", "watch"]},
    {"apiGroups": ["apps"], "resources": ["deployments", "replicasets"], "verbs": ["get", "list", "watch"]},
]


def documents(manifests):
    """The objects in a rendered chart, parsed by Helm's YAML reader, in a fixed order."""
    for name in sorted(manifests):
        for text in re.split(r"^---\s*$", manifests[name], flags=re.M):
            if not name.endswith("NOTES.txt") and re.search(r"^[^#\s]", text, re.M):
                yield text, helm_python.values_from_yaml(text)


def check_promises(case, chosen, objects):
    """The rules of the design that a change of a template must not break unseen."""
    kinds = [o["kind"] for o in objects]
    assert "Secret" not in kinds, "a chart that makes Secrets"
    leases = [o["metadata"]["name"] for o in objects if o["kind"] == "Lease"]
    assert len(leases) == 1, leases
    # One right more, and only where it was asked for.
    jobs = chosen.get("config", {}).get("harvest", {}).get("jobs", False)
    read = READ + [{"apiGroups": ["batch"], "resources": ["jobs"], "verbs": ["get"]}] * jobs
    for o in objects:
        if o["kind"] == "ClusterRole":
            assert o["rules"] == read, o["rules"]
        if o["kind"] == "Role" and o["metadata"]["name"].endswith("-lease"):
            expected = {"apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "resourceNames": leases}
            assert o["rules"] == [{**expected, "verbs": ["get", "update"]}], o["rules"]
            assert o["metadata"]["namespace"] == "observability"
        elif o["kind"] == "Role":
            assert o["rules"] == read, o["rules"]
        if not o["kind"].startswith("ClusterRole"):  # those may be 253 long, and hold the namespace
            assert len(o["metadata"]["name"]) <= 63, o["metadata"]["name"]
    namespaces = chosen.get("watch", {}).get("namespaces", [])
    granted = chosen.get("rbac", {}).get("create", True)
    assert kinds.count("ClusterRole") == (1 if granted and not namespaces else 0)
    assert kinds.count("Role") == (1 + len(namespaces) if granted else 0)
    (deployment,) = [o for o in objects if o["kind"] == "Deployment"]
    pod = deployment["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert pod["securityContext"]["runAsNonRoot"] and pod["securityContext"]["seccompProfile"]["type"] == "RuntimeDefault"
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]},
    }
    assert set(container["resources"]["limits"]) == {"cpu", "memory"}
    (port,) = [p["containerPort"] for p in container["ports"] if p["name"] == "http"]
    paths = {"startupProbe": "/startupz", "livenessProbe": "/healthz", "readinessProbe": "/readyz"}
    assert {p: container[p]["httpGet"]["path"] for p in paths} == paths
    assert all(container[p]["httpGet"]["port"] == "http" for p in paths)
    # Where the root file system is read-only, the outbox needs a volume at its place.
    outbox = helm_python.values_from_yaml(configuration(objects)).get("outbox", {}).get("directory", "")
    mounts = {m["mountPath"]: m["name"] for m in container["volumeMounts"]}
    assert outbox.startswith("/var/lib/kube-mind/") == ("/var/lib/kube-mind" in mounts), mounts
    assert set(mounts.values()) == {v["name"] for v in pod["volumes"]}, mounts
    # Without an address the program serves no probes, and the pod would never become ready.
    assert helm_python.values_from_yaml(configuration(objects))["http"] == {"address": f"0.0.0.0:{port}"}


def configuration(objects):
    """The program's configuration file, as its pod finds it."""
    (config,) = [o for o in objects if o["kind"] == "ConfigMap" and "config.yaml" in o["data"]]
    (text,) = config["data"].values()
    return text


def print_rbac(chart_folder, namespace):
    with helm_python.Chart.load(chart_folder) as chart:
        manifests = chart.render(values(), name="mind", namespace=namespace, is_install=True)
    for text, parsed in documents(manifests):
        if parsed["kind"] == "ServiceAccount" or "Role" in parsed["kind"] or parsed["kind"] == "Lease":
            print(f"---\n{text.strip()}")


def write_kustomize(chart_folder, folder):
    chosen = values(fullnameOverride="kube-mind")
    with helm_python.Chart.load(chart_folder) as chart:
        rendered = list(documents(chart.render(chosen, name="kube-mind", namespace="kube-mind", is_install=True)))
    texts = []
    for text, parsed in rendered:
        if parsed["kind"] == "ConfigMap":
            continue
        text = re.sub(r"^ *(helm\.sh/chart|app\.kubernetes\.io/managed-by|checksum/config): .*\n", "", text.strip() + "\n", flags=re.M)
        # The annotations held nothing but the checksum, for which the generator's hash stands.
        text = re.sub(r"^ *annotations:\n( *# .*\n)(?=    spec:)", "", text, flags=re.M)
        texts.append(text.replace("configMap:\n            name: kube-mind\n", "configMap:\n            name: kube-mind-config\n"))
    folder = pathlib.Path(folder)
    (folder / "manifests.yaml").write_text("# Made from the chart by `make kustomize`.\n---\n" + "---\n".join(texts))
    (folder / "config.yaml").write_text(configuration([o for _, o in rendered]))


def check_argocd(chart_folder, folder):
    checked = 0
    for path in sorted(pathlib.Path(folder).rglob("*.yaml")):
        application = helm_python.values_from_yaml(path.read_text())
        spec = application["spec"]
        assert (application["apiVersion"], application["kind"]) == ("argoproj.io/v1alpha1", "Application"), path
        assert pathlib.Path(spec["source"]["path"]).is_dir(), f"{path}: {spec['source']['path']} is not there"
        checked += 1
        if "helm" not in spec["source"]:
            continue
        chosen = spec["source"]["helm"]["valuesObject"]
        with helm_python.Chart.load(chart_folder) as chart:
            assert spec["source"]["targetRevision"] == "v" + chart.metadata["version"], path
            chart.validate_schema(chosen)
            objects = [o for _, o in documents(chart.render(chosen, name="kube-mind", namespace="kube-mind"))]
        # What the program itself writes must be no drift for Argo CD.
        leases = [i for i in spec["ignoreDifferences"] if (i["group"], i["kind"]) == ("coordination.k8s.io", "Lease")]
        assert leases == [{"group": "coordination.k8s.io", "kind": "Lease", "jsonPointers": ["/spec"]}], path
        assert "RespectIgnoreDifferences=true" in spec["syncPolicy"]["syncOptions"], path
        assert any(o["kind"] == "Lease" for o in objects), path
    assert checked >= 2, f"{folder} has {checked} applications"
    print(f"{checked} applications of Argo CD name what is there")


def main(chart_folder, output, kubeconfig=None):
    program = re.search(r'static let number = "(.*)"', pathlib.Path("Sources/CLI/Version.swift").read_text())[1]
    with helm_python.Chart.load(chart_folder) as chart:
        assert chart.metadata["appVersion"] == program, f"the chart is for {chart.metadata['appVersion']}, the program is {program}"
    output = pathlib.Path(output)
    (output / "config").mkdir(parents=True, exist_ok=True)
    cluster = helm_python.Config(kubeconfig_path=kubeconfig, namespace="observability") if kubeconfig else None
    for case, chosen in CASES.items():
        report = helm_python.lint(chart_folder, chosen, strict=True, namespace="observability")
        problems = [m for m in report["messages"] if m["severity"] >= 2] + report["errors"]
        assert not problems, f"{case}: {problems}"
        with helm_python.Chart.load(chart_folder) as chart:
            chart.validate_schema(chosen)
            manifests = chart.render(chosen, name="mind", namespace="observability", is_install=True)
            rendered = list(documents(manifests))
            assert chart.render(chosen, name="mind", namespace="observability", is_install=True) == manifests
        try:
            check_promises(case, chosen, [o for _, o in rendered])
        except AssertionError as broken:
            raise SystemExit(f"error: case {case} breaks a promise: {broken}") from broken
        manifest = "---".join("\n" + text.strip() + "\n" for text, _ in rendered)
        if cluster:
            try:
                with helm_python.Chart.load(chart_folder) as chart:
                    manifest = cluster.install(chart, "mind", chosen, namespace="observability", dry_run="server")["manifest"]
            except helm_python.HelmError as refusal:
                # What this cluster is too old for, the chart says in words, before the API server does in others.
                if needs := re.search(r"\S+ needs Kubernetes [0-9.]+ or later", str(refusal)):
                    print(f"{case}: not for this cluster: {needs[0]}")
                    continue
                raise
        (output / f"{case}.yaml").write_text(manifest)
        (output / "config" / f"{case}.yaml").write_text(configuration([o for _, o in rendered]))
    for name, (chosen, word) in REFUSED.items():
        with helm_python.Chart.load(chart_folder) as chart:
            try:
                chart.validate_schema(chosen)
                chart.render(chosen, name="mind", namespace="observability")
            except helm_python.HelmError as refusal:
                assert word in str(refusal), f"{name}: the message does not name {word}: {refusal}"
            else:
                raise SystemExit(f"error: the chart takes '{name}'")
    print(f"Helm {helm_python.helm_sdk_version()}: {len(CASES)} cases rendered, {len(REFUSED)} refused as they must be")


if sys.argv[1] == "--rbac":
    print_rbac(*sys.argv[2:])
elif sys.argv[1] == "--kustomize":
    write_kustomize(*sys.argv[2:])
elif sys.argv[1] == "--argocd":
    check_argocd(*sys.argv[2:])
else:
    main(*sys.argv[1:])
