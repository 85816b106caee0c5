"""Stock-takes that staff begin and end: kept on disk while they are open, judged when they end.

The file is the one that `edge inventory --session` and `edge find --session` read.
"""

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol, TypeVar
from zoneinfo import ZoneInfo

from edge.events import InventoryFinished, ItemMissing, Record
from edge.files import read_json, write_whole
from edge.fusion.inventory import Board, Evidence, Stocktake, take_stock
from edge.fusion.inventory.session import document, parse
from edge.fusion.live import Live
from edge.fusion.live_session import LiveSession
from edge.library.shelf_list import ShelfList
from edge.lsp.store import Store
from edge.report.stocktake import as_document

_OPEN: Final = "session"
T = TypeVar("T")


class Fusion(Protocol):
    """Where sessions gather."""

    async def with_live(self, work: Callable[[Live], T]) -> T:
        """What `work` says, between two windows."""
        ...

    def publish(self, records: Sequence[Record]) -> None:
        """Into the outbox."""
        ...


@dataclass(frozen=True, slots=True)
class Ended:
    """A stock-take that is over: what it found, and the missing books as records."""

    session: str
    found: Stocktake
    missing: list[ItemMissing]


class Sessions:
    """At most one is open. `folder` holds `{id}.json` and, when it has ended, `{id}.findings.json`."""

    def __init__(
        self,
        fusion: Fusion,
        store: Store,
        folder: Path,
        books: ShelfList,
        boards: Sequence[Board],
        zone: ZoneInfo,
    ) -> None:
        self._fusion, self._store, self._folder = fusion, store, folder
        self._books, self._boards, self._zone = books, boards, zone

    async def begin(self, id_: str) -> LiveSession:
        """Begin, or go on with one of this name. Raises ConfigError where its file is damaged."""
        before = await asyncio.to_thread(self._load, id_)
        session = await self._fusion.with_live(lambda live: live.shelves.begin_session(id_, before))
        await asyncio.to_thread(self._store.keep_fact, _OPEN, id_)
        return session

    async def resume(self) -> None:
        """After a restart: the one that was open then."""
        id_ = await asyncio.to_thread(self._store.fact, _OPEN)
        if id_:
            await self.begin(id_)

    async def current(self) -> LiveSession | None:
        return await self._fusion.with_live(lambda live: live.shelves.session)

    async def save(self) -> None:
        """Put the open one away, where it has changed."""
        session = await self.current()
        if session is not None and session.changed:
            session.changed = False
            await asyncio.to_thread(self._keep, session.id, session.evidence)

    async def end(self) -> Ended | None:
        """Judge the open one; None where there is none."""
        (session, records), books = await self._fusion.with_live(
            lambda live: (live.shelves.end_session(), self._books.copy())
        )
        self._fusion.publish(records)
        if session is None:
            return None
        found = await asyncio.to_thread(take_stock, session.evidence, books, self._boards)
        await asyncio.to_thread(self._keep_all, session, found)
        await self._fusion.with_live(lambda live: live.shelves.keep_last(found))
        ended = Ended(session.id, found, list(_missing(found)))
        finished = [_finished(session.id, found)] if found.shelves else []
        self._fusion.publish([*ended.missing, *finished])
        return ended

    def _keep_all(self, session: LiveSession, found: Stocktake) -> None:
        self._keep(session.id, session.evidence)
        text = json.dumps(as_document(found, self._zone), ensure_ascii=False)
        _write(self._folder / f"{session.id}.findings.json", text)
        self._store.keep_fact(_OPEN, "")

    def _keep(self, id_: str, evidence: Evidence) -> None:
        _write(self._folder / f"{id_}.json", json.dumps(document(evidence)))

    def _load(self, id_: str) -> Evidence | None:
        path = self._folder / f"{id_}.json"
        if not path.exists():
            return None
        return parse(read_json(path), str(path))


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, text.encode())


def _missing(found: Stocktake) -> list[ItemMissing]:
    as_of = {one.shelf: one.as_of_ns for one in found.shelves}
    return [
        ItemMissing(as_of[one.expected_shelf], one.barcode, one.expected_shelf, one.confidence)
        for one in found.missing
        if one.expected_shelf in as_of
    ]


def _finished(id_: str, found: Stocktake) -> InventoryFinished:
    return InventoryFinished(
        t_ns=max(one.as_of_ns for one in found.shelves),
        session=id_,
        shelves=tuple(one.shelf for one in found.shelves),
        expected=sum(one.expected for one in found.shelves),
        seen=sum(one.seen for one in found.shelves),
        misplaced=len(found.misplaced),
        missing=len(found.missing),
    )
