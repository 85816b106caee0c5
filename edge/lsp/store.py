"""What the library system has told us and what staff have decided, on disk: it outlives the daemon.

The broker may be away when the daemon starts; the shelf list and what has changed in it are here then. Other
processes leave decisions here (`edge inventory approve`), which the daemon takes up within seconds.
"""

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from operator import attrgetter
from pathlib import Path
from sys import intern
from typing import Any, Final

from edge.errors import ConfigError
from edge.fusion.inventory.approval import Approval
from edge.library.call_numbers import Scheme
from edge.library.shelf_list import COLUMNS, Book, ShelfList, Status

NAME: Final = "lsp.db"
_BUSY_S: Final = 10.0
_SELECT: Final = f"SELECT {', '.join(COLUMNS)} FROM books"
_MARKS: Final = ", ".join("?" * len(COLUMNS))
_SCHEMES: Final = {scheme.value: scheme for scheme in Scheme}
_STATUSES: Final = {status.value: status for status in Status}
_TABLES: Final = """
CREATE TABLE IF NOT EXISTS books (barcode TEXT PRIMARY KEY, epc TEXT, call_number TEXT NOT NULL,
    scheme TEXT NOT NULL, title TEXT NOT NULL, shelf TEXT, sort_key TEXT, status TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS fact (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS booking (id TEXT PRIMARY KEY, space TEXT, start_ns INTEGER, end_ns INTEGER)
    WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS approval
    (id TEXT PRIMARY KEY, body TEXT NOT NULL, taken INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class KeptBooking:
    """A space booked from `start_ns` to `end_ns`; nothing else of it is kept."""

    id: str
    space: str
    start_ns: int
    end_ns: int


class Store:
    """One file; each call is one transaction. For any thread: a call waits for the one before it."""

    def __init__(self, path: Path) -> None:
        """Raises ConfigError where the file cannot be used."""
        self.path = path
        # A task that is cancelled leaves its thread at work: what comes next must not meet it in SQLite.
        self._turn = threading.RLock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path, timeout=_BUSY_S, isolation_level=None, check_same_thread=False)
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
            self._db.executescript(_TABLES)
        except (sqlite3.Error, OSError) as error:
            raise ConfigError(f"{path}: {error}") from None

    def close(self) -> None:
        with self._turn:
            self._db.close()

    # The shelf list

    def fact(self, name: str) -> str:
        """A fact that was kept; empty where there is none."""
        rows = self._rows("SELECT value FROM fact WHERE name = ?", name)
        return str(rows[0][0]) if rows else ""

    def keep_fact(self, name: str, value: str) -> None:
        with self._turn:
            self._db.execute("INSERT OR REPLACE INTO fact VALUES (?, ?)", (name, value))

    def replace_books(self, books: Iterable[Book], fingerprint: str) -> None:
        """A whole list in the old one's place."""
        with self._transaction():
            self._db.execute("DELETE FROM books")
            self._db.executemany(f"INSERT INTO books VALUES ({_MARKS})", map(_row, books))
            self.keep_fact("fingerprint", fingerprint)

    def change_books(self, books: Iterable[Book], removed: Iterable[str]) -> None:
        """Rows that have changed, and those that are gone."""
        with self._transaction():
            self._db.executemany(f"INSERT OR REPLACE INTO books VALUES ({_MARKS})", map(_row, books))
            self._db.executemany("DELETE FROM books WHERE barcode = ?", ((code,) for code in removed))

    def books(self) -> ShelfList:
        """The list as it was told last; empty where it never was."""
        with self._turn:
            return ShelfList(self._books())

    def _books(self) -> Iterator[Book]:
        for barcode, epc, call_number, scheme, title, shelf, sort_key, status in self._db.execute(_SELECT):
            yield Book(
                barcode,
                epc,
                call_number,
                _SCHEMES[scheme],
                title,
                intern(shelf) if shelf else None,
                sort_key,
                _STATUSES[status],
            )

    # Bookings

    def keep_bookings(self, bookings: Iterable[KeptBooking], cancelled: Iterable[str], now_ns: int) -> None:
        """New and changed bookings; those that are over are forgotten."""
        with self._transaction():
            rows = ((one.id, one.space, one.start_ns, one.end_ns) for one in bookings)
            self._db.executemany("INSERT OR REPLACE INTO booking VALUES (?, ?, ?, ?)", rows)
            self._db.executemany("DELETE FROM booking WHERE id = ?", ((id_,) for id_ in cancelled))
            self._db.execute("DELETE FROM booking WHERE end_ns < ?", (now_ns,))

    def bookings(self) -> list[KeptBooking]:
        """Those that are not over, as far as was known."""
        return [KeptBooking(*row) for row in self._rows("SELECT id, space, start_ns, end_ns FROM booking")]

    # Decisions

    def approve(self, decided: Sequence[Approval]) -> list[Approval]:
        """Keep decisions; those that are new. The same decision again is none."""
        with self._transaction():
            return [one for one in decided if self._insert(one)]

    def waiting(self) -> list[Approval]:
        """Decisions that were not passed on yet."""
        rows = self._rows("SELECT body FROM approval WHERE taken = 0")
        return [Approval(**json.loads(body)) for (body,) in rows]

    def passed_on(self, approvals: Iterable[Approval]) -> None:
        """They are in the outbox, on disk."""
        with self._transaction():
            ids = ((one.id,) for one in approvals)
            self._db.executemany("UPDATE approval SET taken = 1 WHERE id = ?", ids)

    def is_approved(self, id_: str) -> bool:
        return bool(self._rows("SELECT 1 FROM approval WHERE id = ?", id_))

    def _insert(self, one: Approval) -> bool:
        body = json.dumps(asdict(one), ensure_ascii=False)
        done = self._db.execute("INSERT OR IGNORE INTO approval (id, body) VALUES (?, ?)", (one.id, body))
        return done.rowcount > 0

    def _rows(self, query: str, *values: str) -> list[tuple[Any, ...]]:
        with self._turn:
            return self._db.execute(query, values).fetchall()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._turn:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")


_row = attrgetter(*COLUMNS)
