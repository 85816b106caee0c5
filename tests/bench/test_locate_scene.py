"""How a result is scored."""

import pytest

from tests.bench.locate_scene import Found, Known, score, summary


def test_errors_are_counted_in_the_deviations_that_were_told() -> None:
    known = {name: Known(0.1 * n, "a", "a", None) for n, name in enumerate("pqrst")}
    error_m = {"p": 0.0, "q": 0.0, "r": 0.0, "s": 0.02, "t": -0.04}
    found = {name: Found("a", known[name].x_m + 0.05 + error_m[name], 0.01, 0.5) for name in known}
    one = score(known, set(known), found, 0.0)
    assert sorted(one.sigmas) == pytest.approx([0.0, 0.0, 0.0, 2.0, 4.0], abs=1e-9)
    figures = summary([one])
    assert figures["within_90"] == pytest.approx(0.6)
    assert figures["gross"] == pytest.approx(0.2)
    assert figures["order"] == 1.0
