"""Scrapes a simulated run with a real Prometheus and asks it every query of the alerts and of the dashboard.

    metrics.py KUBE-MIND FOLDER-OF-PROMETHEUS [PICTURE.svg]

With a third argument the dashboard is drawn there, with what Prometheus has.
Fails where promtool finds fault with the metrics or the rules, or where a query gives no series. Run by metrics.sh.
"""

import json
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

import dashboard_picture

CHART = pathlib.Path("deploy/helm/kube-mind-observer")
# The scenario lasts some seven seconds at its own speed; at this one Prometheus scrapes some thirty times.
SPEED, SCRAPE = "0.5", "500ms"


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def get(url, accept="*/*"):
    request = urllib.request.Request(url, headers={"Accept": accept})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.headers.get("Content-Type", ""), answer.read()


def wait_for(what, try_it, seconds=120):
    end = time.monotonic() + seconds
    while True:
        try:
            return try_it()
        except OSError as error:
            if time.monotonic() > end:
                raise SystemExit(f"error: {what} did not answer: {error}") from error
            time.sleep(0.1)


def alert_queries(text):
    """What each alert compares: without the comparison it must give a series while all is well."""
    for expression in re.findall(r"^ +expr: (?:>-\n +)?(.+)$", text, re.M):
        present = re.sub(r"^absent\((.*)\)$", r"\1", expression)
        yield re.sub(r" > [0-9. *]+$", "", present)


def dashboard_queries(dashboard):
    for panel in dashboard["panels"]:
        if panel["type"] == "row":
            continue
        assert panel["title"] and panel["description"] and panel["targets"], panel
        assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}, panel["title"]
        for target in panel["targets"]:
            query = target["expr"]
            for name, value in {"$job": ".*", "$__rate_interval": "30s", "$__range": "30s"}.items():
                query = query.replace(name, value)
            assert "$" not in query, query
            yield query


def check_dashboard(dashboard):
    """What Grafana needs of a dashboard that is imported."""
    assert dashboard["uid"] and dashboard["title"] and dashboard["schemaVersion"] >= 30
    ids = [p["id"] for p in dashboard["panels"]]
    assert len(set(ids)) == len(ids)
    places = [tuple(p["gridPos"][k] for k in "xywh") for p in dashboard["panels"]]
    for index, (x, y, w, h) in enumerate(places):
        assert 0 <= x and x + w <= 24, dashboard["panels"][index]["title"]
        for ox, oy, ow, oh in places[index + 1 :]:
            assert x + w <= ox or ox + ow <= x or y + h <= oy or oy + oh <= y, dashboard["panels"][index]["title"]


def main(program, tools, picture=None):
    dashboard = json.loads((CHART / "dashboards/kube-mind.json").read_text())
    rules = CHART / "alerts/kube-mind.yaml"
    check_dashboard(dashboard)
    promtool = f"{tools}/promtool"
    subprocess.run([promtool, "check", "rules", str(rules)], check=True, stdout=subprocess.DEVNULL)
    port, prometheus_port = free_port(), free_port()
    with tempfile.TemporaryDirectory() as folder:
        config = pathlib.Path(folder) / "prometheus.yml"
        config.write_text(
            f"global: {{scrape_interval: {SCRAPE}, scrape_timeout: {SCRAPE}}}\n"
            f"scrape_configs:\n- job_name: kube-mind\n  static_configs: [{{targets: ['127.0.0.1:{port}']}}]\n"
        )
        prometheus = subprocess.Popen(
            [
                f"{tools}/prometheus", f"--config.file={config}", f"--storage.tsdb.path={folder}/data",
                f"--web.listen-address=127.0.0.1:{prometheus_port}", "--enable-feature=exemplar-storage", "--log.level=error",
            ]
        )
        sensor = subprocess.Popen(
            [program, "watch", "--simulate", "--speed", SPEED, "--set", f"http.address=127.0.0.1:{port}"],
            stdout=subprocess.DEVNULL,
        )
        try:
            base = f"http://127.0.0.1:{prometheus_port}/api/v1"
            wait_for("kube-mind", lambda: get(f"http://127.0.0.1:{port}/metrics"))
            wait_for("Prometheus", lambda: get(f"http://127.0.0.1:{prometheus_port}/-/ready"))
            plain, last, began = b"", time.time(), time.time()
            # The probe that the image's HEALTHCHECK makes.
            asked = subprocess.run([program, "health", "--address", f"127.0.0.1:{port}"], capture_output=True, text=True)
            assert asked.returncode == 0 and asked.stdout.endswith("ok\n"), (asked.stdout, asked.stderr)
            while sensor.poll() is None:
                try:
                    kind, plain = get(f"http://127.0.0.1:{port}/metrics")
                    last = time.time()
                except OSError:
                    break  # It has ended between the two.
                assert kind.startswith("text/plain"), kind
                open_kind, text = get(f"http://127.0.0.1:{port}/metrics", "application/openmetrics-text")
                assert open_kind.startswith("application/openmetrics-text") and text.endswith(b"# EOF\n"), open_kind
                time.sleep(0.5)
            assert sensor.wait(timeout=300) == 0, "the simulated run failed"
            asked = subprocess.run([program, "health", "--address", f"127.0.0.1:{port}"], capture_output=True, text=True)
            assert asked.returncode == 1 and f"127.0.0.1:{port}" in asked.stderr, (asked.stdout, asked.stderr)
            checked = subprocess.run([promtool, "check", "metrics"], input=plain, capture_output=True)
            assert checked.returncode == 0 and not checked.stderr, checked.stderr.decode()

            def ask(path, **arguments):
                answer = json.loads(get(f"{base}/{path}?{urllib.parse.urlencode(arguments)}")[1])
                assert answer["status"] == "success", answer
                return answer["data"]

            queries = list(alert_queries(rules.read_text())) + list(dashboard_queries(dashboard))
            # Before it ended: afterwards the series are stale.
            empty = [query for query in queries if not ask("query", query=query, time=last - 0.5)["result"]]
            assert not empty, "these queries give no series:\n" + "\n".join(empty)
            if picture:
                def ask_range(query, start, end, step):
                    found = ask("query_range", query=query, start=start, end=end, step=step)["result"]
                    return [(series["metric"], series["values"]) for series in found]

                pathlib.Path(picture).write_text(dashboard_picture.draw(dashboard, ask_range, began + 1, last - 0.5))
            exemplars = ask(
                "query_exemplars", query="kube_mind_detection_to_acknowledgement_seconds_bucket", start=last - 60, end=last
            )
            assert any("incident_id" in e["labels"] for series in exemplars for e in series["exemplars"]), "no exemplar"
            print(f"Prometheus scraped {plain.count(b'# TYPE')} metrics; {len(queries)} queries of alerts and dashboard give series")
        finally:
            for process in (sensor, prometheus):
                process.terminate()
                process.wait()


main(*sys.argv[1:])
