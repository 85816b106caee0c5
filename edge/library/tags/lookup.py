"""EPC or TID → barcode, for libraries whose tags hold a number that only the library system knows."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from edge.errors import ConfigError
from edge.types import HEX_PATTERN


@dataclass(frozen=True, slots=True)
class BarcodeLookup:
    """Barcodes by upper-case hex of an EPC or a TID."""

    barcodes: Mapping[str, str] = field(default_factory=dict)

    def barcode(self, epc: str | None = None, tid: str | None = None) -> str | None:
        """Barcode by EPC, else by TID, else None."""
        return self.barcodes.get((epc or "").upper()) or self.barcodes.get((tid or "").upper())


def parse_lookup(lines: Iterable[str], name: str = "look-up table") -> BarcodeLookup:
    """A table from CSV with the columns `id` (EPC or TID, hex) and `barcode`.

    Raises ConfigError, with the line, where a column is missing or an id is no hex.
    """
    return BarcodeLookup(dict(_rows(csv.DictReader(lines), name)))


def _rows(reader: "csv.DictReader[str]", name: str) -> Iterator[tuple[str, str]]:
    if not {"id", "barcode"} <= set(reader.fieldnames or ()):
        raise ConfigError(f"{name}:1: needs the columns id and barcode")
    for row in reader:
        key, barcode = (row["id"] or "").strip().upper(), (row["barcode"] or "").strip()
        if not HEX_PATTERN.fullmatch(key) or not barcode:
            raise ConfigError(f"{name}:{reader.line_num}: needs a hex id and a barcode")
        yield key, barcode
