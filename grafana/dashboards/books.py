"""Books: what to fetch, in walking order; what is missing; how well each board was read; one book."""

from typing import Any, Final

from cloud_sync.schema import Measurement
from grafana.model import GREEN, NEUTRAL, NEVER, ORANGE, RED, Board, Link, Panel, Row, Steps, Variable
from grafana.query import AUTO, Agg, Column, Events, Groups, Latest, Scope, Where
from grafana.transforms import arranged, joined, matching, sort_by, with_value

KNOWN: Final = Scope()
"""The newest word about a book counts, whatever it is: a later one takes the earlier off the list."""
HISTORY: Final = Link("books", "item", "item")
READ_RATE: Final = ((None, RED), (0.7, ORANGE), (0.9, GREEN))


def _now(event: str, *fields: str) -> Latest:
    return Latest(Measurement.ITEM, "shelf", fields, by=("item",), scope=KNOWN, only=Where("event", event))


SEEN: Final = Latest(
    Measurement.ITEM,
    "shelf",
    ("findings", "shelf"),
    by=("item",),
    scope=Scope(where=(Where("event", "item.seen"),)),
    renamed=(("shelf", "seen_shelf"),),
)


def _still(event: str, *fields: str) -> tuple[Latest, Latest]:
    """The newest word of this kind about each book, and what was found when it was seen last.

    What is said only once, when it is found, is still so while that says so.
    """
    about = Scope(where=(Where("event", f"item.{event}"),))
    return Latest(Measurement.ITEM, "shelf", fields, by=("item",), scope=about), SEEN


def _rows(finding: str, *order: str) -> tuple[dict[str, Any], ...]:
    """Of both answers: the books of which it is still so, the nearest on the round first."""
    without = ["findings", "seen_shelf", "Time 2"]
    return (
        joined("item"),
        matching("findings", finding),
        with_value("walk_m"),
        sort_by("walk_m"),
        arranged(["Time 1" if name == "Time" else name for name in order], {"Time 1": "Time"}, without),
    )


def _count(key: str, finding: str, steps: Steps) -> Panel:
    transforms = (joined("item"), matching("findings", finding), with_value("shelf"))
    return Panel(
        key, "stat", 6, 4, _still(finding, "shelf"), steps=steps, count_of="shelf", transforms=transforms
    )


def _on_board() -> Latest:
    return Latest(
        Measurement.ITEM,
        "epc",
        ("x_m", "x_sd_m", "rank", "confidence", "shelf"),
        by=("item",),
        scope=Scope(where=(Where("event", "item.seen"),)),
        only=Where("shelf", "${shelf}"),
    )


BOARD: Final = Board(
    key="books",
    uid="edge-books",
    since="now-7d",
    refresh="5m",
    variables=(
        Variable("shelf", Measurement.SHELF, many=False),
        Variable("item"),
    ),
    rows=(
        Row(
            "fetch",
            (
                _count("n_misplaced", "misplaced", NEVER),
                Panel(
                    "n_missing", "stat", 6, 4, (_now("item.missing", "shelf"),), steps=NEVER, count_of="shelf"
                ),
                _count("n_found", "found", NEUTRAL),
                _count("n_wrong", "wrong-status", NEVER),
                Panel(
                    "misplaced",
                    "table",
                    24,
                    9,
                    _still("misplaced", "shelf", "x_m", "belongs_shelf", "confidence", "walk_m", "epc"),
                    transforms=_rows(
                        "misplaced",
                        *("walk_m", "shelf", "x_m", "item", "belongs_shelf", "confidence", "Time", "epc"),
                    ),
                    link=HISTORY,
                ),
                Panel(
                    "missing",
                    "table",
                    14,
                    8,
                    (
                        _now("item.missing", "shelf", "confidence", "walk_m"),
                        SEEN,
                    ),
                    transforms=(
                        joined("item"),
                        with_value("walk_m"),
                        sort_by("walk_m"),
                        arranged(
                            ["walk_m", "shelf", "item", "confidence", "Time 1", "seen_shelf", "Time 2"],
                            {"Time 1": "Time", "Time 2": "last_seen"},
                            ["findings"],
                        ),
                    ),
                    link=HISTORY,
                ),
                Panel(
                    "found",
                    "table",
                    10,
                    8,
                    _still("found", "shelf", "x_m", "walk_m"),
                    transforms=_rows("found", "walk_m", "shelf", "x_m", "item", "Time"),
                    link=HISTORY,
                ),
                Panel(
                    "wrong_status",
                    "table",
                    12,
                    8,
                    _still("wrong-status", "shelf", "status", "walk_m"),
                    transforms=_rows("wrong-status", "walk_m", "shelf", "item", "status", "Time"),
                    link=HISTORY,
                ),
                Panel(
                    "unknown",
                    "table",
                    12,
                    8,
                    (
                        Events(
                            Measurement.TAG,
                            ("epc", "x_m"),
                            ("place",),
                            Scope(where=(Where("event", "tag.unknown"),)),
                        ),
                    ),
                    transforms=(arranged(["place", "x_m", "epc", "Time"]),),
                ),
            ),
        ),
        Row(
            "shelves",
            (
                Panel(
                    "shelves",
                    "table",
                    12,
                    9,
                    (
                        Latest(
                            Measurement.SHELF,
                            "books",
                            ("books", "misplaced", "read_rate"),
                            by=("shelf",),
                            scope=KNOWN,
                        ),
                    ),
                    steps=READ_RATE,
                    transforms=(
                        sort_by("read_rate"),
                        arranged(["shelf", "read_rate", "books", "misplaced", "Time"], {"Time": "scan_age"}),
                    ),
                    link=Link("books", "shelf", "shelf"),
                    lit=("read_rate",),
                ),
                Panel(
                    "read_rate",
                    "curves",
                    12,
                    9,
                    (
                        Groups(
                            Measurement.SHELF,
                            (Column("read_rate", Agg("mean", "read_rate")),),
                            by=("shelf",),
                            every=AUTO,
                        ),
                    ),
                    unit="percentunit",
                    steps=READ_RATE,
                    maximum=1.0,
                ),
                Panel("row", "spots", 24, 7, (_on_board(),), unit="lengthm", minimum=None),
                Panel(
                    "stock_takes",
                    "table",
                    24,
                    6,
                    (
                        Events(
                            Measurement.INVENTORY,
                            ("session", "expected", "seen", "misplaced", "missing", "shelves"),
                        ),
                    ),
                ),
            ),
        ),
        Row(
            "one_book",
            (
                Panel(
                    "history",
                    "table",
                    24,
                    8,
                    (
                        Events(
                            Measurement.ITEM,
                            ("shelf", "x_m", "rank", "confidence", "belongs_shelf", "status"),
                            ("event",),
                            Scope(where=(Where("item", "${item}"),)),
                        ),
                    ),
                ),
            ),
        ),
    ),
)
