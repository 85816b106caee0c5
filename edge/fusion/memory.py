"""State as bytes and back: trees of plain values, arrays and the data classes of a given table; never code.

    0       version of the form, one byte
    1 …     zlib: u32 length of the tree │ the tree, JSON │ the arrays one after another

In the tree plain values stand as they are; all else is an object of one key: `t` tuple, `f` frozenset,
`d` dict as pairs, `c` class with its fields, `e` enum, `y` day, `a` array as type, shape, place, and whether
it holds differences (times then take a byte or two each).
"""

import json
import struct
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum
from typing import Any, Final

import numpy as np

from edge.errors import BadFrame

FORM: Final = 1
_LEVEL: Final = 1
_LARGEST: Final = 256 << 20
_U32: Final = struct.Struct("<I")
_NUMBERS: Final = "biuf"

Kinds = Mapping[str, type]


def kinds_of(classes: Iterable[type]) -> Kinds:
    """The table of classes that a state may hold, by name."""
    return {kind.__name__: kind for kind in classes}


def encode(value: object, kinds: Kinds) -> bytes:
    """Raises TypeError for what is neither plain nor in the table."""
    writer = _Writer(kinds)
    tree = json.dumps(writer.plain(value), separators=(",", ":")).encode()
    return bytes([FORM]) + zlib.compress(b"".join([_U32.pack(len(tree)), tree, *writer.arrays]), _LEVEL)


def decode(body: bytes, kinds: Kinds) -> object:
    """What was encoded. Raises BadFrame where the bytes are something else."""
    if body[:1] != bytes([FORM]):
        raise BadFrame(f"state of form {body[:1].hex() or 'none'}; this program knows {FORM}")
    try:
        unpacker = zlib.decompressobj()
        raw = unpacker.decompress(body[1:], _LARGEST)
        if not unpacker.eof:
            raise BadFrame("state: cut off, or too large")
        (size,) = _U32.unpack_from(raw)
        tree = json.loads(raw[_U32.size : _U32.size + size])
        return _Reader(kinds, raw[_U32.size + size :]).value(tree)
    except (ValueError, LookupError, TypeError, struct.error, zlib.error, RecursionError) as error:
        raise BadFrame(f"state: {error!r:.200}") from None


class _Writer:
    def __init__(self, kinds: Kinds) -> None:
        self.arrays: list[bytes] = []
        self._kinds = kinds
        self._at = 0

    def plain(self, value: object) -> object:
        """The value as JSON knows it."""
        match value:
            case np.generic():
                return self.plain(value.item())
            case Enum():
                return {"e": [self._name(type(value)), value.value]}
            case None | bool() | int() | float() | str():
                return value
            case date():
                return {"y": value.isoformat()}
            case np.ndarray():
                return {"a": self._array(value)}
            case list():
                return [self.plain(one) for one in value]
            case tuple():
                return {"t": [self.plain(one) for one in value]}
            case frozenset():
                return {"f": [self.plain(one) for one in value]}
            case Mapping():
                return {"d": [[self.plain(key), self.plain(one)] for key, one in value.items()]}
            case _ if is_dataclass(value):
                held = {field.name: self.plain(getattr(value, field.name)) for field in fields(value)}
                return {"c": [self._name(type(value)), held]}
        raise TypeError(f"a state cannot hold {type(value).__name__}")

    def _name(self, kind: type) -> str:
        if self._kinds.get(kind.__name__) is not kind:
            raise TypeError(f"a state cannot hold {kind.__name__}")
        return kind.__name__

    def _array(self, array: np.ndarray[Any, Any]) -> list[object]:
        if array.dtype.kind not in _NUMBERS:
            raise TypeError(f"a state cannot hold arrays of {array.dtype}")
        is_steps = array.dtype == np.int64 and array.ndim == 1
        body = (np.diff(array, prepend=np.int64(0)) if is_steps else array).tobytes()
        at, self._at = self._at, self._at + len(body)
        self.arrays.append(body)
        return [array.dtype.str, list(array.shape), at, is_steps]


class _Reader:
    def __init__(self, kinds: Kinds, arrays: bytes) -> None:
        self._kinds = kinds
        self._arrays = arrays

    def value(self, plain: Any) -> Any:
        """What `plain` says."""
        if isinstance(plain, list):
            return [self.value(one) for one in plain]
        if not isinstance(plain, dict):
            return plain
        ((tag, held),) = plain.items()
        match tag:
            case "a":
                return self._array(*held)
            case "t":
                return tuple(self.value(one) for one in held)
            case "f":
                return frozenset(self.value(one) for one in held)
            case "d":
                return {self.value(key): self.value(one) for key, one in held}
            case "y":
                return date.fromisoformat(held)
            case "e":
                return self._kinds[held[0]](held[1])
            case "c":
                return self._object(self._kinds[held[0]], held[1])
        raise ValueError(f"unknown tag {tag!r}")

    def _object(self, kind: type, held: dict[str, Any]) -> Any:
        names = {field.name for field in fields(kind)}
        if names != set(held):
            raise ValueError(f"{kind.__name__} with other fields: {sorted(names ^ set(held))}")
        return kind(**{name: self.value(one) for name, one in held.items()})

    def _array(self, kind: str, shape: list[int], at: int, is_steps: bool) -> np.ndarray[Any, Any]:
        dtype = np.dtype(kind)
        if dtype.kind not in _NUMBERS or min(shape, default=0) < 0 or at < 0:
            raise ValueError(f"an array of {kind} {shape}")
        count = int(np.prod(shape, dtype=np.int64))
        flat = np.frombuffer(self._arrays, dtype, count, at) if count else np.empty(0, dtype)
        found = np.cumsum(flat, dtype=dtype) if is_steps else flat.copy()
        return found.reshape(shape)
