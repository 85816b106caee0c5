"""The SQLite file under the outbox: rows in, rows out, nothing decided here. For one thread at a time.

Every method may raise StoreFull, StoreFailed (reopen and try again) or StoreDamaged (set the file aside).
"""

import sqlite3
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cloud_sync.outbox.epochs import Epoch
from cloud_sync.outbox.migrations import migrate
from edge.errors import EdgeError
from edge.events import Worth

TABLES: Final = {worth: worth.name.lower() for worth in Worth}
PAGE_BYTES: Final = 4096
WAL_PAGES: Final = 200
"""After so many the log is copied into the file; on a full disk the ballast must leave room for that."""
SPARE_PAGES: Final = 256
"""Between the bound that we keep and the one at which SQLite refuses: room for one group and for deleting."""
_PRIMARY_CODE: Final = 0xFF
_DAMAGED: Final = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR)
# A damaged page can turn a column into another type: the casts keep that a matter of the checksum.
_COLUMNS: Final = (
    "seq, CAST(epoch AS INTEGER), CAST(put_ms AS INTEGER), CAST(body AS BLOB), CAST(crc AS INTEGER)"
)
_READ: Final = (
    " UNION ALL ".join(
        f"SELECT {_COLUMNS}, {int(worth)} FROM {table} WHERE seq >= ?1 AND seq < ?2"
        for worth, table in TABLES.items()
    )
    + " ORDER BY seq LIMIT ?3"
)


StoredRow = tuple[int, int, int, bytes, int]
"""seq, epoch, put_ms, body, crc"""


class StoreFull(EdgeError):
    """No room, in the file's bound or on the disk."""


class StoreFailed(EdgeError):
    """The disk did not do it: nothing is known about the last transaction."""


class StoreDamaged(EdgeError):
    """The file is no sound database any more."""


@dataclass(frozen=True, slots=True)
class Row:
    """One record as stored."""

    seq: int
    epoch: int
    put_ms: int
    body: bytes
    crc: int
    worth: Worth


