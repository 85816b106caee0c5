"""A subscriber of its own process: counts numbered events, and how long live ones took to come.

`python -m tests.torture.subscriber PORT`; it says `ready`, and at the end of its input one line of JSON.
"""

import asyncio
import json
import re
import sys
import time
from typing import Final

from edge.sensors.mqtt.config import Options
from edge.sensors.mqtt.link import connect

NUMBER: Final = re.compile(rb'"session":"(\d+)"')
LIVE: Final = re.compile(rb'"data":\{.*"t_ns":(\d+)')
QUIET_S: Final = 3.0
REPLAYED: Final = b'"replayed":true'


class Tally:
    """`times` has how often each number came."""

    def __init__(self) -> None:
        self.times = bytearray()
        self.replayed = 0
        self.longest_live_s = 0.0
        self.live = 0

    def take(self, payload: bytes) -> None:
        found = NUMBER.search(payload)
        if found is not None:
            self._count(int(found[1]))
            self.replayed += REPLAYED in payload
        elif (live := LIVE.search(payload)) is not None:
            self.live += 1
            self.longest_live_s = max(self.longest_live_s, (time.time_ns() - int(live[1])) / 1e9)

    def _count(self, number: int) -> None:
        if number >= len(self.times):
            self.times.extend(bytes(number + 100_000 - len(self.times)))
        self.times[number] = min(self.times[number] + 1, 255)

    def told(self) -> dict[str, float]:
        different = sum(1 for times in self.times if times)
        return {
            "different": different,
            "highest": max((n for n, times in enumerate(self.times) if times), default=-1),
            "repeats": sum(self.times) - different,
            "replayed": self.replayed,
            "live": self.live,
            "longest_live_s": round(self.longest_live_s, 2),
        }


async def listen(port: int) -> Tally:
    """Until our standard input ends, and nothing has come for some time after that."""
    topics = [{"filter": "lib/v1/+/+/event/#"}]
    link = await connect(Options.model_validate({"port": port, "topics": topics}), "far-end", v5=True)
    tally = Tally()
    over = asyncio.create_task(asyncio.to_thread(sys.stdin.read))
    print("ready", flush=True)
    while True:
        messages = link.take(1000)
        for message in messages:
            tally.take(message.payload)
        link.hold(len(messages))
        link.acknowledge([(message.number, message.qos) for message in messages if message.qos])
        if not messages:
            try:
                await asyncio.wait_for(link.came.wait(), QUIET_S)
            except TimeoutError:
                if over.done():
                    return tally
        await asyncio.sleep(0)


if __name__ == "__main__":
    print(json.dumps(asyncio.run(listen(int(sys.argv[1]))).told()), flush=True)
