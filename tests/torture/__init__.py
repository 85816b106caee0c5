"""Faults on purpose. In CI a few minutes of them; `make torture` (EDGE_TORTURE=full) runs the whole night's lot."""

import os

FULL = os.environ.get("EDGE_TORTURE", "") == "full"


def rounds(in_ci: int, in_full: int) -> int:
    """How often."""
    return in_full if FULL else in_ci
