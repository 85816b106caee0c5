"""Each scanned book: in order on its own board, out of order there, or on another board.

Three kinds of evidence meet here: which boards heard the tag (boards.py), where it was measured against
the row that the list expects (row.py), and how rarely books are misplaced at all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.columns import F64
from edge.fusion.inventory.boards import UNHEARD
from edge.fusion.inventory.evidence import TagEvidence
from edge.fusion.inventory.measured import Measured, likelihood, measured
from edge.fusion.inventory.row import Settled, grid_m, settle
from edge.fusion.inventory.setting import Setting
from edge.library.shelf_list import Book

SCALES = (0.6, 0.8, 1.0, 1.3, 1.7, 2.2)
_RIVALS = 0.8  # P(one of the two is out of order) at which one is called


@dataclass(frozen=True, slots=True)
class Candidate:
    """A heard book, its index among the heard books, and the key that it files by."""

    book: Book
    tag: TagEvidence
    index: int
    key: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """Where a book stands. `out_p`: P(not in its place); `called`: staff are to be told so."""

    book: Book
    tag: TagEvidence
    home: str
    shelf: str
    x_m: float
    x_sd_m: float
    out_p: float
    board_p: float
    called: bool


def candidates(setting: Setting) -> dict[str, list[Candidate]]:
    """The heard books of each scanned board."""
    found: dict[str, list[Candidate]] = {shelf: [] for shelf in setting.scanned}
    for n, (book, tag) in enumerate(setting.books):
        home = setting.home.get(book.barcode)
        if home in found:
            found[home].append(Candidate(book, tag, n, setting.shelf_list.key(book)))
    return found


def foreseen(setting: Setting) -> dict[str, float]:
    """Where the books that seem to be on their boards should stand, by EPC: as the list's order has them."""
    likely, gaps_m = setting.likely_boards(), setting.gaps_m()
    found = {}
    for shelf, row in candidates(setting).items():
        for one, x_m in _Row(shelf, row, gaps_m[shelf], setting).in_order() if row else ():
            if likely[one.tag.epc] == shelf and shelf in one.tag.heard:
                found[one.tag.epc] = x_m
    return found


def judge_rows(rows: Mapping[str, Sequence[Candidate]], setting: Setting) -> tuple[list[Verdict], float]:
    """Verdicts on all heard books of the scanned boards, each board's in list order; and the scale taken.

    The located places' deviations are taken as many times what they are told to be as makes all rows
    together most probable; where all of them rest on what the tags' own reads say, there is none to scale.
    """
    gaps_m = setting.gaps_m()
    asked = [_Row(shelf, row, gaps_m[shelf], setting) for shelf, row in rows.items() if row]
    scales = SCALES if any(row.has_deviations for row in asked) else (1.0,)
    scale = max(scales, key=lambda one: sum(row.settled(one).log_evidence for row in asked))
    return [verdict for row in asked for verdict in row.verdicts(scale)], scale


class _Row:
    """The heard books of one board, in list order."""

    def __init__(self, shelf: str, row: Sequence[Candidate], gap_m: float, setting: Setting) -> None:
        self._shelf = shelf
        self._shelves = setting.scanned
        self._prior = setting.options.prior
        self._gap_m = gap_m
        self._offsets_m = setting.offsets_m
        self._length_m = {one: setting.length_m.get(one) or np.inf for one in setting.scanned}
        self._row = sorted(row, key=self._by_place)
        self._measured = [self._measure(one, shelf) for one in self._row]
        self._home = home = setting.scanned.index(shelf)
        judge = setting.judge
        ratios = np.full((len(self._row), len(setting.scanned)), UNHEARD)
        for n, one in enumerate(self._row):
            boards = judge.heard(one.index, home)
            ratios[n, boards] = [judge.log_ratio(one.index, board, home) for board in boards]
        self._weight = self._out_weights(ratios)
        self._best = [judge.best(one.index, home)[0] for one in self._row]
        self._x_m = np.array([one.place[0] for one in self._measured])
        self._grid_m = grid_m(self._x_m[np.isfinite(self._x_m)], setting.length_m.get(shelf))

    @property
    def has_deviations(self) -> bool:
        """Whether any place is known by its deviation alone."""
        return any(one.x_m is not None and not one.own for one in self._measured)

    def settled(self, scale: float) -> Settled:
        """The row with located places' deviations `scale` times those told."""
        fits = np.array([likelihood(self._grid_m, one, scale) for one in self._measured])
        in_order = 1.0 - self._prior.within - self._prior.elsewhere
        log_odds_out = np.log(self._weight.sum(axis=1) / in_order)
        return settle(self._grid_m, fits, log_odds_out, self._gap_m)

    def in_order(self) -> list[tuple[Candidate, float]]:
        """The books with the place of each if it is in order."""
        return list(zip(self._row, self.settled(1.0).x_m.tolist(), strict=True))

    def verdicts(self, scale: float) -> list[Verdict]:
        """What follows for each book."""
        settled = self.settled(scale)
        called = self._called(settled)
        return [self._verdict(n, settled, bool(called[n]), scale) for n in range(len(self._row))]

    def _measure(self, one: Candidate, shelf: str) -> Measured:
        return measured(one.tag, shelf, self._offsets_m)

    def _by_place(self, one: Candidate) -> tuple[str, float]:
        """List order, and books of one key as they were measured: any order of them is right."""
        x_m, _ = self._measure(one, self._shelf).place
        return one.key, x_m if np.isfinite(x_m) else 0.0

    def _out_weights(self, ratios: F64) -> F64:
        """float64[n, m]: weight of standing out of order on each board, against standing at home."""
        weight: F64 = np.exp(np.clip(ratios, -50.0, 50.0))
        weight *= self._prior.elsewhere / max(1, len(self._shelves) - 1)
        weight[:, self._home] = self._prior.within
        return weight

    def _called(self, settled: Settled) -> NDArray[np.bool_]:
        """Those that are out of order, and one of each crossed pair of which only one can be in order."""
        out_p = settled.out_p
        called = out_p > self._prior.called
        doubtful = np.flatnonzero(~called & (out_p > 0.5 * _RIVALS))
        for n in doubtful[np.argsort(-out_p[doubtful], kind="stable")]:
            crossed = [m for m in doubtful if (self._x_m[m] - self._x_m[n]) * (m - n) < 0]
            rival = max(crossed, key=lambda m: float(out_p[m]), default=None)
            if rival is not None and not called[rival] and out_p[n] + out_p[rival] > _RIVALS:
                called[n] = True
        return called

    def _verdict(self, n: int, settled: Settled, called: bool, scale: float) -> Verdict:
        one, weight = self._row[n], self._weight[n]
        out_p = float(settled.out_p[n])
        away = weight.sum() - weight[self._home]
        board = self._best[n] if called and away > weight[self._home] else self._home
        share = float(weight[board] / weight.sum())
        x_m, x_sd_m = float(settled.x_m[n]), float(settled.x_sd_m[n])
        if called:
            x_m, x_sd_m = self._measure(one, self._shelves[board]).place
            x_m = float(np.clip(x_m, 0.0, self._length_m[self._shelves[board]]))
        return Verdict(
            book=one.book,
            tag=one.tag,
            home=self._shelf,
            shelf=self._shelves[board],
            x_m=x_m,
            x_sd_m=scale * x_sd_m if called else x_sd_m,
            out_p=out_p,
            board_p=share if called else 1.0 - out_p * (1.0 - share),
            called=called,
        )
