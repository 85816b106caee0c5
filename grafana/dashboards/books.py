"""Books: what to fetch, in walking order; what is missing; how well each board was read; one book."""

from typing import Final

from cloud_sync.schema import Measurement
from grafana.model import GREEN, NEUTRAL, NEVER, ORANGE, RED, Board, Link, Panel, Row, Variable
from grafana.query import AUTO, Agg, Column, Events, Groups, Latest, Scope, Where
from grafana.transforms import arranged, joined, sort_by, with_value

KNOWN: Final = Scope()
"""The newest word about a book counts, whatever it is: a later one takes the earlier off the list."""
HISTORY: Final = Link("books", "item", "item")
READ_RATE: Final = ((None, RED), (0.7, ORANGE), (0.9, GREEN))


def _now(event: str, *fields: str) -> Latest:
    return Latest(Measurement.ITEM, "shelf", fields, by=("item",), scope=KNOWN, only=Where("event", event))


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
                Panel(
                    "n_misplaced",
                    "stat",
                    6,
                    4,
                    (_now("item.misplaced", "shelf"),),
                    steps=NEVER,
                    count_of="shelf",
                ),
                Panel(
                    "n_missing", "stat", 6, 4, (_now("item.missing", "shelf"),), steps=NEVER, count_of="shelf"
                ),
                Panel(
                    "n_found", "stat", 6, 4, (_now("item.found", "shelf"),), steps=NEUTRAL, count_of="shelf"
                ),
                Panel(
                    "n_wrong",
                    "stat",
                    6,
                    4,
                    (_now("item.wrong-status", "shelf"),),
                    steps=NEVER,
                    count_of="shelf",
                ),
                Panel(
                    "misplaced",
                    "table",
                    24,
                    9,
                    (_now("item.misplaced", "shelf", "x_m", "belongs_shelf", "confidence", "walk_m", "epc"),),
                    transforms=(
                        sort_by("walk_m"),
                        arranged(
                            ["walk_m", "shelf", "x_m", "item", "belongs_shelf", "confidence", "Time", "epc"]
                        ),
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
                        Latest(
                            Measurement.ITEM,
                            "shelf",
                            ("shelf",),
                            by=("item",),
                            scope=Scope(where=(Where("event", "item.seen"),)),
                            renamed=(("shelf", "seen_shelf"),),
                        ),
                    ),
                    transforms=(
                        joined("item"),
                        with_value("walk_m"),
                        sort_by("walk_m"),
                        arranged(
                            ["walk_m", "shelf", "item", "confidence", "Time 1", "seen_shelf", "Time 2"],
                            {"Time 1": "Time", "Time 2": "last_seen"},
                        ),
                    ),
                    link=HISTORY,
                ),
                Panel(
                    "found",
                    "table",
                    10,
                    8,
                    (_now("item.found", "shelf", "x_m", "walk_m"),),
                    transforms=(sort_by("walk_m"), arranged(["walk_m", "shelf", "x_m", "item", "Time"])),
                    link=HISTORY,
                ),
                Panel(
                    "wrong_status",
                    "table",
                    12,
                    8,
                    (_now("item.wrong-status", "shelf", "status", "walk_m"),),
                    transforms=(sort_by("walk_m"), arranged(["walk_m", "shelf", "item", "status", "Time"])),
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
