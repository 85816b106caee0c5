"""The driver: subscribes, reads what comes, and acknowledges it when what follows from it is safe."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from types import TracebackType
from typing import Final, Self

from edge.columns import Readings, concat_readings, from_readings
from edge.errors import BadFrame, DeviceUnavailable
from edge.ext.jsonl import decode_messages
from edge.sensors.driver import Context
from edge.sensors.mqtt.config import Options
from edge.sensors.mqtt.link import Link, NoAnswer, close, connect
from edge.sensors.mqtt.mapping import Mapper, wildcard_levels
from edge.sensors.mqtt.publish import Arrived
from edge.types import Reading

_log = logging.getLogger(__name__)

TAKEN_OVER_S: Final = 60.0
BATCH_MESSAGES: Final = 2_000
_KNOWN_TOPICS: Final = 10_000
_AHEAD_NS: Final = 60_000_000_000

Meaning = tuple[Mapper | None, Sequence[str]]


class MqttDriver:
    """One broker's topics."""

    def __init__(self, context: Context, options: Options) -> None:
        self._context = context
        self._options = options
        self._client_id = options.client_id or f"edge-in-{context.source}"
        self._mappers = [Mapper(topic, context.memory) if topic.values else None for topic in options.topics]
        self._meanings: dict[str, Meaning] = {}
        self._link: Link | None = None

    async def __aenter__(self) -> Self:
        protocol = self._options.protocol
        try:
            self._link = await connect(self._options, self._client_id, v5=protocol != "3.1.1")
        except NoAnswer:
            if protocol != "auto":
                raise
            # What knows no MQTT 5 says so, or is silent; a session under 3.1.1 is another one.
            self._link = await connect(self._options, self._client_id, v5=False)
            _log.info("source %s: the broker knows no MQTT 5", self._context.source)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        link, self._link = self._link, None
        if link is not None:
            await close(link)

    async def __aiter__(self) -> AsyncIterator[Readings]:
        while (link := self._link) is not None:
            await link.came.wait()
            messages = link.take(BATCH_MESSAGES)
            self._count_dropped(link)
            if messages:
                readings = self._readings(messages)
                if len(readings):
                    yield readings
                self._settle(link, messages, readings)
            elif link.is_taken_over:
                # Two of one name throw each other out for ever: this one lets the other work.
                _log.error("source %s: %s", self._context.source, taken := self._taken())
                await asyncio.sleep(TAKEN_OVER_S)
                raise DeviceUnavailable(taken)
            elif link.gone is not None:
                raise DeviceUnavailable(f"mqtt: the link is gone: {link.gone}")
            await asyncio.sleep(self._options.batch_s if len(messages) < BATCH_MESSAGES else 0)

    def _taken(self) -> str:
        return (
            f"mqtt: another client came to the broker as {self._client_id!r}: two daemons read one source "
            "(set `client_id`)"
        )

    def _count_dropped(self, link: Link) -> None:
        n, link.n_dropped = link.n_dropped, 0
        self._context.counters.received += n
        self._context.counters.dropped += n

    def _settle(self, link: Link, messages: Sequence[Arrived], readings: Readings) -> None:
        """Acknowledge when the readings are safe; at once where nobody tells when."""
        numbers = [(message.number, message.qos) for message in messages if message.qos]
        link.hold(len(numbers))
        settlement = self._context.settlement
        if settlement is None or not len(readings):
            link.acknowledge(numbers)
            return
        newest_ns = max(int(columns.t_ns.max()) for columns in readings.kinds() if len(columns))
        # A sensor whose clock is years ahead must not hold its messages back for years.
        newest_ns = min(newest_ns, self._context.clock.wall_ns() + _AHEAD_NS)
        settlement.add(
            newest_ns,
            lambda: link.acknowledge(numbers),
            urgent=link.is_pressed,
            memory=dict(self._context.memory) if self._context.memory else None,
        )

    def _readings(self, messages: Sequence[Arrived]) -> Readings:
        ours: list[bytes] = []
        mapped: list[Reading] = []
        for message in messages:
            if len(message.payload) > self._options.max_payload_bytes:
                self._count_malformed(1, "a payload that is too large")
                continue
            mapper, levels = self._meaning(message.topic)
            if mapper is None:
                ours.append(message.payload)
            elif not message.retain:
                # What the broker has kept is of some earlier time, which nobody knows.
                mapped.extend(self._mapped(mapper, levels, message.payload))
        readings, skips = decode_messages(ours)
        if skips:
            self._count_malformed(len(skips), skips[0].reason)
        return concat_readings([readings, from_readings(mapped)])

    def _mapped(self, mapper: Mapper, levels: Sequence[str], payload: bytes) -> list[Reading]:
        try:
            return list(mapper.readings(levels, payload, self._context.clock.wall_ns()))
        except BadFrame as error:
            self._count_malformed(1, str(error))
            return []

    def _meaning(self, topic: str) -> Meaning:
        found = self._meanings.get(topic)
        if found is None:
            found = self._look_up(topic)
            if len(self._meanings) >= _KNOWN_TOPICS:
                self._meanings.clear()
            self._meanings[topic] = found
        return found

    def _look_up(self, topic: str) -> Meaning:
        for wanted, mapper in zip(self._options.topics, self._mappers, strict=True):
            levels = wildcard_levels(wanted.filter, topic)
            if levels is not None:
                return mapper, levels
        return None, ()

    def _count_malformed(self, n: int, reason: str) -> None:
        self._context.counters.received += n
        self._context.counters.malformed += n
        _log.debug("source %s: %d malformed: %s", self._context.source, n, reason)


def open_driver(context: Context, options: Options) -> MqttDriver:
    """The driver of one broker."""
    return MqttDriver(context, options)
