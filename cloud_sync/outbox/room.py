"""What goes when there is no room, or when it is too old: first what everybody has, then the least worthy."""

import os
from collections.abc import Collection
from pathlib import Path
from typing import Final

from cloud_sync.outbox.ledger import Ledger
from cloud_sync.outbox.pending import outside
from cloud_sync.outbox.store import PAGE_BYTES, Store
from edge.events import Worth

FULL: Final = "full"
OLD: Final = "too-old"
_CHUNK: Final = 512
_SLICE: Final = 20
"""One part in so many of the bound is freed at a time, so that it is not done at each commit."""


def allowed_pages(store: Store, path: Path, reserve_bytes: int) -> int:
    """How many pages the rows may take now: our own bound, or what the file has where the disk is full."""
    pages, _ = store.pages()
    disk = os.statvfs(path.parent)
    growth = (disk.f_bavail * disk.f_frsize - reserve_bytes) // PAGE_BYTES
    return min(store.max_pages, pages + max(growth, 0))


def used_pages(store: Store) -> int:
    """Pages that hold something."""
    pages, free = store.pages()
    return pages - free


def pages_for(n_bytes: int) -> int:
    """How many pages rows of so many bytes may take."""
    return n_bytes * 5 // 4 // PAGE_BYTES + 8 if n_bytes else 0


def make_room(store: Store, ledgers: Collection[Ledger], allowed: int, head: int, needed: int = 0) -> bool:
    """Delete until `needed` pages and a slice more fit below `allowed`; whether any wanted row went."""
    if used_pages(store) + needed <= allowed:
        return False
    goal = max(allowed - needed - allowed // _SLICE, 0)
    _delete_delivered(store, ledgers, head, goal)
    return _drop_least_worthy(store, ledgers, goal)


def _delete_delivered(store: Store, ledgers: Collection[Ledger], head: int, goal: int) -> None:
    for low, high in outside([ledger.pending for ledger in ledgers], head):
        while used_pages(store) > goal:
            rows = store.read(low, high, _CHUNK)
            if not rows:
                break
            low = rows[-1].seq + 1
            store.delete(rows[0].seq, low)


def _drop_least_worthy(store: Store, ledgers: Collection[Ledger], goal: int) -> bool:
    any_gone = False
    for worth in Worth:
        while used_pages(store) > goal:
            oldest = store.oldest(worth, _CHUNK)
            if not oldest:
                break
            _drop(store, ledgers, worth, [seq for seq, _ in oldest], FULL)
            any_gone = True
    return any_gone


def drop_old(store: Store, ledgers: Collection[Ledger], before_ms: int) -> bool:
    """Drop what was put before `before_ms` of running time; whether any went."""
    any_gone = False
    for worth in Worth:
        while old := [seq for seq, put_ms in store.oldest(worth, _CHUNK) if put_ms < before_ms]:
            _drop(store, ledgers, worth, old, OLD)
            any_gone = True
    return any_gone


def forget_delivered(store: Store, ledgers: Collection[Ledger], head: int, before_ms: int) -> None:
    """Delete what every sink has and is older than the replay window."""
    first = min((ledger.pending.first for ledger in ledgers), default=head)
    for worth in Worth:
        while old := [seq for seq, ms in store.oldest(worth, _CHUNK) if seq < first and ms < before_ms]:
            store.delete_oldest(worth, old[-1])


def _drop(store: Store, ledgers: Collection[Ledger], worth: Worth, seqs: list[int], reason: str) -> None:
    for ledger in ledgers:
        ledger.gone(seqs, worth, reason)
    store.delete_oldest(worth, seqs[-1])
