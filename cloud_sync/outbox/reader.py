"""An outbox seen from another process: reads while the daemon writes, and can leave a request."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cloud_sync.options import OutboxOptions
from cloud_sync.outbox.codec import checksum, decode
from cloud_sync.outbox.ledger import Ledger
from cloud_sync.outbox.requests import Request
from cloud_sync.outbox.room import allowed_pages
from cloud_sync.outbox.store import PAGE_BYTES, Row, Store, StoreDamaged, StoreFailed
from edge.errors import BadFrame, ConfigError
from edge.events import Record

_PAGE_ROWS = 500
_RATE_ROWS = 2_000


@dataclass(frozen=True, slots=True)
class Overview:
    """What stands in the file."""

    bytes_used: int
    next_seq: int
    rows: int
    ledgers: tuple[Ledger, ...]
    inflow_bytes_per_s: float | None
    waiting_requests: int

    def outage_seconds_left(self, max_bytes: int) -> float | None:
        """How long the records of an outage that begins now would find room; None where nothing comes in."""
        if not self.inflow_bytes_per_s:
            return None
        deepest = max((sum(ledger.depth) for ledger in self.ledgers), default=0)
        pending = self.bytes_used * deepest / max(self.rows, 1)
        return max(max_bytes - pending, 0.0) / self.inflow_bytes_per_s


class OutboxReader:
    """A context. Opening raises ConfigError where there is no outbox, or where it is damaged."""

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise ConfigError(f"{path}: no outbox here")
        self._path = path
        try:
            self._store = Store(path, max_bytes=1 << 44)
        except (StoreDamaged, StoreFailed) as error:
            raise ConfigError(f"{path}: {error}") from None

    def __enter__(self) -> "OutboxReader":
        return self

    def __exit__(self, *_: object) -> None:
        self._store.close()

    def overview(self) -> Overview:
        """Numbers of the whole file."""
        pages, free = self._store.pages()
        next_seq, _ = self._store.head()
        ledgers = tuple(Ledger.from_texts(name, *texts) for name, texts in self._store.sinks().items())
        rows = sum(self._store.count(0, next_seq).values())
        asked = len(self._store.requests())
        return Overview((pages - free) * PAGE_BYTES, next_seq, rows, ledgers, self._inflow(next_seq), asked)

    def bytes_allowed(self, options: OutboxOptions) -> int:
        """What the rows may take in all: the bound that is set, or less where the disk has less."""
        set_pages = options.max_bytes // PAGE_BYTES
        return min(set_pages, allowed_pages(self._store, self._path, options.min_free_bytes)) * PAGE_BYTES

    def rows(self, low: int = 0, high: int = 1 << 62) -> Iterator[tuple[Row, Record | None]]:
        """Rows of [low, high) in order, in short reads; None for a record that is damaged."""
        while page := self._store.read(low, high, _PAGE_ROWS):
            for row in page:
                yield row, _sound(row)
            low = page[-1].seq + 1

    def pending(self, sink: str) -> Ledger:
        """Raises ConfigError where there is no such sink."""
        found = self._store.sinks().get(sink)
        if found is None:
            names = ", ".join(self._store.sinks()) or "none"
            raise ConfigError(f"no sink {sink!r} in this outbox (there are: {names})")
        return Ledger.from_texts(sink, *found)

    def dead(self, limit: int) -> list[dict[str, object]]:
        """The newest dead letters."""
        return [
            {"sink": sink, "seq": seq, "reason": reason, "record": _shown(body)}
            for sink, seq, reason, body in self._store.dead(limit)
        ]

    def ask(self, request: Request) -> None:
        """Leave it for the process that has the outbox open, or that opens it next."""
        with self._store.transaction():
            self._store.ask(request.to_text())

    def _inflow(self, next_seq: int) -> float | None:
        rows = self._store.read(max(next_seq - _RATE_ROWS, 0), next_seq, _RATE_ROWS)
        if len(rows) < 2 or rows[-1].put_ms <= rows[0].put_ms:
            return None
        return sum(len(row.body) + 40 for row in rows) / (rows[-1].put_ms - rows[0].put_ms) * 1e3


def _sound(row: Row) -> Record | None:
    try:
        good = checksum(row.seq, row.epoch, row.put_ms, row.body) == row.crc
        return decode(row.body) if good else None
    except BadFrame:
        return None


def _shown(body: bytes) -> object:
    try:
        return json.loads(body)
    except ValueError:
        return body.decode("utf-8", "replace")
