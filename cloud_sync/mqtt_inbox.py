"""What is sent to us over MQTT: a persistent session, bounded, acknowledged when it is dealt with.

Beside the sink, which sends: what comes in must not wait behind what goes out, nor the other way round.
"""

from collections.abc import Mapping
from contextlib import suppress
from types import TracebackType
from typing import Any, Final, NamedTuple, Self

import aiomqtt
import paho.mqtt.client as paho
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from cloud_sync.mqtt_client import client_of
from cloud_sync.options import MqttOptions
from edge.errors import DeviceUnavailable

IN_FLIGHT: Final = 4
"""Messages of QoS 1 that the broker sends ahead; it keeps the others."""
WAITING: Final = 32
"""Messages that may wait here; more of QoS 0 are dropped, and counted."""
_REFUSED: Final = 0x80
_CLOSE_S: Final = 1.0


class Letter(NamedTuple):
    """A message. `answer_to` and `correlation` are the sender's, MQTT 5 §3.3.2.3."""

    topic: str
    payload: bytes
    retain: bool
    answer_to: str | None
    correlation: bytes | None
    number: int
    qos: int


class _Client(aiomqtt.Client):
    """aiomqtt drops any message when its queue is full: here only those of QoS 0."""

    n_dropped = 0

    def _on_message(self, client: paho.Client, userdata: Any, message: paho.MQTTMessage) -> None:
        if message.qos == 0 and self._queue.qsize() >= WAITING:
            self.n_dropped += 1
        else:
            super()._on_message(client, userdata, message)


class MqttInbox:
    """One connection, for once. Async context, async iterator of letters; raises DeviceUnavailable."""

    def __init__(
        self,
        options: MqttOptions,
        client_id: str,
        filters: Mapping[str, int],
        *,
        session_s: int,
        max_bytes: int,
    ) -> None:
        self._options = options
        self._client_id = client_id
        self._filters = filters
        self._session_s = session_s
        self._max_bytes = max_bytes
        self._client: _Client | None = None
        self.knows_answers = False
        """Whether the broker speaks MQTT 5, without which nobody can ask for an answer."""

    async def __aenter__(self) -> Self:
        wanted = self._options.protocol
        try:
            await self._connect(v5=wanted != "3.1.1")
        except aiomqtt.MqttError as error:
            if wanted != "auto":
                raise DeviceUnavailable(f"mqtt: {error}") from None
            try:
                await self._connect(v5=False)
            except aiomqtt.MqttError as again:
                raise DeviceUnavailable(f"mqtt: {again}") from None
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.timeout = _CLOSE_S
            with suppress(aiomqtt.MqttError):
                await client.__aexit__(None, None, None)
            client._client._sock_close()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Letter:
        assert self._client is not None
        try:
            message = await anext(self._client.messages)
        except aiomqtt.MqttError as error:
            raise DeviceUnavailable(f"mqtt: {error}") from None
        properties: object = message.properties  # None without MQTT 5
        return Letter(
            str(message.topic),
            bytes(message.payload),
            bool(message.retain),
            getattr(properties, "ResponseTopic", None),
            getattr(properties, "CorrelationData", None),
            message.mid,
            message.qos,
        )

    def take_dropped(self) -> int:
        """Messages for which there was no room, since this was asked last."""
        if self._client is None:
            return 0
        n, self._client.n_dropped = self._client.n_dropped, 0
        return n

    def done(self, letter: Letter) -> None:
        """It is dealt with: the broker need not send it again."""
        if self._client is not None and letter.qos:
            self._client._client.ack(letter.number, letter.qos)

    async def answer(self, letter: Letter, payload: bytes) -> None:
        """To the letter's response topic, with its correlation data. Raises DeviceUnavailable."""
        assert self._client is not None
        properties = None
        if self.knows_answers:
            properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
            if letter.correlation is not None:
                properties.CorrelationData = letter.correlation
        try:
            await self._client.publish(str(letter.answer_to), payload, 1, properties=properties)
        except (aiomqtt.MqttError, ValueError) as error:
            raise DeviceUnavailable(f"mqtt: the answer: {error}") from None

    async def _connect(self, *, v5: bool) -> None:
        client = self._new_client(v5=v5)
        try:
            await client.__aenter__()
            for wanted, qos in self._filters.items():
                await _subscribe(client, wanted, qos)
        except BaseException:
            client._client._sock_close()
            if not client._disconnected.done():
                client._disconnected.set_result(None)
            raise
        self._client, self.knows_answers = client, v5

    def _new_client(self, *, v5: bool) -> _Client:
        client = client_of(
            _Client,
            self._options,
            self._client_id,
            v5=v5,
            clean_session=None if v5 else False,
            clean_start=False if v5 else paho.MQTT_CLEAN_START_FIRST_ONLY,
            properties=self._session() if v5 else None,
        )
        client._client.manual_ack_set(True)
        return client

    def _session(self) -> Properties:
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        properties.SessionExpiryInterval = self._session_s
        properties.ReceiveMaximum = IN_FLIGHT
        properties.MaximumPacketSize = self._max_bytes
        return properties


async def _subscribe(client: aiomqtt.Client, wanted: str, qos: int) -> None:
    (code,) = await client.subscribe(wanted, qos)
    value = code if isinstance(code, int) else code.value
    if value >= _REFUSED:
        raise DeviceUnavailable(f"mqtt: the broker refuses {wanted!r}: {code}")
