"""What all tests share: where the development data is, and what a missing real component means."""

import os
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import HealthCheck, settings

# A loaded machine is slow, not wrong.
settings.register_profile("edge", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("edge")

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT.parent / "shared" / "data"


def missing(what: str) -> NoReturn:
    """Skip where a real component is not installed; fail where EDGE_TEST_REQUIRE_REAL is set."""
    if os.environ.get("EDGE_TEST_REQUIRE_REAL", "") not in ("", "0"):
        pytest.fail(f"{what} is required here, and is not installed")
    pytest.skip(f"{what} is not installed")


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of development data beside the checkout."""
    if not DATA.is_dir():
        pytest.skip(f"no development data at ../shared/data (looked from {ROOT.name}/)")
    return DATA
