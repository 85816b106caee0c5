"""The models of recordings say the same as the kernel that decodes them."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from edge.documents import RecordingLine
from edge.ext.jsonl import decode

IDS = st.from_regex(r"[a-z0-9][a-z0-9-]{0,20}", fullmatch=True)
ODD = st.one_of(st.none(), st.booleans(), st.text(max_size=5), st.lists(st.integers(), max_size=2))
NUMBERS = st.one_of(st.floats(-1e12, 1e12), st.integers(-(10**12), 10**12), st.floats(allow_nan=False))
LINES = st.one_of(
    st.fixed_dictionaries(
        {
            "kind": st.just("tag"),
            "t_ns": st.integers(0, 2**63 - 1),
            "source": IDS,
            "antenna": st.one_of(st.integers(-1, 70_000), ODD),
            "epc": st.one_of(st.from_regex(r"([0-9A-F]{2}){1,40}", fullmatch=True), st.text(max_size=8)),
        },
        optional={
            "rssi_dbm": st.one_of(NUMBERS, ODD, st.floats(-250, 250)),
            "freq_mhz": st.one_of(NUMBERS, ODD, st.floats(-1, 1e6)),
            "extra": ODD,
        },
    ),
    st.fixed_dictionaries(
        {
            "kind": st.just("pose"),
            "t_ns": st.integers(0, 2**63 - 1),
            "source": IDS,
            "shelf": IDS,
            "x_m": st.one_of(st.floats(-2e4, 2e4), NUMBERS),
            "y_m": st.one_of(st.floats(-2e4, 2e4), NUMBERS),
        },
        optional={"z_m": st.one_of(NUMBERS, ODD)},
    ),
    st.fixed_dictionaries(
        {"kind": st.just("door"), "t_ns": st.integers(-1, 2**64), "source": IDS, "in": NUMBERS, "out": ODD}
    ),
    st.fixed_dictionaries(
        {
            "kind": st.just("room"),
            "t_ns": st.integers(0, 2**63 - 1),
            "source": IDS,
            "quantity": st.sampled_from(["co2_ppm", "people", "motion", "smell"]),
            "value": st.one_of(NUMBERS, st.booleans(), st.none()),
        }
    ),
)


def is_valid(line: dict[str, Any]) -> bool:
    try:
        RecordingLine.model_validate_json(json.dumps(line), strict=True)
    except ValidationError:
        return False
    return True


@given(LINES)
def test_schema_and_kernel_take_the_same_lines(line: dict[str, Any]) -> None:
    readings, skipped = decode(json.dumps(line).encode())
    if is_valid(line):
        assert (len(readings), skipped) == (1, [])
    elif len(readings):
        # The kernel is kinder in two things: lower-case hex, and whole numbers written as floats.
        relaxed = {k: int(v) if isinstance(v, float) and v.is_integer() else v for k, v in line.items()}
        relaxed = {k: v.upper() if k == "epc" else v for k, v in relaxed.items()}
        assert is_valid(relaxed)


@pytest.mark.parametrize("value", [[20.0] * 63, [20.0] * 65, "hot", [None] * 64])
def test_thermal_frame_needs_64_numbers(value: Any) -> None:
    line = {"kind": "room", "t_ns": 1, "source": "a", "quantity": "thermal_8x8", "value": value}
    assert not is_valid(line)
    assert len(decode(json.dumps(line).encode())[1]) == 1
