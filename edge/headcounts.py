"""Heads that staff have counted, kept in a file beside the daemon's state: a recording like any other.

`edge calibrate --headcount` adds a line; a running daemon takes it up within seconds as evidence with its own
deviation, and `edge spaces` reads the file beside other recordings.
"""

import asyncio
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from edge.columns import Readings, from_readings
from edge.fusion.spaces.graph import HEAD_COUNT
from edge.types import RoomSample

if TYPE_CHECKING:
    from edge.daemon import Daemon

NAME: Final = "headcounts.jsonl"
_LOOK_S: Final = 1.0
_RECENT_NS: Final = 300_000_000_000
"""What was counted longer ago, while no daemon ran, says nothing of now."""


def keep(path: Path, space: str, people: int, t_ns: int) -> None:
    """Add a count to the file, on disk before this returns."""
    row = {
        "kind": "room",
        "t_ns": t_ns,
        "source": f"{HEAD_COUNT}{space}",
        "quantity": "people",
        "value": people,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(row, separators=(",", ":")) + "\n")
        file.flush()
        os.fsync(file.fileno())


class HeadCounts:
    """Follows the file while the daemon runs."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._place = 0

    async def run(self, daemon: "Daemon") -> None:
        """Until it is cancelled."""
        spaces = {f"{HEAD_COUNT}{space.id}" for space in daemon.site.spaces}
        newest_ns = daemon.clock.wall_ns() - _RECENT_NS
        while True:
            readings = await asyncio.to_thread(self.take, spaces, newest_ns)
            if len(readings):
                await daemon.pipeline.put(readings)
            await asyncio.sleep(_LOOK_S)

    def take(self, sources: set[str], since_ns: int) -> Readings:
        """The counts of `sources` since `since_ns` that were not yet taken; half a line waits."""
        try:
            with self._path.open("rb") as file:
                file.seek(self._place)
                text = file.read()
        except FileNotFoundError:
            return Readings()
        whole = text.rfind(b"\n") + 1
        self._place += whole
        found = [_reading(line) for line in text[:whole].splitlines()]
        return from_readings(r for r in found if r and r.source in sources and r.t_ns >= since_ns)


def _reading(line: bytes) -> RoomSample | None:
    """None where a line is none of ours."""
    try:
        row = json.loads(line)
        return RoomSample(int(row["t_ns"]), str(row["source"]), "people", float(row["value"]))
    except (ValueError, TypeError, KeyError):
        return None
