"""What Grafana's schema can't say of a board: descriptions, units, ids, links, variables, two languages."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from grafana.site import panels

Json = Mapping[str, Any]
WITHOUT_TARGETS: Final = frozenset({"text", "alertlist", "row"})
_LONGEST_UID: Final = 40
_WIDTH: Final = 24
_VARIABLE: Final = re.compile(r"\$\{(\w+)(?::\w+)?\}|\$(\w+)")
_BUILT_IN: Final = re.compile(r"timeFilter|tag_\w+|__\w+|labels|values")
_CHINESE: Final = re.compile(r"[\u4e00-\u9fff]")


def lint(boards: Sequence[Json], units: frozenset[str]) -> list[str]:
    """One line for each fault in a set of boards of one language; `units` are the ids that Grafana knows."""
    uids = Counter(board["uid"] for board in boards)
    found = [f"{uid}: the uid is used {n} times" for uid, n in uids.items() if n > 1]
    for board in boards:
        faults = [*_board(board, frozenset(uids)), *_grid(board)]
        for panel in panels(board):
            faults += [f"{panel.get('title', '?')}: {fault}" for fault in _panel(board, panel, units)]
        found += [f"{board['uid']}: {fault}" for fault in faults]
    return found


def same_shape(ours: Json, theirs: Json) -> list[str]:
    """What differs between two languages of a board besides its texts: queries, ids, places."""
    pairs = zip(panels(ours), panels(theirs), strict=True)
    return [
        f"{ours['uid']}: {a.get('title')} and {b.get('title')} differ in {key}"
        for a, b in pairs
        for key in ("id", "type", "gridPos", "targets", "interval", "transformations")
        if a.get(key) != b.get(key)
    ]


def untranslated(board: Json) -> list[str]:
    """Titles and descriptions of a Chinese board that have no Chinese in them."""
    texts = [board["title"], board["description"]]
    texts += [panel[key] for panel in panels(board) for key in ("title", "description") if key in panel]
    return [text for text in texts if text and not _CHINESE.search(text)]


def _board(board: Json, uids: frozenset[str]) -> Iterator[str]:
    if len(board["uid"]) > _LONGEST_UID:
        yield f"the uid is longer than {_LONGEST_UID}"
    if board.get("editable", True):
        yield "can be edited in the browser, where the next push would undo it"
    if not (board.get("description") and board.get("tags")):
        yield "has no description or no tags"
    known = {variable["name"] for variable in board["templating"]["list"]}
    for unknown in sorted(_used(board) - known):
        yield f"the variable {unknown} is used, and not defined"
    for name in sorted(known - _used(board) - {"datasource", "timezone"}):
        yield f"the variable {name} is defined, and not used"
    for variable in board["templating"]["list"]:
        if variable["type"] == "query" and variable.get("refresh") != 2:
            yield f"the variable {variable['name']} is not read again when the time changes"
    for link in _targets_of_links(board):
        if link not in uids:
            yield f"a link leads to {link}, which is no board"


def _used(board: Json) -> set[str]:
    """Names of variables in queries, titles and links."""
    texts = [panel.get("title", "") for panel in panels(board)]
    for panel in panels(board):
        texts += [target["query"] for target in panel.get("targets", [])]
        texts += [link["url"] for link in _links(panel)]
    names = {a or b for text in texts for a, b in _VARIABLE.findall(text)}
    return {name for name in names if not _BUILT_IN.fullmatch(name)} - {"v"}


def _links(panel: Json) -> Iterator[Json]:
    for override in panel.get("fieldConfig", {}).get("overrides", []):
        for said in override["properties"]:
            if said["id"] == "links":
                yield from said["value"]


def _targets_of_links(board: Json) -> Iterator[str]:
    for panel in panels(board):
        for link in _links(panel):
            yield link["url"].removeprefix("/d/").partition("?")[0]


def _grid(board: Json) -> Iterator[str]:
    taken: dict[tuple[int, int], str] = {}
    ids = Counter(panel["id"] for panel in panels(board))
    yield from (f"the id {id_} is used {n} times" for id_, n in ids.items() if n > 1)
    for panel in panels(board):
        place = panel["gridPos"]
        if place["x"] + place["w"] > _WIDTH:
            yield f"{panel.get('title')} is wider than the board"
        for x in range(place["x"], place["x"] + place["w"]):
            for y in range(place["y"], place["y"] + place["h"]):
                other = taken.setdefault((x, y), panel.get("title", ""))
                if other != panel.get("title", ""):
                    yield f"{panel.get('title')} lies over {other}"
                    return


def _panel(board: Json, panel: Json, units: frozenset[str]) -> Iterator[str]:
    if not panel.get("title"):
        yield "has no title"
    if panel["type"] == "row":
        return
    if not panel.get("description"):
        yield "has no description"
    if panel["type"] in WITHOUT_TARGETS:
        return
    if not panel.get("targets"):
        yield "asks nothing"
    for target in panel.get("targets", []):
        if target["datasource"] != {"type": "influxdb", "uid": "${datasource}"}:
            yield "its data source is not the board's choice"
    if not panel.get("interval"):
        yield "has no smallest interval"
    yield from _looks(panel, units)


def _looks(panel: Json, units: frozenset[str]) -> Iterator[str]:
    defaults = panel["fieldConfig"]["defaults"]
    if not defaults.get("noValue"):
        yield "says nothing where there is no data"
    if not defaults.get("thresholds", {}).get("steps"):
        yield "has no thresholds"
    said = [defaults.get("unit")]
    for override in panel["fieldConfig"]["overrides"]:
        said += [p["value"] for p in override["properties"] if p["id"] == "unit"]
    yield from (f"{unit!r} is no unit" for unit in said if unit not in units)
