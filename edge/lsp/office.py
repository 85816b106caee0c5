"""The daemon's side towards the library: listens to what is sent, answers requests, passes decisions on.

What comes in is text of others: bounded, checked, counted; a bad message costs itself and a line of the log.
"""

import asyncio
import logging
import random
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, Protocol

from cloud_sync import schema
from cloud_sync.history_reader import HistoryReader
from cloud_sync.mqtt_inbox import Letter, MqttInbox
from cloud_sync.options import MqttOptions
from cloud_sync.outbox import Outbox
from edge.config import Site
from edge.counters import Counters
from edge.errors import ConfigError, DeviceUnavailable
from edge.events import ItemMissing, MissingApproved, Record, ShelfState
from edge.fusion.inventory import Board
from edge.library.shelf_list import ShelfList
from edge.lsp.config import LspOptions
from edge.lsp.desk import Desk
from edge.lsp.heard import Heard
from edge.lsp.intake import Host as IntakeHost
from edge.lsp.intake import Intake
from edge.lsp.measuring import Measuring
from edge.lsp.register import Register
from edge.lsp.sessions import Sessions
from edge.lsp.store import NAME, Store
from edge.lsp.tally import Tally
from edge.tasks import all_of

_log = logging.getLogger(__name__)

COUNTED_AS: Final = "lsp-inbound"
"""The name under which messages are counted, beside the sources."""
_LOOK_S: Final = 1.0
_SAVE_S: Final = 60.0
_LONGEST_RETRY_S: Final = 60.0
_AT_ONCE: Final = 8
_PAST_MISSING: Final = 20_000
_ENVELOPE_BYTES: Final = 4096


class Host(IntakeHost, Protocol):
    """What the office needs of the daemon."""

    outbox: Outbox
    listeners: list[Callable[[Sequence[Record]], None]]


