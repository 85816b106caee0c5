"""Letters of the daemon: the last stock-take to staff, at set times and when a stock-take has ended."""

import asyncio
import logging
import os
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from hashlib import sha256
from typing import Final
from zoneinfo import ZoneInfo

from edge.daemon import Daemon
from edge.errors import SinkRejected, SinkUnavailable
from edge.events import InventoryFinished, Record
from edge.fusion.inventory import Stocktake
from edge.report.config import ReportOptions
from edge.report.letter import letter
from edge.report.post import Post, parse_post, send
from edge.report.words import Language
from edge.secrets import read_secret
from edge.tls import client_context

_log = logging.getLogger(__name__)

PASSWORD_VARIABLE: Final = "EDGE_SMTP_PASSWORD"
_LOOK_S: Final = 20.0
_TRIES: Final = 8
_FIRST_PAUSE_S: Final = 15.0
KEPT: Final = "letter"
"""The name in the outbox of the letter that is still to be sent."""
SENT: Final = "letter-sent"
"""The name in the outbox of what says which stock-take was sent last: a restart sends it no second time."""


class Mailing:
    """Raises ConfigError at once where server or password cannot be right."""

    def __init__(self, options: ReportOptions) -> None:
        self._options = options
        self._post = _post(options)
        self._finished = asyncio.Event()

    async def run(self, daemon: Daemon) -> None:
        """Until cancelled."""
        listen = self._listen
        daemon.listeners.append(listen)
        try:
            await self._forever(daemon)
        finally:
            daemon.listeners.remove(listen)

    async def _forever(self, daemon: Daemon) -> None:
        await self._send_kept(daemon)
        zone = daemon.site.timezone
        times = self._options.times()
        due_ns = next_ns(times, zone, daemon.clock.wall_ns())
        while True:
            await self._wait(due_ns, daemon)
            is_time = due_ns is not None and daemon.clock.wall_ns() >= due_ns
            if is_time or self._finished.is_set():
                self._finished.clear()
                await self.send_last(daemon)
            # Anew each time: clocks are set, and summer comes.
            due_ns = next_ns(times, zone, daemon.clock.wall_ns())

    async def send_last(self, daemon: Daemon) -> bool:
        """The last stock-take, unless there is none or it was sent already."""
        found = await daemon.with_live(lambda live: live.shelves.last)
        if found is None or (mark := _mark(found)) == await daemon.outbox.kept(SENT):
            return False
        now = datetime.fromtimestamp(daemon.clock.wall_ns() / 1e9, daemon.site.timezone)
        options, books = self._options, daemon.books.copy()
        message = letter(found, books, Language(options.language), options.from_, options.to, now)
        # A restart must not lose it: what the next run needs is the letter, not the stock-take.
        daemon.outbox.keep(KEPT, message.as_bytes(policy=SMTP))
        if not await self._sent_at_last(message):
            return False
        daemon.outbox.keep(SENT, mark)
        daemon.outbox.keep(KEPT, b"")
        return True

    async def _send_kept(self, daemon: Daemon) -> None:
        """The letter that an earlier run could not send."""
        kept = await daemon.outbox.kept(KEPT)
        if kept and await self._sent_at_last(message_from_bytes(kept, _class=EmailMessage, policy=SMTP)):
            daemon.outbox.keep(KEPT, b"")

    async def _sent_at_last(self, message: EmailMessage) -> bool:
        """Whether it need not be tried again: sent, or refused for good."""
        tls = client_context(self._options.ca_file)
        pause_s = _FIRST_PAUSE_S
        for _ in range(_TRIES):
            try:
                await send(message, self._post, tls)
            except SinkUnavailable as error:
                _log.warning("report: %s; trying again in %.0f s", error, pause_s)
                await asyncio.sleep(pause_s)
                pause_s *= 2
            except SinkRejected as error:
                _log.error("report: refused: %s", error)
                return True
            else:
                _log.info("report: sent to %d", len(self._options.to))
                return True
        _log.error("report: given up until the next start")
        return False

    async def _wait(self, due_ns: int | None, daemon: Daemon) -> None:
        left_s = _LOOK_S if due_ns is None else (due_ns - daemon.clock.wall_ns()) / 1e9
        try:
            await asyncio.wait_for(self._finished.wait(), min(max(left_s, 0.01), _LOOK_S))
        except TimeoutError:
            return

    def _listen(self, records: Sequence[Record]) -> None:
        if self._options.after == "stock-take" and any(isinstance(one, InventoryFinished) for one in records):
            self._finished.set()


def next_ns(times: Sequence[time], zone: ZoneInfo, now_ns: int) -> int | None:
    """The next of the times of day after now, UTC nanoseconds; None where there are none.

    A time that a clock change leaves out is an hour later that day.
    """
    today = datetime.fromtimestamp(now_ns / 1e9, zone).date()
    days = [today + timedelta(days=day) for day in (-1, 0, 1, 2)]
    local = [datetime.combine(day, one, zone) for day in days for one in times]
    moments = [int(moment.astimezone(UTC).timestamp()) * 1_000_000_000 for moment in local]
    return min((moment for moment in moments if moment > now_ns), default=None)


def _post(options: ReportOptions) -> Post:
    password = os.environ.get(PASSWORD_VARIABLE)
    if options.password_file is not None:
        password = read_secret(options.password_file)
    return parse_post(options.smtp, password)


def _mark(found: Stocktake) -> bytes:
    """What tells one stock-take from another."""
    return sha256(repr(found).encode()).digest()
