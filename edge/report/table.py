"""Findings as a table: CSV with Koha's own column names, and an Excel file.

Titles come from a catalogue and tags from anywhere: a cell that a spreadsheet would take for a formula
gets an apostrophe in front (OWASP, CSV injection), and in Excel every text is written as text.
"""

import csv
from collections.abc import Iterable
from io import BytesIO, StringIO

from xlsxwriter import Workbook

from edge.fusion.inventory import Stocktake
from edge.library.shelf_list import ShelfList, Status
from edge.report.lines import Line, lines
from edge.report.words import Words

# The columns of Koha's inventory result, then ours. What a shelf list does not know stays empty.
KOHA_COLUMNS = (
    "title",
    "author",
    "barcode",
    "itemnumber",
    "homebranch",
    "location",
    "itemcallnumber",
    "notforloan",
    "lost",
    "damaged",
    "withdrawn",
    "stocknumber",
    "problem",
)
OUR_COLUMNS = ("finding", "confidence")
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_KOHA_LOST_MISSING = "4"
_WIDTHS = {"title": 40, "barcode": 18, "location": 12, "itemcallnumber": 26, "problem": 70, "finding": 14}


def csv_table(found: Stocktake, shelf_list: ShelfList, say: Words) -> str:
    """The findings as CSV text."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow((*KOHA_COLUMNS, *OUR_COLUMNS))
    for line in lines(found, shelf_list, say):
        writer.writerow([harmless(cell) for cell in _cells(line)])
    return out.getvalue()


def xlsx_table(found: Stocktake, shelf_list: ShelfList, say: Words) -> bytes:
    """The findings and the boards as the bytes of an Excel file."""
    out = BytesIO()
    with Workbook(out, {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}) as book:
        _sheet(book, "findings", (*KOHA_COLUMNS, *OUR_COLUMNS), map(_cells, lines(found, shelf_list, say)))
        boards = [
            (one.shelf, str(one.expected), str(one.seen), _percent(one.read_rate), str(one.passes))
            for one in found.shelves
        ]
        _sheet(book, "boards", ("location", "expected", "seen", "read_rate", "passes"), boards)
    return out.getvalue()


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(_STARTS_A_FORMULA) else cell


def _cells(line: Line) -> tuple[str, ...]:
    known = {
        "title": line.title,
        "barcode": line.barcode,
        "location": line.shelf,
        "itemcallnumber": line.call_number,
        "lost": _KOHA_LOST_MISSING if line.status is Status.MISSING else "",
        "withdrawn": "1" if line.status is Status.WITHDRAWN else "",
        "problem": line.problem,
        "finding": line.kind,
        "confidence": _percent(line.confidence),
    }
    return tuple(known.get(column, "") for column in (*KOHA_COLUMNS, *OUR_COLUMNS))


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.0%}"


def _sheet(book: Workbook, name: str, columns: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
    sheet = book.add_worksheet(name)
    bold = book.add_format({"bold": True})
    for n, column in enumerate(columns):
        sheet.write_string(0, n, column, bold)
        sheet.set_column(n, n, _WIDTHS.get(column, 12))
    for row_number, row in enumerate(rows, start=1):
        for n, cell in enumerate(row):
            sheet.write_string(row_number, n, cell)
    sheet.freeze_panes(1, 0)
