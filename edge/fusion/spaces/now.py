"""A recording's estimates as of the moment of each: what the daemon would have told."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from edge.fusion.spaces.cut import Run
from edge.fusion.spaces.estimator import SpaceEstimator
from edge.fusion.spaces.faults import NONE, Faults
from edge.fusion.spaces.graph import Building
from edge.fusion.spaces.steps import Steps


@dataclass(slots=True)
class Now:
    """Feed it runs of steps in order; take what is `ready`, and the `rest` at the end. `faults` are those of
    the steps that were taken last."""

    building: Building
    estimator: SpaceEstimator = field(init=False)
    faults: Faults = NONE
    _done: list[Steps] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.estimator = SpaceEstimator(self.building)

    def take(self, run: Run) -> int:
        """Take in the first steps of a run; how many."""
        done = self.estimator.advance(run)
        self._done.append(done)
        self.faults = self.estimator.faults
        return len(done)

    def ready(self) -> Iterator[Steps]:
        """The steps that are known for good."""
        done, self._done = self._done, []
        yield from done

    def rest(self) -> Iterator[Steps]:
        """All others, at the end."""
        return self.ready()
