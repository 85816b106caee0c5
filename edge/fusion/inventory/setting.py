"""What evidence and list say together before any order is looked at.

Who is who, who belongs where, who sounds how.
"""

from collections.abc import Sequence

import numpy as np

from edge.columns import F64
from edge.fusion.inventory.afar import AfarJudge, learn_afar
from edge.fusion.inventory.aligned import offsets_m
from edge.fusion.inventory.boards import BoardJudge, heard_table
from edge.fusion.inventory.evidence import Evidence, TagEvidence
from edge.fusion.inventory.expected import Board, Homes, homes, rows, walking_order
from edge.fusion.inventory.identify import Identified, Stranger, identify
from edge.fusion.inventory.options import Options
from edge.library.shelf_list import Book, ShelfList

_USUAL_GAP_M = 0.025
_LEAST_GAP_M = 0.004


class Setting:
    """Scanned boards in walking order, their books by the list, and how tags of each are heard.

    scanned : boards; home : board by barcode; listed : books by scanned board, in shelf order
    books : listed books that were heard from a scanned board, with their tags; strangers : other tags
        that were
    judge, afar, offsets_m : what the heard books teach of boards
    """

    def __init__(
        self, evidence: Evidence, shelf_list: ShelfList, boards: Sequence[Board], options: Options
    ) -> None:
        self.evidence = evidence
        self.shelf_list = shelf_list
        self.options = options
        self.length_m = {board.shelf: board.length_m for board in boards}
        self.scanned = [shelf for shelf in walking_order(boards) if shelf in evidence.scans]
        self.scanned += [shelf for shelf in evidence.scans if shelf not in self.scanned]
        self.identified = identify(evidence.tags.values(), shelf_list, options.lookup, options.owners)
        self.home = _home(homes(shelf_list, boards), self.identified, self.scanned)
        self.listed = rows(shelf_list, self.home, self.scanned)
        self.books: list[tuple[Book, TagEvidence]] = [
            (book, tag) for book, tag in self.identified.books.values() if tag.heard
        ]
        self.strangers: list[Stranger] = [one for one in self.identified.strangers if one.tag.heard]
        self.judge, self.afar = self._learnt()
        self.offsets_m = offsets_m(evidence.tags.values())

    def likely_boards(self) -> dict[str, str]:
        """Board by EPC, by how the tags are heard and where most books stand: in their place."""
        found = {
            tag.epc: self.scanned[self.likely_board(n)]
            for n, (book, tag) in enumerate(self.books)
            if self.home.get(book.barcode) in self.scanned
        }
        return found | {one.tag.epc: self.stranger_board(n) for n, one in enumerate(self.strangers)}

    def likely_board(self, n: int) -> int:
        """Index of the likeliest board of the n-th heard book, whose home was scanned."""
        book, _ = self.books[n]
        home = self.scanned.index(self.home[book.barcode])
        board, ratio = self.judge.best(n, home)
        rarity = self.options.prior.elsewhere / max(1, len(self.scanned) - 1)
        return board if ratio + np.log(rarity) > 0.0 else home

    def stranger_board(self, n: int) -> str:
        """The board that the n-th stranger stands on."""
        return self._board_alone(len(self.books) + n, self.strangers[n].tag)

    def visitor_board(self, n: int) -> str:
        """The board that the n-th heard book would stand on if it stood on a scanned one at all."""
        return self._board_alone(n, self.books[n][1])

    def gaps_m(self) -> dict[str, float]:
        """Mean distance of neighbours by board, from the tags that were located there.

        Before any was, from where they were read.
        """
        places: dict[str, list[float]] = {shelf: [] for shelf in self.scanned}
        for tag in self._tags():
            if tag.shelf in places and tag.x_m is not None:
                places[tag.shelf].append(tag.x_m)
            elif tag.shelf is None:
                shelf = best_heard(tag)
                places[shelf].append(tag.heard[shelf].window_m)
        gaps = {shelf: _gap_m(np.array(of_board)) for shelf, of_board in places.items()}
        known = [gap for gap in gaps.values() if gap is not None]
        usual = float(np.median(known)) if known else _USUAL_GAP_M
        return {shelf: gap or usual for shelf, gap in gaps.items()}

    def _tags(self) -> list[TagEvidence]:
        return [tag for _, tag in self.books] + [one.tag for one in self.strangers]

    def _learnt(self) -> tuple[BoardJudge, AfarJudge]:
        table = heard_table([tag.heard for tag in self._tags()], self.scanned)
        index = {shelf: n for n, shelf in enumerate(self.scanned)}
        home = np.array([index.get(self.home.get(book.barcode, ""), -1) for book, _ in self.books], np.intp)
        nowhere = np.full(len(self.strangers), -1, np.intp)
        judge = BoardJudge(table, np.concatenate([home, nowhere]))
        return judge, learn_afar(table.reads[: len(home)], table.loud_dbm[: len(home)], home >= 0)

    def _board_alone(self, index: int, tag: TagEvidence) -> str:
        return self.scanned[self.judge.best(index, self.scanned.index(best_heard(tag)))[0]]


def best_heard(tag: TagEvidence) -> str:
    """The board whose passes read the tag most often."""
    return max(tag.heard, key=lambda shelf: tag.heard[shelf].reads)


def _home(of: Homes, identified: Identified, scanned: Sequence[str]) -> dict[str, str]:
    """One home a book: of two that fit, the one that hears it.

    An unread one counts where it cannot be missed.
    """
    home = dict(of.shelf)
    for barcode, other in of.or_shelf.items():
        pair = identified.books.get(barcode)
        nearer = best_heard(pair[1]) if pair and pair[1].heard else None
        if nearer == other or (nearer is None and other not in scanned):
            home[barcode] = other
    return home


def _gap_m(x_m: F64) -> float | None:
    if len(x_m) < 3:
        return None
    low, high = np.percentile(x_m, [5.0, 95.0])
    return max(_LEAST_GAP_M, float(high - low) / (0.9 * (len(x_m) - 1)))