class Store:
    """An open file. `max_bytes` bounds it, its write-ahead log apart."""

    def __init__(self, path: Path, max_bytes: int) -> None:
        self._path = path
        self.max_pages = max_bytes // PAGE_BYTES
        with _told():
            self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
            try:
                self._prepare()
            except BaseException:
                self._db.close()
                raise

    def _prepare(self) -> None:
        for pragma in (
            f"page_size={PAGE_BYTES}",
            "journal_mode=WAL",
            "synchronous=FULL",
            f"wal_autocheckpoint={WAL_PAGES}",
            "cache_size=-500",
            "temp_store=MEMORY",
            f"max_page_count={self.max_pages + SPARE_PAGES}",
        ):
            self._db.execute(f"PRAGMA {pragma}")
        migrate(self._db, str(self._path))
        self._db.execute("SELECT max(seq) FROM event").fetchone()

    def close(self) -> None:
        with suppress(sqlite3.Error):
            self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, and on disk when it ends."""
        with _told():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    self._db.execute("ROLLBACK")
                raise

    # Rows

    def insert(self, worth: Worth, rows: Sequence[StoredRow]) -> None:
        """The same number again overwrites."""
        self._db.executemany(f"INSERT OR REPLACE INTO {TABLES[worth]} VALUES (?, ?, ?, ?, ?)", rows)

    def read(self, low: int, high: int, limit: int) -> list[Row]:
        """The first `limit` rows of [low, high), in order."""
        with _told():
            found = self._db.execute(_READ, (low, high, limit)).fetchall()
        return [Row(seq, epoch, ms, body, crc, Worth(n)) for seq, epoch, ms, body, crc, n in found]

    def count(self, low: int, high: int) -> dict[Worth, int]:
        """How many rows of each class there are in [low, high)."""
        with _told():
            return {
                worth: self._db.execute(
                    f"SELECT count(*) FROM {table} WHERE seq >= ? AND seq < ?", (low, high)
                ).fetchone()[0]
                for worth, table in TABLES.items()
            }

    def delete(self, low: int, high: int) -> None:
        """All rows of [low, high)."""
        for table in TABLES.values():
            self._db.execute(f"DELETE FROM {table} WHERE seq >= ? AND seq < ?", (low, high))

    def oldest(self, worth: Worth, limit: int) -> list[tuple[int, int]]:
        """(seq, put_ms) of the oldest rows of one class."""
        sql = f"SELECT seq, CAST(put_ms AS INTEGER) FROM {TABLES[worth]} ORDER BY seq LIMIT ?"
        return self._db.execute(sql, (limit,)).fetchall()

    def delete_oldest(self, worth: Worth, last: int) -> None:
        """The rows of one class up to and with `last`."""
        self._db.execute(f"DELETE FROM {TABLES[worth]} WHERE seq <= ?", (last,))

    # What stands beside the rows

    def head(self) -> tuple[int, int]:
        """The next sequence number, and the milliseconds that the outbox has run in all its life."""
        with _told():
            next_seq, run_ms = self._db.execute("SELECT next_seq, run_ms FROM head").fetchone()
        return next_seq, run_ms

    def set_head(self, next_seq: int, run_ms: int) -> None:
        self._db.execute("UPDATE head SET next_seq = ?, run_ms = ?", (next_seq, run_ms))

    def sinks(self) -> dict[str, tuple[str, str]]:
        """Name → what is pending, what was counted."""
        with _told():
            return {name: (p, c) for name, p, c in self._db.execute("SELECT name, pending, counts FROM sink")}

    def set_sink(self, name: str, pending: str, counts: str) -> None:
        self._db.execute("INSERT OR REPLACE INTO sink VALUES (?, ?, ?)", (name, pending, counts))

    def epochs(self) -> list[Epoch]:
        with _told():
            found = self._db.execute("SELECT * FROM epoch ORDER BY id").fetchall()
        return [Epoch(id_, boot, offset, bool(ok), last, fix) for id_, boot, offset, ok, last, fix in found]

    def set_epoch(self, epoch: Epoch) -> None:
        values = (epoch.id, epoch.boot_id, epoch.offset_ns, int(epoch.trusted), epoch.last_ns)
        self._db.execute(
            "INSERT OR REPLACE INTO epoch VALUES (?, ?, ?, ?, ?, ?)", (*values, epoch.correction_ns)
        )

    def set_kept(self, name: str, body: bytes) -> None:
        if not body:
            self._db.execute("DELETE FROM kept WHERE name = ?", (name,))
            return
        sql = "INSERT OR REPLACE INTO kept VALUES (?, ?, ?)"
        self._db.execute(sql, (name, body, zlib.crc32(body, zlib.crc32(name.encode()))))

    def kept(self, name: str) -> bytes | None:
        """None where nothing sound was kept under this name."""
        with _told():
            sql = "SELECT CAST(body AS BLOB), crc FROM kept WHERE name = ?"
            found = self._db.execute(sql, (name,)).fetchone()
        if found is None or zlib.crc32(found[0], zlib.crc32(name.encode())) != found[1]:
            return None
        body: bytes = found[0]
        return body

    def bury(self, sink: str, reasons: Sequence[tuple[int, str]], keep: int) -> int:
        """Copy rows of (seq, why) to the dead letters; how many of the oldest had to go for that."""
        for seq, reason in reasons:
            for table in TABLES.values():
                select = f"SELECT ?, seq, ?, body FROM {table} WHERE seq = ?"
                sql = f"INSERT INTO dead (sink, seq, reason, body) {select}"
                self._db.execute(sql, (sink, reason[:500], seq))
        newest = self._db.execute("SELECT coalesce(max(id), 0) FROM dead").fetchone()[0]
        return self._db.execute("DELETE FROM dead WHERE id <= ?", (newest - keep,)).rowcount

    def dead(self, limit: int) -> list[tuple[str, int, str, bytes]]:
        """The newest dead letters: (sink, seq, reason, body)."""
        with _told():
            sql = "SELECT sink, seq, reason, body FROM dead ORDER BY id DESC LIMIT ?"
            return self._db.execute(sql, (limit,)).fetchall()

    def dead_of(self, sink: str) -> list[int]:
        """The numbers of one sink's dead letters, oldest first."""
        with _told():
            found = self._db.execute("SELECT DISTINCT seq FROM dead WHERE sink = ? ORDER BY seq", (sink,))
            return [seq for (seq,) in found]

    def unbury(self, sink: str, seq: int) -> None:
        """It is no dead letter any more."""
        self._db.execute("DELETE FROM dead WHERE sink = ? AND seq = ?", (sink, seq))

    def clear_dead(self) -> int:
        return self._db.execute("DELETE FROM dead").rowcount

    def ask(self, what: str) -> None:
        """Leave a request for the process that has the outbox open."""
        self._db.execute("INSERT INTO request (what) VALUES (?)", (what,))

    def requests(self) -> list[tuple[int, str]]:
        with _told():
            return self._db.execute("SELECT id, what FROM request ORDER BY id").fetchall()

    def clear_request(self, id_: int) -> None:
        self._db.execute("DELETE FROM request WHERE id = ?", (id_,))

    # Room

    def pages(self) -> tuple[int, int]:
        """Pages of the file, and how many of them are free."""
        with _told():
            return self._pragma("page_count"), self._pragma("freelist_count")

    def version(self) -> int:
        """Changes when another process has written."""
        with _told():
            return self._pragma("data_version")

    def checkpoint(self) -> None:
        """Copy the log into the file, so that it may begin at its start again."""
        with _told():
            self._db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()

    def sound(self) -> bool:
        """SQLite's own quick check of the whole file."""
        with _told():
            return bool(self._db.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok")

    def _pragma(self, name: str) -> int:
        value: Any = self._db.execute(f"PRAGMA {name}").fetchone()[0]
        return int(value)


@contextmanager
def _told() -> Iterator[None]:
    """SQLite's errors as ours: the class says what to do next."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", 0) & _PRIMARY_CODE
        if code == sqlite3.SQLITE_FULL:
            raise StoreFull(f"outbox: {error}") from error
        if code in _DAMAGED:
            raise StoreDamaged(f"outbox: {error}") from error
        raise StoreFailed(f"outbox: {error}") from error
