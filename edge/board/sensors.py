"""Sensors: which ones are there, which ones speak, and what became of their readings."""

from dataclasses import dataclass
from typing import Final

from edge.board.document import Object, ms
from edge.config import Site, Source
from edge.events import Record, SensorHealthChanged, SourceCounted

OK: Final = "ok"


@dataclass(slots=True)
class Sensor:
    """One source. The last word on its health counts; counts add up since the board began."""

    source: Source
    health: SensorHealthChanged | None = None
    received: int = 0
    used: int = 0
    late: int = 0
    malformed: int = 0
    dropped: int = 0
    last_ns: int | None = None

    def count(self, record: SourceCounted) -> None:
        self.received += record.received
        self.used += record.used
        self.late += record.late
        self.malformed += record.malformed
        self.dropped += record.dropped
        if record.received:
            self.last_ns = max(self.last_ns or 0, record.t_ns)


class Sensors:
    """All sources of the site."""

    def __init__(self, site: Site) -> None:
        self.sensors = {source.id: Sensor(source) for source in site.sources}

    def apply(self, record: Record) -> str | None:
        if not isinstance(record, SensorHealthChanged | SourceCounted) or record.source not in self.sensors:
            return None
        sensor = self.sensors[record.source]
        if isinstance(record, SourceCounted):
            sensor.count(record)
        elif sensor.health is None or record.t_ns >= sensor.health.t_ns:
            sensor.health = record
        return record.source

    def ids(self) -> list[str]:
        return list(self.sensors)

    def row(self, row_id: str) -> Object:
        sensor = self.sensors[row_id]
        health = sensor.health
        return {
            "driver": sensor.source.driver,
            "space": sensor.source.space,
            "state": health.state if health else OK if sensor.received else "unheard",
            "reason": health.reason if health and health.state != OK else None,
            "since": ms(health.t_ns) if health else None,
            "received": sensor.received,
            "late": sensor.late,
            "malformed": sensor.malformed,
            "dropped": sensor.dropped,
            "as_of": ms(sensor.last_ns),
        }
