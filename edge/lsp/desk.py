"""Answers requests: where a book is, which are missing, stock-takes begun and ended, decisions taken down."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from edge.clock import Clock
from edge.errors import BadFrame, ConfigError
from edge.events import ItemMissing
from edge.fusion.inventory.approval import Approval
from edge.library.shelf_list import ShelfList
from edge.lsp import wire
from edge.lsp.measuring import Measuring
from edge.lsp.register import Register, Sight, approval_id
from edge.lsp.sessions import Ended, Sessions
from edge.lsp.store import Store

MOST_ROWS: Final = 1_000
Result = wire.Place | wire.MissingBooks | wire.Findings | wire.Session | wire.Approved | wire.Calibrated


class Refused(Exception):
    """A request that was understood and cannot be done."""

    def __init__(self, code: wire.ErrorCode, message: str) -> None:
        super().__init__(message)
        self.code: wire.ErrorCode = code


class Desk:
    """One site's. `decided` is called when decisions wait to be passed on."""

    def __init__(
        self,
        register: Register,
        books: ShelfList,
        store: Store,
        sessions: Sessions,
        measuring: Measuring,
        clock: Clock,
        zone: ZoneInfo,
        decided: Callable[[], None],
    ) -> None:
        self._register, self._books, self._store = register, books, store
        self._sessions, self._measuring, self._clock, self._zone = sessions, measuring, clock, zone
        self._decided = decided
        self._verbs: dict[str, Callable[[bytes], Awaitable[Result]]] = {
            "locate": self._locate,
            "inventory-start": self._start,
            "inventory-stop": self._stop,
            "inventory-status": self._status,
            "missing": self._missing,
            "approve": self._approve,
            "calibrate": self._calibrate,
        }

    async def answer(self, verb: str, payload: bytes) -> wire.Answer:
        """The answer to one request, whatever is wrong with it."""
        do = self._verbs.get(verb)
        if do is None:
            known = ", ".join(self._verbs)
            return _fault(verb[:64], "unknown-verb", f"no such verb; there are: {known}")
        try:
            return wire.Answer(verb=verb, ok=True, result=await do(payload or b"{}"))
        except BadFrame as error:
            return _fault(verb, "bad-request", str(error))
        except Refused as error:
            return _fault(verb, error.code, str(error))
        except ConfigError as error:
            return _fault(verb, "failed", str(error))

    async def _locate(self, payload: bytes) -> wire.Place:
        barcode = wire.parsed(wire.LocateRequest, payload).barcode
        book, sight = self._books.by_barcode(barcode), self._register.sight(barcode)
        place = wire.Place(
            barcode=barcode,
            call_number=book.call_number if book else None,
            title=book.title if book else None,
            status=book.status.value if book else None,
            belongs_shelf=book.shelf if book else None,
            seen=False,
            missing=barcode in self._register.missing,
        )
        return place if sight is None else place.model_copy(update=self._where(sight))

    def _where(self, sight: Sight) -> dict[str, object]:
        neighbours = (sight.left, sight.right)
        x_m = sight.spine.x_m
        return {
            "seen": sight.still_there,
            "shelf": sight.shelf,
            "x_m": round(x_m, 3) if x_m == x_m else None,
            "between": tuple(one and self._name(one.barcode) for one in neighbours)
            if sight.still_there
            else None,
            "misplaced": sight.spine.misplaced,
            "as_of": self._time(sight.t_ns),
        }

    async def _start(self, payload: bytes) -> wire.Session:
        wanted = wire.parsed(wire.InventoryStartRequest, payload).session
        now = await self._sessions.current()
        if now is not None and wanted not in (None, now.id):
            raise Refused("not-open", f"session {now.id} is open; stop it first")
        session = now or await self._sessions.begin(wanted or self._new_id())
        return _session(session.id, session.evidence.scans, len(session.evidence.tags))

    async def _stop(self, payload: bytes) -> wire.Findings:
        wanted = wire.parsed(wire.InventoryStopRequest, payload).session
        now = await self._sessions.current()
        if now is None or wanted not in (None, now.id):
            raise Refused(
                "not-open", "no such session is open" if now is None else f"session {now.id} is open"
            )
        ended = await self._sessions.end()
        if ended is None:
            raise Refused("not-open", "no session is open")
        return self._findings(ended)

    async def _status(self, payload: bytes) -> wire.Session:
        wire.parsed(wire.InventoryStatusRequest, payload)
        now = await self._sessions.current()
        return wire.Session(session=None) if now is None else _session(
            now.id, now.evidence.scans, len(now.evidence.tags)
        )  # fmt: skip

    async def _missing(self, payload: bytes) -> wire.MissingBooks:
        wire.parsed(wire.MissingRequest, payload)
        all_ = sorted(self._register.missing.values(), key=lambda one: (one.expected_shelf, one.barcode))
        rows = await asyncio.to_thread(self._missing_rows, all_[:MOST_ROWS])
        return wire.MissingBooks(books=rows, more=max(len(all_) - MOST_ROWS, 0))

    async def _approve(self, payload: bytes) -> wire.Approved:
        request = wire.parsed(wire.ApproveRequest, payload)
        now_ns = self._clock.wall_ns()
        wanted = {code: self._register.approval(code, request.by, now_ns) for code in request.barcodes}
        decided: list[Approval] = [one for one in wanted.values() if one is not None]
        new = await asyncio.to_thread(self._store.approve, decided)
        self._decided()
        added = {one.barcode for one in new}
        return wire.Approved(
            approved=[one.barcode for one in decided if one.barcode in added],
            already=[one.barcode for one in decided if one.barcode not in added],
            refused={code: "not among the missing books" for code, one in wanted.items() if one is None},
        )

    async def _calibrate(self, payload: bytes) -> wire.Calibrated:
        labels = wire.parsed(wire.CalibrateRequest, payload).labels
        passes, found = await self._measuring.measure({one.epc: (one.shelf, one.x_m) for one in labels})
        return wire.Calibrated(
            passes=passes,
            boards=[
                wire.BoardOffset(
                    shelf=shelf,
                    offset_m=round(one.x_m, 5),
                    offset_sd_m=round(one.x_sd_m, 5),
                    scale=round(one.scale, 5),
                    at_m=round(one.at_m, 3),
                    labels=one.labels,
                )
                for shelf, one in found.offsets.items()
            ],
            clocks=[
                wire.SourceLead(
                    source=source,
                    lead_s=round(one.lead_s, 6),
                    lead_sd_s=round(one.lead_sd_s, 6),
                    tags=one.tags,
                )
                for source, one in found.leads.items()
            ],
        )

    def _findings(self, ended: Ended) -> wire.Findings:
        found = ended.found
        return wire.Findings(
            session=ended.session,
            shelves=[one.shelf for one in found.shelves],
            expected=sum(one.expected for one in found.shelves),
            seen=sum(one.seen for one in found.shelves),
            misplaced=len(found.misplaced),
            wrong_status=len(found.wrong_status),
            unknown_tags=len(found.unknown_tags),
            missing=self._missing_rows(ended.missing[:MOST_ROWS]),
        )

    def _missing_rows(self, gone: Iterable[ItemMissing]) -> list[wire.MissingBook]:
        return [self._missing_row(one) for one in gone]

    def _missing_row(self, gone: ItemMissing) -> wire.MissingBook:
        book = self._books.by_barcode(gone.barcode)
        return wire.MissingBook(
            barcode=gone.barcode,
            call_number=book.call_number if book else None,
            title=book.title if book else None,
            expected_shelf=gone.expected_shelf,
            confidence=round(gone.confidence, 4),
            as_of=self._time(gone.t_ns),
            approved=self._store.is_approved(approval_id(gone)),
        )

    def _name(self, barcode: str | None) -> str | None:
        book = self._books.by_barcode(barcode) if barcode else None
        return book.call_number if book else barcode

    def _time(self, t_ns: int) -> str:
        return datetime.fromtimestamp(t_ns / 1e9, self._zone).isoformat(timespec="seconds")

    def _new_id(self) -> str:
        return f"{datetime.fromtimestamp(self._clock.wall_ns() / 1e9, self._zone):s-%Y%m%d-%H%M%S}"


def _session(id_: str, scans: Iterable[str], tags: int) -> wire.Session:
    return wire.Session(session=id_, shelves=list(scans), tags=tags)


def _fault(verb: str, code: wire.ErrorCode, message: str) -> wire.Answer:
    return wire.Answer(verb=verb, ok=False, error=wire.Fault(code=code, message=message[:500]))
