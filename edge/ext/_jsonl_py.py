"""The plain twin of the JSON kernel: it says what a reading is, one object at a time."""

import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from edge.columns import Readings, from_readings
from edge.types import (
    HEX_PATTERN,
    QUANTITIES,
    THERMAL,
    THERMAL_PIXELS,
    DoorCount,
    Pose,
    Reading,
    RoomSample,
    TagRead,
    is_id,
)

MAX_LINE_BYTES: Final = 65_536
MAX_T_NS: Final = 2**63 - 1
MAX_COUNT: Final = 2**53
MAX_ABS: Final = 1e12
MAX_DBM: Final = 200.0
MAX_M: Final = 1e4
MIN_MHZ: Final = 0.1
MAX_MHZ: Final = 1e5
MAX_EPC_DIGITS: Final = 124
MAX_HEX_DIGITS: Final = 4096
TURN_RAD: Final = 2 * math.pi

Object = Mapping[str, object]
Found = tuple[Readings, list[tuple[int, str]]]


class Malformed(ValueError):
    """Why an object is not a reading."""


def decode(data: bytes, first_line: int) -> Found:
    lines = enumerate(data.split(b"\n"), first_line)
    return _collect((number, line) for number, line in lines if line.strip())


def decode_messages(messages: Sequence[bytes]) -> Found:
    return _collect(
        (number, item) for number, message in enumerate(messages, 1) for item in objects_of(message)
    )


def objects_of(message: bytes) -> Sequence[object]:
    """What a message holds: the elements of its array, or itself."""
    try:
        found = _loads(message)
    except Malformed:
        return [message]
    return found if isinstance(found, list) else [found]


def parse(item: object) -> Reading:
    """One reading of one line (bytes), or of one object already parsed; Malformed otherwise."""
    if isinstance(item, bytes):
        if len(item) > MAX_LINE_BYTES:
            raise Malformed(f"longer than {MAX_LINE_BYTES} bytes")
        item = _loads(item)
    if not isinstance(item, dict):
        raise Malformed("not a JSON object")
    build = _KINDS.get(str(item.get("kind")))
    if build is None:
        raise Malformed(f"kind: expected one of {', '.join(_KINDS)}, found {_show(item.get('kind'))}")
    return build(item)


def _collect(items: Iterable[tuple[int, object]]) -> Found:
    readings: list[Reading] = []
    skipped: list[tuple[int, str]] = []
    for number, item in items:
        try:
            readings.append(parse(item))
        except Malformed as error:
            skipped.append((number, str(error)))
    return from_readings(readings), skipped


def _loads(text: bytes) -> object:
    try:
        return json.loads(text.decode())
    except UnicodeDecodeError:
        raise Malformed("not UTF-8") from None
    except (ValueError, RecursionError):
        raise Malformed("not JSON") from None


def _tag(found: Object) -> TagRead:
    return TagRead(
        t_ns=_t_ns(found),
        source=_id(found, "source"),
        antenna=_count(found, "antenna", 0, 65_535),
        epc=_hex(found, "epc", MAX_EPC_DIGITS),
        rssi_dbm=_optional(found, "rssi_dbm", -MAX_DBM, MAX_DBM),
        phase_rad=_phase(found),
        freq_mhz=_optional(found, "freq_mhz", MIN_MHZ, MAX_MHZ),
        doppler_hz=_optional(found, "doppler_hz"),
        pc=_optional_hex(found, "pc"),
        tid=_optional_hex(found, "tid"),
        user=_optional_hex(found, "user"),
        afi=_optional_hex(found, "afi"),
    )


def _pose(found: Object) -> Pose:
    return Pose(
        t_ns=_t_ns(found),
        source=_id(found, "source"),
        shelf=_id(found, "shelf"),
        x_m=_number(found, "x_m", -MAX_M, MAX_M),
        y_m=_number(found, "y_m", -MAX_M, MAX_M),
        z_m=_optional(found, "z_m", -MAX_M, MAX_M),
    )