class Office:
    """One site's; nothing is open until it runs. `books` is the list that everybody else looks at, too."""

    def __init__(
        self,
        site: Site,
        node: str,
        options: LspOptions,
        mqtt: MqttOptions | None,
        state: Path,
        books: ShelfList,
        boards: Sequence[Board],
        counters: Counters,
        heard: Heard,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        """`changed` is told when the shelf list has changed."""
        self._site, self._node, self._options = site, node, options
        self._mqtt = mqtt if options.inbound else None
        self._state, self._books, self._boards, self._counters = state, books, boards, counters
        self._heard, self._changed = heard, changed
        self.register = Register()

    def load_books(self) -> None:
        """Take the list that the library system told last, if it ever did."""
        if (self._state / NAME).exists():
            store = Store(self._state / NAME)
            kept = store.books()
            store.close()
            if len(kept):
                self._books.take_over(kept)

    async def run(self, host: Host) -> None:
        """Until cancelled."""
        store = Store(self._state / NAME)
        host.listeners.append(self.register.apply)
        try:
            await self._serve(host, store)
        finally:
            host.listeners.remove(self.register.apply)
            store.close()

    async def _serve(self, host: Host, store: Store) -> None:
        zone, options = self._site.timezone, self._options
        decided = asyncio.Event()
        tally = Tally(self._counters, host.clock)
        sessions = Sessions(host, store, self._state / "sessions", self._books, self._boards, zone)
        measuring = Measuring(host, self._boards)
        desk = Desk(self.register, self._books, store, sessions, measuring, host.clock, zone, decided.set)
        spaces = {space.id for space in self._site.spaces}
        intake = Intake(host, self._books, store, tally, spaces, options.max_payload_bytes, self._changed)
        await asyncio.to_thread(self._remember)
        await intake.recall_bookings()
        await sessions.resume()
        try:
            async with asyncio.TaskGroup() as tasks:
                work = [
                    tasks.create_task(_pass_on(host, store, decided), name="lsp decisions"),
                    tasks.create_task(_save_forever(sessions), name="lsp sessions"),
                    tasks.create_task(_take_heard(self._heard, intake), name="lsp statuses"),
                ]
                if self._mqtt is not None:
                    listening = self._listen(self._mqtt, intake, desk, tally)
                    work.append(tasks.create_task(listening, name="lsp inbound"))
                await all_of(work)
        finally:
            await sessions.save()

    def _remember(self) -> None:
        """What the boards showed before the restart."""
        reader = HistoryReader(self._state / "history.db")
        try:
            gone = reader.events([ItemMissing], limit=_PAST_MISSING)
            self.register.apply(record for _, record in reversed(gone))
            self.register.apply(reader.latest(ShelfState).values())
        finally:
            reader.close()

    async def _listen(self, mqtt: MqttOptions, intake: Intake, desk: Desk, tally: Tally) -> None:
        failures = 0
        while True:
            error = "closed"
            try:
                async with self._inbox(mqtt) as inbox:
                    _log.log(logging.INFO if failures else logging.DEBUG, "lsp: listening")
                    failures = 0
                    await self._read(inbox, intake, desk, tally)
            except* (DeviceUnavailable, sqlite3.Error, OSError) as group:
                error = str(group.exceptions[0])
            if not failures:
                _log.warning("lsp: nothing is heard: %s", error)
            failures += 1
            await asyncio.sleep(min(2.0**failures, _LONGEST_RETRY_S) * random.uniform(0.25, 0.5))

    def _inbox(self, mqtt: MqttOptions) -> MqttInbox:
        """Requests at QoS 0: nobody waits any more for the answer to one that the broker has kept."""
        site = self._site.site.id
        filters = {schema.lsp_topic(site, "#"): 1, schema.request_topic(site, self._node, "+"): 0}
        client_id = f"{mqtt.client_id or f'edge-{site}-{self._node}'}-in"
        most = max(self._options.max_payload_bytes, self._options.max_request_bytes) + _ENVELOPE_BYTES
        return MqttInbox(mqtt, client_id, filters, session_s=self._options.session_s, max_bytes=most)

    async def _read(self, inbox: MqttInbox, intake: Intake, desk: Desk, tally: Tally) -> None:
        of_lsp = schema.lsp_topic(self._site.site.id, "")
        of_requests = schema.request_topic(self._site.site.id, self._node, "")
        going: set[asyncio.Task[None]] = set()
        try:
            async for letter in inbox:
                tally.dropped(inbox.take_dropped())
                if letter.topic.startswith(of_lsp):
                    await intake.take(letter.topic.removeprefix(of_lsp), letter.payload)
                elif problem := self._problem(letter, len(going)):
                    tally.bad("request", problem)
                else:
                    verb = letter.topic.removeprefix(of_requests)
                    task = asyncio.create_task(_answer(inbox, desk, tally, verb, letter), name=f"lsp {verb}")
                    going.add(task)
                    task.add_done_callback(going.discard)
                inbox.done(letter)
        finally:
            for task in going:
                task.cancel()
            await asyncio.gather(*going, return_exceptions=True)

    def _problem(self, letter: Letter, going: int) -> str:
        """Why a request is not even looked at; empty where it is."""
        if letter.retain:
            return "a retained request would be done again and again"
        if len(letter.payload) > self._options.max_request_bytes:
            return f"more than {self._options.max_request_bytes} bytes"
        if letter.answer_to is not None and not self._may_answer_to(letter.answer_to):
            return "an answer to that topic is not for us to give"
        return "too many at once" if going >= _AT_ONCE else ""

    def _may_answer_to(self, topic: str) -> bool:
        """Whoever may ask must not make us speak where only a node, or the library system, may."""
        plain = not any(sign in topic for sign in "+#\0") and not topic.startswith("$")
        is_ours = topic.startswith(schema.PREFIX.partition("/")[0] + "/")
        for_answers = topic.startswith(f"{schema.PREFIX}/{self._site.site.id}/answer/")
        return plain and 0 < len(topic) <= 1024 and (for_answers or not is_ours)


async def _answer(inbox: MqttInbox, desk: Desk, tally: Tally, verb: str, letter: Letter) -> None:
    answer = await desk.answer(verb, letter.payload)
    if answer.ok:
        tally.good()
    else:
        tally.bad("request", answer.error.message if answer.error else "")
    if letter.answer_to is not None:
        try:
            await inbox.answer(letter, answer.model_dump_json().encode())
        except DeviceUnavailable as error:
            _log.debug("lsp: %s", error)  # the link is gone; who asked asks again


async def _pass_on(host: Host, store: Store, decided: asyncio.Event) -> None:
    """Decisions, from here and from other processes, into the outbox; done when they are on disk there."""
    while True:
        waiting = await asyncio.to_thread(store.waiting)
        if waiting:
            host.publish(
                [
                    MissingApproved(one.t_ns, one.id, one.barcode, one.expected_shelf, one.by)
                    for one in waiting
                ]
            )
            await host.outbox.committed()
            await asyncio.to_thread(store.passed_on, waiting)
        decided.clear()
        try:
            await asyncio.wait_for(decided.wait(), _LOOK_S)
        except TimeoutError:
            continue


async def _take_heard(heard: Heard, intake: Intake) -> None:
    """What library systems said when they were asked, into the shelf list."""
    while True:
        await asyncio.sleep(_LOOK_S)
        said = heard.take()
        if said:
            await intake.hear(said)


async def _save_forever(sessions: Sessions) -> None:
    while True:
        await asyncio.sleep(_SAVE_S)
        try:
            await sessions.save()
        except (ConfigError, OSError) as error:
            _log.warning("lsp: the open stock-take could not be kept: %s", error)
