"""Space use: when and how much each space is used, by kind and zone, against bookings, before and after."""

from typing import Final

from cloud_sync.schema import Measurement
from grafana.model import GREEN, NEUTRAL, ORANGE, RED, YELLOW, Board, Panel, Row, Variable
from grafana.query import Agg, Column, Events, Groups, Scope, Where
from grafana.transforms import arranged, joined, matrix, totals

IN_RANGE: Final = Scope(variables=("site", "node", "space"))
HEAT: Final = ((None, "super-light-green"), (10.0, GREEN), (30.0, YELLOW), (60.0, ORANGE), (90.0, RED))
SEATS: Final = ((None, "blue"), (0.5, GREEN), (0.8, ORANGE))
MOOD: Final = ((None, RED), (-0.2, YELLOW), (0.2, GREEN))


def _use(how: str, by: str) -> Groups:
    mean = Column(how, Agg("mean", how))
    return Groups(Measurement.USE, (mean,), by=(by,), scope=IN_RANGE)


def _week(field: str, how: str) -> Groups:
    column = Column(field, Agg("mean" if how == "mean" else "max", field))
    return Groups(Measurement.USE, (column,), by=("weekday", "hour"), scope=IN_RANGE, table=True)


def _side(side: str, scope: Scope) -> Groups:
    columns = (Column(f"people_{side}", Agg("mean", "people")), Column(f"peak_{side}", Agg("max", "peak")))
    return Groups(Measurement.USE, columns, by=("space",), scope=scope, table=True)


BOARD: Final = Board(
    key="space_use",
    uid="edge-space-use",
    since="now-30d",
    refresh="15m",
    variables=(
        Variable("space", Measurement.SPACE),
        Variable("change", default="2026-01-01T00:00:00Z"),
    ),
    rows=(
        Row(
            "week",
            (
                Panel(
                    "week_mean",
                    "matrix",
                    24,
                    7,
                    (_week("people", "mean"),),
                    steps=HEAT,
                    decimals=0,
                    transforms=(matrix("weekday", "hour", "people"),),
                ),
                Panel(
                    "week_peak",
                    "matrix",
                    24,
                    7,
                    (_week("peak", "max"),),
                    steps=HEAT,
                    decimals=0,
                    transforms=(matrix("weekday", "hour", "peak"),),
                ),
            ),
        ),
        Row(
            "sorts",
            (
                Panel(
                    "seats", "levels", 8, 8, (_use("seat_rate", "space"),), "percentunit", SEATS, maximum=1.0
                ),
                Panel("kinds", "levels", 8, 8, (_use("people", "kind"),), decimals=1),
                Panel("zones", "levels", 8, 8, (_use("people", "zone"),), decimals=1),
                Panel(
                    "peaks",
                    "curves",
                    24,
                    8,
                    (
                        Groups(
                            Measurement.USE,
                            (Column("peak", Agg("max", "peak")),),
                            by=("space",),
                            every="1d",
                            scope=IN_RANGE,
                        ),
                    ),
                    interval="1d",
                ),
            ),
        ),
        Row(
            "bookings",
            (
                Panel(
                    "outcomes",
                    "table",
                    8,
                    8,
                    (Events(Measurement.BOOKING, ("state", "booking"), ("space",), IN_RANGE, limit=None),),
                    transforms=(
                        totals("state", "space", how="count"),
                        arranged(["state", "space (count)"], {"space (count)": "count"}),
                    ),
                ),
                Panel(
                    "bookings",
                    "table",
                    16,
                    8,
                    (Events(Measurement.BOOKING, ("state", "booking"), ("space",), IN_RANGE),),
                    transforms=(arranged(["Time", "space", "state", "booking"]),),
                ),
            ),
        ),
        Row(
            "judged",
            (
                Panel(
                    "feedback",
                    "levels",
                    8,
                    8,
                    (
                        Groups(
                            Measurement.ROOM,
                            (Column("feedback", Agg("mean", "value")),),
                            by=("space",),
                            scope=Scope(
                                where=(Where("quantity", "feedback"), Where("space", ".+", regex=True)),
                                variables=IN_RANGE.variables,
                            ),
                        ),
                    ),
                    steps=MOOD,
                    minimum=-1.0,
                    maximum=1.0,
                    decimals=2,
                ),
                Panel(
                    "change",
                    "table",
                    16,
                    8,
                    (
                        _side("before", Scope(variables=IN_RANGE.variables, before="change")),
                        _side("after", Scope(variables=IN_RANGE.variables, after="change")),
                    ),
                    steps=NEUTRAL,
                    transforms=(
                        joined("space"),
                        arranged(["space", "people_before", "people_after", "peak_before", "peak_after"]),
                    ),
                    hidden=("Time 1", "Time 2"),
                    decimals=1,
                ),
            ),
        ),
    ),
)
