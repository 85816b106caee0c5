"""A SIP2 client that asks what the server knows of an item, and nothing else: no check-in, no check-out."""

import asyncio
from datetime import datetime
from typing import Final

from edge.errors import BadFrame, SinkRejected, SinkUnavailable
from edge.library.shelf_list import Status
from edge.lsp.calls import CallMeter
from edge.lsp.config import Sip2Options
from edge.lsp.secret import secret_of
from edge.lsp.sip2_codec import (
    END,
    LONGEST,
    RESEND,
    Answer,
    decode,
    encode,
    item_information,
    login,
    status_of,
)
from edge.tls import client_context

_RESENDS: Final = 3


class Sip2:
    """One server; one connection, which is made when it is needed and made again when it is gone."""

    name = "sip2"
    asks, marks, notes_seen = True, False, False

    def __init__(self, options: Sip2Options, meter: CallMeter) -> None:
        self._options, self._meter = options, meter
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._sequence = 0

    async def open(self) -> None:
        """Connects when there is something to ask."""

    async def close(self) -> None:
        streams, self._streams = self._streams, None
        if streams is not None:
            streams[1].close()
            try:
                await streams[1].wait_closed()
            except OSError:
                return

    async def status(self, barcode: str) -> Status | None:
        """As the System protocol says."""
        try:
            message = item_information(self._options.institution, barcode, datetime.now().astimezone())
            encode(message, 0, self._options.encoding)  # raises before anybody is bothered
            return status_of(await self._ask(message, "18"), barcode)
        except BadFrame as error:
            raise SinkRejected(f"sip2: {error}") from None

    async def mark_missing(self, barcode: str) -> None:
        """SIP2 cannot."""

    async def note_seen(self, barcode: str, t_ns: int) -> None:
        """SIP2 cannot, but by a check-in, which is never done."""

    async def _ask(self, message: str, wanted: str) -> Answer:
        with self._meter.call():
            try:
                async with asyncio.timeout(self._options.timeout_s):
                    await self._connect()
                    return await self._exchange(message, wanted)
            except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
                await self.close()
                raise SinkUnavailable(f"sip2: {str(error) or type(error).__name__}") from None
            except SinkUnavailable:
                await self.close()
                raise

    async def _connect(self) -> None:
        if self._streams is not None:
            return
        options = self._options
        tls = client_context(options.ca_file) if options.tls else None
        self._streams = await asyncio.open_connection(options.host, options.port, ssl=tls, limit=LONGEST)
        if options.username is not None:
            password = secret_of(options.password_file, "EDGE_SIP2_PASSWORD")
            answer = await self._exchange(login(options.username, password, options.location), "94")
            if answer.fixed != "1":
                raise SinkUnavailable("sip2: the login is refused", retry_after_s=60.0)

    async def _exchange(self, message: str, wanted: str) -> Answer:
        """Send, and again where the server asks for that or its answer is damaged."""
        assert self._streams is not None
        reader, writer = self._streams
        self._sequence = (self._sequence + 1) % 10
        frame = encode(message, self._sequence, self._options.encoding)
        for _ in range(_RESENDS):
            writer.write(frame)
            await writer.drain()
            try:
                answer = decode(await reader.readuntil(END), self._options.encoding)
            except BadFrame:
                continue
            if answer.kind == RESEND:
                continue
            if answer.kind != wanted or answer.sequence not in (None, self._sequence):
                raise SinkUnavailable(f"sip2: the server answers {answer.kind} where {wanted} was asked for")
            return answer
        raise SinkUnavailable("sip2: the server does not understand us", retry_after_s=60.0)
