"""Library now: what is full, stuffy or loud at this moment, and what goes through the doors."""

from typing import Final

from cloud_sync.schema import Measurement
from grafana.model import FULLNESS, GREEN, ORANGE, RED, YELLOW, Board, Link, Panel, Row, Steps, Variable
from grafana.query import AUTO, Agg, Column, Formula, Groups, Latest, Scope, Where
from grafana.transforms import arranged, quotient

NOW: Final = Scope(variables=("site", "node", "space"), since="1h")
"""An estimate comes every minute: what has been silent for an hour is not now."""
IN_RANGE: Final = Scope(variables=("site", "node", "space"))
STUFFY: Final = ((None, GREEN), (1000.0, ORANGE), (1400.0, RED))
"""ppm of CO2: 1000 is Pettenkofer's number, 1400 the usual upper limit for indoor air (IDA 3)."""
LOUD: Final = ((None, GREEN), (55.0, ORANGE), (65.0, RED))

SHARE: Final = Column("share", Formula(Agg("last", "people"), "/", Agg("last", "capacity")))
PEOPLE_LINK: Final = Link("space-use", "space", "space")


def _room(quantity: str) -> Scope:
    return Scope(
        where=(Where("quantity", quantity), Where("space", ".+", regex=True)), variables=IN_RANGE.variables
    )


def _levels(key: str, column: str, quantity: str, unit: str, steps: Steps, minimum: float) -> Panel:
    """One quantity of every room over time."""
    means = Groups(
        Measurement.ROOM,
        (Column(column, Agg("mean", "value")),),
        by=("space",),
        every=AUTO,
        scope=_room(quantity),
    )
    return Panel(key, "curves", 12, 8, (means,), unit=unit, steps=steps, minimum=minimum)


BOARD: Final = Board(
    key="library_now",
    uid="edge-library-now",
    since="now-24h",
    variables=(Variable("space", Measurement.SPACE),),
    rows=(
        Row(
            "people",
            (
                Panel(
                    "plan",
                    "plan",
                    12,
                    11,
                    (Groups(Measurement.SPACE, (SHARE,), by=("space",), scope=NOW),),
                    unit="percentunit",
                    steps=FULLNESS,
                    maximum=1.0,
                ),
                Panel(
                    "full",
                    "levels",
                    12,
                    11,
                    (Groups(Measurement.SPACE, (SHARE,), by=("space",), scope=NOW),),
                    unit="percentunit",
                    steps=FULLNESS,
                    maximum=1.0,
                ),
                Panel(
                    "spaces",
                    "table",
                    24,
                    6,
                    (
                        Latest(
                            Measurement.SPACE,
                            "people",
                            ("people", "people_sd", "capacity", "quality"),
                            by=("space",),
                            scope=IN_RANGE,
                        ),
                    ),
                    steps=FULLNESS,
                    transforms=(
                        quotient("share", "people", "capacity"),
                        quotient("band", "people", "capacity"),
                        arranged(
                            ["space", "people", "people_sd", "capacity", "share", "band", "quality", "Time"]
                        ),
                    ),
                    decimals=0,
                    link=PEOPLE_LINK,
                    lit=("share", "band"),
                ),
                Panel(
                    "people",
                    "curves",
                    24,
                    8,
                    (
                        Groups(
                            Measurement.SPACE,
                            (Column("people", Agg("mean", "people")),),
                            by=("space",),
                            every=AUTO,
                            scope=IN_RANGE,
                        ),
                    ),
                ),
            ),
        ),
        Row(
            "doors",
            (
                Panel(
                    "flow",
                    "bars",
                    14,
                    8,
                    tuple(
                        Groups(
                            Measurement.DOOR,
                            (Column(name, Agg("sum", field)),),
                            every=AUTO,
                            scope=Scope(),
                        )
                        for name, field in (("in", "corrected_in"), ("out", "corrected_out"))
                    ),
                    interval="15m",
                    minimum=None,
                    below=("out",),
                ),
                Panel(
                    "doors",
                    "table",
                    10,
                    8,
                    (
                        Groups(
                            Measurement.DOOR,
                            (
                                Column("in", Agg("sum", "corrected_in")),
                                Column("out", Agg("sum", "corrected_out")),
                                Column(
                                    "net",
                                    Formula(Agg("sum", "corrected_in"), "-", Agg("sum", "corrected_out")),
                                ),
                            ),
                            by=("door",),
                            table=True,
                        ),
                    ),
                    link=Link("visits", "door", "door"),
                    minimum=None,
                    decimals=0,
                    hidden=("Time",),
                ),
            ),
        ),
        Row(
            "comfort",
            (
                _levels("stuffy", "co2", "co2_ppm", "ppm", STUFFY, 400.0),
                _levels("loud", "sound", "sound_dba", "dB", LOUD, 20.0),
                Panel(
                    "limits",
                    "table",
                    12,
                    5,
                    (
                        Latest(
                            Measurement.CAPACITY,
                            "level",
                            ("level", "people", "capacity"),
                            by=("space",),
                            scope=IN_RANGE,
                        ),
                    ),
                    lit=("level",),
                    transforms=(arranged(["space", "level", "people", "capacity", "Time"]),),
                ),
                Panel(
                    "noise",
                    "table",
                    12,
                    5,
                    (
                        Latest(
                            Measurement.NOISE,
                            "level",
                            ("level", "sound_dba", "limit_dba"),
                            by=("space",),
                            scope=IN_RANGE,
                        ),
                    ),
                    steps=((None, GREEN), (1, YELLOW)),
                    lit=("level",),
                    transforms=(arranged(["space", "level", "sound_dba", "limit_dba", "Time"]),),
                ),
            ),
        ),
    ),
)
