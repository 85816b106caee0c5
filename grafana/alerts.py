"""The alerts: each a pair of warning and critical over one question.

What has vanished is asked for by buckets filled with zeros over a day: a series that ended is still there,
with 0, so that its alert fires and stays. One that is only missing would be resolved after two evaluations.
"""

from typing import Final

from cloud_sync.schema import Measurement
from grafana.model import Alert, Severity
from grafana.query import Agg, Column, Formula, Groups, Scope, Where


def _asked(measurement: str, column: Column, by: str, since: str, *where: Where) -> Groups:
    return Groups(measurement, (column,), by=_labels(by), scope=Scope(where, (), since))


def _counted(measurement: str, column: Column, by: str) -> Groups:
    scope = Scope((), (), "1d")
    return Groups(measurement, (column,), by=_labels(by), every="10m", scope=scope, zeros=True)


def _labels(by: str) -> tuple[str, ...]:
    """Two libraries in one database may have a space or a node of the same name."""
    node = ("node",) if by in ("source", "sink") else ()
    return ("site", *node, by)


def _last(field: str) -> Column:
    return Column(field, Agg("last", field))


_SPACE_KNOWN: Final = Where("space", ".+", regex=True)

ALERTS: Final[tuple[Alert, ...]] = (
    Alert(
        "space_full",
        _asked(
            Measurement.SPACE,
            Column("share", Formula(Agg("last", "people"), "/", Agg("last", "capacity"))),
            "space",
            "15m",
        ),
        Severity(0.8, "10m"),
        Severity(0.995, "5m"),
        board="library-now",
        panel="full",
    ),
    Alert(
        "stuffy",
        _asked(
            Measurement.ROOM,
            Column("co2", Agg("mean", "value")),
            "space",
            "15m",
            Where("quantity", "co2_ppm"),
            _SPACE_KNOWN,
        ),
        Severity(1000, "10m"),
        Severity(1400, "10m"),
        quiet_without_data=True,
        board="library-now",
        panel="stuffy",
    ),
    Alert(
        "loud",
        # Against the limit of the space's zone at this hour, which the edge knows; told on a change only.
        _asked(Measurement.NOISE, _last("severity"), "space", "1d"),
        Severity(0, "5m"),
        Severity(1, "5m"),
        quiet_without_data=True,
        board="library-now",
        panel="noise",
    ),
    Alert(
        "sensor_silent",
        _counted(Measurement.SOURCE, Column("up", Agg("sum", "up")), "source"),
        Severity(1, "5m"),
        Severity(1, "1h"),
        below=True,
        panel="sensors",
    ),
    Alert(
        "node_gone",
        _counted(Measurement.NODE, Column("reports", Agg("count", "uptime_s")), "node"),
        Severity(1, "2m"),
        Severity(1, "15m"),
        below=True,
        panel="nodes",
    ),
    Alert(
        "outage_left",
        _asked(Measurement.NODE, _last("outage_left_s"), "node", "15m"),
        Severity(24 * 3600, "10m"),
        Severity(4 * 3600, "5m"),
        below=True,
        quiet_without_data=True,
        panel="outage",
    ),
    Alert(
        "delivery_stuck",
        _asked(Measurement.SINK, _last("oldest_age_s"), "sink", "15m"),
        Severity(600, "5m"),
        Severity(3600, "5m"),
        quiet_without_data=True,
        panel="oldest",
    ),
    Alert(
        "clock_off",
        _asked(Measurement.SINK, _last("clock_off_s"), "sink", "15m"),
        Severity(30, "10m"),
        Severity(300, "10m"),
        quiet_without_data=True,
        panel="clock",
    ),
    Alert(
        "dead_letters",
        _asked(Measurement.SINK, _last("dead_letters"), "sink", "15m"),
        Severity(0, "5m"),
        Severity(100, "5m"),
        quiet_without_data=True,
        panel="dead",
    ),
    Alert(
        "records_dropped",
        _asked(
            Measurement.NODE,
            Column("dropped", Formula(Agg("max", "dropped"), "-", Agg("min", "dropped"))),
            "node",
            "1h",
        ),
        Severity(0, "1m"),
        Severity(1000, "1m"),
        quiet_without_data=True,
        panel="outbox",
    ),
    Alert(
        "read_rate",
        _asked(Measurement.SHELF, _last("read_rate"), "shelf", "7d"),
        Severity(0.9, "1m"),
        Severity(0.7, "1m"),
        below=True,
        quiet_without_data=True,
        board="books",
        panel="shelves",
    ),
    Alert(
        "gate",
        _asked(
            Measurement.TAG,
            Column("alarms", Agg("count", "epc")),
            "place",
            "10m",
            Where("event", "gate.alarm"),
        ),
        Severity(0, "0s"),
        Severity(2, "0s"),
        quiet_without_data=True,
        board="alerts",
        panel="gates",
    ),
    Alert(
        "lsp_failing",
        _asked(
            Measurement.LSP,
            Column("share", Formula(Agg("sum", "failed"), "/", Agg("sum", "calls"))),
            "system",
            # A library system is asked only when something was found: a quarter of an hour may have no call.
            "1h",
        ),
        Severity(0.1, "10m"),
        Severity(0.5, "10m"),
        quiet_without_data=True,
        panel="failed",
    ),
)
