"""One connection to a broker: messages into a bounded store, acknowledged when we say so.

aiomqtt 2.5 makes a task for each message and acknowledges what it may then discard; `Link` mends both by its
private attributes. tests/edge/sensors/mqtt watches over them.
"""

import asyncio
import socket
import ssl
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, Final

import aiomqtt
import paho.mqtt.client as paho
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from edge.errors import DeviceUnavailable
from edge.secrets import read_secret
from edge.sensors.mqtt.config import Options, Tls, Topic

_CLOSE_S: Final = 1.0
_REFUSED: Final = 0x80


class Link(aiomqtt.Client):
    """`came` is set when there is a message, or no link any more."""

    def __init__(self, room: int, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.came = asyncio.Event()
        self.n_dropped = 0
        self._room = room
        self._waiting: deque[paho.MQTTMessage] = deque()
        self._client.manual_ack_set(True)

    @property
    def gone(self) -> str | None:
        """Why there is no link any more."""
        if not self._disconnected.done():
            return None
        return str(self._disconnected.exception() or "closed")

    def watch(self) -> None:
        """Wake who waits when the link goes."""
        self._disconnected.add_done_callback(lambda _: self.came.set())

    def take(self, n: int) -> list[paho.MQTTMessage]:
        """The next messages, up to n."""
        taken = [self._waiting.popleft() for _ in range(min(n, len(self._waiting)))]
        if not self._waiting and self.gone is None:
            self.came.clear()
        return taken

    def acknowledge(self, messages: Iterable[tuple[int, int]]) -> None:
        """Message ids with their QoS. Nothing where the link is gone: the broker sends them again."""
        for number, qos in messages:
            if self.gone is not None:
                return
            self._client.ack(number, qos)

    def cut(self) -> None:
        """Close the socket without another word."""
        self._client._sock_close()
        if not self._disconnected.done():
            self._disconnected.set_result(None)

    def _on_message(self, client: Any, userdata: Any, message: paho.MQTTMessage) -> None:
        # QoS 1 is held back by the number in flight; nothing holds back QoS 0.
        if message.qos == 0 and len(self._waiting) >= self._room:
            self.n_dropped += 1
            return
        self._waiting.append(message)
        self.came.set()


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
        raise DeviceUnavailable(f"mqtt: {error}") from None
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


def _new_link(options: Options, client_id: str, *, v5: bool) -> Link:
    link = Link(
        options.waiting,
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
        tls_context=_tls(options.tls) if options.tls else None,
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


def _tls(options: Tls) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=options.ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if options.cert_file:
        context.load_cert_chain(options.cert_file, options.key_file)
    return context
