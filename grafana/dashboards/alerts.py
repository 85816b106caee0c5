"""Alerts: what fires and since when, what to do about it, and the events behind it."""

from typing import Final

from cloud_sync.schema import Measurement
from grafana.model import Board, Link, Panel, Row
from grafana.query import Events, Scope, Where

BOARD: Final = Board(
    key="alerts",
    uid="edge-alerts",
    since="now-7d",
    rows=(
        Row(
            "firing",
            (
                Panel("firing", "alerts", 12, 14),
                Panel("runbooks", "text", 12, 14, body="runbooks"),
            ),
        ),
        Row(
            "events",
            (
                Panel(
                    "gates",
                    "table",
                    8,
                    9,
                    (
                        Events(
                            Measurement.TAG,
                            ("epc", "direction"),
                            ("place",),
                            Scope(where=(Where("event", "gate.alarm"),)),
                        ),
                    ),
                ),
                Panel(
                    "sensors",
                    "table",
                    8,
                    9,
                    (Events(Measurement.HEALTH, ("state", "reason"), ("source",)),),
                    link=Link("fleet", "source", "source"),
                ),
                Panel(
                    "spaces",
                    "table",
                    8,
                    9,
                    (Events(Measurement.CAPACITY, ("level", "people", "capacity"), ("space",)),),
                    link=Link("library-now", "space", "space"),
                    lit=("level",),
                ),
            ),
        ),
    ),
)
