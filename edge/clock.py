"""The only place that asks what time it is."""

import time
from typing import Protocol


class Clock(Protocol):
    """Wall time may jump; monotonic time never does."""

    def wall_ns(self) -> int:
        """UTC, nanoseconds since 1970."""
        ...

    def monotonic_ns(self) -> int:
        """Nanoseconds since some moment of this boot."""
        ...


class SystemClock:
    """The machine's own clocks."""

    def wall_ns(self) -> int:
        return time.time_ns()

    def monotonic_ns(self) -> int:
        return time.monotonic_ns()


class ManualClock:
    """A clock that goes only when it is told to: for tests and for fast replay."""

    def __init__(self, wall_ns: int = 0) -> None:
        self._wall_ns = wall_ns
        self._monotonic_ns = 0

    def wall_ns(self) -> int:
        return self._wall_ns

    def monotonic_ns(self) -> int:
        return self._monotonic_ns

    def advance(self, duration_ns: int) -> None:
        self._wall_ns += duration_ns
        self._monotonic_ns += duration_ns

    def jump(self, wall_ns: int) -> None:
        """Set the wall clock, as NTP does to a board without a clock chip."""
        self._wall_ns = wall_ns
