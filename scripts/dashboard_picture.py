"""Draws the Grafana dashboard with the data of a Prometheus as an SVG: the same panels, queries and places, without a Grafana.

Imported by metrics.py. What it draws of a panel is what the picture needs: the newest value of a stat, the lines of a time series.
"""

import html

COLUMN, ROW, GAP = 50, 30, 8
COLOURS = ["#73bf69", "#f2cc0c", "#5794f2", "#ff9830", "#f2495c", "#b877d9", "#8ab8ff", "#96d98d"]
GROUND, PANEL, TEXT, FAINT, GREEN = "#111217", "#181b1f", "#ccccdc", "#6e7077", "#73bf69"


def written(value, unit):
    if unit == "percentunit":
        return f"{value * 100:.0f} %"
    if unit == "s":
        return f"{value * 1000:.3g} ms" if value < 1 else f"{value:.3g} s"
    if unit == "bytes":
        return f"{value / 1048576:.1f} MiB"
    return f"{value:.3g}" + {"cpm": " /min", "reqps": " /s"}.get(unit, "")


def text(x, y, words, size=12, colour=TEXT, anchor="start", weight="normal"):
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{colour}" text-anchor="{anchor}" '
        f'font-weight="{weight}">{html.escape(words)}</text>'
    )


def stat(panel, x, y, w, h, series):
    unit = panel["fieldConfig"]["defaults"].get("unit")
    value = written(float(series[0][1][-1][1]), unit) if series else "no data"
    return [text(x + w / 2, y + h / 2 + 26, value, 34, GREEN, "middle", "600")]


def curves(panel, x, y, w, h, series, start, end):
    unit = panel["fieldConfig"]["defaults"].get("unit")
    left, right, top, bottom = x + 64, x + w - 12, y + 34, y + h - 44
    series = [(name, [(t, float(v)) for t, v in points if v not in ("NaN", "+Inf")]) for name, points in series]
    series = sorted((s for s in series if s[1]), key=lambda s: -max(v for _, v in s[1]))
    most = max((v for _, points in series for _, v in points), default=0) or 1
    out = []
    for part in (0, 0.5, 1):
        at = bottom - (bottom - top) * part
        out.append(f'<line x1="{left}" x2="{right}" y1="{at:.1f}" y2="{at:.1f}" stroke="{FAINT}" stroke-opacity=".3"/>')
        out.append(text(left - 6, at + 4, written(most * part, unit), 10, FAINT, "end"))
    for number, (name, points) in enumerate(series[: len(COLOURS)]):
        places = " ".join(
            f"{left + (right - left) * (t - start) / (end - start):.1f},{bottom - (bottom - top) * v / most:.1f}" for t, v in points
        )
        out.append(f'<polyline points="{places}" fill="none" stroke="{COLOURS[number]}" stroke-width="1.5"/>')
    at = left
    for number, (name, _) in enumerate(series[: len(COLOURS)]):
        if at + 7 * len(name) + 18 > right + 12:
            break
        out.append(f'<rect x="{at:.0f}" y="{bottom + 17}" width="10" height="3" fill="{COLOURS[number]}"/>')
        out.append(text(at + 14, bottom + 23, name, 10, TEXT))
        at += 7 * len(name) + 26
    return out


def answers(panel, ask, start, end, step):
    """[(legend, [(time, value)…])…] of a panel's queries."""
    series = []
    for target in panel["targets"]:
        query = target["expr"]
        for name, value in {"$job": ".*", "$__rate_interval": "30s", "$__range": "30s"}.items():
            query = query.replace(name, value)
        for labels, points in ask(query, start, end, step):
            legend = target.get("legendFormat", "")
            for label, value in labels.items():
                legend = legend.replace("{{" + label + "}}", "sensor" if label == "instance" else value)
            series.append((legend, points))
    return series


def draw(dashboard, ask, start, end, step=0.5, lowest=31):
    """`ask(query, start, end, step)` gives [(labels, [(time, value)…])…]. Panels from `lowest` on are left out."""
    panels = [p for p in dashboard["panels"] if p["gridPos"]["y"] < lowest and p["type"] != "table"]
    width, height = 24 * COLUMN + 2 * GAP, lowest * ROW + 40
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="The Grafana dashboard of kube-mind, with the data of a simulated run" '
        f'font-family="Inter,Helvetica,Arial,DejaVu Sans,sans-serif"><rect width="100%" height="100%" fill="{GROUND}"/>',
        text(GAP + 4, 26, dashboard["title"], 16, TEXT, weight="600"),
    ]
    found = {panel["id"]: answers(panel, ask, start, end, step) for panel in panels if panel["type"] != "row"}
    # From the first value on: before it the picture would be empty.
    start = min((points[0][0] for series in found.values() for _, points in series if points), default=start)
    for panel in panels:
        place = panel["gridPos"]
        x, y = GAP + place["x"] * COLUMN, 40 + place["y"] * ROW
        w, h = place["w"] * COLUMN - GAP, place["h"] * ROW - GAP
        if panel["type"] == "row":
            out.append(text(x + 4, y + 18, panel["title"], 13, TEXT, weight="600"))
            continue
        series = found[panel["id"]]
        out.append(f'<rect x="{x}" y="{y}" width="{w}" height="{h}" rx="2" fill="{PANEL}"/>')
        out.append(text(x + 10, y + 20, panel["title"], 13, TEXT, weight="500"))
        out += stat(panel, x, y, w, h, series) if panel["type"] == "stat" else curves(panel, x, y, w, h, series, start, end)
    return "\n".join(out + ["</svg>", ""])
