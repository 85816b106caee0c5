"""How fast the outbox fills: for the question how long an outage it can still bear."""

import math
from typing import Final

_TAU_S: Final = 300.0
_ROW_OVERHEAD: Final = 1.25
"""What SQLite's pages take beyond the bytes of the bodies."""


class Rate:
    """Fed with totals; knows the mean inflow and the mean size of a record."""

    def __init__(self) -> None:
        self.bytes_per_s = 0.0
        self.bytes_per_record = 300.0
        self._seen: tuple[int, int, int] | None = None
        self._weight = 0.0

    def update(self, totals: tuple[int, int], mono_ns: int) -> None:
        """`totals` are the bytes and the records that were ever stored."""
        if self._seen is None:
            self._seen = (*totals, mono_ns)
            return
        n_bytes, n_records = totals[0] - self._seen[0], totals[1] - self._seen[1]
        seconds = (mono_ns - self._seen[2]) / 1e9
        if seconds < 1.0:
            return
        if n_records:
            self.bytes_per_record = n_bytes / n_records * _ROW_OVERHEAD
        keep = math.exp(-seconds / _TAU_S) * self._weight
        self._weight = keep + (1 - math.exp(-seconds / _TAU_S))
        new = n_bytes * _ROW_OVERHEAD / seconds
        self.bytes_per_s += (new - self.bytes_per_s) * (1 - keep / self._weight)
        self._seen = (*totals, mono_ns)

    def seconds_left(self, free_bytes: float) -> float | None:
        """None while nothing comes in."""
        if self.bytes_per_s <= 0:
            return None
        return max(free_bytes, 0.0) / self.bytes_per_s
