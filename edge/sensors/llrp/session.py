"""One LLRP connection: requests with their answers, and what the reader sends by itself."""

import asyncio
import contextlib
import logging
from dataclasses import dataclass, field
from typing import Final, Self

from edge.errors import BadFrame, DeviceUnavailable, why
from edge.ext.llrp import HEAD_BYTES, Message, Reports, read_messages
from edge.sensors.llrp.codec.answers import (
    AntennaChanged,
    ConnectionAttempted,
    ConnectionClosed,
    GpiChanged,
    Notice,
    ReaderComplained,
    check_status,
    notices,
)
from edge.sensors.llrp.codec.wire import Kind, message

_log = logging.getLogger(__name__)

_READ_BYTES: Final = 1 << 18
_CLOSE_S: Final = 1.0


@dataclass(slots=True)
class Received:
    """What came since the last time: reports in their order, GPI edges in theirs."""

    reports: list[Reports] = field(default_factory=list)
    inputs: list[GpiChanged] = field(default_factory=list)


class Session:
    """Every wait is bounded: `answer_s` for an answer, `silence_s` for anything at all."""

    def __init__(self, host: str, port: int, *, answer_s: float, silence_s: float) -> None:
        self._where = (host, port)
        self._answer_s = answer_s
        self._silence_s = silence_s
        self._number = 0
        self._rest = b""
        self._answers: dict[int, Message] = {}
        self._received = Received()
        self._attempt: ConnectionAttempted | None = None
        self._stream: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def __aenter__(self) -> Self:
        host, port = self._where
        try:
            async with asyncio.timeout(self._answer_s):
                self._stream = await asyncio.open_connection(host, port, limit=_READ_BYTES)
                while self._attempt is None:
                    await self._pump()
        except (OSError, TimeoutError) as error:
            await self._abort()
            raise DeviceUnavailable(f"{host}:{port}: {why(error) or 'no LLRP reader answers'}") from None
        except BaseException:
            await self._abort()
            raise
        if self._attempt.status:
            await self._abort()
            raise DeviceUnavailable(f"{host}:{port}: the reader serves someone else ({self._attempt.status})")
        return self

    async def __aexit__(self, *_: object) -> None:
        try:
            with contextlib.suppress(DeviceUnavailable, OSError, TimeoutError):
                async with asyncio.timeout(_CLOSE_S):
                    await self.ask(Kind.CLOSE_CONNECTION)
        finally:
            await self._abort()

    async def ask(self, kind: Kind, *body: bytes, refusable: bool = False) -> bytes:
        """The answer's body. Raises DeviceUnavailable where there is none, or a refusal that matters."""
        self._number += 1
        self._send(message(kind, self._number, *body))
        try:
            async with asyncio.timeout(self._answer_s):
                while self._number not in self._answers:
                    await self._pump()
        except TimeoutError:
            raise DeviceUnavailable(f"the reader does not answer {kind.name}") from None
        answer = self._answers.pop(self._number)
        if not refusable:
            _check(kind, answer)
        return answer.body

    async def receive(self) -> Received:
        """What the reader has sent by itself; waits for it."""
        try:
            async with asyncio.timeout(self._silence_s):
                await self._pump()
        except TimeoutError:
            raise DeviceUnavailable(f"the reader is silent for {self._silence_s:g} s") from None
        received, self._received = self._received, Received()
        return received

    async def _pump(self) -> None:
        """Take what the connection has, at least one byte."""
        if self._stream is None:
            raise DeviceUnavailable("the connection is closed")
        try:
            data = await self._stream[0].read(_READ_BYTES)
        except OSError as error:
            raise DeviceUnavailable(f"the connection is lost: {error}") from None
        if not data:
            raise DeviceUnavailable("the reader has closed the connection")
        self._rest += data
        try:
            while self._take_messages():
                pass
        except BadFrame as error:
            raise DeviceUnavailable(str(error)) from None

    def _take_messages(self) -> bool:
        """Whether there were any. Raises BadFrame where the stream is lost."""
        reports, others, taken = read_messages(self._rest)
        self._rest = self._rest[taken:]
        if len(reports) or reports.n_malformed:
            self._received.reports.append(reports)
        for other in others:
            self._take(other)
        return taken > 0 and len(self._rest) >= HEAD_BYTES

    def _take(self, other: Message) -> None:
        match other.type:
            case Kind.KEEPALIVE:
                self._send(message(Kind.KEEPALIVE_ACK, other.id))
            case Kind.READER_EVENT_NOTIFICATION:
                try:
                    found = notices(other.body)
                except BadFrame as error:
                    _log.debug("a notification is not understood: %s", error)
                    return
                for notice in found:
                    self._take_notice(notice)
            case _ if other.id == self._number:
                self._answers[other.id] = other

    def _take_notice(self, notice: Notice) -> None:
        match notice:
            case GpiChanged():
                self._received.inputs.append(notice)
            case ConnectionAttempted():
                self._attempt = self._attempt or notice
            case ConnectionClosed():
                raise DeviceUnavailable("the reader closes the connection")
            case AntennaChanged(antenna, connected):
                _log.warning("antenna %d is %s", antenna, "there" if connected else "gone")
            case ReaderComplained(text):
                _log.warning("the reader complains: %.200s", text)

    def _send(self, data: bytes) -> None:
        if self._stream is None:
            raise DeviceUnavailable("the connection is closed")
        self._stream[1].write(data)

    async def _abort(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            stream[1].transport.abort()
            with contextlib.suppress(OSError):
                await stream[1].wait_closed()


def _check(kind: Kind, answer: Message) -> None:
    # A vendor's answer has the vendor and the subtype before its parameters.
    body = answer.body[5:] if answer.type == Kind.CUSTOM_MESSAGE else answer.body
    try:
        check_status(body, kind.name)
    except BadFrame as error:
        raise DeviceUnavailable(str(error)) from None
