"""Which boards' x axes agree: those one above the other do, those side by side are off by a board's length.

A tag that is heard from two boards shows how their axes lie to each other. Where they agree, what was
measured from the one says where the tag is on the other.
"""

from collections.abc import Iterable, Mapping

import numpy as np

from edge.fusion.inventory.evidence import TagEvidence
from edge.fusion.robust import middle_and_spread

_ENOUGH_READS = 8
_ENOUGH_TAGS = 6
_MOST_SPREAD_M = 0.10

Offsets = Mapping[tuple[str, str], float]


def offsets_m(tags: Iterable[TagEvidence]) -> dict[tuple[str, str], float]:
    """(a, b) → what to add to a place along b to have it along a; only pairs of boards whose axes agree."""
    differences: dict[tuple[str, str], list[float]] = {}
    for tag in tags:
        well = {shelf: one.window_m for shelf, one in tag.heard.items() if one.reads >= _ENOUGH_READS}
        for a, x_a in well.items():
            for b, x_b in well.items():
                if a != b:
                    differences.setdefault((a, b), []).append(x_a - x_b)
    found = {}
    for pair, values in differences.items():
        middle, spread = map(float, middle_and_spread(np.array(values)))
        if len(values) >= _ENOUGH_TAGS and spread <= _MOST_SPREAD_M:
            found[pair] = middle
    return found
