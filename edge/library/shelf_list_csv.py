"""A shelf list from CSV (the contract, clause 3). A bad row costs itself and no other.

A quote that is never closed would swallow the rest of the file in an ordinary CSV reader: here a quoted field
may span a few lines, and if it does not end by then the first line alone is bad.
"""

import csv
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from operator import itemgetter

from edge.errors import BadFrame, ConfigError
from edge.library.call_numbers import DEFAULT_SIGN_ORDER
from edge.library.shelf_list import COLUMNS, Remark, ShelfList, book_of

_MOST_LINES_A_ROW = 20
_LONGEST_ROW = 20_000
_SHOWN_REMARKS = 1000
_REQUIRED = ("barcode", "call_number")


@dataclass(slots=True)
class ListReport:
    """What became of the rows; `remarks` holds the first thousand."""

    rows: int = 0
    skipped: int = 0
    put_right: int = 0
    remarks: list[Remark] = field(default_factory=list)

    def add(self, remark: Remark) -> None:
        """Count a remark and keep it if it is among the first."""
        self.skipped += remark.skipped
        self.put_right += not remark.skipped
        if len(self.remarks) < _SHOWN_REMARKS:
            self.remarks.append(remark)


def parse_shelf_list(
    lines: Iterable[bytes], name: str = "shelf list", sign_order: str = DEFAULT_SIGN_ORDER
) -> tuple[ShelfList, ListReport]:
    """Books of a CSV file's lines (an open binary file), and what was skipped or put right, by line.

    Raises ConfigError where the header lacks a column that is needed.
    """
    source = _Lines(iter(lines))
    arrange = _arrangement(_header(source.take() or b"", name))
    shelf_list, report = ShelfList(sign_order=sign_order), ListReport()
    for line, cells in _rows(source, report):
        report.rows += 1
        try:
            _take(shelf_list, arrange(cells), line, report)
        except BadFrame as error:
            report.add(Remark(line, str(error), skipped=True))
    return shelf_list, report


def _take(shelf_list: ShelfList, cells: Sequence[str], line: int, report: ListReport) -> None:
    book, remarks = book_of(cells)
    if shelf_list.by_barcode(book.barcode) is not None:
        raise BadFrame(f"barcode {book.barcode} again")
    shelf_list.put(book)
    for remark in remarks:
        report.add(Remark(line, remark, skipped=False))


def _arrangement(header: list[str]) -> Callable[[list[str]], Sequence[str]]:
    """From a row's cells to cells in the order of COLUMNS; what is missing is empty."""
    width = len(header)
    places = [header.index(column) if column in header else width for column in COLUMNS]
    in_order = itemgetter(*places)

    def arrange(cells: list[str]) -> Sequence[str]:
        arranged: Sequence[str] = in_order(cells[:width] + [""] * (width + 1 - min(width, len(cells))))
        return arranged

    return arrange


class _Lines:
    """Lines one at a time, of which some can be looked at and left."""

    def __init__(self, lines: Iterator[bytes]) -> None:
        self._lines = lines
        self._ahead: deque[bytes] = deque()
        self.number = 0

    def take(self) -> bytes | None:
        """The next line without its end, or None."""
        line = self._ahead.popleft() if self._ahead else next(self._lines, None)
        self.number += line is not None
        return None if line is None else line.rstrip(b"\r\n")

    def peek(self, ahead: int) -> bytes | None:
        """The line that is `ahead` lines after the one that was taken last."""
        while len(self._ahead) < ahead:
            line = next(self._lines, None)
            if line is None:
                return None
            self._ahead.append(line)
        return self._ahead[ahead - 1].rstrip(b"\r\n")


def _header(first: bytes, name: str) -> list[str]:
    cells = _cells(first.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace"))
    columns = [cell.strip().lower() for cell in cells or ()]
    missing = [column for column in _REQUIRED if column not in columns]
    if missing:
        raise ConfigError(f"{name}:1: no column {missing[0]}; expected {','.join(COLUMNS)}")
    return columns


def _rows(source: _Lines, report: ListReport) -> Iterator[tuple[int, list[str]]]:
    """Line number and cells of each row; rows that cannot be cut are counted."""
    while (content := source.take()) is not None:
        line = source.number
        cells, reason = _cut(content, source)
        if reason:
            report.rows += 1
            report.add(Remark(line, reason, skipped=True))
        elif cells:
            yield line, cells


def _cut(content: bytes, source: _Lines) -> tuple[list[str] | None, str]:
    """The row's cells (None: an empty line), or why there are none."""
    try:
        text = content.decode("utf-8")
        if '"' in text:
            text = _with_following(text, source)
    except UnicodeDecodeError:
        return None, "not UTF-8"
    if not text or text.isspace():
        return None, ""
    cells = _cells(text)
    return cells, "" if cells else "a quote that does not end, or a cell that is too long"


def _with_following(text: str, source: _Lines) -> str:
    """The row's text with the lines that a quoted cell goes on over; alone where it does not end."""
    joined, ahead = text, 0
    while joined.count('"') % 2:
        ahead += 1
        following = source.peek(ahead)
        if following is None or ahead > _MOST_LINES_A_ROW or len(joined) > _LONGEST_ROW:
            return text
        joined += "\n" + following.decode("utf-8")
    for _ in range(ahead):
        source.take()
    return joined


def _cells(text: str) -> list[str] | None:
    if '"' not in text:
        return text.split(",") if len(text) <= _LONGEST_ROW else None
    try:
        return next(csv.reader(text.splitlines(keepends=True), strict=True), None)
    except csv.Error:
        return None
