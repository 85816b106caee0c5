"""The MQTT sink: pipelined QoS 1, every acknowledgement looked at, a dead link noticed at once.

aiomqtt 2.5 takes a refused publish for a delivered one and waits its whole time-out on a link that it knows
to be gone; `_Link` mends both by its private attributes; tests/cloud_sync/test_mqtt.py watches over them.
"""

import asyncio
import logging
import socket
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, Final, Self

import aiomqtt
import paho.mqtt.client as paho
from paho.mqtt.enums import MQTTErrorCode
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from cloud_sync import discovery
from cloud_sync.messages import Message, Messages
from cloud_sync.mqtt_client import client_of
from cloud_sync.mqtt_outcome import NO_SUBSCRIBERS, NOT_AUTHORIZED, OK, TOO_LARGE, Outcome
from cloud_sync.options import MqttOptions
from cloud_sync.schema import SpaceInfo
from cloud_sync.sink import Batch, WriteResult
from edge.clock import Clock
from edge.errors import NameTaken, SinkUnavailable
from edge.events import Record

_log: Final = logging.getLogger(__name__)
_OLD_PROTOCOL: Final = {0x01, 0x84}
_TIMED_OUT: Final = "Operation timed out"
_TAKEN_OVER: Final = 0x8E
_TAKEN_OVER_S: Final = 60.0
_ENDS: Final = 6
_ENDS_WITHIN_NS: Final = 10_000_000_000
_OVERHEAD_BYTES: Final = 64
_EXIT_S: Final = 2.0
_SLOWEST_ACK_S: Final = 30.0


OnAck = Callable[[int], None]


class _NoAnswer(SinkUnavailable):
    """Connected, but our CONNECT was not understood."""


