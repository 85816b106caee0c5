"""Which records go when the disk stands still and memory is full: the oldest of the least worthy."""

from collections.abc import Sequence

from cloud_sync.outbox.steps import Lost, Put
from edge.events import Record, Worth


def shed(puts: Sequence[Put], n_too_many: int) -> tuple[list[Put], list[Lost]]:
    """What stays, and what was given up by class: `n_too_many` records in all."""
    losing: dict[Worth, list[int]] = {}
    for worth in Worth:
        seqs = [seq for put in puts for seq, record in _numbered(put) if worth == record.WORTH]
        losing[worth] = seqs[: max(n_too_many, 0)]
        n_too_many -= len(losing[worth])
    gone = {seq for seqs in losing.values() for seq in seqs}
    kept = [part for put in puts for part in _without(put, gone)]
    return kept, [Lost(worth, tuple(seqs)) for worth, seqs in losing.items() if seqs]


def _numbered(put: Put) -> list[tuple[int, Record]]:
    return list(enumerate(put.records, put.seq))


def _without(put: Put, gone: set[int]) -> list[Put]:
    """The put without some of its records: as many puts as it falls into."""
    parts: list[Put] = []
    for seq, record in _numbered(put):
        if seq in gone:
            continue
        if parts and parts[-1].seq + len(parts[-1].records) == seq:
            parts[-1] = Put(parts[-1].seq, (*parts[-1].records, record), put.at)
        else:
            parts.append(Put(seq, (record,), put.at))
    return parts
