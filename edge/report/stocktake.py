"""A stock-take as the contract's JSON document, and as lines for people."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from edge.fusion.inventory import Stocktake
from edge.fusion.inventory.result import Misplaced, Neighbours
from edge.library.shelf_list import ShelfList


def as_document(found: Stocktake, zone: ZoneInfo) -> dict[str, object]:
    """The JSON document of the contract, clause 4."""
    return {
        "books": [
            {
                "epc": one.epc,
                "barcode": one.barcode,
                "shelf": one.shelf,
                "x_m": _metres(one.x_m),
                "x_sd_m": _metres(one.x_sd_m),
                "rank": one.rank,
                "status": one.status.value,
                "confidence": round(one.confidence, 4),
            }
            for one in found.books
        ],
        "misplaced": [_misplaced(one) for one in found.misplaced],
        "missing": [
            {
                "barcode": one.barcode,
                "expected_shelf": one.expected_shelf,
                "confidence": round(one.confidence, 4),
                "passes": one.passes,
            }
            for one in found.missing
        ],
        "unexpected": [
            {
                "epc": one.epc,
                "barcode": one.barcode,
                "owner": one.owner,
                "shelf": one.shelf,
                "x_m": _metres(one.x_m),
                "reason": one.reason.value,
            }
            for one in found.unexpected
        ],
        "wrong_status": [
            {
                "barcode": one.barcode,
                "epc": one.epc,
                "shelf": one.shelf,
                "x_m": _metres(one.x_m),
                "status": one.status.value,
            }
            for one in found.wrong_status
        ],
        "unknown_tags": [
            {"epc": one.epc, "shelf": one.shelf, "x_m": _metres(one.x_m), "note": one.note}
            for one in found.unknown_tags
        ],
        "shelves": [
            {
                "shelf": one.shelf,
                "expected": one.expected,
                "seen": one.seen,
                "read_rate": None if one.read_rate is None else round(one.read_rate, 4),
                "passes": one.passes,
                "as_of": datetime.fromtimestamp(one.as_of_ns / 1e9, zone).isoformat(timespec="seconds"),
            }
            for one in found.shelves
        ],
    }


def _misplaced(one: Misplaced) -> dict[str, object]:
    return {
        "barcode": one.barcode,
        "epc": one.epc,
        "shelf": one.shelf,
        "x_m": _metres(one.x_m),
        "between": list(one.between),
        "belongs_shelf": one.belongs_shelf,
        "belongs_between": list(one.belongs_between),
        "confidence": round(one.confidence, 4),
        "passes": one.passes,
    }


def _metres(value: float | None) -> float | None:
    """To a tenth of a millimetre; None where it is not known (NaN is no JSON)."""
    return None if value is None or value != value else round(value, 4)


def as_text(found: Stocktake, shelf_list: ShelfList) -> Iterable[str]:
    """The walk for people: what to do, board by board."""
    name = _Names(shelf_list)
    for one in found.misplaced:
        yield f"{one.shelf}: move {name.book(one.barcode)}, now {name.between(one.between)} at {_cm(one.x_m)}"
        yield f"    to {one.belongs_shelf}, {name.between(one.belongs_between)} ({one.confidence:.0%})"
    for gone in found.missing:
        chances = f"{gone.confidence:.0%}, {gone.passes} passes"
        yield f"{gone.expected_shelf}: missing {name.book(gone.barcode)} ({chances})"
    for wrong in found.wrong_status:
        yield f"{wrong.shelf or '?'}: {name.book(wrong.barcode)} is here, its status is {wrong.status.value}"
    for odd in found.unexpected:
        yield f"{odd.shelf or '?'}: {odd.reason.value}: {odd.barcode or odd.epc} {odd.owner or ''}".rstrip()
    for tag in found.unknown_tags:
        yield f"{tag.shelf}: unknown tag {tag.epc} at {_cm(tag.x_m)} ({tag.note})"
    for row in found.shelves:
        rate = "–" if row.read_rate is None else f"{row.read_rate:.0%}"
        yield f"{row.shelf}: {row.seen} of {row.expected} books read ({rate}) in {row.passes} passes"


def _cm(x_m: float | None) -> str:
    return "?" if x_m is None or x_m != x_m else f"{100 * x_m:.0f} cm"


class _Names:
    """Books as people know them: call number and title."""

    def __init__(self, shelf_list: ShelfList) -> None:
        self._list = shelf_list

    def book(self, barcode: str) -> str:
        """Call number, title and barcode."""
        book = self._list.by_barcode(barcode)
        return f"{book.call_number} “{book.title}” [{barcode}]" if book else f"[{barcode}]"

    def between(self, neighbours: Neighbours) -> str:
        """Between which call numbers."""
        left, right = (self._call_number(one) if one else None for one in neighbours)
        if left and right:
            return f"between {left} and {right}"
        return f"after {left}" if left else f"before {right}" if right else "alone"

    def _call_number(self, barcode: str) -> str:
        book = self._list.by_barcode(barcode)
        return book.call_number if book else barcode
