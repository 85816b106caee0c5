"""Searches of the running daemon: each page that looks for a book sees the readings as they come."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict

from edge.columns import Readings
from edge.daemon import Daemon
from edge.fusion.seek import Bearing, Seek, wanted_book


class Searching:
    """One page's search. Close it, or it listens for ever."""

    def __init__(self, daemon: Daemon, barcode: str) -> None:
        self._daemon, self._barcode = daemon, barcode
        self._book = daemon.books.by_barcode(barcode)
        self._seek = Seek(wanted_book(barcode, self._book))
        self._last: Bearing | None = None
        self._newest = (0, 0)
        daemon.taps.append(self._take)

    def now(self) -> Mapping[str, object]:
        """How near the book is; without a reading yet, nothing but what it is."""
        t_ns, at_mono_ns = self._newest
        if t_ns:
            now_ns = t_ns + self._daemon.clock.monotonic_ns() - at_mono_ns
            self._follow(self._seek.until(now_ns))
        about = {
            "barcode": self._barcode,
            "call_number": self._book.call_number if self._book else None,
            "title": self._book.title if self._book else None,
        }
        return about | {"bearing": asdict(self._last) if self._last else None}

    def _follow(self, bearings: Iterable[Bearing]) -> None:
        for bearing in bearings:
            self._last = bearing

    def close(self) -> None:
        if self._take in self._daemon.taps:
            self._daemon.taps.remove(self._take)

    def _take(self, readings: Readings) -> None:
        if len(readings.tags):
            self._follow(self._seek.take(readings.tags))
            self._newest = int(readings.tags.t_ns.max()), self._daemon.clock.monotonic_ns()
