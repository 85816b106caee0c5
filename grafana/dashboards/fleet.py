"""Fleet: rate, errors and duration of the pipeline; use and saturation of the nodes; every sensor."""

from typing import Final

from cloud_sync.schema import Measurement
from grafana.model import GREEN, NEVER, ORANGE, RED, Board, Panel, Row, Variable
from grafana.query import AUTO, Agg, Column, Formula, Groups, Latest, Scope
from grafana.transforms import arranged, joined, sort_by

SOURCES: Final = Scope(variables=("site", "node", "source"))
AGE: Final = ((None, GREEN), (120.0, ORANGE), (600.0, RED))
OUTAGE: Final = ((None, RED), (4 * 3600.0, ORANGE), (24 * 3600.0, GREEN))
CLOCK: Final = ((None, RED), (-30.0, GREEN), (30.0, RED))
CPU: Final = ((None, GREEN), (0.7, ORANGE), (0.9, RED))


def _errors(name: str) -> Groups:
    return Groups(Measurement.SOURCE, (Column(name, Agg("mean", name)),), every=AUTO, scope=SOURCES)


def _node(name: str, how: str = "mean") -> Groups:
    agg = Agg("max", name) if how == "max" else Agg("mean", name)
    return Groups(Measurement.NODE, (Column(name, agg),), by=("node",), every=AUTO)


def _sink(name: str) -> Groups:
    return Groups(Measurement.SINK, (Column(name, Agg("max", name)),), by=("sink",), every=AUTO)


def _clock() -> Groups:
    skew = Column("clock_skew_s", Agg("mean", "clock_skew_s"))
    return Groups(Measurement.SINK, (skew,), by=("node",), every=AUTO)


def _lsp(column: Column) -> Groups:
    return Groups(Measurement.LSP, (column,), by=("system",), every=AUTO)


BOARD: Final = Board(
    key="fleet",
    uid="edge-fleet",
    since="now-6h",
    variables=(Variable("source", Measurement.SOURCE),),
    rows=(
        Row(
            "pipeline",
            (
                Panel(
                    "rate",
                    "curves",
                    10,
                    8,
                    (
                        Groups(
                            Measurement.SOURCE,
                            (Column("received", Agg("mean", "received")),),
                            by=("source",),
                            every=AUTO,
                            scope=SOURCES,
                        ),
                    ),
                ),
                Panel(
                    "errors",
                    "bars",
                    7,
                    8,
                    tuple(_errors(name) for name in ("late", "malformed", "dropped")),
                    stacked=True,
                ),
                Panel("duration", "curves", 7, 8, (_node("window_s"),), unit="s"),
            ),
        ),
        Row(
            "boards",
            (
                Panel("cpu", "curves", 8, 7, (_node("cpu_share"),), "percentunit", CPU),
                Panel("memory", "curves", 8, 7, (_node("rss_bytes"),), "bytes"),
                Panel("reasons", "curves", 8, 7, (_node("reasons", "max"),), steps=NEVER),
                Panel(
                    "nodes",
                    "table",
                    24,
                    5,
                    (
                        Latest(
                            Measurement.NODE,
                            "uptime_s",
                            ("version", "uptime_s", "cpu_share", "rss_bytes", "reasons"),
                            by=("node",),
                        ),
                    ),
                    transforms=(
                        arranged(
                            ["node", "version", "uptime_s", "cpu_share", "rss_bytes", "reasons", "Time"]
                        ),
                    ),
                ),
            ),
        ),
        Row(
            "sensors",
            (
                Panel(
                    "sensors",
                    "table",
                    24,
                    9,
                    (
                        Latest(
                            Measurement.SOURCE,
                            "received",
                            ("received", "late", "malformed", "dropped", "age_s"),
                            by=("source",),
                            scope=SOURCES,
                        ),
                        Latest(
                            Measurement.HEALTH,
                            "state",
                            ("state", "reason"),
                            by=("source",),
                            scope=SOURCES,
                        ),
                    ),
                    steps=AGE,
                    transforms=(
                        joined("source"),
                        sort_by("age_s", descending=True),
                        arranged(
                            [
                                "source",
                                "age_s",
                                "state",
                                "reason",
                                "received",
                                "late",
                                "malformed",
                                "dropped",
                                "Time 1",
                            ],
                            {"Time 1": "Time"},
                            ["Time 2"],
                        ),
                    ),
                    lit=("age_s",),
                ),
                Panel(
                    "health",
                    "states",
                    24,
                    7,
                    (
                        Groups(
                            Measurement.HEALTH,
                            (Column("up", Agg("last", "up")),),
                            by=("source",),
                            every=AUTO,
                            scope=SOURCES,
                        ),
                    ),
                    unit="bool_on_off",
                    steps=((None, RED), (1.0, GREEN)),
                    maximum=1.0,
                ),
            ),
        ),
        Row(
            "delivery",
            (
                Panel("depth", "curves", 8, 7, (_sink("depth"),)),
                Panel("oldest", "curves", 8, 7, (_sink("oldest_age_s"),), "s", AGE),
                Panel("dead", "curves", 8, 7, (_sink("dead_letters"),), steps=NEVER),
                Panel("outage", "curves", 8, 7, (_node("outage_left_s"),), "s", OUTAGE),
                Panel("outbox", "curves", 8, 7, (_node("outbox_bytes"),), "bytes"),
                Panel("clock", "curves", 8, 7, (_clock(),), "s", CLOCK, minimum=None),
            ),
        ),
        Row(
            "lsp",
            (
                Panel("calls", "bars", 8, 7, (_lsp(Column("calls", Agg("mean", "calls"))),)),
                Panel(
                    "failed",
                    "curves",
                    8,
                    7,
                    (_lsp(Column("share", Formula(Agg("sum", "failed"), "/", Agg("sum", "calls")))),),
                    "percentunit",
                    ((None, GREEN), (0.1, ORANGE), (0.5, RED)),
                    maximum=1.0,
                ),
                Panel("took", "curves", 8, 7, (_lsp(Column("mean_s", Agg("mean", "mean_s"))),), "s"),
            ),
        ),
    ),
)
