"""Foreign payloads to readings: a topic says whose they are, a path where the value stands."""

import json
import math
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from edge.errors import BadFrame
from edge.sensors.mqtt.config import Topic, Value
from edge.types import DoorCount, Reading, RoomSample, is_id

WORDS: Final = {
    **dict.fromkeys(("on", "true", "open", "occupied", "detected", "home", "yes", "1"), 1.0),
    **dict.fromkeys(("off", "false", "closed", "clear", "free", "away", "no", "0"), 0.0),
}
_LARGEST: Final = 1e12
_LARGEST_COUNT: Final = 1e9
_PART: Final = re.compile(r"([^.\[\]]+)|\[(\d+)\]")
# A time as a number: seconds, ms, µs or ns since 1970, whichever falls between 1973 and 5138.
_NS_BY_SIZE: Final = ((1e11, 1_000_000_000), (1e14, 1_000_000), (1e17, 1000), (9.2e18, 1))


class Mapper:
    """The readings of one topic's payloads."""

    def __init__(self, topic: Topic, totals: dict[str, float] | None = None) -> None:
        """`totals`: the running totals so far, by source and way; it changes as readings come."""
        self._topic = topic
        self._totals = {} if totals is None else totals

    def readings(self, levels: Sequence[str], payload: bytes, now_ns: int) -> Iterator[Reading]:
        """`levels` are what the filter's wildcards stand for. Raises BadFrame where the payload is no good.

        A value that is absent gives no reading: devices often send only what has changed.
        """
        document = _parsed(payload)
        t_ns = _time_ns(_at(document, self._topic.time), now_ns) if self._topic.time else now_ns
        for value in self._topic.values:
            found = _at(document, value.path)
            if found is not None:
                number = _number(found, value)
                reading = self._reading(value, _source(value.source, levels), t_ns, number)
                if reading is not None:
                    yield reading

    def _reading(self, value: Value, source: str, t_ns: int, number: float) -> Reading | None:
        way, _, total = value.quantity.partition("_")
        if way not in ("in", "out"):
            return RoomSample(t_ns, source, value.quantity, number)
        if not 0 <= number <= _LARGEST_COUNT:
            raise BadFrame(f"{value.quantity}: {number:g} people")
        count = self._since_last(source, way, number) if total else round(number)
        if not count:
            return None
        return DoorCount(t_ns, source, count if way == "in" else 0, count if way == "out" else 0)

    def _since_last(self, source: str, way: str, total: float) -> int:
        """Of a running total what is new; a total that falls has begun again from 0."""
        before = self._totals.get(f"{source} {way}")
        self._totals[f"{source} {way}"] = total
        if before is None:
            return 0
        return round(total - before if total >= before else total)


def wildcard_levels(pattern: str, topic: str) -> list[str] | None:
    """What + and # of a filter stand for in a topic; None where the filter does not match."""
    if pattern.startswith("$share/"):
        pattern = pattern.split("/", 2)[-1]
    wanted, found = pattern.split("/"), topic.split("/")
    levels: list[str] = []
    for n, level in enumerate(wanted):
        if level == "#":
            return [*levels, "/".join(found[n:])]
        if n >= len(found) or level not in ("+", found[n]):
            return None
        if level == "+":
            levels.append(found[n])
    return levels if len(wanted) == len(found) else None


def _parsed(payload: bytes) -> object:
    """JSON; or, as ESPHome sends it, bare text."""
    try:
        text = payload.decode()
    except UnicodeDecodeError:
        raise BadFrame("not UTF-8") from None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text.strip()


def _at(document: object, path: str) -> object:
    for match in _PART.finditer(path):
        key, index = match.groups()
        if key is not None:
            document = document.get(key) if isinstance(document, dict) else None
        else:
            inside = isinstance(document, list) and int(index) < len(document)
            document = document[int(index)] if inside and isinstance(document, list) else None
    return document


def _number(found: object, value: Value) -> float:
    if isinstance(found, str):
        found = WORDS.get(found.lower(), found)
    try:
        number = float(found) * value.scale + value.offset  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        raise BadFrame(f"{value.path or 'payload'}: expected a number, found {found!r:.40}") from None
    if not math.isfinite(number) or abs(number) > _LARGEST:
        raise BadFrame(f"{value.path or 'payload'}: out of range")
    return number


def _source(template: str, levels: Sequence[str]) -> str:
    """The id: `{1}` is the first wildcard's level, made harmless."""
    source = template
    for n, level in enumerate(levels, 1):
        source = source.replace(f"{{{n}}}", re.sub(r"[^a-z0-9]+", "-", level.lower()).strip("-"))
    if not is_id(source):
        raise BadFrame(f"source: expected an id, found {source!r:.40}")
    return source


def _time_ns(found: object, now_ns: int) -> int:
    """RFC 3339, or a number since 1970; without one it is now."""
    if found is None:
        return now_ns
    if isinstance(found, str):
        try:
            moment = datetime.fromisoformat(found)
            if moment.tzinfo is not None:
                return _positive(int(moment.timestamp() * 1_000_000) * 1000)
        except (ValueError, OverflowError):
            pass
        raise BadFrame(f"time: expected RFC 3339 with an offset, found {found!r:.40}")
    if isinstance(found, int | float) and not isinstance(found, bool):
        for below, unit_ns in _NS_BY_SIZE:
            if 0 <= found < below:
                return _positive(int(found * unit_ns))
    raise BadFrame(f"time: expected RFC 3339 or a number since 1970, found {found!r:.40}")


def _positive(t_ns: int) -> int:
    if t_ns < 0:
        raise BadFrame("time: before 1970")
    return t_ns
