"""What the doors say: people counted in and out, doors that fall silent, and who stands in for them."""

from dataclasses import dataclass, field

import numpy as np

from edge.columns import F64, I64, DoorColumns, Index
from edge.ext.balance import Flows
from edge.fusion.spaces.channels import Mask
from edge.fusion.spaces.graph import Building
from edge.fusion.spaces.layout import Layout

_HOUR_NS = 3_600_000_000_000
_MOST_A_SECOND = 5.0  # people that can pass a door abreast; more is a counter that jumped
_BURST = 200
_SILENT_STEPS = 3.0
_GUESS_NOISE = 0.5  # variance a person adds that a neighbouring door stands for
_UNSEEN_NOISE = 4.0  # variance a person adds that nobody stands for
_RATE_TIME_H = 1.0


@dataclass(slots=True)
class Doors:
    """Columns by door; `flipped` doors are taken the other way round."""

    building: Building
    where: Layout
    last_ns: I64 = field(init=False)
    gap_ns: F64 = field(init=False)
    rate_h: F64 = field(init=False)
    total: F64 = field(init=False)
    flipped: Mask = field(init=False)
    origin: Index = field(init=False)
    target: Index = field(init=False)
    net: F64 = field(init=False)
    n_in: F64 = field(init=False)
    n_out: F64 = field(init=False)
    silent: Mask = field(init=False)
    jumped: list[str] = field(default_factory=list)
    _of_source: dict[str, list[int]] = field(init=False)
    _beside: list[Index] = field(init=False)
    _end_door: Index = field(init=False)
    _ends: tuple[Index, Index, Index, Index] = field(init=False)

    def __post_init__(self) -> None:
        n = len(self.building.doors)
        self.last_ns, self.gap_ns = np.zeros(n, np.int64), np.zeros(n)
        self.rate_h, self.total, self.flipped = np.zeros(n), np.zeros(n), np.zeros(n, bool)
        self.n_in, self.n_out, self.silent = np.zeros(n), np.zeros(n), np.zeros(n, bool)
        place = {space.id: s for s, space in enumerate(self.building.spaces)}
        self.origin = np.array([place.get(door.origin, -1) for door in self.building.doors], np.intp)
        self.target = np.array([place.get(door.target, -1) for door in self.building.doors], np.intp)
        self.net = np.zeros(n)
        self._of_source = {}
        for d, door in enumerate(self.building.doors):
            self._of_source.setdefault(door.source, []).append(d)
        self._beside = [self._parallel(d) for d in range(n)]
        ends = self.where.ends
        self._end_door = np.array([end.door for end in ends], np.intp)
        self._ends = (
            np.array([end.block for end in ends], np.intp),
            np.array([end.origin for end in ends], np.intp),
            np.array([end.target for end in ends], np.intp),
            np.array([end.missed for end in ends], np.intp),
        )

    def take(self, counts: DoorColumns, end_ns: int, step_h: float) -> Mask:
        """Take in a step's counts; which doors were heard."""
        heard = np.zeros(len(self.building.doors), bool)
        self.n_in[:] = 0.0
        self.n_out[:] = 0.0
        self.jumped.clear()
        good = self._believable(counts)
        n = len(counts.sources)
        total_in = np.bincount(counts.source[good], counts.n_in[good], minlength=n)
        total_out = np.bincount(counts.source[good], counts.n_out[good], minlength=n)
        for s in np.unique(counts.source).tolist():
            for d in self._of_source.get(counts.sources[s], ()):
                heard[d] = True
                self.n_in[d], self.n_out[d] = total_in[s], total_out[s]
        self._listen(heard, end_ns, step_h)
        return heard

    def _believable(self, counts: DoorColumns) -> Mask:
        most = _BURST + _MOST_A_SECOND * 86_400
        good: Mask = (counts.n_in >= 0) & (counts.n_out >= 0) & (counts.n_in < most) & (counts.n_out < most)
        self.jumped.extend(counts.sources[s] for s in np.unique(counts.source[~good]).tolist())
        return good

    def _listen(self, heard: Mask, end_ns: int, step_h: float) -> None:
        """Learn each door's rhythm and rate; note which have fallen silent."""
        since_h = (end_ns - self.last_ns) / _HOUR_NS
        known = self.last_ns > 0
        weight = min(step_h / _RATE_TIME_H, 1.0)
        steady = heard & known & (since_h <= 4 * np.maximum(step_h, self.gap_ns / _HOUR_NS))
        now = (self.n_in + self.n_out) / np.maximum(np.maximum(since_h, step_h), 1e-6)
        self.rate_h += np.where(steady, weight * (now - self.rate_h), 0.0)
        gap = np.minimum(end_ns - self.last_ns, 3 * np.maximum(self.gap_ns, step_h * _HOUR_NS))
        self.gap_ns += np.where(heard & known, 0.1 * (gap - self.gap_ns), 0.0)
        self.last_ns[heard] = end_ns
        self.total += self.n_in + self.n_out
        usual_h = np.maximum(np.maximum(self.gap_ns / _HOUR_NS, step_h), 1 / 60)
        self.silent = known & ~heard & ((end_ns - self.last_ns) / _HOUR_NS > _SILENT_STEPS * usual_h)

    def flows(self, noise: float, flip: int | None = None) -> Flows:
        """The people to move: counted where the door speaks, guessed from the doors beside it where not.

        The door `flip` is taken the other way round than it otherwise is.
        """
        n_in, n_out = self.n_in.copy(), self.n_out.copy()
        spread = np.full(len(n_in), noise)
        for d in np.flatnonzero(self.silent).tolist():
            n_in[d], n_out[d] = self._stand_in(d)
            spread[d] = _GUESS_NOISE
        swap = self.flipped.copy()
        if flip is not None:
            swap[flip] ^= True
        n_in, n_out = np.where(swap, n_out, n_in), np.where(swap, n_in, n_out)
        if flip is None:
            self.net = n_in - n_out
        door = self._end_door
        used = np.flatnonzero((n_in + n_out)[door] > 0)
        block, origin, target, missed = (column[used] for column in self._ends)
        door = door[used]
        return Flows(block, origin, target, missed, n_in[door], n_out[door], spread[door])

    def _stand_in(self, d: int) -> tuple[float, float]:
        """What the doors between the same spaces count, in the share that this one usually has of it."""
        beside = self._beside[d]
        beside = beside[~self.silent[beside]]
        usual = float(self.total[beside].sum())
        if usual <= 0.0:
            return 0.0, 0.0
        share = float(self.total[d]) / usual
        return share * float(self.n_in[beside].sum()), share * float(self.n_out[beside].sum())

    def counted(self) -> tuple[F64, F64]:
        """People in and out in the last step, reversed doors put right."""
        return (
            np.where(self.flipped, self.n_out, self.n_in),
            np.where(self.flipped, self.n_in, self.n_out),
        )

    def unseen(self, n_spaces: int, step_h: float) -> F64:
        """The variance, by space, of people who passed a silent door with no other beside it."""
        alone = np.array([not len(beside) for beside in self._beside], bool)
        by_door = np.where(self.silent & alone, _UNSEEN_NOISE * self.rate_h * step_h, 0.0)
        found = np.zeros(n_spaces + 1)
        np.add.at(found, self.origin, by_door)
        np.add.at(found, self.target, by_door)
        return found[:-1]

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
