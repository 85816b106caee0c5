"""Did the change help? Use of a space before and after a day, like days with like, with an interval.

Days are matched by weekday and by term (as workdays and weekends where no weekday is on both sides); what has
no like on the other side is left out, and said. What the whole building does alike (season, weather, an
examination) is taken out by its other spaces: the change beyond theirs. The interval is a bootstrap over
whole weeks, since days of one week are alike; over days where there are too few weeks.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from edge.columns import F64, Index

_DRAWS: Final = 2000
_FEWEST_WEEKS: Final = 3
_LEAST_PEOPLE: Final = 0.05

Day = tuple[date, float]
Stratum = tuple[int, bool]


@dataclass(frozen=True, slots=True)
class Term:
    """From `first` to `last`, both of them in it."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Matched:
    """One kind of day: `weekday` 1 is Monday, 8 any workday, 9 any of a weekend; means and numbers of days on
    both sides."""

    weekday: int
    in_term: bool
    before: float
    after: float
    n_before: int
    n_after: int


@dataclass(frozen=True, slots=True)
class Effect:
    """A change and the interval that holds it with nine chances in ten."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """`difference` in the measure's unit, `relative` and `beyond_others` as shares of what was before."""

    before: float
    after: float
    difference: Effect
    relative: Effect | None
    beyond_others: Effect | None
    matched: tuple[Matched, ...]
    left_out: int
    drawn_by: str


def compare(
    days: Sequence[Day], change: date, others: Sequence[Day] = (), terms: Sequence[Term] = ()
) -> Comparison:
    """`days`: a value a day; `others`: the same of the rest of the building. The day of the change is left
    out. Raises ValueError where no kind of day is on both sides."""
    table = _Table.of(days, dict(others), change, terms, date.isoweekday)
    if not table.kinds:
        table = _Table.of(days, dict(others), change, terms, _workday_or_weekend)
    if not table.kinds:
        raise ValueError("no kind of day is on both sides of the change: nothing can be compared")
    everything = np.arange(len(table.value))
    before, after = table.means(everything)
    draws = [table.effects(chosen) for chosen in table.draws(np.random.default_rng(0))]
    found = np.array([row for row in draws if row is not None])
    whole = table.effects(everything)
    assert whole is not None
    difference, relative, beyond = (_effect(whole[k], found[:, k]) for k in range(3))
    assert difference is not None
    left_out = sum(day != change for day, _ in days) - len(table.value)
    by = "weeks" if table.by_weeks else "days"
    return Comparison(before, after, difference, relative, beyond, table.matched(), left_out, by)


def _effect(value: float, draws: F64) -> Effect | None:
    draws = draws[np.isfinite(draws)]
    if not np.isfinite(value) or not len(draws):
        return None
    low, high = np.percentile(draws, (5, 95)).tolist()
    return Effect(float(value), float(low), float(high))


@dataclass(frozen=True, slots=True)
class _Table:
    """Matched days as columns; `kind` points into `kinds`, `week` numbers the weeks of each side."""

    value: F64
    other: F64
    after: Index
    kind: Index
    week: Index
    kinds: tuple[Stratum, ...]
    by_weeks: bool

    @classmethod
    def of(
        cls,
        days: Sequence[Day],
        others: Mapping[date, float],
        change: date,
        terms: Sequence[Term],
        kind_of: Callable[[date], int],
    ) -> "_Table":
        def stratum(day: date) -> Stratum:
            return kind_of(day), any(term.first <= day <= term.last for term in terms)

        sides = [{stratum(d) for d, _ in days if wanted(d)} for wanted in (change.__gt__, change.__lt__)]
        kinds = tuple(sorted(sides[0] & sides[1]))
        used = [(d, v) for d, v in sorted(days) if d != change and stratum(d) in kinds]
        week = [d.toordinal() // 7 for d, _ in used]
        after = np.array([d > change for d, _ in used], np.intp)
        weeks = [len({w for w, a in zip(week, after, strict=True) if a == side}) for side in (0, 1)]
        return cls(
            value=np.array([v for _, v in used]),
            other=np.array([others.get(d, np.nan) for d, _ in used]),
            after=after,
            kind=np.array([kinds.index(stratum(d)) for d, _ in used], np.intp),
            week=np.array(week, np.intp),
            kinds=kinds,
            by_weeks=min(weeks) >= _FEWEST_WEEKS,
        )

    def means(self, chosen: Index, column: F64 | None = None) -> tuple[float, float]:
        """Before and after, each kind of day weighing as often as it is after the change."""
        values = (self.value if column is None else column)[chosen]
        place = self.kind[chosen] * 2 + self.after[chosen]
        n = np.bincount(place, minlength=2 * len(self.kinds)).reshape(-1, 2)
        total = np.bincount(place, values, minlength=2 * len(self.kinds)).reshape(-1, 2)
        both = (n > 0).all(axis=1)
        if not both.any():
            return np.nan, np.nan
        weight = n[both, 1] / n[both, 1].sum()
        mean = (total[both] / n[both] * weight[:, None]).sum(axis=0)
        return float(mean[0]), float(mean[1])

    def effects(self, chosen: Index) -> tuple[float, float, float] | None:
        """Difference, relative change, and that beyond the others', of these days."""
        before, after = self.means(chosen)
        if np.isnan(before):
            return None
        relative = after / before if before > _LEAST_PEOPLE else np.nan
        known = chosen[~np.isnan(self.other[chosen])]
        rest = self.means(known, self.other) if len(known) else (np.nan, np.nan)
        others = rest[1] / rest[0] if rest[0] > _LEAST_PEOPLE else np.nan
        beyond = relative / others - 1 if others > 0 else np.nan
        return after - before, relative - 1, beyond

    def draws(self, rng: np.random.Generator) -> list[Index]:
        """Days drawn again and again: by whole weeks of a side, or by days of a kind and side."""
        group = self.week if self.by_weeks else self.kind
        sides = [self.after == side for side in (0, 1)]
        members = [
            [np.flatnonzero(side & (group == g)) for g in np.unique(group[side]).tolist()] for side in sides
        ]
        draw: Callable[[list[Index]], Index] = _weeks(rng) if self.by_weeks else _days(rng)
        return [np.concatenate([draw(side) for side in members]) for _ in range(_DRAWS)]

    def matched(self) -> tuple[Matched, ...]:
        """Each kind of day by itself."""
        rows = []
        for k, (weekday, in_term) in enumerate(self.kinds):
            before, after = (self.value[(self.kind == k) & (self.after == side)] for side in (0, 1))
            means = float(before.mean()), float(after.mean())
            rows.append(Matched(weekday, in_term, *means, len(before), len(after)))
        return tuple(rows)


def _workday_or_weekend(day: date) -> int:
    return 8 if day.isoweekday() < 6 else 9


def _weeks(rng: np.random.Generator) -> Callable[[list[Index]], Index]:
    return lambda groups: np.concatenate([groups[n] for n in rng.integers(0, len(groups), len(groups))])


def _days(rng: np.random.Generator) -> Callable[[list[Index]], Index]:
    return lambda groups: np.concatenate([rng.choice(group, len(group)) for group in groups])
