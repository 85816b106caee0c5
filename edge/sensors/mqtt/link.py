"""One connection to a broker: messages into a bounded store, acknowledged when we say so.

aiomqtt 2.5 makes a task for each message and acknowledges what it may then discard; paho 2 makes four system
calls and a dozen objects for each, and one more call for each acknowledgement. `Link` mends that by their
private attributes: it takes whole messages out of what one read gave, and acknowledges as many as there are
by one write. tests/edge/sensors/mqtt watches over them.
"""

import asyncio
import socket
import ssl
import struct
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Final

import aiomqtt
import paho.mqtt.client as paho
from paho.mqtt.enums import MQTTErrorCode
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from edge.errors import BadFrame, DeviceUnavailable
from edge.secrets import read_secret
from edge.sensors.mqtt.config import Options, Topic
from edge.sensors.mqtt.publish import Arrived, arrived, whole_publish
from edge.tls import context_of

_CLOSE_S: Final = 1.0
_REFUSED: Final = 0x80
_TAKEN_OVER: Final = 0x8E
_READ_BYTES: Final = 1 << 16
_PRESSED: Final = 4
_PUBACK: Final = struct.Struct(">BBH")
_PUBACK_BYTE: Final = PacketTypes.PUBACK << 4
_OLD_PROTOCOL: Final = (1, 0x84)
_TIMED_OUT: Final = "Operation timed out"


class NoAnswer(DeviceUnavailable):
    """Somebody accepted the connection and then knew nothing to say to our CONNECT."""


