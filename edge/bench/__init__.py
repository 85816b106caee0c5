"""What `edge bench` measures: each case in a process of its own, so that its peak memory is its own."""

from typing import Final

CASES: Final[dict[str, str]] = {
    "decode": "bytes to columns: LLRP reports of 88 bytes, readings as JSON",
    "presence": "tags at fixed antennas, a window of 4096 reads after the other",
    "locate": "book positions of a cart's scan",
    "scan": "an hour's scan of 10,000 books, from the recording to the positions",
    "outbox": "records stored, taken and acknowledged",
    "mqtt": "end to end over a broker: W1 and W2",
    "influx": "end to end into a database, where `influxd` is on the PATH: W3",
}
"""Name → what it measures; the case is `edge.bench.<name>.run`, a generator of figures."""
