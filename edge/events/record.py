"""What every event and state has: a type on the wire, a worth, a time and an id that a repeat has too."""

import enum
import hashlib
import json
from dataclasses import asdict, dataclass
from typing import ClassVar


class Worth(enum.IntEnum):
    """What is given up first when there is no room: the lowest."""

    RAW = 0
    TELEMETRY = 1
    EVENT = 2
    ALARM = 3


@dataclass(frozen=True, slots=True)
class Record:
    """What goes through the outbox. `t_ns` is when it was observed, never when it was sent."""

    TYPE: ClassVar[str]
    WORTH: ClassVar[Worth] = Worth.EVENT

    t_ns: int


def record_id(site: str, node: str, record: Record) -> str:
    """The same record gives the same id on every run, so that a repeat is recognised: 32 hex digits."""
    text = json.dumps([site, node, record.TYPE, asdict(record)], separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]
