"""A daemon's store after two hours without its broker: what the next start finds on the card."""

from pathlib import Path

from cloud_sync.options import OutboxOptions
from cloud_sync.outbox import Outbox
from edge.clock import ManualClock
from edge.events import DoorFlowed
from tests.grafana.library_day import HOUR

LITTLE_ROOM = "[outbox]\nmax_bytes = 524288\n"


async def since_two_hours(state: Path, start_ns: int) -> None:
    """Door counts that nobody has taken yet, the oldest two hours old."""
    state.mkdir(parents=True)
    clock = ManualClock(start_ns)
    options = OutboxOptions(max_bytes=1 << 19)
    async with Outbox(state / "outbox.db", options, clock, ["history", "mqtt", "influx"]) as outbox:
        outbox.put([DoorFlowed(start_ns + n, start_ns, "door-annex", 1, 0, 1.0, 0.0) for n in range(2_500)])
        await outbox.committed()
        clock.advance(2 * HOUR)
        outbox.put([DoorFlowed(start_ns + 2 * HOUR, start_ns, "door-annex", 1, 0, 1.0, 0.0)])
        await outbox.committed()