class Link(aiomqtt.Client):
    """`came` is set when there is a message, or no link any more."""

    def __init__(self, room: int, most_in_flight: int, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._n_held, self._most_in_flight = 0, most_in_flight
        self.came = asyncio.Event()
        self.n_dropped = 0
        self._room = room
        self._waiting: deque[Arrived] = deque()
        self._held, self._held_at = b"", 0
        self._v5 = kwargs.get("protocol") is aiomqtt.ProtocolVersion.V5
        self._client.manual_ack_set(True)
        self._receive: Callable[[int], bytes] = self._client._sock_recv
        self._client._sock_recv = self._from_held  # type: ignore[method-assign]
        self._client._handle_publish = self._take_publish  # type: ignore[method-assign]

    @property
    def gone(self) -> str | None:
        """Why there is no link any more."""
        if not self._disconnected.done():
            return None
        return str(self._disconnected.exception() or "closed")

    @property
    def is_taken_over(self) -> bool:
        """Whether it ended because another client came with our client id (MQTT 5 §3.14.2.1)."""
        if not self._disconnected.done() or self._disconnected.cancelled():
            return False
        code = getattr(self._disconnected.exception(), "rc", None)
        return isinstance(code, ReasonCode) and code.value == _TAKEN_OVER

    def watch(self) -> None:
        """Wake who waits when the link goes."""
        self._disconnected.add_done_callback(lambda _: self.came.set())

    def take(self, n: int) -> list[Arrived]:
        """The next messages, up to n."""
        taken = [self._waiting.popleft() for _ in range(min(n, len(self._waiting)))]
        if not self._waiting and self.gone is None:
            self.came.clear()
        return taken

    def hold(self, n: int) -> None:
        """So many messages more are not acknowledged yet."""
        self._n_held += n

    @property
    def is_pressed(self) -> bool:
        """Whether the broker may soon have as many in flight as it will; one of 3.1.1 does not say."""
        return not self._v5 or self._n_held > self._most_in_flight // _PRESSED

    def acknowledge(self, messages: Sequence[tuple[int, int]]) -> None:
        """Message ids with their QoS. Nothing where the link is gone: the broker sends them again."""
        self._n_held -= len(messages)
        if messages and self.gone is None:
            pubacks = b"".join([_PUBACK.pack(_PUBACK_BYTE, 2, number) for number, _ in messages])
            self._client._packet_queue(_PUBACK_BYTE, pubacks, 0, 1)

    def cut(self) -> None:
        """Close the socket without another word."""
        self._client._sock_close()
        if not self._disconnected.done():
            self._disconnected.set_result(None)

    def _on_socket_open(self, client: Any, userdata: Any, sock: Any) -> None:
        super()._on_socket_open(client, userdata, sock)
        # In place of the reader that was just set: from the thread that connects, as that one.
        self._loop.call_soon_threadsafe(self._loop.add_reader, sock.fileno(), self._read)

    def _read(self) -> None:
        """All packets that are there; a call of paho's takes one."""
        try:
            self._client.loop_read()
            while self.gone is None and (self._held_at < len(self._held) or _is_pending(self._client)):
                if not self._take_whole():
                    self._client.loop_read()
        except (OSError, ValueError, LookupError, TypeError, struct.error) as error:
            if not self._disconnected.done():
                self._disconnected.set_exception(error)

    def _take_whole(self) -> bool:
        """The messages that are in the held piece as a whole; False where the next thing is paho's."""
        if self._client._in_packet["command"]:
            return False
        first, held = self._held_at, self._held
        while (found := whole_publish(held, self._held_at)) is not None:
            start, stop = found
            if self._keep(held[self._held_at], held[start:stop]) != MQTTErrorCode.MQTT_ERR_SUCCESS:
                return False
            self._held_at = stop
        return self._held_at > first

    def _from_held(self, bufsize: int) -> bytes:
        """The socket's next bytes, up to `bufsize`, of a large piece that is read at once."""
        if self._held_at >= len(self._held):
            self._held, self._held_at = self._receive(_READ_BYTES), 0
        data = self._held[self._held_at : self._held_at + bufsize]
        self._held_at += len(data)
        return data

    def _take_publish(self) -> MQTTErrorCode:
        packet = self._client._in_packet
        return self._keep(packet["command"], packet["packet"])

    def _keep(self, command: int, packet: bytes | bytearray) -> MQTTErrorCode:
        try:
            message = arrived(command, packet, v5=self._v5)
        except BadFrame:
            return MQTTErrorCode.MQTT_ERR_PROTOCOL
        if message.qos > 1:
            return MQTTErrorCode.MQTT_ERR_PROTOCOL  # we subscribe at QoS 0 and 1
        # QoS 1 is held back by the number in flight; nothing holds back QoS 0.
        if message.qos == 0 and len(self._waiting) >= self._room:
            self.n_dropped += 1
        else:
            self._waiting.append(message)
            self.came.set()
        return MQTTErrorCode.MQTT_ERR_SUCCESS


async def connect(options: Options, client_id: str, *, v5: bool) -> Link:
    """A link with all topics subscribed to. Raises DeviceUnavailable."""
    link = _new_link(options, client_id, v5=v5)
    try:
        await link.__aenter__()
        link.watch()
        for topic in options.topics:
            await _subscribe(link, topic)
    except aiomqtt.MqttError as error:
        link.cut()
        raise (NoAnswer if _is_no_answer(error) else DeviceUnavailable)(f"mqtt: {error}") from None
    except BaseException:
        link.cut()
        raise
    return link


async def close(link: Link) -> None:
    """Say goodbye, for as long as that may take."""
    link.timeout = _CLOSE_S
    if link.gone is None:
        with suppress(aiomqtt.MqttError):
            await link.__aexit__(None, None, None)
    link.cut()


def _is_no_answer(error: aiomqtt.MqttError) -> bool:
    code = getattr(error, "rc", None)
    return (code.value if isinstance(code, ReasonCode) else code) in _OLD_PROTOCOL or str(error) == _TIMED_OUT


def _is_pending(client: paho.Client) -> bool:
    """Whether TLS holds bytes that the socket does not show."""
    sock = client.socket()
    return isinstance(sock, ssl.SSLSocket) and sock.pending() > 0


def _new_link(options: Options, client_id: str, *, v5: bool) -> Link:
    link = Link(
        options.waiting,
        options.in_flight,
        options.host,
        options.port,
        identifier=client_id,
        username=options.username,
        password=read_secret(options.password_file) if options.password_file else None,
        protocol=aiomqtt.ProtocolVersion.V5 if v5 else aiomqtt.ProtocolVersion.V311,
        clean_session=None if v5 else False,
        clean_start=False if v5 else paho.MQTT_CLEAN_START_FIRST_ONLY,
        properties=_properties(options) if v5 else None,
        keepalive=options.keepalive_s,
        timeout=options.connect_s,
        tls_context=context_of(options.tls),
        socket_options=((socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),),
    )
    link._client.connect_timeout = options.connect_s
    return link


def _properties(options: Options) -> Properties:
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    properties.SessionExpiryInterval = options.session_s
    properties.ReceiveMaximum = options.in_flight
    return properties


async def _subscribe(link: Link, topic: Topic) -> None:
    codes = await link.subscribe(topic.filter, topic.qos)
    code = codes[0]
    value = code if isinstance(code, int) else code.value
    if value >= _REFUSED:
        raise DeviceUnavailable(f"mqtt: the broker refuses {topic.filter!r}: {code}")
