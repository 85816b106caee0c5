"""Tables of findings: Koha's columns, and cells that no spreadsheet takes for a formula."""

import csv
from io import BytesIO, StringIO

import pytest
from openpyxl import load_workbook

from edge.fusion.inventory import Stocktake, take_stock
from edge.library.shelf_list import ShelfList, Status
from edge.report.table import KOHA_COLUMNS, csv_table, harmless, xlsx_table
from edge.report.words import Language, words
from tests.edge.fusion.inventory.scenes import scene

SAY = words(Language.EN)


@pytest.fixture(scope="module")
def findings() -> tuple[Stocktake, ShelfList]:
    made = scene()
    made.change("a1", 8, title='=HYPERLINK("http://x","y")')
    made.move("a1", 8, "a2", 20)
    made.take_away("a1", 15)
    made.change("a2", 4, status=Status.WITHDRAWN, title="-1+1, “quoted”\nline")
    made.strangers = [("E28011606000020500000001", "a1", 0.3)]
    return take_stock(made.evidence(), made.shelf_list, made.boards), made.shelf_list


def test_csv_has_kohas_columns_and_a_row_a_finding(findings: tuple[Stocktake, ShelfList]) -> None:
    rows = list(csv.DictReader(StringIO(csv_table(*findings, SAY))))
    assert tuple(rows[0])[: len(KOHA_COLUMNS)] == KOHA_COLUMNS
    assert [row["finding"] for row in rows] == ["misplaced", "missing", "wrong_status", "unknown_tags"]
    assert rows[2]["withdrawn"] == "1"
    assert all(row["location"] for row in rows)


def test_no_cell_of_the_csv_is_a_formula(findings: tuple[Stocktake, ShelfList]) -> None:
    for row in csv.reader(StringIO(csv_table(*findings, SAY))):
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) for cell in row)


def test_excel_file_has_text_cells_only(findings: tuple[Stocktake, ShelfList]) -> None:
    book = load_workbook(BytesIO(xlsx_table(*findings, SAY)))
    assert book.sheetnames == ["findings", "boards"]
    cells = [cell for row in book["findings"].iter_rows(min_row=2) for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    assert '=HYPERLINK("http://x","y")' in {cell.value for cell in cells}


@pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@a", "\tx", "\r"])
def test_formula_is_disarmed(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"
    assert harmless(f"a{cell}") == f"a{cell}"
