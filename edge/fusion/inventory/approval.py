"""What staff decide about findings. Nothing is marked missing in a library system without such a decision."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from edge.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Approval:
    """One person's word on one missing book. The same word on the same finding has the same id."""

    id: str
    t_ns: int
    by: str
    barcode: str
    expected_shelf: str
    action: str = "mark-missing"


def approvals(findings: object, barcodes: Iterable[str], by: str, t_ns: int, name: str) -> list[Approval]:
    """Approvals of books that the findings (the JSON document of a stock-take) have as missing.

    Raises ConfigError where a barcode is not among them, or where the document is none.
    """
    missing = _missing(findings, name)
    found = []
    for barcode in dict.fromkeys(barcodes):
        if barcode not in missing:
            raise ConfigError(f"{name}: {barcode} is not among the missing books")
        shelf = str(missing[barcode].get("expected_shelf", ""))
        found.append(Approval(_id(barcode, shelf, findings), t_ns, by, barcode, shelf))
    return found


def missing_barcodes(findings: object, name: str) -> list[str]:
    """All missing books of the findings."""
    return list(_missing(findings, name))


def _missing(findings: object, name: str) -> Mapping[str, Mapping[str, Any]]:
    rows = findings.get("missing") if isinstance(findings, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) and "barcode" in row for row in rows):
        raise ConfigError(f"{name}: not the JSON document of a stock-take")
    return {str(row["barcode"]): row for row in rows}


def _id(barcode: str, shelf: str, findings: object) -> str:
    """By the book and the scan that missed it: approving twice is one approval."""
    shelves = findings.get("shelves", []) if isinstance(findings, dict) else []
    as_of = next((str(row.get("as_of")) for row in shelves if row.get("shelf") == shelf), "")
    return hashlib.sha256(f"mark-missing\0{barcode}\0{shelf}\0{as_of}".encode()).hexdigest()[:32]
