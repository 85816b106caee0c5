"""When a fault may have begun that was found later: counters are hung, and turned, when nobody passes."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from edge.columns import F64

_HOUR_NS: Final = 3_600_000_000_000
_QUIET_NS: Final = _HOUR_NS
_BEFORE_H: Final = (4.0, 2.0, 1.0, 0.5)
LOOK_BACK_NS: Final = 24 * _HOUR_NS


def beginnings(t_ns: Sequence[int], passed: F64) -> list[int]:
    """Moments from which on a counter may have been wrong that is found so at the last of `t_ns`, in order:
    when people began to pass after its last quiet hour, and some hours before now. `passed`: those whom it
    counted by step."""
    busy = [t for t, n in zip(t_ns, passed.tolist(), strict=True) if n > 0]
    if not busy:
        return []
    quiet = np.flatnonzero(np.diff(busy) >= _QUIET_NS)
    first_ns = busy[int(quiet[-1]) + 1 if len(quiet) else 0] - 1
    later = (t_ns[-1] - round(hours * _HOUR_NS) for hours in _BEFORE_H)
    return [first_ns, *(began_ns for began_ns in later if began_ns > first_ns)]
