"""What the estimator has learnt, as a JSON document, so that it outlives a restart.

Kept are the filter, what is known of doors, air and habits, and what signs were seen; not the sensors' last
readings, which come again. A document of another building (other spaces or doors, or in another order) is
refused.
"""

from typing import Any, Final

import numpy as np

from edge.fusion.spaces.estimator import SpaceEstimator

_VERSION: Final = 2
_ARRAYS: Final = (
    ("state", ("x", "P")),
    ("", ("spaces",)),
    ("doors", ("table", "last_ns")),
    ("habit", ("people", "weight")),
    ("timetable", ("open", "closed_h")),
)


def dump(estimator: SpaceEstimator) -> dict[str, Any]:
    """The document; NaN is written as null."""
    return {
        "version": _VERSION,
        "spaces": [space.id for space in estimator.building.spaces],
        "doors": [door.id for door in estimator.building.doors],
        "t_ns": estimator.t_ns,
        "usual_air": [[s, is_open, *known] for (s, is_open), known in estimator.usual_air.items()],
        "arrays": {
            f"{part}.{name}": _plain(getattr(_part(estimator, part), name))
            for part, names in _ARRAYS
            for name in names
        },
    }


def load(estimator: SpaceEstimator, document: dict[str, Any]) -> None:
    """Take up what `dump` wrote. Raises ValueError where it is of another building or version."""
    spaces = [space.id for space in estimator.building.spaces]
    doors = [door.id for door in estimator.building.doors]
    found = (document.get("version"), document.get("spaces"), document.get("doors"))
    if found != (_VERSION, spaces, doors):
        raise ValueError("a snapshot of another building or version")
    names = [f"{part}.{name}" for part, names in _ARRAYS for name in names]
    read = {name: _array(estimator, name, document["arrays"][name]) for name in names}
    for name, array in read.items():
        part, _, attribute = name.partition(".")
        getattr(_part(estimator, part), attribute)[:] = array
    estimator.t_ns = document["t_ns"]
    estimator.usual_air = {(s, is_open): (mean, var) for s, is_open, mean, var in document["usual_air"]}


def _part(estimator: SpaceEstimator, name: str) -> Any:
    return getattr(estimator, name) if name else estimator


def _plain(array: np.ndarray[Any, Any]) -> Any:
    if array.dtype == np.float64:
        plain = array.astype(object)
        plain[np.isnan(array)] = None
        return plain.tolist()
    return array.tolist()


def _array(estimator: SpaceEstimator, name: str, values: Any) -> np.ndarray[Any, Any]:
    part, _, attribute = name.partition(".")
    now = getattr(_part(estimator, part), attribute)
    array = np.array(values, dtype=now.dtype)
    if array.shape != now.shape:
        raise ValueError(f"{name}: expected shape {now.shape}, found {array.shape}")
    return array
