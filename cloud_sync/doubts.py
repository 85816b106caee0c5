"""Records that a sink will not take, or dies of: they step aside until others prove the sink."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from cloud_sync.sink import Batch, WriteResult

_FIRST_PAUSE_S: Final = 1.0
_LONGEST_PAUSE_S: Final = 60.0
_MOST: Final = 5_000


@dataclass(slots=True)
class _Doubt:
    tries: int
    accepted_before: int
    due_ns: int


class Doubts:
    """A try counts only if the sink has taken another record since the one before: a sink that takes nothing
    is at fault itself, and no record is given up for that."""

    def __init__(self, tries_before_dead: int) -> None:
        self._limit = tries_before_dead
        self._known: dict[int, _Doubt] = {}
        self._n_accepted = 0
        self.barren = 0
        """Writes in a row of which nothing was taken."""

    def judge(self, batch: Batch, result: WriteResult, now_ns: int) -> WriteResult:
        """The result, with those rejected that were refused once too often."""
        self._n_accepted += len(result.accepted)
        self.barren = 0 if result.accepted or not result.denied else self.barren + 1
        rejected = dict(result.rejected) | {
            index: reason
            for index, reason in result.denied.items()
            if self._refused(batch.entries[index].seq, now_ns)
        }
        self._settled(batch.entries[index].seq for index in (*result.accepted, *rejected))
        return replace(result, rejected=rejected, denied={})

    def failed(self, batch: Batch, now_ns: int) -> bool:
        """The sink went away over this batch: whether its one record is to be given up."""
        self.barren += 1
        if len(batch) != 1:
            return False
        seq = batch.entries[0].seq
        dead = self._refused(seq, now_ns)
        if dead:
            self._settled([seq])
        return dead

    def aside(self, now_ns: int) -> frozenset[int]:
        """Those that wait for their next try."""
        return frozenset(seq for seq, doubt in self._known.items() if doubt.due_ns > now_ns)

    def _refused(self, seq: int, now_ns: int) -> bool:
        doubt = self._known.get(seq)
        if doubt is None:
            if len(self._known) >= _MOST:
                return False
            doubt = self._known[seq] = _Doubt(0, -1, 0)
        if self._n_accepted > doubt.accepted_before:
            doubt.tries += 1
            doubt.accepted_before = self._n_accepted
        pause_s = min(_FIRST_PAUSE_S * 2 ** min(doubt.tries, 10), _LONGEST_PAUSE_S)
        doubt.due_ns = now_ns + int(pause_s * 1e9)
        return doubt.tries >= self._limit

    def _settled(self, seqs: Iterable[int]) -> None:
        if self._known:
            for seq in seqs:
                self._known.pop(seq, None)
