"""The JSON document of `edge spaces` (CONTRACT clause 4): written piece by piece, since a week is long."""

import json
from collections.abc import Iterator
from itertools import chain, repeat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edge.fusion.spaces.estimator import Estimates
    from edge.fusion.spaces.read import SpaceReport

_ROW = '{{"space": {}, "t_ns": %d, "people": %r, "people_sd": %r, "occupied": %r, "quality": "%s"}}'


def pieces(report: "SpaceReport") -> Iterator[str]:
    """The document's text, a step of the occupancy at a time."""
    yield '{"occupancy": ['
    template = ", ".join(_ROW.format(json.dumps(space)) for space in report.spaces)
    for n, step in enumerate(report.steps):
        yield (", " if n else "") + template % _values(step)
    yield "]"
    for name, value in _rest(report).items():
        yield f', "{name}": {json.dumps(value, ensure_ascii=False, allow_nan=False)}'
    yield "}\n"


def _values(step: "Estimates") -> tuple[object, ...]:
    from edge.fusion.spaces.estimator import quality

    people = step.numbers[:, :2].round(2).T.tolist()
    occupied = step.numbers[:, 2].round(4).tolist()
    alive = map(quality, step.alive.tolist())
    return tuple(chain.from_iterable(zip(repeat(step.t_ns), *people, occupied, alive, strict=False)))
