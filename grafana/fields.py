"""Units, names and colours of a panel's fields: what Grafana calls overrides."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from grafana_foundation_sdk.models import dashboard as models

from grafana import visuals
from grafana.columns import UNITS
from grafana.model import GREEN, ORANGE, RED, YELLOW, Link, Panel
from grafana.query import Events, Groups, Latest
from grafana.texts import Texts, catalogue

if TYPE_CHECKING:
    from grafana.build import Edition

COLORS: Final = {
    "ok": GREEN,
    "near": ORANGE,
    "full": RED,
    "over": RED,
    "loud": ORANGE,
    "too-loud": RED,
    "silent": ORANGE,
    "stuck": ORANGE,
    "reversed": ORANGE,
    "implausible": ORANGE,
    "down": RED,
}
"""Words that stand for a state have its colour."""
BANDS: Final = ((0.0, 0.3, "free", GREEN), (0.3, 0.6, "some", GREEN), (0.6, 0.8, "busy", YELLOW))
BANDS_FULL: Final = ((0.8, 1.0, "very_busy", ORANGE), (1.0, 1e9, "full", RED))
_WORDS: Final = ("event", "level", "state", "status", "direction", "weekday")


def dressed(made: Any, panel: Panel, edition: "Edition") -> Any:
    """The builder with unit, range, thresholds and one override a column."""
    made = made.unit(panel.unit).thresholds(visuals.thresholds(panel))
    made = made.min(panel.minimum) if panel.minimum is not None else made
    made = made.max(panel.maximum) if panel.maximum is not None else made
    made = made.decimals(panel.decimals) if panel.decimals is not None else made
    if panel.kind == "matrix":
        return made.override_by_regexp("weekday.hour", _week(edition.texts))
    for name in columns(panel):
        made = made.override_by_name(name, _of_column(name, panel, edition))
    for name, text in _sorts(panel, edition.texts):
        made = made.override_by_name(name, [_said("displayName", text)])
    for name in panel.hidden:
        made = made.override_by_name(name, [_said("custom.hideFrom.viz", True)])
    return made


def _sorts(panel: Panel, texts: Texts) -> Iterator[tuple[str, str]]:
    """Curves that are named after a word of the site file: kinds and zones."""
    for query in panel.queries:
        if isinstance(query, Groups) and not query.table and query.by in (("kind",), ("zone",)):
            yield from (
                (word, texts(f"values.{query.by[0]}.{word}")) for word in catalogue()["values"][query.by[0]]
            )


def columns(panel: Panel) -> list[str]:
    """Every column and named curve that the panel may show, after its transformations."""
    if panel.kind in ("table", "spots"):
        found = [*_table_columns(panel)]
    elif panel.count_of:
        found = []
    else:
        found = [q.columns[0].name for q in panel.queries if isinstance(q, Groups) and not q.by]
    return [name for name in dict.fromkeys(found) if name not in panel.hidden]


def _table_columns(panel: Panel) -> list[str]:
    """What the last arrangement of columns says, or what the queries give."""
    arrangements = [t["options"] for t in panel.transforms if t["id"] == "organize"]
    if arrangements:
        renamed = arrangements[-1]["renameByName"]
        return [renamed.get(name, name) for name in arrangements[-1]["indexByName"]]
    found: list[str] = []
    for query in panel.queries:
        match query:
            case Groups():
                found += [*query.by, *(column.name for column in query.columns)]
            case Latest():
                found += ["Time", *query.by, *map(query.name_of, query.fields)]
            case Events():
                found += ["Time", *query.tags, *query.fields]
    return found


def _of_column(name: str, panel: Panel, edition: "Edition") -> list[models.DynamicConfigValue]:
    texts = edition.texts
    said = [_said("displayName", texts(f"columns.{name}"))]
    if panel.kind in ("table", "spots"):
        said.append(_said("unit", UNITS[name]))
    if name in _WORDS or name == "band":
        said.append(_said("mappings", _bands(texts) if name == "band" else _words(name, texts)))
    if name in panel.lit:
        said.append(_said("custom.cellOptions", {"type": "color-background", "mode": "basic"}))
    if panel.kind == "table" and name not in panel.lit:
        said.append(_said("color", {"mode": "fixed", "fixedColor": "text"}))
    if name in panel.below:
        said.append(_said("custom.transform", "negative-Y"))
    if name in panel.as_lines:
        said += [
            _said("custom.drawStyle", "line"),
            _said("custom.lineWidth", 2),
            _said("custom.fillOpacity", 0),
        ]
    if panel.link is not None and name == panel.link.column:
        said.append(_said("links", [_drill_down(panel.link, edition)]))
    return said


def _drill_down(link: Link, edition: "Edition") -> dict[str, Any]:
    """To the other board, with the time range and the site and node that were chosen here."""
    where = f"/d/{edition.uid(f'edge-{link.board}')}"
    kept = "${__url_time_range}&${datasource:queryparam}&${site:queryparam}&${node:queryparam}"
    url = f"{where}?var-{link.variable}=${{__value.text:percentencode}}&{kept}"
    return {"title": edition.texts(f"common.link.{link.board.replace('-', '_')}"), "url": url}


def _words(name: str, texts: Texts) -> list[dict[str, Any]]:
    options: dict[str, Any] = {}
    for n, value in enumerate(catalogue()["values"][name]):
        # A dot would end a key of the catalogue.
        said = value.replace("item-", "item.") if name == "event" else value
        options[said] = {"text": texts(f"values.{name}.{value}"), "index": n}
        if name in ("level", "state") and value in COLORS:
            options[value]["color"] = COLORS[value]
    return [{"type": "value", "options": options}]


def _bands(texts: Texts) -> list[dict[str, Any]]:
    return [
        {
            "type": "range",
            "options": {
                "from": a,
                "to": b,
                "result": {"text": texts(f"values.band.{key}"), "color": color, "index": n},
            },
        }
        for n, (a, b, key, color) in enumerate((*reversed(BANDS_FULL), *reversed(BANDS)))
    ]


def _week(texts: Texts) -> list[models.DynamicConfigValue]:
    return [
        _said("displayName", texts("columns.weekday")),
        _said("mappings", _words("weekday", texts)),
        _said("custom.cellOptions", {"type": "auto"}),
    ]


def _said(id_: str, value: object) -> models.DynamicConfigValue:
    return models.DynamicConfigValue(id_, value)
