"""A stock-take: evidence and the list in, findings out."""

from collections.abc import Sequence

import numpy as np

from edge.fusion.inventory.evidence import Evidence
from edge.fusion.inventory.expected import Board
from edge.fusion.inventory.findings import findings
from edge.fusion.inventory.judge import Verdict, candidates, judge_rows
from edge.fusion.inventory.layout import Layout, Standing
from edge.fusion.inventory.measured import measured
from edge.fusion.inventory.missing import ReadRow, find_missing
from edge.fusion.inventory.options import Options
from edge.fusion.inventory.result import Stocktake
from edge.fusion.inventory.seats import seated
from edge.fusion.inventory.setting import Setting, best_heard
from edge.library.shelf_list import ShelfList


def take_stock(
    evidence: Evidence, shelf_list: ShelfList, boards: Sequence[Board], options: Options | None = None
) -> Stocktake:
    """What is misplaced, missing or strange on the boards that were scanned."""
    options = options or Options()
    setting = Setting(evidence, shelf_list, boards, options)
    verdicts, scale = judge_rows(candidates(setting), setting)
    verdicts += _visitors(setting)
    layout = Layout(seated([*map(_standing, verdicts), *_strangers(setting)], setting, scale))
    rows = [_read_row(shelf, setting, verdicts) for shelf in setting.scanned]
    missing = find_missing(rows, evidence.scans, options.missing)
    return findings(setting, layout, missing)


def _visitors(setting: Setting) -> list[Verdict]:
    """Books of boards that were not scanned: a verdict only on those that surely stand on a scanned one."""
    found = []
    prior = setting.options.prior
    for n, (book, tag) in enumerate(setting.books):
        home = setting.home.get(book.barcode)
        if home is None or home in setting.scanned:
            continue
        heard = tag.heard[best_heard(tag)]
        log_odds = setting.afar.log_ratio(heard.reads, heard.loud_dbm) + float(np.log(prior.from_afar))
        here_p = 1.0 / (1.0 + float(np.exp(-np.clip(log_odds, -50.0, 50.0))))
        if here_p > prior.surely_here:
            shelf = setting.visitor_board(n)
            x_m, x_sd_m = measured(tag, shelf, setting.offsets_m).place
            found.append(Verdict(book, tag, home, shelf, x_m, x_sd_m, out_p=here_p, board_p=1.0, called=True))
    return found


def _strangers(setting: Setting) -> list[Standing]:
    """Tags without a book, where they stand."""
    boards = [(one.tag, setting.stranger_board(n)) for n, one in enumerate(setting.strangers)]
    return [Standing(tag, shelf, *measured(tag, shelf, setting.offsets_m).place) for tag, shelf in boards]


def _standing(verdict: Verdict) -> Standing:
    return Standing(verdict.tag, verdict.shelf, verdict.x_m, verdict.x_sd_m, verdict)


def _read_row(shelf: str, setting: Setting, verdicts: Sequence[Verdict]) -> ReadRow:
    books = setting.listed[shelf]
    in_order = {
        v.book.barcode: v.x_m for v in verdicts if v.home == shelf and v.shelf == shelf and not v.called
    }
    tags = setting.identified.books
    heard = [tags[book.barcode][1].heard.get(shelf) if book.barcode in tags else None for book in books]
    return ReadRow(
        shelf=shelf,
        books=books,
        x_m=np.array([in_order.get(book.barcode, np.nan) for book in books]),
        reads=np.array([one.reads if one else 0 for one in heard], np.float64),
        seen=np.array([book.barcode in tags for book in books], np.bool_),
    )
