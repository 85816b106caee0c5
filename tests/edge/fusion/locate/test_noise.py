"""The noise of a reader comes out of reads of known noise, and does not grow with the path's own phase."""

import numpy as np
import pytest

from edge.fusion.locate.noise import USUAL, Noise, noise_of
from edge.fusion.locate.physics import wavenumber
from edge.fusion.locate.result import Port
from edge.fusion.locate.tracks import Tracks

MHZ, SPEED_M_S, READS = 866.0, 0.2, 3000


def passed(half_turns: bool, n: int = READS) -> Noise:
    """What reads of one tag say, of 0.03 in log-amplitude (one way) and 0.04 rad (one way)."""
    rng = np.random.default_rng(0)
    t_s = np.linspace(0.0, 0.02 * (n - 1), n)
    x_m = np.abs((SPEED_M_S * t_s) % 2.0 - 1.0)
    d = np.hypot(x_m - 0.5, 0.45)
    theta = 2.0 * float(wavenumber(MHZ)) * (d + 3.0) + rng.normal(0.0, 0.08, n)
    theta += np.pi * rng.integers(0, 2, n) * half_turns
    rssi = -40.0 - 40.0 * np.log10(d / 0.45) + rng.normal(0.0, 0.03 * 40.0 / np.log(10.0), n)
    zero = np.zeros(n, np.intp)
    tracks = Tracks(
        port=zero,
        leg=zero,
        tag=zero,
        x_m=x_m,
        y_m=np.full(n, 0.41),
        theta_rad=theta % (2.0 * np.pi),
        f_mhz=np.full(n, MHZ),
        rssi_dbm=rssi,
        t_s=t_s,
        ports=(("cart", 1),),
    )
    port = Port("cart", 1, half_turns, 0.5 * half_turns, 3.0, 1, n)
    return noise_of(tracks, np.arange(n), [port], np.array([0.5]), 0.04)


@pytest.mark.parametrize("half_turns", [False, True])
def test_noise_that_was_put_in_comes_out(half_turns: bool) -> None:
    found = passed(half_turns)
    assert found.log_amplitude == pytest.approx(0.03, rel=0.1)
    assert found.phase_rad == pytest.approx(0.04, rel=0.15)


def test_few_reads_leave_the_usual_noise() -> None:
    assert passed(False, 20) is USUAL


def test_weak_reads_are_less_sure_of_their_phase() -> None:
    sd = USUAL.sd(np.array([10.0 ** (-65.0 / 40.0), 10.0 ** (-35.0 / 40.0)]))
    assert sd[0, 0] == sd[0, 1]
    assert sd[1, 0] > sd[1, 1]
