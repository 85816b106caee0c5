"""A hand that turns back on its way: the sweep in two legs.

One way leaves the reads of a sweep there and back unexplained at any pace, the two ways do not; and what both
pass comes in reverse.
"""

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np

from edge.columns import F64, Index
from edge.fusion.locate.options import Options
from edge.fusion.locate.overlay import SHARED, line, places
from edge.fusion.locate.row import MIN_PHASE_READS
from edge.fusion.locate.sweeps import LEAST_S, Leg, paced
from edge.fusion.window import Window

UNEXPLAINED: Final = 0.15  # of the power; steady hands leave 0.02 to 0.12, uneven ones 0.2, a turn 0.2 to 0.6
HOPELESS: Final = 0.7  # where nothing passes by, 0.7 to 1 is left
TURNED: Final = 1.0 / 3.0  # of what one way leaves, two ways leave less; measured: a fifth
MOMENTS: Final = 10


def ways_of(window: Window, sweep: Leg, options: Options) -> tuple[Leg, ...]:
    """The sweep; or the way there and the way back, where one way leaves much and two leave little."""
    reads = np.bincount(window.tags.tag[sweep.rows])
    if not UNEXPLAINED < sweep.left < HOPELESS or (reads >= 2 * MIN_PHASE_READS).sum() < SHARED:
        return (sweep,)
    t_s = (window.tags.t_ns[sweep.rows] - window.tags.t_ns[sweep.rows[0]]) * 1e-9
    rough = np.linspace(0.0, t_s[-1], MOMENTS + 1)
    at_s = _turn(window, sweep, t_s, rough[1:-1], options, roughly=True)
    fine = np.linspace(at_s - rough[1], at_s + rough[1], MOMENTS - 1)
    at_s = _turn(window, sweep, t_s, fine, options)
    ways = [paced(window, rows, options) for rows in _cut(sweep, t_s, at_s)]
    return tuple(ways) if _are_ways(window, sweep, ways, options) else (sweep,)


def _are_ways(window: Window, sweep: Leg, ways: Sequence[Leg], options: Options) -> bool:
    if _left_by(ways) >= TURNED * sweep.left:
        return False
    there, back = (places(window, leg, options) for leg in ways)
    found = line(back, there)
    return found is not None and found[1] < 0.0


def _turn(
    window: Window, sweep: Leg, t_s: F64, moments_s: F64, options: Options, *, roughly: bool = False
) -> float:
    """The moment at which a turn leaves least."""
    inside = moments_s[(moments_s > LEAST_S) & (moments_s < t_s[-1] - LEAST_S)]
    left = [
        _left_by(paced(window, rows, options, roughly=roughly) for rows in _cut(sweep, t_s, at_s))
        for at_s in inside.tolist()
    ]
    return float(inside[int(np.argmin(left))]) if left else 0.5 * float(t_s[-1])


def _cut(sweep: Leg, t_s: F64, at_s: float) -> list[Index]:
    return np.split(sweep.rows, [int(np.searchsorted(t_s, at_s))])


def _left_by(ways: Iterable[Leg]) -> float:
    """What legs leave together."""
    reads = [(len(leg.rows), leg.left) for leg in ways]
    return sum(n * left for n, left in reads) / sum(n for n, _ in reads)
