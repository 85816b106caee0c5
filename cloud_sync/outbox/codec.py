"""A record as bytes and back: one JSON object with its type, so that a person can read the store too."""

import json
import zlib
from dataclasses import fields
from json.encoder import encode_basestring
from operator import attrgetter
from typing import Any, Final

from cloud_sync.json_text import Form
from edge.errors import BadFrame
from edge.events import RECORD_TYPES, Record, ShelfState, Spine

_dumps: Final = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode
_loads: Final = json.JSONDecoder().decode
_NAMES: Final = {kind: tuple(field.name for field in fields(kind)) for kind in RECORD_TYPES.values()}
_TUPLES: Final = {
    kind: tuple(field.name for field in fields(kind) if "tuple" in str(field.type))
    for kind in RECORD_TYPES.values()
}
_SPINE: Final = tuple(field.name for field in fields(Spine))
_spine_values: Final = attrgetter(*_SPINE)


def encode(record: Record) -> bytes:
    """Compact JSON: `{"type":"item.seen","t_ns":…}`; a row's spines are lists in the order of the class."""
    return _FORMS[type(record)].of(record).encode("utf-8", "surrogatepass")


def _other(value: object) -> str:
    if isinstance(value, tuple):
        value = [_spine_values(one) if isinstance(one, Spine) else one for one in value]
    return _dumps(value)


_FORMS: Final = {
    kind: Form(names, encode_basestring, _other, head=f'"type":"{kind.TYPE}",')
    for kind, names in _NAMES.items()
}


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
