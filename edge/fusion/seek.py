"""Searching one book by the strength of its tag's answers: how strong now, and warmer or colder. Pure.

A tag's RSSI jumps by some dB from read to read: the reader hops between frequencies, and waves that come by
other ways add up or cancel. The best read of a short time is steadier than their mean, and what remains is
smoothed twice: the trend is the difference between a quick mean and a slow one, and it changes only when that
is clearly larger than the noise.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from math import exp, nan
from typing import Final

import numpy as np

from edge.columns import TagColumns, TagMemory
from edge.library.shelf_list import Book
from edge.library.tags import Bank, decode_tag

BIN_NS: Final = 200_000_000
SILENT_NS: Final = 1_500_000_000
FAR_DBM: Final = -75.0
NEAR_DBM: Final = -40.0
_QUICK_S: Final = 0.5
_SLOW_S: Final = 2.0
_CLEAR_DB: Final = 1.2
_UNCLEAR_DB: Final = 0.4
_KNOWN_TAGS: Final = 100_000


class Trend(StrEnum):
    """What to tell who walks."""

    WARMER = "warmer"
    COLDER = "colder"
    STEADY = "steady"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Bearing:
    """How it is at `t_ns`: smoothed RSSI, 0…1 from far to near, reads in the last fifth of a second."""

    t_ns: int
    rssi_dbm: float | None
    level: float
    trend: Trend
    reads: int


Wanted = Callable[[str, TagMemory], bool]
"""Whether a tag is the one that is searched: its EPC, and what else is known of it."""


def wanted_book(barcode: str, book: Book | None) -> Wanted:
    """The tag of a book: by the list's EPC, else by the barcode that the tag holds."""

    def is_wanted(epc: str, memory: TagMemory) -> bool:
        if book is not None and book.epc:
            return epc == book.epc
        contents = decode_tag(bytes.fromhex((memory.pc or "") + epc), Bank.EPC)
        if contents.barcode is None and memory.user:
            contents = decode_tag(bytes.fromhex(memory.user), Bank.USER)
        return contents.barcode == barcode

    return is_wanted


class Seek:
    """Feed it reads as they come, of all tags; ask it as often as you like."""

    def __init__(self, wanted: Wanted) -> None:
        self._wanted = wanted
        self._known: dict[str, bool] = {}
        self._bin: int | None = None
        self._best_dbm, self._reads = nan, 0
        self._quick, self._slow = nan, nan
        self._last_ns: int | None = None
        self._trend = Trend.SILENT
        self._near_dbm = NEAR_DBM
        self.n_reads = 0
        """Reads of the wanted tag so far."""

    def take(self, tags: TagColumns) -> Iterator[Bearing]:
        """Take reads, in order give or take a little; a bearing for each fifth of a second that is over."""
        mine = np.array([self._is_wanted(n, tags) for n in range(len(tags.epcs))], np.bool_)
        is_mine = mine[tags.tag] if len(tags) else np.empty(0, np.bool_)
        for n in np.argsort(tags.t_ns, kind="stable"):
            yield from self.until(int(tags.t_ns[n]))
            if is_mine[n]:
                self._add(int(tags.t_ns[n]), float(tags.rssi_dbm[n]))

    def until(self, now_ns: int) -> Iterator[Bearing]:
        """Let time go on to `now_ns`; after a long silence only the last bearing is given."""
        number = now_ns // BIN_NS
        if self._bin is None:
            self._bin = number
        self._bin = max(self._bin, number - SILENT_NS // BIN_NS - 1)
        while self._bin < number:
            self._bin += 1
            yield self._close(self._bin * BIN_NS)

    def _add(self, t_ns: int, rssi_dbm: float) -> None:
        self.n_reads += 1
        self._reads += 1
        self._last_ns = t_ns
        # A reader that tells no RSSI: that it answers at all is all that is known.
        self._best_dbm = float(np.fmax(self._best_dbm, rssi_dbm))

    def _close(self, t_ns: int) -> Bearing:
        reads, best_dbm = self._reads, self._best_dbm
        self._reads, self._best_dbm = 0, nan
        if best_dbm == best_dbm:
            self._smooth(best_dbm)
        self._judge(t_ns)
        known = self._trend is not Trend.SILENT and self._quick == self._quick
        rssi_dbm = round(self._quick, 1) if known else None
        return Bearing(t_ns, rssi_dbm, round(self._level(), 3), self._trend, reads)

    def _smooth(self, best_dbm: float) -> None:
        if self._quick != self._quick or self._trend is Trend.SILENT:
            self._quick = self._slow = best_dbm
        bin_s = BIN_NS / 1e9
        self._quick += (1 - exp(-bin_s / _QUICK_S)) * (best_dbm - self._quick)
        self._slow += (1 - exp(-bin_s / _SLOW_S)) * (best_dbm - self._slow)
        self._near_dbm = max(self._near_dbm, self._quick)

    def _judge(self, t_ns: int) -> None:
        if self._last_ns is None or t_ns - self._last_ns > SILENT_NS:
            self._trend = Trend.SILENT
            return
        change = self._quick - self._slow
        if change != change:
            self._trend = Trend.STEADY
        elif change > _CLEAR_DB:
            self._trend = Trend.WARMER
        elif change < -_CLEAR_DB:
            self._trend = Trend.COLDER
        elif self._trend is Trend.SILENT or abs(change) < _UNCLEAR_DB:
            self._trend = Trend.STEADY

    def _level(self) -> float:
        if self._trend is Trend.SILENT:
            return 0.0
        if self._quick != self._quick:
            return 0.5
        return min(max((self._quick - FAR_DBM) / (self._near_dbm - FAR_DBM), 0.02), 1.0)

    def _is_wanted(self, n: int, tags: TagColumns) -> bool:
        epc = tags.epcs[n]
        known = self._known.get(epc)
        if known is None:
            if len(self._known) >= _KNOWN_TAGS:
                self._known.clear()
            known = self._known[epc] = self._wanted(epc, tags.memory.get(n, TagMemory()))
        return known
