"""State as bytes: what goes in comes out, and what is no state is refused."""

from dataclasses import dataclass
from datetime import date
from enum import Enum

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.errors import BadFrame
from edge.fusion.memory import FORM, decode, encode, kinds_of


@dataclass(frozen=True, slots=True)
class Pair:
    left: object
    right: object


@dataclass(frozen=True, slots=True)
class Stranger:
    left: object


class Colour(Enum):
    RED = "red"


KINDS = kinds_of((Pair, Colour))
plain = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.dates()
trees = st.recursive(
    plain | st.just(Colour.RED),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text() | st.tuples(st.integers(), st.text()), inner, max_size=4)
        | st.builds(Pair, inner, inner)
        | st.frozensets(plain, max_size=4)
    ),
    max_leaves=20,
)


@given(trees)
def test_what_goes_in_comes_out(tree: object) -> None:
    assert decode(encode(tree, KINDS), KINDS) == tree


@given(st.lists(st.integers(-(2**63), 2**63 - 1)))
def test_times_come_out_whatever_lies_between_them(times: list[int]) -> None:
    found = decode(encode(np.array(times, np.int64), KINDS), KINDS)
    assert isinstance(found, np.ndarray)
    assert found.dtype == np.int64
    assert found.tolist() == times


@pytest.mark.parametrize("kind", ["f8", "u8", "i4", "?", "u1"])
def test_arrays_keep_their_type_and_shape(kind: str) -> None:
    array = np.arange(24).reshape(2, 3, 4).astype(kind)
    found = decode(encode([array, array[0, 0]], KINDS), KINDS)
    assert isinstance(found, list)
    np.testing.assert_array_equal(found[0], array)
    assert found[0].dtype == array.dtype
    assert found[0].flags.writeable


def test_nan_comes_out() -> None:
    found = decode(encode(np.array([np.nan, 1.0]), KINDS), KINDS)
    np.testing.assert_array_equal(np.array(found), [np.nan, 1.0])


def test_a_class_that_is_not_in_the_table_is_refused() -> None:
    with pytest.raises(TypeError, match="Stranger"):
        encode([Stranger(1)], KINDS)
    with pytest.raises(BadFrame):
        decode(encode(Stranger(1), kinds_of((Stranger,))), KINDS)


def test_a_class_whose_fields_have_changed_is_refused() -> None:
    body = encode(Stranger(1), kinds_of((Stranger,)))
    with pytest.raises(BadFrame, match="other fields"):
        decode(body, {"Stranger": Pair})


def test_a_day_is_no_text() -> None:
    assert decode(encode(date(2026, 9, 1), KINDS), KINDS) == date(2026, 9, 1)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_state_or_refused(body: bytes) -> None:
    for some in (body, bytes([FORM]) + body):
        try:
            decode(some, KINDS)
        except BadFrame:
            continue


@given(trees, st.data())
def test_a_state_that_was_cut_or_changed_does_no_harm(tree: object, data: st.DataObject) -> None:
    body = bytearray(encode(tree, KINDS))
    body[data.draw(st.integers(0, len(body) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    del body[data.draw(st.integers(1, len(body))) :]
    try:
        decode(bytes(body), KINDS)
    except BadFrame:
        return
