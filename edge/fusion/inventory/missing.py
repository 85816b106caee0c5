"""Which books are missing: expected here, and not read in enough chances.

A chance is a pass whose antenna went by the place where the book should stand while its neighbours were
read. How often a book that is there stays unread is learnt from those that were read: reads of one book
are a negative binomial about the local mean, and a few tags are hardly readable at all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from edge.columns import F64
from edge.fusion.inventory.evidence import PassSpan
from edge.fusion.inventory.options import MissingRule
from edge.fusion.inventory.result import Missing
from edge.library.shelf_list import Book, Status

EXPECTED_THERE = (Status.AVAILABLE, Status.UNKNOWN)
_REACH_M = 0.05
_HARDLY_READ = 0.05  # of the local mean
_NEIGHBOURS = 6
_OVERWHELMING = 1e-3


@dataclass(frozen=True, slots=True)
class ReadRow:
    """A board's expected books in list order. `x_m`: where those that stand in order stand, NaN for the
    others; `reads`: from this board's passes; `seen`: read anywhere."""

    shelf: str
    books: Sequence[Book]
    x_m: F64
    reads: F64
    seen: np.ndarray[tuple[int], np.dtype[np.bool_]]


def find_missing(
    rows: Sequence[ReadRow], scans: Mapping[str, Sequence[PassSpan]], rule: MissingRule
) -> list[Missing]:
    """Books of scanned boards that were not read anywhere, though they had their chances."""
    hardly, shape = _readability(rows)
    found: list[Missing] = []
    for row in rows:
        there = np.array([book.status in EXPECTED_THERE for book in row.books], np.bool_)
        if not there.any() or row.seen[there].mean() < rule.least_seen:
            continue  # the reader was down, or the board was emptied: nothing can be said of single books
        for n in np.flatnonzero(there & ~row.seen):
            one = _judge(row, int(n), scans[row.shelf], hardly, shape, rule)
            if one is not None:
                found.append(one)
    return found


def _judge(
    row: ReadRow, n: int, spans: Sequence[PassSpan], hardly: float, shape: float, rule: MissingRule
) -> Missing | None:
    place_m, mean_reads = _expectation(row, n)
    passes = sum(span.low_m - _REACH_M <= place_m <= span.high_m + _REACH_M for span in spans)
    unread_p = (shape / (shape + mean_reads)) ** shape
    if passes == 0 or (passes < rule.passes and unread_p > _OVERWHELMING):
        return None
    confidence = rule.share / (rule.share + (1.0 - rule.share) * min(1.0, unread_p + hardly))
    if confidence < rule.least_confidence:
        return None
    return Missing(row.books[n].barcode, row.shelf, confidence, passes)


def _expectation(row: ReadRow, n: int) -> tuple[float, float]:
    """Where book n should stand and how often it should have been read, by the nearest books in the list."""
    known = np.flatnonzero(np.isfinite(row.x_m))
    if not len(known):
        return float("nan"), 0.0
    nearest = known[np.argsort(np.abs(known - n), kind="stable")[:_NEIGHBOURS]]
    place = float(np.interp(n, known, row.x_m[known]))
    return place, float(np.median(row.reads[nearest]))


def _readability(rows: Sequence[ReadRow]) -> tuple[float, float]:
    """The share of books that are hardly read, and the shape of the others' reads about their mean."""
    ratios: list[float] = []
    for row in rows:
        reads = row.reads[np.isfinite(row.x_m)]
        if len(reads) and np.median(reads) > 0:
            ratios.extend(reads / np.median(reads))
    if not ratios:
        return 1.0, 1.0
    ratio = np.array(ratios)
    usual = ratio[ratio >= _HARDLY_READ]
    hardly = (len(ratio) - len(usual) + 0.5) / (len(ratio) + 1.0)
    variance = float(usual.var()) / max(float(usual.mean()) ** 2, 1e-9) if len(usual) > 1 else 1.0
    return float(hardly), float(np.clip(1.0 / max(variance, 1e-3), 0.5, 20.0))
