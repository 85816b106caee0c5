"""Counts what came in, and says once a minute at most, by kind, what was wrong with it."""

import logging
from dataclasses import dataclass, field
from typing import Final

from edge.clock import Clock
from edge.counters import Counters

_log = logging.getLogger(__name__)
_SAY_AGAIN_NS: Final = 60_000_000_000


@dataclass(slots=True)
class _Said:
    mono_ns: int
    since: int = 0


@dataclass(slots=True)
class Tally:
    """Messages, or rows of messages, as readings are counted: received, used, malformed, dropped."""

    counters: Counters
    clock: Clock
    _said: dict[str, _Said] = field(default_factory=dict)

    def good(self, n: int = 1) -> None:
        """So many were used."""
        self._received(n)
        self.counters.used += n

    def dropped(self, n: int) -> None:
        """There was no room for so many."""
        self._received(n)
        self.counters.dropped += n

    def bad(self, kind: str, reason: str) -> None:
        """One could not be used. `kind` is one of a few words of ours, never text of others."""
        self._received(1)
        self.counters.malformed += 1
        now_ns = self.clock.monotonic_ns()
        said = self._said.get(kind)
        if said is not None and now_ns - said.mono_ns < _SAY_AGAIN_NS:
            said.since += 1
            return
        more = f" (and {said.since} more in the minute before)" if said and said.since else ""
        _log.warning("lsp: %s refused: %s%s", kind, _plain(reason), more)
        self._said[kind] = _Said(now_ns)

    def _received(self, n: int) -> None:
        if n:
            self.counters.received += n
            self.counters.last_mono_ns = self.clock.monotonic_ns()
            self.counters.last_t_ns = self.clock.wall_ns()


def _plain(text: str) -> str:
    """One short line: what others send must not forge lines of the log."""
    return "".join(letter if letter.isprintable() else " " for letter in text[:300])