def _door(found: Object) -> DoorCount:
    return DoorCount(
        t_ns=_t_ns(found),
        source=_id(found, "source"),
        n_in=_count(found, "in", -MAX_COUNT, MAX_COUNT),
        n_out=_count(found, "out", -MAX_COUNT, MAX_COUNT),
    )


def _room(found: Object) -> RoomSample:
    quantity = found.get("quantity")
    if quantity not in QUANTITIES:
        raise Malformed(f"quantity: expected one of {', '.join(QUANTITIES)}, found {_show(quantity)}")
    value: float | tuple[float, ...]
    value = _frame(found) if quantity == THERMAL else _number(found, "value", booleans=True)
    return RoomSample(_t_ns(found), _id(found, "source"), str(quantity), value)


_KINDS: Final[dict[str, Callable[[Object], Reading]]] = {
    "tag": _tag,
    "pose": _pose,
    "door": _door,
    "room": _room,
}


def _t_ns(found: Object) -> int:
    return _count(found, "t_ns", 0, MAX_T_NS)


def _id(found: Object, key: str) -> str:
    value = found.get(key)
    if not isinstance(value, str) or not is_id(value):
        raise Malformed(f"{key}: expected an id ([a-z0-9][a-z0-9-]{{0,62}}), found {_show(value)}")
    return value


def _count(found: Object, key: str, low: int, high: int) -> int:
    value = found.get(key)
    if isinstance(value, float) and value.is_integer():
        value = int(value) if abs(value) <= MAX_COUNT else value
    if not isinstance(value, int) or isinstance(value, bool):
        raise Malformed(f"{key}: expected an integer, found {_show(value)}")
    if not low <= value <= high:
        raise Malformed(f"{key}: out of range, found {_show(value)}")
    return value


def _number(
    found: Object, key: str, low: float = -MAX_ABS, high: float = MAX_ABS, *, booleans: bool = False
) -> float:
    value = found.get(key)
    if isinstance(value, bool) and booleans:
        return float(value)
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise Malformed(f"{key}: expected a number, found {_show(value)}")
    if not low <= value <= high:
        raise Malformed(f"{key}: out of range, found {_show(value)}")
    return float(value)


def _optional(found: Object, key: str, low: float = -MAX_ABS, high: float = MAX_ABS) -> float | None:
    return None if found.get(key) is None else _number(found, key, low, high)


def _phase(found: Object) -> float | None:
    """Radians, folded into [0, 2π): recordings round, and 6.2832 is a whole turn."""
    phase = _optional(found, "phase_rad")
    folded = None if phase is None else phase % TURN_RAD
    return 0.0 if folded == TURN_RAD else folded


def _hex(found: Object, key: str, max_digits: int) -> str:
    value = found.get(key)
    if not isinstance(value, str) or HEX_PATTERN.fullmatch(value.upper()) is None or not value.isascii():
        raise Malformed(f"{key}: expected upper-case hex, found {_show(value)}")
    if len(value) > max_digits:
        raise Malformed(f"{key}: longer than {max_digits} digits")
    return value.upper()


def _optional_hex(found: Object, key: str) -> str | None:
    return None if found.get(key) in (None, "") else _hex(found, key, MAX_HEX_DIGITS)


def _frame(found: Object) -> tuple[float, ...]:
    value = found.get("value")
    if not isinstance(value, list) or len(value) != THERMAL_PIXELS:
        raise Malformed(f"value: expected a list of {THERMAL_PIXELS} numbers, found {_show(value)}")
    return tuple(_number({"value": pixel}, "value") for pixel in value)


def _show(value: object) -> str:
    """A value in an error: one short line, whatever was in it."""
    text = "nothing" if value is None else ascii(value)
    return text if len(text) <= 40 else text[:37] + "..."
