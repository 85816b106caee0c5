"""What the commands share."""

import pytest

from edge.cli.common import age


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(None, "-"), (0.4, "0 s"), (119.0, "119 s"), (120.0, "2 min"), (7_200.0, "2 h"), (172_800.0, "2 d")],
)
def test_a_length_of_time_is_told_in_its_largest_unit(seconds: float | None, said: str) -> None:
    assert age(seconds) == said
