"""Fits a generic board to one library: names of spaces, its time zone, and the floor plan from its site file.

Works on the JSON, so that it needs neither the SDK nor a second set of boards.
"""

import copy
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from grafana.texts import Language

_GAP: Final = 8
_LABEL_HEIGHT: Final = 24
_LEAST_SHARE: Final = 0.6
"""Of the mean row's height: a row of small rooms has room for names and numbers all the same."""
_PLAN_WIDTH: Final = 760
_PLAN_HEIGHT: Final = 360
_BY_SPACE: Final = ("$tag_space", 'columnKey: ["space"]')


@dataclass(frozen=True, slots=True)
class SpaceView:
    """What a board shows of a space."""

    id: str
    names: Mapping[str, str] = field(default_factory=dict)
    capacity: int = 0
    area_m2: float | None = None

    def name(self, language: Language) -> str:
        return self.names.get(language) or self.names.get("en") or self.id


@dataclass(frozen=True, slots=True)
class SiteView:
    """What a board shows of a library."""

    id: str
    timezone: str
    spaces: Sequence[SpaceView] = ()


def fitted(dashboard: Mapping[str, Any], site: SiteView, language: Language) -> dict[str, Any]:
    """A copy for this site; the argument stays as it is."""
    made = copy.deepcopy(dict(dashboard))
    for variable in made["templating"]["list"]:
        if variable["name"] == "timezone":
            variable |= _constant(site.timezone)
    for panel in panels(made):
        _name_spaces(panel, site, language)
        if panel["type"] == "canvas":
            panel["options"]["root"]["elements"] = list(_plan(site, language))
    return made


def panels(dashboard: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """All panels, those within rows too."""
    for panel in dashboard["panels"]:
        yield panel
        yield from panel.get("panels", [])


def _constant(value: str) -> dict[str, Any]:
    chosen = {"selected": True, "text": value, "value": value}
    return {"query": value, "current": chosen}


def _name_spaces(panel: dict[str, Any], site: SiteView, language: Language) -> None:
    """A curve's name by an override of its own; a table's cells by value mappings."""
    overrides = panel.get("fieldConfig", {}).get("overrides", [])
    names = {space.id: space.name(language) for space in site.spaces}
    if any(_is_by_space(target) for target in panel.get("targets", [])):
        overrides += [_override(id_, {"id": "displayName", "value": name}) for id_, name in names.items()]
    options = {id_: {"text": name, "index": n} for n, (id_, name) in enumerate(names.items())}
    for override in overrides:
        if override["matcher"] == {"id": "byName", "options": "space"}:
            override["properties"].append(
                {"id": "mappings", "value": [{"type": "value", "options": options}]}
            )


def _is_by_space(target: Mapping[str, Any]) -> bool:
    return target.get("alias") == _BY_SPACE[0] or _BY_SPACE[1] in target.get("query", "")


def _override(name: str, *properties: dict[str, Any]) -> dict[str, Any]:
    return {"matcher": {"id": "byName", "options": name}, "properties": list(properties)}


def _plan(site: SiteView, language: Language) -> Iterator[dict[str, Any]]:
    """Rows of boxes, each as large as its share of the area: no site file says where the walls are."""
    rows = _rows(site.spaces)
    floor = _LEAST_SHARE * sum(map(_size, site.spaces)) / max(len(rows), 1)
    sizes = [max(sum(map(_size, row)), floor) for row in rows]
    top = 0.0
    for row, size in zip(rows, sizes, strict=True):
        height = _PLAN_HEIGHT * size / sum(sizes)
        left = 0.0
        for space in row:
            width = _PLAN_WIDTH * _size(space) / sum(map(_size, row))
            place = {"left": left, "top": top, "width": width - _GAP, "height": height - _GAP}
            rounded = {key: round(value, 1) for key, value in place.items()}
            yield _box(space, language, rounded)
            yield _label(space, language, rounded)
            left += width
        top += height


def _rows(spaces: Sequence[SpaceView]) -> list[list[SpaceView]]:
    """The largest first, in about as many rows as make the boxes square."""
    ordered = sorted(spaces, key=_size, reverse=True)
    n_rows = max(1, round(math.sqrt(len(ordered))))
    per_row = math.ceil(len(ordered) / n_rows) if ordered else 1
    return [ordered[n : n + per_row] for n in range(0, len(ordered), per_row)]


def _size(space: SpaceView) -> float:
    """Never so small that its name has no room."""
    return max(space.area_m2 or 2.5 * space.capacity, 30.0)


def _label(space: SpaceView, language: Language, place: dict[str, float]) -> dict[str, Any]:
    """The name at the top of the box: Grafana does not draw the names of elements."""
    text = {"mode": "fixed", "fixed": space.name(language), "field": ""}
    return {
        "type": "text",
        "name": f"{space.name(language)} ({space.id})",
        "config": {"text": text, "size": 14, "align": "left", "valign": "top", "color": {"fixed": "text"}},
        "background": {"color": {"fixed": "transparent"}},
        "border": {"color": {"fixed": "transparent"}, "width": 0},
        "placement": {
            "left": place["left"] + 6,
            "top": place["top"] + 4,
            "width": max(place["width"] - 12, 1.0),
            "height": _LABEL_HEIGHT,
            "rotation": 0,
        },
        "constraint": {"horizontal": "left", "vertical": "top"},
        "connections": [],
    }


def _box(space: SpaceView, language: Language, place: dict[str, float]) -> dict[str, Any]:
    """One element: its value is the share of capacity, its colour the threshold's."""
    value = {"mode": "field", "field": space.id, "fixed": ""}
    return {
        "type": "metric-value",
        "name": space.name(language),
        "config": {
            "text": value,
            "size": 26,
            "align": "center",
            "valign": "middle",
            "color": {"fixed": "text"},
        },
        "background": {"color": {"field": space.id, "fixed": "#D9D9D9"}},
        "border": {"color": {"fixed": "dark-green"}, "width": 1, "radius": 2},
        "placement": place | {"rotation": 0},
        "constraint": {"horizontal": "left", "vertical": "top"},
        "connections": [],
    }
