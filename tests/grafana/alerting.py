"""What Grafana would make of an alert rule: its query on a real influxd, the newest value of each series, the
comparison, and `for`. A series is known by its labels alone, as there."""

import csv
import io
import json
import urllib.request
from typing import Any

from tests.grafana.frames import flux_macros, influxql, seconds
from tests.real.influxd import ORG, TOKEN, Influxd

Labels = tuple[tuple[str, str], ...]
Series = dict[Labels, list[tuple[float, float]]]
BUCKET_S = 600
"""Steps of the queries that ask for what may have vanished."""


def firing(influxd: Influxd, bucket: str, rule: dict[str, Any], now_s: float) -> set[Labels]:
    """The labels of what fires; what has not been so for the rule's `for` does not yet."""
    (condition,) = rule["data"][2]["model"]["conditions"]
    (at,) = condition["evaluator"]["params"]
    below = condition["evaluator"]["type"] == "lt"
    found = series(influxd, bucket, rule["data"][0]["model"], now_s)
    since_s = (now_s - seconds(rule["for"])) // BUCKET_S * BUCKET_S

    def is_beyond(points: list[tuple[float, float]]) -> bool:
        held = [value for t_s, value in points if t_s >= since_s] if len(points) > 1 else [points[0][1]]
        return all(value < at if below else value > at for value in held)

    return {labels for labels, points in found.items() if is_beyond(points)}


def series(influxd: Influxd, bucket: str, model: dict[str, Any], now_s: float) -> Series:
    """All series of a rule's query; what has no labels of its own is an error there, and here."""
    found = _influxql(influxd, bucket, model) if "rawQuery" in model else _flux(influxd, bucket, model, now_s)
    for points in found.values():
        assert len({at for at, _ in points}) == len(points), "Grafana: duplicate results with the same labels"
        points.sort()
    return found


def _influxql(influxd: Influxd, bucket: str, model: dict[str, Any]) -> Series:
    return {
        tuple(sorted(one["tags"].items())): [
            (v[0] / 1e9, float(v[1])) for v in one["values"] if v[1] is not None
        ]
        for one in influxql(influxd, bucket, model["query"])
    }


def _flux(influxd: Influxd, bucket: str, model: dict[str, Any], now_s: float) -> Series:
    query = flux_macros(model["query"], bucket, now_s - 86_400, now_s, 60)
    body = {"query": query, "dialect": {"annotations": ["group", "datatype"], "header": True}}
    headers = {
        "Authorization": f"Token {TOKEN}",
        "Content-Type": "application/json",
        "Accept": "application/csv",
    }
    request = urllib.request.Request(
        f"{influxd.url}/api/v2/query?org={ORG}", json.dumps(body).encode(), headers
    )
    with urllib.request.urlopen(request) as answer:
        text = answer.read().decode().replace("\r\n", "\n")
    found: Series = {}
    for table in filter(None, text.split("\n\n")):
        group, *rows = csv.reader(io.StringIO(table))
        rows = rows[1:]
        if not rows:
            continue
        names, *rows = rows
        assert "error" not in names, rows
        for row in rows:
            cells = dict(zip(names, row, strict=True))
            labels = {n: c for n, c, g in zip(names, row, group, strict=True) if g == "true"}
            at = _moment(cells["_time"])
            if cells["_value"]:
                found.setdefault(tuple(sorted(labels.items())), []).append((at, float(cells["_value"])))
    return found


def _moment(text: str) -> float:
    from datetime import datetime

    return datetime.fromisoformat(text[:19] + "+00:00").timestamp()
