"""What the estimator has learnt and heard, as plain data: after a restart it goes on as if there was none.

Kept are the filter, the one beside it that tries a door the other way round, what is known of doors, air and
habits, and what each sensor said last. A memory of another building (other spaces or doors, or in another
order) is refused.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from edge.fusion.spaces.reversal import Trial
from edge.fusion.spaces.shadow import Shadow

if TYPE_CHECKING:
    from edge.fusion.spaces.estimator import SpaceEstimator

_VERSION: Final = 10
_ARRAYS: Final = (
    ("state", ("x", "P")),
    ("", ("spaces", "heard")),
    ("doors", ("table", "last_ns")),
    ("habit", ("people", "weight")),
    ("usual", ("mean", "hours")),
    ("hints", ("level", "age_h", "levels", "day")),
    ("timetable", ("open", "closed_h")),
    ("reversal", ("moved", "passed", "below", "rest_h")),
    ("beside", ("lately", "usually", "counted", "now")),
)
_SHADOW: Final = (("shadow", ("x", "P", "heard")),)

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class EstimatorMemory:
    """`arrays` by part and name; `channels`: source and quantity of each row of `told` and `stamps`."""

    version: int
    spaces: tuple[str, ...]
    doors: tuple[str, ...]
    t_ns: int | None
    minute: int
    since_slow_h: float
    usual_air: dict[tuple[int, bool], tuple[float, float]]
    trial: Trial | None
    channels: list[tuple[str, str]]
    told: Array
    stamps: Array
    arrays: dict[str, Array]


def dump(estimator: "SpaceEstimator") -> EstimatorMemory:
    """The memory; it shares its arrays with the estimator: to be written at once."""
    return EstimatorMemory(
        version=_VERSION,
        spaces=estimator.ids,
        doors=_doors(estimator),
        t_ns=estimator.t_ns,
        minute=estimator.timetable.minute,
        since_slow_h=estimator.since_slow_h,
        usual_air=estimator.usual_air,
        trial=estimator.reversal.trial,
        channels=estimator.channels.keys,
        told=estimator.channels.told,
        stamps=estimator.channels.stamps,
        arrays={f"{part}.{name}": array for part, name, array in _arrays(estimator)},
    )


def load(estimator: "SpaceEstimator", memory: EstimatorMemory) -> None:
    """Take up what `dump` gave. Raises ValueError where it is of another building or version."""
    found = (memory.version, memory.spaces, memory.doors)
    if found != (_VERSION, estimator.ids, _doors(estimator)):
        raise ValueError("a memory of another building or version")
    trial = memory.trial
    estimator.shadow = Shadow.of(trial.door, estimator.state, estimator.heard) if trial else None
    own = {f"{part}.{name}": array for part, name, array in _arrays(estimator)}
    for name, array in own.items():
        if memory.arrays[name].shape != array.shape:
            raise ValueError(f"{name}: expected shape {array.shape}, found {memory.arrays[name].shape}")
    estimator.channels.recall(memory.channels, memory.told, memory.stamps)
    for name, array in own.items():
        array[:] = memory.arrays[name]
    estimator.habit.known = bool(estimator.habit.weight.any())
    estimator.t_ns, estimator.timetable.minute = memory.t_ns, memory.minute
    estimator.since_slow_h, estimator.reversal.trial = memory.since_slow_h, trial and replace(trial)
    estimator.usual_air = dict(memory.usual_air)


def without_times(memory: EstimatorMemory) -> EstimatorMemory:
    """What was learnt without when: for a clock that was set back."""
    last_ns = np.zeros_like(memory.arrays["doors.last_ns"])
    kept = replace(memory, t_ns=None, minute=-1, channels=[], told=memory.told[:0], stamps=memory.stamps[:0])
    return replace(kept, arrays=memory.arrays | {"doors.last_ns": last_ns})


def _doors(estimator: "SpaceEstimator") -> tuple[str, ...]:
    return tuple(door.id for door in estimator.building.doors)


def _arrays(estimator: "SpaceEstimator") -> Iterator[tuple[str, str, Array]]:
    for part, names in _ARRAYS if estimator.shadow is None else (*_ARRAYS, *_SHADOW):
        for name in names:
            yield part, name, getattr(getattr(estimator, part) if part else estimator, name)