class _Link(aiomqtt.Client):
    """One connection, for once: acknowledgements come one by one, with their reason codes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.waiting: dict[int, OnAck] = {}
        self.moved = asyncio.Event()
        self.max_packet_bytes: int | None = None
        self.receive_maximum: int | None = None
        self._client._handle_pubackcomp = self._take_puback  # type: ignore[method-assign, assignment]
        self._client.disable_logger()

    def send(self, message: Message, on_ack: OnAck, properties: Properties | None) -> None:
        """Raises SinkUnavailable where the link is gone."""
        info = self._client.publish(message.topic, message.payload, 1, message.retain, properties)
        if info.rc != paho.MQTT_ERR_SUCCESS or self.gone:
            raise SinkUnavailable(f"mqtt: {paho.error_string(info.rc)}")
        self.waiting[info.mid] = on_ack

    @property
    def gone(self) -> bool:
        return self._disconnected.done()

    @property
    def end_code(self) -> int | None:
        """The reason code with which the broker ended it (MQTT 5 §3.14.2.1); None where we did."""
        error = None if self._disconnected.cancelled() else self._disconnected.exception()
        return _code(error) if isinstance(error, aiomqtt.MqttError) else None

    async def wait_gone(self) -> None:
        await asyncio.wait([self._disconnected])

    def watch(self) -> None:
        """Wake who waits for acknowledgements when the link goes."""
        self._disconnected.add_done_callback(self._wake)

    def _wake(self, done: asyncio.Future[None]) -> None:
        if not done.cancelled():
            done.exception()  # looked at, or asyncio complains
        self.moved.set()

    def cut(self) -> None:
        """Close the socket without another word."""
        self._client._sock_close()
        if not self._disconnected.done():
            self._disconnected.set_result(None)

    def _take_puback(self, _: str) -> MQTTErrorCode:
        """MQTT 5 §3.4: packet id (2 bytes), then a reason code unless all is well; 3.1.1 has the id alone.

        In place of paho's own, which makes four objects of each packet before it says what it says.
        """
        packet = self._client._in_packet["packet"]
        mid = packet[0] << 8 | packet[1]
        message = self._client._out_messages.pop(mid, None)
        on_ack = self.waiting.pop(mid, None)
        if message is not None and on_ack is not None:
            self._client._inflight_messages -= 1
            on_ack(packet[2] if len(packet) > 2 else OK)
            self.moved.set()
        return MQTTErrorCode.MQTT_ERR_SUCCESS

    def _on_socket_register_write(self, client: Any, userdata: Any, sock: Any) -> None:
        """Write all that waits as few segments: the broker then wakes once for many messages."""

        def write() -> None:
            try:
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)
                client.loop_write()
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 0)
            except (OSError, ValueError) as error:
                if not self._disconnected.done():
                    self._disconnected.set_exception(error)

        def begin() -> None:
            if sock.fileno() >= 0:  # or it was closed meanwhile
                self._loop.add_writer(sock.fileno(), write)

        self._loop.call_soon_threadsafe(begin)

    def _on_connect(
        self, client: Any, userdata: Any, flags: Any, reason_code: ReasonCode, properties: Any = None
    ) -> None:
        self.max_packet_bytes = getattr(properties, "MaximumPacketSize", None)
        self.receive_maximum = getattr(properties, "ReceiveMaximum", None)
        super()._on_connect(client, userdata, flags, reason_code, properties)


class MqttSink:
    """Events and states to a broker. A new connection each time that it is entered."""

    name = "mqtt"
    linger_s = 0.0

    def __init__(
        self,
        options: MqttOptions,
        clock: Clock,
        *,
        site: str,
        node: str,
        version: str,
        boot_id: str,
        spaces: Mapping[str, SpaceInfo] | None = None,
    ) -> None:
        self._options = options
        self._clock = clock
        self._site, self._node = site, node
        self._version, self._boot_id = version, boot_id
        self._client_id = options.client_id or f"edge-{site}-{node}"
        self._spaces = dict(spaces or {})
        self._messages = Messages(
            site,
            node,
            spaces,
            space_expiry_s=options.space_state_expiry_s,
            occupancy_every_s=options.occupancy_every_s,
        )
        self._link: _Link | None = None
        self._ends: deque[int] = deque(maxlen=_ENDS)
        self._old_protocol = options.protocol == "3.1.1"
        self._knows_v5 = False
        self._state, self._reasons = "online", list[str]()
        self._ack_timeout_s = options.ack_timeout_s
        self.limit = max(5 * options.window, 100)
        self.unheard = 0
        """Publishes that the broker took though nobody had subscribed."""

    async def __aenter__(self) -> Self:
        old = self._options.protocol == "3.1.1"
        try:
            self._link = await self._connect(old)
        except _NoAnswer:
            # What knows no MQTT 5 says so, or is silent; but who has spoken it once is only slow.
            if self._options.protocol != "auto" or self._knows_v5:
                raise
            old = True
            self._link = await self._connect(old)
        self._old_protocol, self._knows_v5 = old, self._knows_v5 or not old
        await self._greet(self._link)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        link, self._link = self._link, None
        if link is None:
            return
        code = link.end_code if link.gone else None
        if kind is None and not link.gone:
            with suppress(SinkUnavailable):
                await self._send_all(link, [self._status("offline")])
        await _close(link)
        if code is not None and kind is not None:
            self._look_whose_name_it_is(code)

    async def write(self, batch: Batch) -> WriteResult:
        """As the sink protocol says. Refused publishes are denied or rejected by their reason code."""
        link = self._link
        if link is None or link.gone:
            raise SinkUnavailable("mqtt: the link is gone")
        outcome = Outcome.of(len(batch))
        try:
            await self._send_batch(link, batch, outcome)
        except SinkUnavailable as error:
            outcome.trouble = str(error)
        result = outcome.result()
        if outcome.trouble is not None:
            # What was acknowledged counts; the next write, or this one, tells the worker to rest.
            link.cut()
            if not (result.accepted or result.rejected or result.denied):
                raise SinkUnavailable(outcome.trouble)
        return result

    async def lost(self) -> None:
        """Return when the connection is gone."""
        if self._link is not None:
            await self._link.wait_gone()

    def seed(self, records: Iterable[Record]) -> None:
        """States that an earlier run has published: nothing older will cover them."""
        for record in records:
            self._messages.seed(record)

    async def say(self, state: str, reasons: Sequence[str] = ()) -> None:
        """Publish the edge's status, now and after every reconnect: `online`, or `degraded` with reasons."""
        self._state, self._reasons = state, list(reasons)
        if self._link is not None and not self._link.gone:
            with suppress(SinkUnavailable):
                await self._send_all(self._link, [self._status(state)])

    async def _connect(self, old_protocol: bool) -> _Link:
        link = self._new_link(old_protocol)
        try:
            await link.__aenter__()
        except aiomqtt.MqttError as error:
            link.cut()
            kind = _NoAnswer if _is_no_answer(error) else SinkUnavailable
            raise kind(f"mqtt: {error}", retry_after_s=_patience(error)) from None
        link.watch()
        return link

    def _new_link(self, old_protocol: bool) -> _Link:
        window, will = self._options.window, self._status("offline")
        v5 = not old_protocol
        link = client_of(
            _Link,
            self._options,
            self._client_id,
            v5=v5,
            clean_session=None if v5 else True,
            clean_start=True if v5 else paho.MQTT_CLEAN_START_FIRST_ONLY,
            will=aiomqtt.Will(will.topic, will.payload, 1, True),
            max_inflight_messages=window,
        )
        link.pending_calls_threshold = window + 10
        return link

    async def _greet(self, link: _Link) -> None:
        """Say who is there and every state anew: the broker may have lost what it kept."""
        first = [self._status(self._state), *self._messages.states(self._clock.wall_ns())]
        if self._options.discovery:
            prefix = self._options.discovery_prefix
            first += discovery.messages(prefix, self._site, self._node, self._version, self._spaces)
        try:
            await self._send_all(link, first)
        except SinkUnavailable:
            self._link = None
            await _close(link)
            raise

    async def _send_all(self, link: _Link, messages: Sequence[Message]) -> None:
        outcome = Outcome([0])
        for message in messages:
            await self._room(link)
            self._send(link, message, outcome, 0)
        await self._drain(link)

    async def _send_batch(self, link: _Link, batch: Batch, outcome: Outcome) -> None:
        for index, entry in enumerate(batch.entries):
            if outcome.trouble:
                break
            try:
                messages = list(self._messages.of(entry.record, replayed=entry.replayed))
            except ValueError as error:
                outcome.open[index], outcome.rejected[index] = 0, str(error)
                continue
            outcome.open[index] = len(messages)
            for message in messages:
                await self._room(link)
                self._send(link, message, outcome, index)
        await self._drain(link)

    def _send(self, link: _Link, message: Message, outcome: Outcome, index: int) -> None:
        size = len(message.payload) + len(message.topic) + _OVERHEAD_BYTES
        if link.max_packet_bytes is not None and size > link.max_packet_bytes:
            outcome.acked(index, TOO_LARGE)
            return

        def on_ack(code: int) -> None:
            self.unheard += code == NO_SUBSCRIBERS
            outcome.acked(index, code)

        link.send(message, on_ack, _expiry(message) if not self._old_protocol else None)

    async def _room(self, link: _Link) -> None:
        window = min(self._options.window, link.receive_maximum or self._options.window)
        while len(link.waiting) >= window:
            await self._progress(link)

    async def _drain(self, link: _Link) -> None:
        while link.waiting:
            await self._progress(link)

    async def _progress(self, link: _Link) -> None:
        """Until an acknowledgement comes. Raises SinkUnavailable where none does, or the link goes."""
        if link.gone:
            raise SinkUnavailable("mqtt: the link is gone")
        link.moved.clear()
        try:
            async with asyncio.timeout(self._ack_timeout_s):
                await link.moved.wait()
        except TimeoutError:
            # A slow broker must not be taken for a dead one for ever.
            self._ack_timeout_s = min(2 * self._ack_timeout_s, _SLOWEST_ACK_S)
            raise SinkUnavailable("mqtt: no acknowledgement") from None
        if not link.gone:
            self._ack_timeout_s = self._options.ack_timeout_s

    def _look_whose_name_it_is(self, code: int) -> None:
        """Two of one name throw each other out for ever: each waits long, and says what is to be mended."""
        self._ends.append(self._clock.monotonic_ns())
        # mosquitto before 2.0.12 does not say why: who is thrown out again and again has a rival.
        many = len(self._ends) == _ENDS and self._ends[-1] - self._ends[0] < _ENDS_WITHIN_NS
        if code == _TAKEN_OVER or many:
            rival = f"another client came to the broker as {self._client_id!r}: two daemons of one `node`?"
            raise NameTaken(f"mqtt: {rival}", retry_after_s=_TAKEN_OVER_S)

    def _status(self, state: str) -> Message:
        t_ns = max(self._clock.wall_ns(), 0)
        return self._messages.status(state, t_ns, self._version, self._boot_id, self._reasons)


async def _close(link: _Link) -> None:
    link.timeout = _EXIT_S
    if not link.gone:
        with suppress(aiomqtt.MqttError):
            await link.__aexit__(None, None, None)
    link.cut()


def _expiry(message: Message) -> Properties | None:
    if not message.expiry_s:
        return None
    properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
    properties.MessageExpiryInterval = message.expiry_s
    return properties


def _is_no_answer(error: aiomqtt.MqttError) -> bool:
    """Whether somebody accepted the connection and then knew nothing to say to our CONNECT."""
    return _code(error) in _OLD_PROTOCOL or str(error) == _TIMED_OUT


def _code(error: aiomqtt.MqttError) -> int | None:
    code = getattr(error, "rc", None)
    return code.value if isinstance(code, ReasonCode) else code


def _patience(error: aiomqtt.MqttError) -> float | None:
    """A refused name or password is for a person to mend: no hurry."""
    return 30.0 if _code(error) in (4, 5, 0x86, NOT_AUTHORIZED) else None
