"""What spaces keep over a restart: they go on as if there was none."""

import numpy as np
import pytest

from edge.fusion import memory
from edge.fusion.live_memory import KINDS
from edge.fusion.spaces import SpaceEstimator
from edge.fusion.spaces.graph import Building
from edge.fusion.spaces.live import LiveSpaces
from edge.fusion.spaces.read import steps
from edge.fusion.spaces.snapshot import dump, load
from edge.fusion.window import Window
from edge.types import Reading
from tests.edge.fusion.spaces.rooms import MINUTE_NS, door, one_room, room, window_of

EVENING = 21 * 60
HOURS = 4


def evening(seed: int) -> Window:
    """A counter the wrong way round, people who come, stay and go, bad air and noise over closing time."""
    rng = np.random.default_rng(seed)
    readings: list[Reading] = []
    for m in range(HOURS * 60):
        n_in, n_out = rng.poisson(0.5), rng.poisson(0.1 if m < 100 else 0.7)
        readings += [door(EVENING + m + 0.3, int(n_out), int(n_in))] if n_in + n_out else []
        readings += [room(EVENING + m, "sound_dba", 44.0 + 12.0 * rng.random(), "pir")]
        readings += [room(EVENING + m, "presence", float(m < 170), "pir")]
        if m % 5 == 0:
            readings += [room(EVENING + m, "co2_ppm", 450.0 + min(m, 100) * 12.0, "co2")]
        if m % 60 == 0:
            readings += [room(EVENING + m, "people", float(rng.poisson(15)), "heads")]
    return window_of(readings)


def building() -> Building:
    return one_room(open=("mon-sun 08:00-22:00",), capacity=20)


def restarted(live: LiveSpaces) -> LiveSpaces:
    again = LiveSpaces(building())
    again.recall(memory.decode(memory.encode(live.memory(), KINDS), KINDS))  # type: ignore[arg-type]
    return again


@pytest.mark.parametrize("seed", [1, 2])
def test_a_restart_at_any_moment_changes_no_record(seed: int) -> None:
    parts = list(steps(evening(seed), 25_000_000_000))
    whole, parted = LiveSpaces(building()), LiveSpaces(building())
    expected, found, trials = [], [], 0
    for n, part in enumerate(parts):
        expected += whole.step(part)
        found += parted.step(part)
        if n % 9 == 0:
            trials += parted.estimator.shadow is not None
            parted = restarted(parted)
    assert found == expected
    assert trials
    assert {record.TYPE for record in found} >= {"space.noise", "space.air", "space.capacity"}


def test_a_memory_of_another_building_is_refused() -> None:
    kept = dump(SpaceEstimator(one_room()))
    with pytest.raises(ValueError, match="another building"):
        load(SpaceEstimator(one_room(id="hall")), kept)


def test_a_memory_of_another_building_gives_the_counts_all_the_same() -> None:
    live = LiveSpaces(building())
    live.step(next(steps(window_of([door(0.1, 3, 1)]), MINUTE_NS // 2)))
    again = LiveSpaces(one_room(id="hall"))
    again.recall(live.memory())
    assert [record.TYPE for record in again.finish()] == ["door.flow"]
