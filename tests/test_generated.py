"""What is generated and committed is fresh."""

from tests import generate


def test_generated_files_are_fresh() -> None:
    assert not [path.name for path in generate.stale()], "run `make docs`"
