"""What Grafana would get: a panel's queries run on a real influxd, with its transformations applied.

This is no Grafana. It puts in the macros and variables as Grafana's documentation says, asks the database,
and does the few transformations that the boards use.
"""

import csv
import io
import json
import re
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from tests.real.influxd import ORG, TOKEN, Influxd

_UNITS_S = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800, "y": 31_536_000}
Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Frame:
    """One table of an answer; times are seconds since 1970."""

    name: str
    rows: Rows

    @property
    def columns(self) -> list[str]:
        return list(dict.fromkeys(name for row in self.rows for name in row))


@dataclass(frozen=True)
class View:
    """A dashboard as somebody looks at it: the time, and what is chosen at the top."""

    start_s: float
    stop_s: float
    variables: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, dashboard: Mapping[str, Any], now_s: float, variables: Mapping[str, str]) -> "View":
        since = dashboard["time"]["from"].removeprefix("now-")
        return cls(now_s - seconds(since), now_s + 1, variables)

    def interval_s(self, smallest: str | None) -> int:
        return max(int((self.stop_s - self.start_s) / 300), seconds(smallest or "1s"))


def seconds(text: str) -> int:
    return int(text[:-1]) * _UNITS_S[text[-1]]


def ask(
    influxd: Influxd, bucket: str, target: Mapping[str, Any], view: View, interval: str | None
) -> list[Frame]:
    """One query's frames."""
    if "rawQuery" in target:
        return _ask_influxql(influxd, bucket, target, view, view.interval_s(interval))
    return _ask_flux(influxd, bucket, target, view, view.interval_s(interval))


def panel_frames(influxd: Influxd, bucket: str, panel: Mapping[str, Any], view: View) -> list[Frame]:
    """All of a panel's queries, then its transformations."""
    frames = [f for t in panel["targets"] for f in ask(influxd, bucket, t, view, panel.get("interval"))]
    for transform in panel.get("transformations", []):
        frames = _TRANSFORMS[transform["id"]](frames, transform.get("options", {}), view)
    return frames


def interpolated(query: str, view: View) -> str:
    """Dashboard variables as Grafana puts them in; one that is unknown is a failure."""

    def value(match: re.Match[str]) -> str:
        return view.variables[match[1]]

    return re.sub(r"\$\{(\w+)(?::\w+)?\}", value, query)


def _ask_influxql(
    influxd: Influxd, bucket: str, target: Mapping[str, Any], view: View, step_s: int
) -> list[Frame]:
    reach = f"time >= {int(view.start_s * 1000)}ms and time <= {int(view.stop_s * 1000)}ms"
    query = interpolated(target["query"], view).replace("$timeFilter", reach)
    query = query.replace("$__interval", f"{step_s}s")
    assert "${" not in query, query
    answered = influxql(influxd, bucket, query)
    frames: list[Frame] = []
    for series in answered:
        tags = series.get("tags", {})
        rows = [_row(series["columns"], values, tags) for values in series["values"]]
        if target["resultFormat"] == "time_series":
            name = _aliased(target["alias"], tags)
            rows = [{"Time": row["Time"], name: row[series["columns"][1]]} for row in rows]
            frames.append(Frame(name, rows))
        elif frames:
            frames[0].rows.extend(rows)
        else:
            frames.append(Frame("", rows))
    return frames


def _aliased(alias: str, tags: Mapping[str, str]) -> str:
    return re.sub(r"\$tag_(\w+)", lambda found: tags[found[1]], alias)


def influxql(influxd: Influxd, bucket: str, query: str) -> list[dict[str, Any]]:
    """The series of one statement."""
    asked = urllib.parse.urlencode({"db": bucket, "epoch": "ns", "q": query})
    request = urllib.request.Request(
        f"{influxd.url}/query?{asked}", headers={"Authorization": f"Token {TOKEN}"}
    )
    with urllib.request.urlopen(request) as answer:
        (result,) = json.load(answer)["results"]
    assert "error" not in result, (result["error"], query)
    return result.get("series", [])  # type: ignore[no-any-return]


def _row(columns: Sequence[str], values: Sequence[Any], tags: Mapping[str, str]) -> dict[str, Any]:
    row = dict(zip(columns, values, strict=True))
    return {"Time": row.pop("time") / 1e9, **tags, **row}


def _ask_flux(
    influxd: Influxd, bucket: str, target: Mapping[str, Any], view: View, step_s: int
) -> list[Frame]:
    query = interpolated(target["query"], view)
    query = flux_macros(query, bucket, view.start_s, view.stop_s, step_s)
    assert "${" not in query, query
    return flux(influxd, query)


def flux_macros(query: str, bucket: str, start_s: float, stop_s: float, step_s: int) -> str:
    """With Grafana's macros put in."""
    macros = {
        "v.timeRangeStart": _rfc3339(start_s),
        "v.timeRangeStop": _rfc3339(stop_s),
        "v.windowPeriod": f"{step_s}s",
        "v.defaultBucket": json.dumps(bucket),
    }
    for name, text in macros.items():
        query = query.replace(name, text)
    return query


def flux(influxd: Influxd, query: str) -> list[Frame]:
    """The tables of one script."""
    body = {"query": query, "dialect": {"annotations": ["datatype"], "header": True}}
    headers = {
        "Authorization": f"Token {TOKEN}",
        "Content-Type": "application/json",
        "Accept": "application/csv",
    }
    url = f"{influxd.url}/api/v2/query?org={ORG}"
    try:
        with urllib.request.urlopen(
            urllib.request.Request(url, json.dumps(body).encode(), headers)
        ) as answer:
            text = answer.read().decode()
    except urllib.error.HTTPError as error:
        raise AssertionError(f"{error.read().decode()}\n{query}") from None
    frames = [_flux_table(list(csv.reader(io.StringIO(t)))) for t in text.replace("\r\n", "\n").split("\n\n")]
    return [frame for frame in frames if frame is not None]


