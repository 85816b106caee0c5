"""A record as bytes and back: one JSON object with its type, so that a person can read the store too."""

import json
import zlib
from collections.abc import Callable
from dataclasses import asdict, fields
from json.encoder import encode_basestring
from math import isfinite
from operator import attrgetter
from types import NoneType
from typing import Any, Final

from edge.errors import BadFrame
from edge.events import RECORD_TYPES, Record, ShelfState, Spine

_dumps: Final = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode
_loads: Final = json.JSONDecoder().decode
_NAMES: Final = {kind: tuple(field.name for field in fields(kind)) for kind in RECORD_TYPES.values()}
_VALUES: Final = {kind: attrgetter(*names) for kind, names in _NAMES.items()}
_FORMS: Final = {
    kind: "{" + ",".join([f'"type":"{kind.TYPE}"', *(f'"{name}":%s' for name in names)]) + "}"
    for kind, names in _NAMES.items()
}
_TUPLES: Final = {
    kind: tuple(field.name for field in fields(kind) if "tuple" in str(field.type))
    for kind in RECORD_TYPES.values()
}
_SPINE: Final = tuple(field.name for field in fields(Spine))
_spine_values: Final = attrgetter(*_SPINE)


def encode(record: Record) -> bytes:
    """Compact JSON: `{"type":"item.seen","t_ns":…}`; a row's spines are lists in the order of the class."""
    kind = type(record)
    values = _VALUES[kind](record)
    # By hand, since json's encoder takes as long to get ready for an object as to write one.
    said = tuple([_WRITERS.get(type(value), _other)(value) for value in values])
    return (_FORMS[kind] % said).encode("utf-8", "surrogatepass")


def _float(value: float) -> str:
    return float.__repr__(value) if isfinite(value) else _dumps(value)


def _other(value: object) -> str:
    if isinstance(value, tuple):
        value = [_spine_values(one) if isinstance(one, Spine) else one for one in value]
    return _dumps(value)


_WRITERS: Final[dict[type, Callable[[Any], str]]] = {
    int: int.__repr__,
    float: _float,
    str: encode_basestring,
    NoneType: lambda _: "null",
}


def as_dict(record: Record) -> dict[str, Any]:
    """What `dataclasses.asdict` says, without copying every value."""
    if isinstance(record, ShelfState):
        return asdict(record)
    kind = type(record)
    return dict(zip(_NAMES[kind], _VALUES[kind](record), strict=True))


def decode(body: bytes) -> Record:
    """Raises BadFrame where the bytes are no record. A key that this version does not know is left out;
    one that an earlier version did not know has its default."""
    try:
        keys = _loads(body.decode("utf-8", "surrogatepass"))
        kind = RECORD_TYPES[keys.pop("type")]
        for name in _TUPLES[kind]:
            if name in keys:
                keys[name] = _value(kind, keys[name])
        if len(keys) != len(_NAMES[kind]):
            keys = {name: value for name, value in keys.items() if name in _NAMES[kind]}
        return kind(**keys)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise BadFrame(f"not a record: {error!r:.200}") from None


def checksum(seq: int, epoch: int, put_ms: int, body: bytes) -> int:
    """CRC-32 over everything that one row says."""
    return zlib.crc32(body, zlib.crc32(b"%d,%d,%d" % (seq, epoch, put_ms)))


def _value(kind: type[Record], value: Any) -> Any:
    if not isinstance(value, list):
        return value
    return tuple(Spine(*v) for v in value) if kind is ShelfState else _tuple(value)


def _tuple(values: list[Any]) -> tuple[Any, ...]:
    return tuple(_tuple(v) if isinstance(v, list) else v for v in values)
