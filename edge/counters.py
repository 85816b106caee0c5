"""What became of every reading of one source: received = used + malformed + dropped."""

from dataclasses import dataclass


@dataclass(slots=True)
class Counters:
    """Totals since the start of the daemon; a `late` reading is used all the same, and is in `used` too."""

    received: int = 0
    used: int = 0
    late: int = 0
    malformed: int = 0
    dropped: int = 0
    last_t_ns: int = 0
    last_mono_ns: int = 0