def _flux_table(lines: list[list[str]]) -> Frame | None:
    if len(lines) < 3:
        assert not any(lines) or lines[0][0].startswith("#"), lines
        return None
    types, names = lines[0], lines[1]
    assert "error" not in names, lines
    kinds = dict(zip(names, types, strict=True))
    rows = [
        {name: _flux_value(kinds[name], text) for name, text in zip(names, line, strict=True) if name}
        for line in lines[2:]
    ]
    return Frame("", [{k: v for k, v in row.items() if k not in ("result", "table")} for row in rows])


def _flux_value(kind: str, text: str) -> Any:
    if text == "":
        return None
    if kind.startswith("dateTime"):
        return datetime.fromisoformat(text[:19] + "+00:00").timestamp()
    return float(text) if kind in ("double", "long", "unsignedLong") else text


def _rfc3339(moment_s: float) -> str:
    return datetime.fromtimestamp(int(moment_s), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _sort_by(frames: list[Frame], options: Any, view: View) -> list[Frame]:
    (by,) = options["sort"]

    def key(row: dict[str, Any]) -> tuple[bool, Any]:
        value = row.get(by["field"])
        return (value is not None, value)

    return [Frame(f.name, sorted(f.rows, key=key, reverse=by["desc"])) for f in frames]


def _matrix(frames: list[Frame], options: Any, view: View) -> list[Frame]:
    row, column, value = options["rowField"], options["columnField"], options["valueField"]
    cells = {(r[row], r[column]): r[value] for f in frames for r in f.rows}
    columns = sorted({c for _, c in cells})
    head = f"{row}\\{column}"
    return [
        Frame(
            "", [{head: r, **{c: cells.get((r, c)) for c in columns}} for r in sorted({r for r, _ in cells})]
        )
    ]


def _joined(frames: list[Frame], options: Any, view: View) -> list[Frame]:
    """Outer; a name that comes again gets a number, the first one too."""
    by = options["byField"]
    counts: dict[str, int] = {}
    for frame in frames:
        for name in frame.columns:
            counts[name] = counts.get(name, 0) + (name != by)
    found: dict[Any, dict[str, Any]] = {}
    seen: dict[str, int] = {}
    for frame in frames:
        names = {}
        for name in frame.columns:
            seen[name] = seen.get(name, 0) + 1
            names[name] = name if name == by or counts[name] < 2 else f"{name} {seen[name]}"
        for row in frame.rows:
            found.setdefault(row[by], {by: row[by]}).update({names[k]: v for k, v in row.items()})
    return [Frame("", list(found.values()))]


def _filtered(frames: list[Frame], options: Any, view: View) -> list[Frame]:
    (condition,) = options["filters"]
    name, test = condition["fieldName"], condition["config"]

    def holds(row: dict[str, Any]) -> bool:
        if test["id"] == "isNotNull":
            return row.get(name) is not None
        assert test["id"] == "regex", test
        return re.search(test["options"]["value"], row.get(name) or "") is not None

    return [Frame(f.name, [row for row in f.rows if holds(row)]) for f in frames]


def _calculated(frames: list[Frame], options: Any, view: View) -> list[Frame]:
    binary = options["binary"]
    assert binary["operator"] == "/"
    for frame in frames:
        for row in frame.rows:
            left, right = row[binary["left"]], row[binary["right"]]
            row[options["alias"]] = left / right if left is not None and right else None
    return frames


def _format_time(frames: list[Frame], options: Any, view: View) -> list[Frame]:
    pattern = options["outputFormat"].replace("YYYY", "%Y").replace("MM", "%m").replace("DD", "%d")
    zone = ZoneInfo(view.variables["timezone"])
    for frame in frames:
        for row in frame.rows:
            row[options["timeField"]] = datetime.fromtimestamp(row[options["timeField"]], zone).strftime(
                pattern
            )
    return frames


def _grouped(frames: list[Frame], options: Any, view: View) -> list[Frame]:
    (by,) = (name for name, how in options["fields"].items() if how["operation"] == "groupby")
    others = {n: how["aggregations"][0] for n, how in options["fields"].items() if n != by}
    groups: dict[Any, Rows] = {}
    for frame in frames:
        for row in frame.rows:
            groups.setdefault(row[by], []).append(row)
    how: dict[str, Callable[[list[Any]], Any]] = {"sum": sum, "count": len}
    return [
        Frame(
            "",
            [
                {
                    by: key,
                    **{
                        f"{n} ({h})": how[h]([r[n] for r in rows if r[n] is not None])
                        for n, h in others.items()
                    },
                }
                for key, rows in sorted(groups.items())
            ],
        )
    ]


def _organized(frames: list[Frame], options: Any, view: View) -> list[Frame]:
    order, renamed, without = options["indexByName"], options["renameByName"], options["excludeByName"]
    found = []
    for frame in frames:
        names = sorted((n for n in frame.columns if n not in without), key=lambda n: order.get(n, 99))
        found.append(
            Frame(frame.name, [{renamed.get(n, n): row.get(n) for n in names} for row in frame.rows])
        )
    return found


_TRANSFORMS: dict[str, Callable[[list[Frame], Any, View], list[Frame]]] = {
    "sortBy": _sort_by,
    "groupingToMatrix": _matrix,
    "joinByField": _joined,
    "filterByValue": _filtered,
    "calculateField": _calculated,
    "formatTime": _format_time,
    "groupBy": _grouped,
    "organize": _organized,
}
