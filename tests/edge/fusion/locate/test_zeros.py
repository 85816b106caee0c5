"""Boards' zeros: told by the tags that two boards' passes see, and by nothing else."""

from dataclasses import replace

import numpy as np
import pytest

from edge.columns import Readings, concat_readings, take
from edge.fusion.locate import Calibration, Offset, Options, locate
from edge.fusion.locate.offset import offsets
from edge.fusion.locate.zeros import Pair, zeros_of
from edge.fusion.window import Window, whole
from tests.edge.fusion.locate.test_locate import scan

LENGTHS_M = {"a1": 1.0, "a2": 1.0}
OF_EACH = 7
MISSED_M = 0.02


def pass_along(shelf: str, own: bool, later_s: float, missed_m: float) -> Readings:
    """A pass along one of two tiers: of the other's tags it hears a quarter of the reads, and those faint."""
    one = scan([0.2, 0.3, 0.42, 0.5, 0.61, 0.7, 0.8, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.85])
    later_ns = round(later_s * 1e9)
    strange = (one.tags.tag < OF_EACH) != own
    keep = ~strange | (np.arange(len(one.tags)) // (2 * OF_EACH) % 4 == 0)
    rssi_dbm = one.tags.rssi_dbm - 10.0 * strange
    tags = take(replace(one.tags, t_ns=one.tags.t_ns + later_ns, rssi_dbm=rssi_dbm), keep)
    moved = one.poses.x_m + missed_m
    poses = replace(one.poses, t_ns=one.poses.t_ns + later_ns, x_m=moved, shelves=(shelf,))
    return Readings(tags=tags, poses=poses)


def two_tiers() -> Window:
    """Two tiers of a bay; the lower one's zero is missed by 2 cm."""
    passes = [pass_along("a1", True, 0.0, 0.0), pass_along("a2", False, 20.0, MISSED_M)]
    return whole(concat_readings(passes))


def test_missed_zero_is_found_and_taken_out() -> None:
    found, without = (locate(two_tiers(), LENGTHS_M, Options(zeros=z)) for z in (True, False))
    assert not without.zeros
    assert found.zeros["a2"].x_m - found.zeros["a1"].x_m == pytest.approx(MISSED_M, abs=0.006)
    before = without.by_epc()
    for place in found.places:
        assert before[place.epc].x_m - place.x_m == pytest.approx(found.zeros[place.shelf].x_m)
        assert place.shelf == ("a1" if int(place.epc[2:], 16) < OF_EACH else "a2")


def test_board_with_labels_is_known_and_left_alone() -> None:
    known = Calibration(offsets={"a2": Offset(MISSED_M, 0.001, 3)})
    assert locate(two_tiers(), LENGTHS_M, Options(calibration=known)).zeros == {}


def test_labels_tell_the_whole_offset_whatever_was_taken_out() -> None:
    found = locate(two_tiers(), LENGTHS_M)
    label = {"E20A": ("a2", 0.55)}
    of_labels = offsets(found, label)["a2"]
    assert of_labels.x_m == pytest.approx(MISSED_M, abs=0.008)
    alone = offsets(locate(two_tiers(), LENGTHS_M, Options(zeros=False)), label)["a2"]
    assert (of_labels.x_m, of_labels.at_m) == pytest.approx((alone.x_m, alone.at_m))


def test_zeros_share_a_difference_in_both_directions() -> None:
    pairs = [Pair(0, 1, 0.02, 0.003, 20), Pair(1, 0, -0.02, 0.003, 18)]
    found = zeros_of(pairs, ["a", "b", "c"])
    assert found.keys() == {"a", "b"}
    assert found["b"].x_m == pytest.approx(0.01, abs=0.001)
    assert found["a"].x_m == pytest.approx(-found["b"].x_m)
    assert found["a"].tags == 38


def test_differences_within_their_errors_move_little() -> None:
    pairs = [Pair(a, b, x_m, 0.006, 8) for a, b, x_m in ((0, 1, 0.003), (1, 0, 0.002), (1, 2, -0.004))]
    assert all(abs(zero.x_m) < 0.001 for zero in zeros_of(pairs, ["a", "b", "c"]).values())


def test_errors_of_zeros_are_as_said() -> None:
    rng = np.random.default_rng(3)
    off = []
    for _ in range(100):
        zeros = rng.normal(0.0, 0.008, 4)
        pairs = [
            Pair(n, m, float(zeros[m] - zeros[n] + rng.normal(0.0, 0.004)), 0.004, 10)
            for n in range(4)
            for m in (n - 1, n + 1)
            if 0 <= m < 4
        ]
        found = zeros_of(pairs, "abcd")
        off += [(zero.x_m - true) / zero.x_sd_m for zero, true in zip(found.values(), zeros, strict=True)]
    assert 0.8 < float(np.std(off)) < 1.2


def test_no_pairs_no_zeros() -> None:
    assert zeros_of([], ["a"]) == {}
