"""What one sink has still to get, and what became of the rest: kept in the same transaction as the rows."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from cloud_sync.outbox.pending import END, Pending
from cloud_sync.sink import Batch, Entry, WriteResult
from edge.events import Worth

Drop = tuple[str, str]


def _no_depth() -> list[int]:
    return [0] * len(Worth)


@dataclass(slots=True)
class Ledger:
    """`depth` counts pending rows by worth; `live_from` is where late ends and live begins.

    `flying` are the numbers that the sink has in hand; `fallen` those of them that were given up meanwhile:
    counted as dropped, until the sink says that it has them all the same.
    """

    name: str
    pending: Pending
    depth: list[int] = field(default_factory=_no_depth)
    delivered: int = 0
    dead: int = 0
    corrupt: int = 0
    dropped: Counter[Drop] = field(default_factory=Counter)
    live_from: int = 1
    dirty: bool = True
    flying: frozenset[int] = frozenset()
    fallen: dict[int, Drop] = field(default_factory=dict)

    def copy(self) -> "Ledger":
        return replace(
            self,
            pending=self.pending.copy(),
            depth=list(self.depth),
            dropped=Counter(self.dropped),
            fallen=dict(self.fallen),
        )

    def hand_out(self, batch: Batch) -> None:
        """The sink has this batch in hand, and no other."""
        self.flying = frozenset(entry.seq for entry in batch.entries)
        self.fallen.clear()

    def settle(self, batch: Batch, result: WriteResult) -> list[tuple[int, str]]:
        """Take the sink's answer; the numbers that it rejected, with the reasons."""
        done = set(result.accepted) | set(result.rejected)
        for low, high in batch.spans:
            self.pending.remove(low, high)
        for index, entry in enumerate(batch.entries):
            if index in done:
                self._has(entry)
            elif entry.seq not in self.fallen:
                self.pending.add(entry.seq, entry.seq + 1)
        self.delivered -= len(result.rejected)
        self.dead += len(result.rejected)
        self.dirty = True
        return [(batch.entries[index].seq, reason) for index, reason in result.rejected.items()]

    def gone(self, seqs: Iterable[int], worth: Worth, reason: str) -> None:
        """Rows that are given up: counted where they were still wanted."""
        lost = [seq for seq in seqs if seq in self.pending]
        if lost:
            drop = (worth.name.lower(), reason)
            self.depth[worth] -= len(lost)
            self.dropped[drop] += len(lost)
            self.fallen.update((seq, drop) for seq in lost if seq in self.flying)
            self.dirty = True

    def damaged(self, seq: int, worth: Worth) -> None:
        """A row that cannot be read: counted where it was still wanted."""
        if seq in self.pending:
            self.depth[worth] -= 1
            self.corrupt += 1
            self.dirty = True

    def lost_all(self, head: int) -> None:
        """The file is gone, with everything below `head`."""
        for worth in Worth:
            if self.depth[worth] > 0:
                self.dropped[worth.name.lower(), "damaged"] += self.depth[worth]
        self.start_at(head)

    def start_at(self, head: int) -> None:
        """Nothing below `head` is wanted any more."""
        self.depth = _no_depth()
        self.pending = Pending([(head, END)])
        self.live_from, self.dirty = head, True
        self.flying = frozenset()

    def _has(self, entry: Entry) -> None:
        self.delivered += 1
        drop = self.fallen.pop(entry.seq, None)
        if drop is None:
            self.depth[entry.record.WORTH] -= 1
        else:
            self.dropped[drop] -= 1

    def counts_text(self) -> str:
        """For the store; `from_texts` reads it."""
        dropped = [[kind, reason, n] for (kind, reason), n in sorted(self.dropped.items())]
        return json.dumps(
            {
                "depth": self.depth,
                "delivered": self.delivered,
                "dead": self.dead,
                "corrupt": self.corrupt,
                "dropped": dropped,
            },
            separators=(",", ":"),
        )

    @classmethod
    def from_texts(cls, name: str, pending: str, counts: str) -> "Ledger":
        """Raises ValueError, KeyError or TypeError where the texts are none that `counts_text` wrote."""
        said = json.loads(counts)
        dropped = Counter({(kind, reason): int(n) for kind, reason, n in said["dropped"]})
        depth = [int(n) for n in said["depth"]]
        if len(depth) != len(Worth):
            raise ValueError("depth is not one number a class")
        return cls(
            name,
            Pending.from_text(pending),
            depth,
            int(said["delivered"]),
            int(said["dead"]),
            int(said["corrupt"]),
            dropped,
            dirty=False,
        )
