"""Settings of a stock-take."""

from dataclasses import dataclass, field

from edge.library.tags.lookup import BarcodeLookup


@dataclass(frozen=True, slots=True)
class Prior:
    """How often books are misplaced, and when they are called so.

    within: share of books out of order on their own board. elsewhere: share on another board of those
    scanned. from_afar: share of the books of boards that were not scanned that stand here. called,
    surely_here: least probability to call a book of a scanned board, or of one that was not, misplaced.
    """

    within: float = 0.015
    elsewhere: float = 0.02
    from_afar: float = 0.002
    called: float = 0.5
    surely_here: float = 0.95


@dataclass(frozen=True, slots=True)
class MissingRule:
    """`share`: books that are missing, before any look. Fewer passes than `passes` only on overwhelming
    evidence.

    least_seen: share of a board's expected books that must have been read before single ones can be missing.
    """

    share: float = 0.03
    passes: int = 2
    least_confidence: float = 0.3
    least_seen: float = 0.3


@dataclass(frozen=True, slots=True)
class Options:
    """`owners`: ISIL codes of this library, none for any; `lookup`.

    Barcodes that are in no list and no tag.
    """

    prior: Prior = field(default_factory=Prior)
    missing: MissingRule = field(default_factory=MissingRule)
    owners: frozenset[str] = frozenset()
    lookup: BarcodeLookup = field(default_factory=BarcodeLookup)
