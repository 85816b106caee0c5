"""What the doors say: people counted in and out, doors that fall silent, and who stands in for them."""

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from edge.columns import F64, I64, DoorColumns, Index
from edge.ext import hearing
from edge.ext.hearing import FLIPPED, JUMPED, MOVED_IN, MOVED_OUT, N_IN, N_OUT, RATE_H, SILENT, TOTAL
from edge.ext.occupancy import UNSEEN
from edge.fusion.spaces.channels import EVIDENCE
from edge.fusion.spaces.graph import Building

_GUESS_NOISE: Final = 0.5  # variance a person adds that a neighbouring door stands for
_UNSEEN_NOISE: Final = 4.0  # variance a person adds that nobody stands for
_BIT: Final = 1 << EVIDENCE.index("doors")


@dataclass(slots=True)
class Doors:
    """`table` by door (`edge.ext.hearing`); `sides`: the places of origin and target, -1 outside."""

    building: Building
    table: F64 = field(init=False)
    last_ns: I64 = field(init=False)
    sides: Index = field(init=False)
    _of_source: Index = field(default_factory=lambda: np.empty((0, 2), np.intp))
    _sources: tuple[str, ...] | None = None
    _beside: list[Index] = field(init=False)

    def __post_init__(self) -> None:
        doors = self.building.doors
        self.table = np.zeros((len(doors), hearing.DOOR_COLUMNS))
        self.last_ns = np.zeros(len(doors), np.int64)
        self.sides = sides(self.building)
        self._beside = [self._parallel(d) for d in range(len(doors))]

    @property
    def silent(self) -> Index:
        """The doors that spoke and say nothing more."""
        return np.flatnonzero(self.table[:, SILENT])

    @property
    def flipped(self) -> Index:
        """The doors that are taken the other way round than they are mounted."""
        return np.flatnonzero(self.table[:, FLIPPED])

    @property
    def jumped(self) -> Index:
        """The doors that counted more than can pass in the last step."""
        return np.flatnonzero(self.table[:, JUMPED])

    def take(self, counts: DoorColumns, spaces: F64, alive: Index, end_ns: int, step_h: float) -> None:
        """Take in a step's counts; marks in `spaces` and `alive` where a door was heard."""
        if counts.sources != self._sources:
            self._sources = counts.sources
            pairs = [
                (s, d)
                for s, source in enumerate(counts.sources)
                for d, door in enumerate(self.building.doors)
                if door.source == source
            ]
            self._of_source = np.array(pairs, np.intp).reshape(-1, 2)
        hearing.count(
            counts.source,
            counts.n_in,
            counts.n_out,
            self._of_source,
            self.table,
            self.last_ns,
            self.sides,
            spaces,
            alive,
            _BIT,
            end_ns,
            step_h,
        )
        self._unseen(spaces, step_h)

    def moved(self, noise: float) -> F64:
        """By door: people to move in, out, and the variance that one adds. Counted where the door speaks,
        guessed from the doors beside it where not."""
        found = np.empty((len(self.table), 3))
        found[:, :2] = self.table[:, MOVED_IN : MOVED_OUT + 1]
        found[:, 2] = noise
        for d in self.silent.tolist():
            n_in, n_out = self._stand_in(d)
            back = self.table[d, FLIPPED] != 0.0
            found[d] = (n_out, n_in, _GUESS_NOISE) if back else (n_in, n_out, _GUESS_NOISE)
        return found

    def flip(self, d: int) -> None:
        """Take a door the other way round from now on."""
        self.table[d, FLIPPED] = 1.0 - self.table[d, FLIPPED]

    def _stand_in(self, d: int) -> tuple[float, float]:
        """What the doors between the same spaces count, in the share that this one usually has of it."""
        table, beside = self.table, self._beside[d]
        beside = beside[table[beside, SILENT] == 0.0]
        usual = float(table[beside, TOTAL].sum())
        if usual <= 0.0:
            return 0.0, 0.0
        share = float(table[d, TOTAL]) / usual
        return share * float(table[beside, N_IN].sum()), share * float(table[beside, N_OUT].sum())

    def _unseen(self, spaces: F64, step_h: float) -> None:
        """The variance, by space, of people who passed a silent door with no other beside it."""
        spaces[:, UNSEEN] = 0.0
        for d in self.silent.tolist():
            if not len(self._beside[d]):
                inside = self.sides[d][self.sides[d] >= 0]
                spaces[inside, UNSEEN] += _UNSEEN_NOISE * self.table[d, RATE_H] * step_h

    def _parallel(self, d: int) -> Index:
        own = self.building.doors[d]
        pair = {own.origin, own.target}
        return np.array(
            [
                n
                for n, door in enumerate(self.building.doors)
                if n != d and (door.origin, door.target) == (own.origin, own.target) and len(pair) == 2
            ],
            np.intp,
        )


def sides(building: Building) -> Index:
    """By door the places of its origin and target, -1 outside: (n, 2)."""
    place = {space.id: s for s, space in enumerate(building.spaces)}
    found = [(place.get(door.origin, -1), place.get(door.target, -1)) for door in building.doors]
    return np.array(found, np.intp).reshape(-1, 2)
