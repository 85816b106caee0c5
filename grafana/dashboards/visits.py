"""Visits: doors raw and corrected, and the figures of ISO 2789 by day, month and year."""

from typing import Final

from cloud_sync.schema import Measurement
from grafana.model import GREEN, ORANGE, RED, Board, Panel, Row, Variable
from grafana.query import Agg, Column, Formula, Groups, Scope
from grafana.transforms import arranged, month_or_year, sort_by, totals

DOORS: Final = Scope(variables=("site", "node", "door"))
FACTOR: Final = ((None, RED), (0.8, ORANGE), (0.9, GREEN), (1.1, ORANGE), (1.25, RED))
VISITS: Final = (Column("visits", Agg("sum", "visits")), Column("visits_raw", Agg("sum", "visits_raw")))


def _total(column: Column) -> Groups:
    return Groups(Measurement.DOOR, (column,), scope=DOORS)


def _daily(column: Column) -> Groups:
    return Groups(Measurement.DOOR, (column,), every="1d", scope=DOORS)


def _net(name: str, entering: str, leaving: str) -> Column:
    return Column(name, Formula(Agg("sum", entering), "-", Agg("sum", leaving)))


def _by(pattern: str) -> tuple[dict[str, object], ...]:
    renamed = {"Time": "period"} | {f"{name} (sum)": name for name in ("visits", "visits_raw")}
    return (
        month_or_year(pattern),
        totals("Time", "visits", "visits_raw"),
        sort_by("Time", descending=True),
        arranged(["Time", "visits (sum)", "visits_raw (sum)"], renamed),
    )


DAYS: Final = Groups(Measurement.DOOR, VISITS, every="1d", scope=DOORS, table=True)

BOARD: Final = Board(
    key="visits",
    uid="edge-visits",
    since="now-90d",
    refresh="15m",
    variables=(Variable("door", Measurement.DOOR),),
    rows=(
        Row(
            "figures",
            (
                Panel("visits", "stat", 8, 4, (_total(VISITS[0]),), decimals=0),
                Panel("raw", "stat", 8, 4, (_total(VISITS[1]),), decimals=0),
                Panel(
                    "factor",
                    "stat",
                    8,
                    4,
                    (_total(Column("factor", Formula(Agg("sum", "visits"), "/", Agg("sum", "visits_raw")))),),
                    unit="none",
                    steps=FACTOR,
                    decimals=3,
                ),
                Panel(
                    "daily",
                    "bars",
                    24,
                    8,
                    tuple(_daily(c) for c in VISITS),
                    interval="1d",
                    as_lines=("visits_raw",),
                ),
                Panel("days", "table", 8, 9, (DAYS,), transforms=_by("YYYY-MM-DD"), decimals=0),
                Panel("months", "table", 8, 9, (DAYS,), transforms=_by("YYYY-MM"), decimals=0),
                Panel("years", "table", 8, 9, (DAYS,), transforms=_by("YYYY"), decimals=0),
            ),
        ),
        Row(
            "doors",
            (
                Panel(
                    "doors",
                    "table",
                    14,
                    8,
                    (
                        Groups(
                            Measurement.DOOR,
                            (
                                Column("in_raw", Agg("sum", "n_in")),
                                Column("in", Agg("sum", "corrected_in")),
                                Column("out_raw", Agg("sum", "n_out")),
                                Column("out", Agg("sum", "corrected_out")),
                                _net("net", "corrected_in", "corrected_out"),
                            ),
                            by=("door",),
                            scope=DOORS,
                            table=True,
                        ),
                    ),
                    minimum=None,
                    decimals=0,
                    hidden=("Time",),
                ),
                Panel("note", "text", 10, 8, body="visits.body.note"),
                Panel(
                    "balance",
                    "bars",
                    24,
                    8,
                    (
                        _daily(_net("net_raw", "n_in", "n_out")),
                        _daily(_net("net", "corrected_in", "corrected_out")),
                    ),
                    minimum=None,
                    interval="1d",
                    as_lines=("net_raw",),
                ),
            ),
        ),
    ),
)
