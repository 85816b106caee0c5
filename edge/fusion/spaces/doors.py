"""What the doors say: people counted in and out, doors that fall silent, and who stands in for them."""

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from edge.columns import F64, I64, DoorColumns, Index
from edge.ext import hearing
from edge.ext.hearing import FLIPPED, MOVED_IN, MOVED_OUT, N_IN, N_OUT, RATE_H, SILENT, TOTAL, Ends
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
        self._beside = self._parallel()

    def take(
        self, counts: DoorColumns, steps: Ends, step_h: F64, spaces: F64, alive: Index
    ) -> tuple[F64, I64]:
        """Take in the counts of T steps; marks in `spaces` (T + 1, n, …) and `alive` (T, n) where a door was
        heard. The tables before the first and after each: `table`, and `last_ns` that a door was heard."""
        table = np.empty((len(step_h) + 1, *self.table.shape))
        last_ns = np.empty(table.shape[:2], np.int64)
        table[0], last_ns[0] = self.table, self.last_ns
        readings = counts.source, counts.n_in, counts.n_out, steps, step_h, self._doors_of(counts)
        hearing.count(*readings, table, last_ns, self.sides, spaces, alive, _BIT)
        self._unseen(table[1:], spaces[1:], step_h)
        self.table[:], self.last_ns[:] = table[-1], last_ns[-1]
        return table, last_ns

    def _doors_of(self, counts: DoorColumns) -> Index:
        """By row a source and a door of it."""
        if counts.sources != self._sources:
            self._sources = counts.sources
            places: dict[str, list[int]] = {}
            for d, door in enumerate(self.building.doors):
                places.setdefault(door.source, []).append(d)
            pairs = [(s, d) for s, source in enumerate(counts.sources) for d in places.get(source, ())]
            self._of_source = np.array(pairs, np.intp).reshape(-1, 2)
        return self._of_source

    def moved(self, table: F64, noise: float) -> F64:
        """By step and door: people to move in, out, and the variance that one adds. Counted where the door
        speaks, guessed from the doors beside it where not. `table`: (T, n_doors, …)."""
        found = np.empty((*table.shape[:2], 3))
        found[..., :2] = table[..., MOVED_IN : MOVED_OUT + 1]
        found[..., 2] = noise
        for d in _ever(table[..., SILENT]):
            guess = self._stand_in(table, d)
            guess = np.where(table[:, d, FLIPPED, None] != 0.0, guess[:, ::-1], guess)
            silent = table[:, d, SILENT] != 0.0
            found[silent, d, :2], found[silent, d, 2] = guess[silent], _GUESS_NOISE
        return found

    def flip(self, d: int) -> None:
        """Take a door the other way round from now on."""
        self.table[d, FLIPPED] = 1.0 - self.table[d, FLIPPED]

    def _stand_in(self, table: F64, d: int) -> F64:
        """By step, what the doors between the same spaces count in and out, in the share that this one
        usually has of it."""
        beside = table[:, self._beside[d]] * (table[:, self._beside[d], SILENT, None] == 0.0)
        usual = beside[..., TOTAL].sum(axis=1)
        share = np.where(usual > 0.0, table[:, d, TOTAL] / np.where(usual > 0.0, usual, 1.0), 0.0)
        found: F64 = share[:, None] * beside[..., [N_IN, N_OUT]].sum(axis=1)
        return found

    def _unseen(self, table: F64, spaces: F64, step_h: F64) -> None:
        """The variance, by space, of people who passed a silent door with no other beside it."""
        spaces[..., UNSEEN] = 0.0
        for d in _ever(table[..., SILENT]):
            if not len(self._beside[d]):
                inside = self.sides[d][self.sides[d] >= 0]
                unseen = (table[:, d, SILENT] != 0.0) * _UNSEEN_NOISE * table[:, d, RATE_H] * step_h
                spaces[:, inside, UNSEEN] += unseen[:, None]

    def _parallel(self) -> list[Index]:
        """By door the others that join the same two spaces the same way."""
        ways = [(door.origin, door.target) for door in self.building.doors]
        alike: dict[tuple[str, str], list[int]] = {}
        for d, (origin, target) in enumerate(ways):
            if origin != target:
                alike.setdefault((origin, target), []).append(d)
        return [np.array([n for n in alike.get(way, ()) if n != d], np.intp) for d, way in enumerate(ways)]


def _ever(flags: F64) -> list[int]:
    """The doors with a flag in any step."""
    found: list[int] = np.flatnonzero(flags.any(axis=0)).tolist()
    return found


def sides(building: Building) -> Index:
    """By door the places of its origin and target, -1 outside: (n, 2)."""
    place = {space.id: s for s, space in enumerate(building.spaces)}
    found = [(place.get(door.origin, -1), place.get(door.target, -1)) for door in building.doors]
    return np.array(found, np.intp).reshape(-1, 2)
