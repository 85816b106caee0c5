"""When the daemon says that it is degraded."""

import pytest

from edge.vitals import SinkVitals, Vitals


def with_sink(sink: SinkVitals) -> Vitals:
    return Vitals("main", "n1", "0", "b", 1.0, 1, 1.0, 1, 1.0, None, 0, 0, sinks={"mqtt": sink})


@pytest.mark.parametrize(("age_s", "n_reasons"), [(None, 0), (10.0, 1), (3_000.0, 0)])
def test_a_second_daemon_of_our_name_is_a_reason_for_some_minutes(
    age_s: float | None, n_reasons: int
) -> None:
    found = with_sink(SinkVitals(0, None, 0.1, 0, None, name_taken_age_s=age_s)).reasons()
    assert ["second daemon" in reason for reason in found] == [True] * n_reasons
