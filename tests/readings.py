"""What tests need to compare readings, and to write them."""

import json
from dataclasses import fields

import numpy as np

from edge.columns import DoorColumns, PoseColumns, Readings, RoomColumns, TagColumns

Columns = TagColumns | PoseColumns | DoorColumns | RoomColumns


def assert_same_readings(found: Readings, expected: Readings) -> None:
    """Both hold the same rows and tables, to the last bit and the type of every column."""
    for kind in ("tags", "poses", "doors", "rooms"):
        _assert_same_columns(getattr(found, kind), getattr(expected, kind))


def line(**keys: object) -> bytes:
    """One reading as a JSON line."""
    return json.dumps(keys, separators=(",", ":")).encode() + b"\n"


def tag_line(n: int = 0, **keys: object) -> bytes:
    """A tag read, the n-th of a recording at 100 reads/s."""
    t_ns = 1_763_712_000_000_000_000 + n * 10_000_000
    return line(**{"kind": "tag", "t_ns": t_ns, "source": "cart-1", "antenna": 1, "epc": "E2801160"} | keys)


def _assert_same_columns(found: Columns, expected: Columns) -> None:
    for field in fields(expected):
        a, b = getattr(found, field.name), getattr(expected, field.name)
        if isinstance(b, np.ndarray):
            assert a.dtype == b.dtype, field.name
            np.testing.assert_array_equal(a, b, err_msg=field.name)
            if b.dtype == np.float64:
                np.testing.assert_array_equal(np.signbit(a[a == 0]), np.signbit(b[b == 0]))
        elif field.name == "frames":
            assert a.keys() == b.keys()
            for row in b:
                np.testing.assert_array_equal(a[row], b[row])
        else:
            assert a == b, field.name
