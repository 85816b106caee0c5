"""The kernel that writes estimates: both twins write the same, and JSON reads the numbers back."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.ext import _estimates_py, estimates

T_NS = 1_772_380_800_000_000_001
VALUE = st.one_of(st.floats(-1e9, 1e9), st.floats(0, 1), st.sampled_from((0.0, 0.125, 9.999, 99.995)))


@given(st.lists(st.tuples(VALUE, VALUE, VALUE), max_size=5))
def test_twins_agree_and_json_reads_the_numbers_back(numbers: list[tuple[float, float, float]]) -> None:
    table = np.array(numbers).reshape(-1, 3)
    spaces = [json.dumps(f"räum {n}").encode() for n in range(len(table))]
    text = estimates.rows(T_NS, table, spaces, spaces)
    assert text == _estimates_py.rows(T_NS, table, spaces, spaces)
    for n, row in enumerate(json.loads(b"[%b]" % text)):
        assert list(row.values()) == [
            f"räum {n}",
            T_NS,
            pytest.approx(table[n, 0], abs=0.0051),
            pytest.approx(table[n, 1], abs=0.0051),
            pytest.approx(table[n, 2], abs=0.0052),
            f"räum {n}",
        ]


def test_numbers_are_as_short_as_they_can_be() -> None:
    text = estimates.rows(1, np.array([[12.0, 0.5, 0.00004]]), [b'"a"'], [b'""'])
    assert b'"people": 12.0, "people_sd": 0.5, "occupied": 0.0,' in text


def test_what_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        estimates.rows(1, np.array([[np.nan, 0.0, 0.0]]), [b'"a"'], [b'""'])
    with pytest.raises(ValueError, match="a space"):
        estimates.rows(1, np.zeros((2, 3)), [b'"a"'], [b'""'])
