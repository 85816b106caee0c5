"""The local history that the live board reads: the sink that writes it. Bounded by days that have data."""

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self, TypeVar

from cloud_sync.options import HistoryOptions
from cloud_sync.outbox.codec import encode
from cloud_sync.schema import EVENT_TYPES
from cloud_sync.sink import Batch, WriteResult
from edge.errors import SinkUnavailable
from edge.events import (
    DoorFlowed,
    Record,
    RoomMeasured,
    SensorHealthChanged,
    ShelfState,
    SourceCounted,
    SpaceCapacityChanged,
    SpaceNoiseChanged,
    SpaceOccupied,
    record_id,
)

_log: Final = logging.getLogger(__name__)
_DAY_NS: Final = 86_400 * 1_000_000_000
_PRUNE_EVERY: Final = 256
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS series (id INTEGER PRIMARY KEY, name TEXT NOT NULL, key TEXT NOT NULL, UNIQUE (name, key));
CREATE TABLE IF NOT EXISTS point  (series INTEGER NOT NULL, t_ns INTEGER NOT NULL, value REAL NOT NULL, PRIMARY KEY (series, t_ns)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS state  (type TEXT NOT NULL, key TEXT NOT NULL, t_ns INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (type, key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS event  (id TEXT PRIMARY KEY, t_ns INTEGER NOT NULL, type TEXT NOT NULL, body BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS event_by_time ON event (t_ns);
CREATE TABLE IF NOT EXISTS day    (day INTEGER PRIMARY KEY);
PRAGMA user_version = 1;
"""  # noqa: E501
_UNSTORABLE: Final = (OverflowError, UnicodeError, sqlite3.IntegrityError, sqlite3.InterfaceError)
"""A number beyond 64 bits, half a surrogate pair, a value that is none."""
T = TypeVar("T")


class HistorySink:
    """Writes the history. The same record twice leaves what once leaves."""

    name = "history"
    limit = 2_000
    linger_s = 1.0

    def __init__(self, path: str | Path, options: HistoryOptions, *, site: str, node: str) -> None:
        self._path = Path(path)
        self._options = options
        self._site, self._node = site, node
        self._thread: ThreadPoolExecutor | None = None
        self._series: dict[tuple[str, str], int] = {}
        self._until_prune = 0

    async def __aenter__(self) -> Self:
        self._thread = self._thread or ThreadPoolExecutor(1, thread_name_prefix="history")
        try:
            self._db = await self._call(self._open)
        except (sqlite3.OperationalError, OSError) as error:
            raise SinkUnavailable(f"history: {error}") from None
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._thread is not None:
            thread, self._thread = self._thread, None
            await asyncio.get_running_loop().run_in_executor(thread, self._db.close)
            thread.shutdown()

    async def write(self, batch: Batch) -> WriteResult:
        """All of the batch, in one transaction."""
        try:
            rejected = await self._call(self._store, [entry.record for entry in batch.entries])
        except sqlite3.OperationalError as error:
            raise SinkUnavailable(f"history: {error}") from None
        except sqlite3.DatabaseError as error:
            await self._call(self._replace, error)
            raise SinkUnavailable(f"history: {error}") from None
        return WriteResult([n for n in range(len(batch)) if n not in rejected], rejected)

    async def lost(self) -> None:
        """There is no connection to lose."""
        await asyncio.get_running_loop().create_future()

    async def _call(self, work: Callable[..., T], *args: object) -> T:
        assert self._thread is not None
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *args)

    def _open(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._series.clear()
        try:
            return self._connect()
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError as error:
            self._set_aside(error)
            return self._connect()

    def _connect(self) -> sqlite3.Connection:
        db = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
        try:
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "cache_size=-500"):
                db.execute(f"PRAGMA {pragma}")
            db.executescript(_SCHEMA)
        except BaseException:
            db.close()
            raise
        return db

    def _replace(self, error: sqlite3.DatabaseError) -> None:
        self._db.close()
        self._set_aside(error)
        self._db = self._open()

    def _set_aside(self, error: sqlite3.DatabaseError) -> None:
        number = 1
        while (aside := Path(f"{self._path}.damaged-{number}")).exists():
            number += 1
        _log.error("%s: damaged (%s): set aside as %s, history begins anew", self._path, error, aside.name)
        for suffix in ("", "-wal", "-shm"):
            with suppress(FileNotFoundError):
                Path(f"{self._path}{suffix}").rename(f"{aside}{suffix}")

    def _store(self, records: Sequence[Record]) -> dict[int, str]:
        """Store all that can be; the indices of what never can be, with reasons."""
        try:
            with self._transaction():
                self._insert(records)
                self._prune_sometimes()
            return {}
        except _UNSTORABLE as error:
            if len(records) == 1:
                return {0: str(error)}
        rejected = {}
        for index, record in enumerate(records):
            if why := self._store([record]):
                rejected[index] = why[0]
        return rejected

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            self._series.clear()
            with suppress(sqlite3.Error):
                self._db.execute("ROLLBACK")
            raise

    def _insert(self, records: Sequence[Record]) -> None:
        points = [
            (self._series_id(name, key), t_ns, value)
            for record in records
            for name, key, t_ns, value in points_of(record)
        ]
        states = [
            (record.TYPE, key, record.t_ns, encode(record))
            for record in records
            if (key := state_key(record)) is not None
        ]
        events = [
            (record_id(self._site, self._node, record), record.t_ns, record.TYPE, encode(record))
            for record in records
            if is_event(record)
        ]
        self._db.executemany("INSERT OR REPLACE INTO point VALUES (?, ?, ?)", points)
        self._db.executemany(
            "INSERT INTO state VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE "
            "SET t_ns = excluded.t_ns, body = excluded.body WHERE excluded.t_ns >= t_ns",
            states,
        )
        self._db.executemany("INSERT OR REPLACE INTO event VALUES (?, ?, ?, ?)", events)
        days = {(record.t_ns // _DAY_NS,) for record in records}
        self._db.executemany("INSERT OR IGNORE INTO day VALUES (?)", sorted(days))

    def _series_id(self, name: str, key: str) -> int:
        known = self._series.get((name, key))
        if known is None:
            self._db.execute("INSERT OR IGNORE INTO series (name, key) VALUES (?, ?)", (name, key))
            sql = "SELECT id FROM series WHERE name = ? AND key = ?"
            known = self._series[name, key] = self._db.execute(sql, (name, key)).fetchone()[0]
        return known

    def _prune_sometimes(self) -> None:
        """Keep the newest days that have data: a clock that jumped ten years costs a day, not everything."""
        self._until_prune -= 1
        if self._until_prune > 0:
            return
        self._until_prune = _PRUNE_EVERY
        sql = "SELECT day FROM day ORDER BY day DESC LIMIT 1 OFFSET ?"
        oldest = self._db.execute(sql, (self._options.retention_days - 1,)).fetchone()
        if oldest is not None:
            before_ns = oldest[0] * _DAY_NS
            for (series,) in self._db.execute("SELECT id FROM series").fetchall():
                self._db.execute("DELETE FROM point WHERE series = ? AND t_ns < ?", (series, before_ns))
            self._db.execute("DELETE FROM event WHERE t_ns < ?", (before_ns,))
            self._db.execute("DELETE FROM day WHERE day < ?", (oldest[0],))
        sql = "SELECT t_ns FROM event ORDER BY t_ns DESC LIMIT 1 OFFSET ?"
        too_many = self._db.execute(sql, (self._options.max_events,)).fetchone()
        if too_many is not None:
            self._db.execute("DELETE FROM event WHERE t_ns <= ?", too_many)


def points_of(record: Record) -> Iterator[tuple[str, str, int, float]]:
    """(series, key, t_ns, value) of what a record adds to curves."""
    match record:
        case SpaceOccupied():
            yield "space.people", record.space, record.t_ns, record.people
            yield "space.people_sd", record.space, record.t_ns, record.people_sd
            yield "space.occupied", record.space, record.t_ns, record.occupied
        case DoorFlowed():
            yield "door.in", record.door, record.t_ns, record.corrected_in
            yield "door.out", record.door, record.t_ns, record.corrected_out
        case RoomMeasured():
            yield f"room.{record.quantity}", record.source, record.t_ns, record.value
        case SourceCounted():
            yield "source.received", record.source, record.t_ns, record.received
        case ShelfState():
            yield "shelf.books", record.shelf, record.t_ns, len(record.books)


def state_key(record: Record) -> str | None:
    """What the newest record is kept for; None for records that have no newest."""
    match record:
        case SpaceOccupied() | SpaceCapacityChanged() | SpaceNoiseChanged():
            return record.space
        case ShelfState():
            return record.shelf
        case DoorFlowed():
            return record.door
        case RoomMeasured():
            return f"{record.source} {record.quantity}"
        case SensorHealthChanged() | SourceCounted():
            return record.source
    return None


def is_event(record: Record) -> bool:
    """Whether it belongs in the list of what happened; what comes every minute does not."""
    return record.TYPE in EVENT_TYPES and not isinstance(record, SpaceOccupied | DoorFlowed)
