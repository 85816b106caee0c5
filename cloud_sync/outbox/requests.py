"""What another process may ask of an open outbox: send something again, or give something up."""

import json
from dataclasses import asdict, dataclass
from typing import Literal

from cloud_sync.outbox.ledger import Ledger
from cloud_sync.outbox.pending import Pending
from cloud_sync.outbox.store import Store
from edge.events import Worth

PURGED = "purged"


@dataclass(frozen=True, slots=True)
class Request:
    """`replay` kept records of [low, high) to a sink, or its dead letters (`revive`); `purge` what it still
    waits for; forget the dead."""

    do: Literal["replay", "revive", "purge", "clear-dead"]
    sink: str = ""
    low: int = 0
    high: int = 1 << 62

    def to_text(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_text(cls, text: str) -> "Request":
        """Raises ValueError, TypeError on what is no request."""
        said = json.loads(text)
        if said.get("do") not in ("replay", "revive", "purge", "clear-dead"):
            raise ValueError(f"no request: {text[:100]}")
        return cls(**said)


def fulfil(request: Request, store: Store, ledgers: dict[str, Ledger], head: int) -> None:
    """Inside a transaction: the ledgers and the rows as they were asked to be."""
    if request.do == "clear-dead":
        store.clear_dead()
        return
    ledger = ledgers.get(request.sink)
    if ledger is None:
        return
    if request.do == "replay":
        _replay(ledger, store, request.low, min(request.high, head))
    elif request.do == "revive":
        _revive(ledger, store)
    else:
        _purge(ledger, head)
    ledger.dirty = True


def _replay(ledger: Ledger, store: Store, low: int, high: int) -> None:
    wanted = Pending([(low, high)]) if low < high else Pending([])
    for start, stop in list(ledger.pending.within(low, high)):
        wanted.remove(start, stop)
    for start, stop in wanted:
        for worth, n in store.count(start, stop).items():
            ledger.depth[worth] += n
        ledger.pending.add(start, stop)


def _revive(ledger: Ledger, store: Store) -> None:
    """Dead letters whose records are still kept; the others stay dead letters."""
    for seq in store.dead_of(ledger.name):
        if any(store.count(seq, seq + 1).values()):
            _replay(ledger, store, seq, seq + 1)
            store.unbury(ledger.name, seq)


def _purge(ledger: Ledger, head: int) -> None:
    for worth in Worth:
        if ledger.depth[worth] > 0:
            ledger.dropped[worth.name.lower(), PURGED] += ledger.depth[worth]
    ledger.start_at(head)
