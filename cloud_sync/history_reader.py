"""What the live board asks the local history. For one thread at a time; never writes."""

import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from cloud_sync.outbox.codec import decode
from edge.errors import BadFrame
from edge.events import Record


class HistoryReader:
    """Opens nothing until it is asked; answers with nothing where there is no history."""

    def __init__(self, path: str | Path) -> None:
        self._path = Path(path)
        self._db: sqlite3.Connection | None = None

    def close(self) -> None:
        if self._db is not None:
            self._db.close()
            self._db = None

    def latest(self, kind: type[Record]) -> dict[str, Record]:
        """The newest record of a type by space, shelf, door, source, or source and quantity."""
        rows = self._rows("SELECT key, body FROM state WHERE type = ?", (kind.TYPE,))
        return {str(key): record for key, body in rows for record in _decoded(body)}

    def states(self) -> list[Record]:
        """The newest record of everything that has a state."""
        return [record for (body,) in self._rows("SELECT body FROM state", ()) for record in _decoded(body)]

    def series(
        self, name: str, key: str, start_ns: int, end_ns: int, step_ns: int | None = None
    ) -> list[tuple[int, float]]:
        """(t_ns, value) in [start, end), oldest first; with a step the mean of each, at its beginning."""
        step = step_ns or 1
        rows = self._rows(
            "SELECT min(t_ns) / ?5 * ?5, avg(value) FROM point JOIN series ON series.id = point.series "
            "WHERE name = ?1 AND key = ?2 AND t_ns >= ?3 AND t_ns < ?4 GROUP BY t_ns / ?5 ORDER BY 1",
            (name, key, start_ns, end_ns, step),
        )
        return [(t_ns, value) for t_ns, value in rows]

    def total(self, name: str, key: str, start_ns: int, end_ns: int) -> float:
        """The sum of a series' values in [start, end)."""
        sql = (
            "SELECT coalesce(sum(value), 0) FROM point JOIN series ON series.id = point.series "
            "WHERE name = ? AND key = ? AND t_ns >= ? AND t_ns < ?"
        )
        return next((total for (total,) in self._rows(sql, (name, key, start_ns, end_ns))), 0.0)

    def events(
        self, kinds: Sequence[type[Record]] = (), since_ns: int = 0, limit: int = 100
    ) -> list[tuple[str, Record]]:
        """(id, record), newest first; of all types where none is named."""
        marks = ",".join("?" * len(kinds))
        of_kind = f"AND type IN ({marks}) " if kinds else ""
        sql = f"SELECT id, body FROM event WHERE t_ns >= ? {of_kind}ORDER BY t_ns DESC LIMIT ?"
        rows = self._rows(sql, (since_ns, *(kind.TYPE for kind in kinds), limit))
        return [(str(id_), record) for id_, body in rows for record in _decoded(body)]

    def _rows(self, sql: str, values: Iterable[object]) -> list[tuple[Any, ...]]:
        try:
            if self._db is None:
                self._db = sqlite3.connect(f"file:{self._path}?mode=ro", uri=True, check_same_thread=False)
            return self._db.execute(sql, tuple(values)).fetchall()
        except sqlite3.Error:
            # Not there yet, or just being replaced: the next question opens it anew.
            self.close()
            return []


def _decoded(body: object) -> list[Record]:
    try:
        return [decode(body)] if isinstance(body, bytes) else []
    except BadFrame:
        return []
