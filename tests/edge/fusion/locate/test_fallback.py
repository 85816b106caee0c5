"""Places without phase: the middle of the read window, and how far it may be off."""

import numpy as np
import pytest

from edge.columns import F64
from edge.fusion.locate.fallback import window_place

ENDS_M = (0.0, 3.0)


def _window(place_m: float, fades_db: float = 0.0, seed: int = 0) -> tuple[F64, F64]:
    """Reads each centimetre from half a metre away, with slow fading; faint ones are not made."""
    rng = np.random.default_rng(seed)
    x_m = np.arange(*ENDS_M, 0.01)
    waves = rng.normal(0.0, fades_db, 40)
    fading = np.interp(x_m, np.linspace(*ENDS_M, 40), waves)
    rssi_dbm = -50.0 - 40.0 * np.log10(np.hypot(x_m - place_m, 0.5) / 0.5) + fading
    heard = rssi_dbm > -58.0
    return x_m[heard], rssi_dbm[heard]


def test_a_whole_window_has_its_tag_in_its_middle() -> None:
    place_m, sd_m = window_place(*_window(1.2), ENDS_M)
    assert place_m == pytest.approx(1.2, abs=0.01)
    assert 0.05 < sd_m < 0.25


def test_a_window_that_the_path_cuts_off_says_less() -> None:
    _, whole_m = window_place(*_window(1.5), ENDS_M)
    x_m, rssi_dbm = _window(1.5)
    _, cut_off_m = window_place(x_m, rssi_dbm, (float(x_m.min()), float(x_m.max())))
    assert cut_off_m > 1.2 * whole_m


def test_where_rssi_is_not_known_the_middle_of_the_reads_is_the_place() -> None:
    place_m, _ = window_place(np.linspace(0.4, 0.8, 41), np.full(41, np.nan), ENDS_M)
    assert place_m == pytest.approx(0.6)


def test_nine_tenths_are_within_their_deviation_where_echoes_fade() -> None:
    within = []
    for seed in range(200):
        place_m, sd_m = window_place(*_window(1.5, fades_db=6.0, seed=seed), ENDS_M)
        within.append(abs(place_m - 1.5) < 1.64 * sd_m)
    assert np.mean(within) > 0.9
