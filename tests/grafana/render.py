"""Draws the boards from their JSON and the database's answers into docs/boards: no Grafana had a part in it.

`python -m tests.grafana.render` starts an influxd, writes the scene into it and draws every board.
"""

import asyncio
import itertools
import math
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from grafana.build import Edition, dashboards
from grafana.site import SiteView, SpaceView, fitted, panels
from grafana.texts import LANGUAGES, Texts
from tests.conftest import ROOT
from tests.grafana import scene
from tests.grafana.conftest import BUCKET, World
from tests.grafana.frames import Frame, panel_frames
from tests.real.influxd import Influxd

ZONE = ZoneInfo("Asia/Shanghai")
COLORS = {
    "green": "#73BF69", "super-light-green": "#C8F2C2", "yellow": "#FADE2A", "orange": "#FF9830",
    "red": "#F2495C", "blue": "#5794F2", "text": "#333333",
}  # fmt: skip
CURVES = ["#5794F2", "#FF9830", "#73BF69", "#B877D9", "#F2495C", "#8AB8FF", "#FADE2A", "#37872D"]
NAMES = {
    "reading-2f": {"en": "Reading room, 2nd floor", "zh": "二楼阅览室"},
    "group-1": {"en": "Group study 1", "zh": "研讨间 1"},
    "hall": {"en": "Hall", "zh": "大厅"},
    "makers": {"en": "Makers' space", "zh": "创客空间"},
}
AREAS = {"reading-2f": 320.0, "group-1": 40.0, "hall": 240.0, "makers": 90.0}
SITE = SiteView("main", ZONE.key, [SpaceView(k, NAMES[k], n, AREAS[k]) for k, n in scene.SPACES.items()])


def draw(world: World, board: dict[str, Any], path: Path) -> None:
    """One board as one picture."""
    places = [panel["gridPos"] for panel in panels(board)]
    height = max(p["y"] + p["h"] for p in places)
    figure = plt.figure(figsize=(14, 0.33 * height + 0.5), dpi=80, facecolor="#F4F5F5")
    figure.text(0.008, 1 - 0.1 / (0.33 * height + 0.5), board["title"], fontsize=15, va="top", weight="bold")
    for panel in panels(board):
        _draw_panel(figure, panel, world, board, height)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, facecolor=figure.get_facecolor())
    plt.close(figure)


def _draw_panel(figure: Any, panel: dict[str, Any], world: World, board: dict[str, Any], height: int) -> None:
    place = panel["gridPos"]
    total = 0.33 * height + 0.5
    top = 1 - (0.5 + 0.33 * place["y"]) / total
    x, w, h = place["x"] / 24, place["w"] / 24, 0.33 * place["h"] / total
    if panel["type"] == "row":
        figure.text(x + 0.008, top - h / 2, f"▾ {panel['title']}", fontsize=11, va="center", weight="bold")
        return
    box = Rectangle(
        (x + 0.003, top - h + 0.02 / total), w - 0.006, h - 0.06 / total, transform=figure.transFigure
    )
    box.set(facecolor="white", edgecolor="#D8D9DA", linewidth=0.8, zorder=-1)
    figure.add_artist(box)
    title = panel["title"].replace("$shelf", "a01-1").replace("$item", "00000014")
    figure.text(x + 0.008, top - 0.1 / total, title, fontsize=9, va="top", weight="bold")
    pad = 0.12 if panel["type"] in ("table", "text", "alertlist", "canvas") else 0.42
    side = 0.07 if panel["type"] == "state-timeline" else 0.034 if pad > 0.2 else 0.0
    inner = (x + 0.008 + side, top - h + pad / total, w - 0.018 - side)
    axes = figure.add_axes((*inner, h - (0.42 + pad) / total))
    frames = (
        panel_frames(world.influxd, world.bucket, panel, world.view(board)) if panel.get("targets") else []
    )
    _DRAW.get(panel["type"], _words)(axes, panel, frames)


