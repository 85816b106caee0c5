"""Faults on purpose: a few minutes of them in CI, a night's lot by `make torture` (EDGE_TORTURE=full)."""

import os


def is_full() -> bool:
    return os.environ.get("EDGE_TORTURE", "") == "full"


def rounds(in_ci: int, in_full: int) -> int:
    """How often."""
    return in_full if is_full() else in_ci