def _names(panel: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Field → what its overrides say."""
    found: dict[str, dict[str, Any]] = {}
    for override in panel["fieldConfig"]["overrides"]:
        said = found.setdefault(override["matcher"]["options"], {})
        said |= {p["id"]: p["value"] for p in override["properties"]}
    return found


def _name(panel: dict[str, Any], field: str) -> str:
    return str(_names(panel).get(field, {}).get("displayName", field))


def _color(panel: dict[str, Any], value: float) -> str:
    steps = panel["fieldConfig"]["defaults"]["thresholds"]["steps"]
    color = steps[0]["color"]
    for step in steps[1:]:
        color = step["color"] if value >= step["value"] else color
    return COLORS[color]


def _said(value: Any, unit: str, decimals: int | None = None) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    if unit.startswith("dateTime"):
        return datetime.fromtimestamp(value, ZONE).strftime("%m-%d %H:%M")
    if unit == "percentunit":
        return f"{100 * value:.0f} %"
    if unit == "bytes":
        return f"{value / 1e6:.1f} MB"
    if unit == "s":
        return (
            f"{value:.3g} s"
            if value < 120
            else f"{value / 60:.0f} min"
            if value < 7200
            else f"{value / 3600:.1f} h"
        )
    ends = {"lengthm": " m", "ppm": " ppm", "dB": " dB"}.get(unit, "")
    return (f"{value:.{decimals}f}" if decimals is not None else f"{value:.4g}") + ends


def _lines(axes: Axes, panel: dict[str, Any], frames: list[Frame]) -> None:
    bars = panel["fieldConfig"]["defaults"]["custom"].get("drawStyle") == "bars"
    stacking = panel["fieldConfig"]["defaults"]["custom"].get("stacking", {})
    is_stacked, stacked = stacking.get("mode") == "normal", dict[float, float]()
    curves: dict[str, list[tuple[datetime, float]]] = {}
    for frame in frames:
        for row in frame.rows:
            at = datetime.fromtimestamp(row["Time"], ZONE)
            for name, value in row.items():
                if name != "Time" and value is not None:
                    curves.setdefault(name, []).append((at, value))
    for n, (name, points) in enumerate(sorted(curves.items())):
        points.sort()
        times, values = [p[0] for p in points], [p[1] for p in points]
        color, label = CURVES[n % len(CURVES)], _name(panel, name)
        said = _names(panel).get(name, {})
        if said.get("custom.transform") == "negative-Y":
            values = [-value for value in values]
        if bars and said.get("custom.drawStyle") != "line":
            gaps = [(b - a).total_seconds() for a, b in itertools.pairwise(times)] or [60.0]
            width = min(gaps) / 86_400 * 0.8
            days = [float(mpl.dates.date2num(t)) for t in times]
            under = [stacked.get(day, 0.0) for day in days] if is_stacked else [0.0] * len(days)
            axes.bar(days, values, width, bottom=under, color=color, alpha=0.7, label=label)
            stacked |= {day: low + value for day, low, value in zip(days, under, values, strict=True)}
            axes.xaxis_date(ZONE)
        else:
            axes.plot(times, values, color=color, lw=1.3, label=label)
    for step in panel["fieldConfig"]["defaults"]["thresholds"]["steps"][1:]:
        if curves and step["value"] <= 1.2 * max(v for c in curves.values() for _, v in c):
            axes.axhline(step["value"], color=COLORS[step["color"]], ls="--", lw=0.8)
    _axis(axes, panel)
    axes.legend(fontsize=6.5, loc="upper left", ncols=3, frameon=False)


def _axis(axes: Axes, panel: dict[str, Any]) -> None:
    defaults = panel["fieldConfig"]["defaults"]
    axes.tick_params(labelsize=6.5)
    axes.grid(color="#EAEAEA", lw=0.6)
    axes.spines[["top", "right"]].set_visible(False)
    axes.yaxis.set_major_formatter(lambda v, _: _said(v, defaults.get("unit", "short")))
    if "min" in defaults:
        axes.set_ylim(bottom=defaults["min"])
    axes.set_ylim(top=axes.get_ylim()[1] * 1.15)
    axes.xaxis.get_offset_text().set_visible(False)
    axes.xaxis.set_major_formatter(mpl.dates.ConciseDateFormatter(axes.xaxis.get_major_locator(), tz=ZONE))


def _table(axes: Axes, panel: dict[str, Any], frames: list[Frame]) -> None:
    axes.axis("off")
    names, defaults = _names(panel), panel["fieldConfig"]["defaults"]
    columns = [
        c for c in (frames[0].columns if frames else []) if not names.get(c, {}).get("custom.hideFrom.viz")
    ]
    matrix = any("\\" in c for c in columns)
    room = max(2, int(panel["gridPos"]["h"] * 0.33 / 0.23) - 2)
    rows = frames[0].rows[:room] if frames else []
    widths = [
        0.6
        + max([len(_head(c, names)) * 1.5, *(len(str(_cell(r.get(c), c, names, defaults)[0])) for r in rows)])
        for c in columns
    ]
    left = 0.0
    for column, width in zip(columns, widths, strict=True):
        share = width / sum(widths)
        axes.text(left + 0.003, 1, _head(column, names), fontsize=6.8, weight="bold", va="top", color="#555")
        for n, row in enumerate(rows):
            text, color = _cell(row.get(column), column, names, defaults)
            y = 1 - (n + 1) / (room + 1)
            lit = names.get(column, {}).get("custom.cellOptions", {}).get("type") == "color-background"
            if matrix and "\\" not in column and isinstance(row.get(column), float | int):
                color, lit = _color(panel, row[column]), True
            elif lit and color is None and isinstance(row.get(column), float | int):
                color = _color(panel, row[column])
            if lit and color:
                axes.add_patch(
                    Rectangle(
                        (left, y - 0.8 / (room + 1)), share, 1 / (room + 1), facecolor=color, lw=0, zorder=0
                    )
                )
            axes.text(left + 0.003, y, text, fontsize=6.8, va="top", color="#222")
        left += share
    axes.set(xlim=(0, 1), ylim=(0, 1))


def _head(column: str, names: dict[str, dict[str, Any]]) -> str:
    if "\\" in column:
        return str(names["weekday.hour"]["displayName"])
    return str(names.get(column, {}).get("displayName", column))


def _cell(value: Any, column: str, names: dict[str, dict[str, Any]], defaults: Any) -> tuple[str, str | None]:
    """Text and colour."""
    said = names.get("weekday.hour" if "\\" in column else column, {})
    for mapping in said.get("mappings", []):
        if mapping["type"] == "value" and str(value) in mapping["options"]:
            found = mapping["options"][str(value)]
            return found["text"], COLORS.get(found.get("color", ""))
        if mapping["type"] == "range" and value is not None:
            options = mapping["options"]
            if options["from"] <= value <= options["to"]:
                return options["result"]["text"], COLORS[options["result"]["color"]]
    return _said(value, said.get("unit", defaults.get("unit", "short")), defaults.get("decimals")), None


def _levels(axes: Axes, panel: dict[str, Any], frames: list[Frame]) -> None:
    values = _newest(frames)
    defaults = panel["fieldConfig"]["defaults"]
    most = defaults.get("max") or max(values.values(), default=1.0) or 1.0
    least = defaults.get("min", 0.0)
    for n, (name, value) in enumerate(sorted(values.items(), reverse=True)):
        axes.barh(n, most - least, left=least, color="#EEEEEE", height=0.62)
        axes.barh(n, min(value, most) - least, left=least, color=_color(panel, value), height=0.62)
        axes.text(least, n + 0.36, _name(panel, name), fontsize=7.5, va="bottom")
        axes.text(
            most,
            n,
            _said(value, defaults["unit"], defaults.get("decimals")) + " ",
            fontsize=8,
            va="center",
            ha="right",
        )
    axes.set_ylim(-0.5, len(values) - 0.1)
    axes.axis("off")


def _newest(frames: list[Frame]) -> dict[str, float]:
    found: dict[str, float] = {}
    for frame in frames:
        for row in frame.rows:
            found |= {k: v for k, v in row.items() if k != "Time" and v is not None}
    return found


def _stat(axes: Axes, panel: dict[str, Any], frames: list[Frame]) -> None:
    defaults = panel["fieldConfig"]["defaults"]
    if panel["options"]["reduceOptions"]["calcs"] == ["count"]:
        value = float(sum(len(frame.rows) for frame in frames))
    else:
        value = next(iter(_newest(frames).values()), math.nan)
    text = _said(value, defaults["unit"], defaults.get("decimals", 0))
    axes.text(
        0.5, 0.5, text, fontsize=24, ha="center", va="center", color=_color(panel, value), weight="bold"
    )
    axes.axis("off")


def _states(axes: Axes, panel: dict[str, Any], frames: list[Frame]) -> None:
    changes: dict[str, list[tuple[float, float]]] = {}
    for frame in frames:
        for row in frame.rows:
            for name, value in row.items():
                if name != "Time" and value is not None:
                    changes.setdefault(name, []).append((row["Time"], value))
    end = time.time()
    for n, (_, points) in enumerate(sorted(changes.items())):
        points.sort()
        ends = [*(p[0] for p in points[1:]), end]
        for (at, value), until in zip(points, ends, strict=True):
            axes.barh(n, until - at, left=at, height=0.6, color=_color(panel, value))
    axes.set_yticks(range(len(changes)), sorted(changes), fontsize=7)
    axes.set_xticks([])
    axes.spines[["top", "right"]].set_visible(False)


def _spots(axes: Axes, panel: dict[str, Any], frames: list[Frame]) -> None:
    rows = [row for frame in frames for row in frame.rows]
    axes.scatter([r["x_m"] for r in rows], [r["confidence"] for r in rows], s=40, color=CURVES[0])
    for row in rows:
        axes.text(row["x_m"], row["confidence"] + 0.005, row["item"], fontsize=5.5, ha="center", rotation=30)
    axes.tick_params(labelsize=6.5)
    axes.set_xlabel(_name(panel, "x_m"), fontsize=7, labelpad=0)
    axes.grid(color="#EAEAEA", lw=0.6)
    axes.margins(0.05, 0.3)


def _canvas(axes: Axes, panel: dict[str, Any], frames: list[Frame]) -> None:
    values = _newest(frames)
    for element in panel["options"]["root"]["elements"]:
        place = element["placement"]
        if element["type"] == "text":
            axes.text(place["left"], place["top"], element["config"]["text"]["fixed"], fontsize=8, va="top")
            continue
        value = values.get(element["config"]["text"]["field"], math.nan)
        corner = (place["left"], place["top"])
        axes.add_patch(
            Rectangle(
                corner, place["width"], place["height"], facecolor=_color(panel, value), edgecolor="#37872D"
            )
        )
        middle = (place["left"] + place["width"] / 2, place["top"] + place["height"] / 2)
        axes.text(middle[0], middle[1], _said(value, "percentunit"), ha="center", va="center", fontsize=14)
    axes.set(xlim=(0, 760), ylim=(360, 0))
    axes.axis("off")


def _words(axes: Axes, panel: dict[str, Any], frames: list[Frame]) -> None:
    axes.axis("off")
    text = panel.get("options", {}).get("content", panel.get("description", ""))
    width = int(panel["gridPos"]["w"] * 7 / (2 if any(c >= "\u4e00" for c in text) else 1))
    lines = [line[n : n + width] for line in text.splitlines() for n in range(0, max(len(line), 1), width)]
    room = int(panel["gridPos"]["h"] * 0.33 / 0.15) - 3
    axes.text(0, 1, "\n".join(lines[:room]), fontsize=6.8, va="top")


_DRAW = {
    "timeseries": _lines,
    "table": _table,
    "bargauge": _levels,
    "stat": _stat,
    "state-timeline": _states,
    "xychart": _spots,
    "canvas": _canvas,
}


def main() -> int:
    for path in font_manager.findSystemFonts():
        # Matplotlib's own list may be older than the font.
        if "NotoSansCJK" in path:
            font_manager.fontManager.addfont(path)
    plt.rcParams["font.family"] = ["Noto Sans CJK JP", "DejaVu Sans"]
    plt.rcParams["axes.unicode_minus"] = False
    with tempfile.TemporaryDirectory() as folder:
        server = Influxd(Path(folder))
        server.start()
        try:
            _draw_all(server, Path(folder))
        finally:
            server.stop()
    return 0


def _draw_all(server: Influxd, folder: Path) -> None:
    server.set_up()
    server.new_bucket(BUCKET)
    token = folder / "token"
    token.write_text(scene.token_text())
    token.chmod(0o600)
    now_s = int(time.time())
    asyncio.run(scene.write(server, BUCKET, str(token), now_s * scene.S))
    for language in LANGUAGES:
        for board in dashboards(Edition(Texts(language), "influxql")):
            made = fitted(board, SITE, language)
            draw(World(server, BUCKET, float(now_s)), made, ROOT / "docs/boards" / f"{made['uid']}.png")


if __name__ == "__main__":
    sys.exit(main())
