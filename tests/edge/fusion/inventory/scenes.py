"""Small scenes made by rule: boards of books, measured with the errors a scan has."""

from dataclasses import dataclass, field, replace

import numpy as np

from edge.fusion.inventory import Board, Evidence
from edge.fusion.inventory.evidence import Heard, PassSpan, TagEvidence
from edge.library.call_numbers import Scheme
from edge.library.shelf_list import Book, ShelfList, Status

LENGTH_M = 0.9
THICKNESS_M = 0.025
START_NS = 1_700_000_000_000_000_000


@dataclass
class Scene:
    """Two boards, one above the other, both scanned in two passes, and one behind them that was not."""

    rows: dict[str, list[Book]]
    standing: dict[str, list[Book]]
    behind: list[Book]
    passes: int = 2
    sd_m: float = 0.012
    strangers: list[tuple[str, str, float]] = field(default_factory=list)
    seed: int = 1

    def take_away(self, shelf: str, n: int) -> Book:
        """Take the n-th book of the list off its board."""
        book = self.rows[shelf][n]
        self.standing[shelf].remove(book)
        return book

    def move(self, shelf: str, n: int, to_shelf: str, place: int) -> Book:
        """Put the n-th book of the list elsewhere."""
        book = self.take_away(shelf, n)
        self.standing[to_shelf].insert(place, book)
        return book

    def change(self, on: str, n: int, **columns: object) -> Book:
        """Change a book's row of the list."""
        old = self.rows[on][n]
        new = replace(old, **columns)  # type: ignore[arg-type]
        for row in (self.rows[on], self.standing[on]):
            if old in row:
                row[row.index(old)] = new
        return new

    @property
    def boards(self) -> list[Board]:
        """The site: the scanned boards and the one behind."""
        ends = {shelf: (row[0].call_number, row[-1].call_number) for shelf, row in self.rows.items()}
        ends["b1"] = (self.behind[0].call_number, self.behind[-1].call_number)
        following = {"a1": "a2", "a2": "b1", "b1": None}
        return [
            Board(shelf, LENGTH_M, Scheme.CLC, *ends[shelf], next=following[shelf]) for shelf in following
        ]

    @property
    def shelf_list(self) -> ShelfList:
        """The list, not in shelf order."""
        books = [book for row in self.rows.values() for book in row] + self.behind
        return ShelfList(sorted(books, key=lambda book: str(book.epc)[::-1]))

    def evidence(self) -> Evidence:
        """What a scan of the two boards would say."""
        rng = np.random.default_rng(self.seed)
        tags = {}
        for shelf, row in self.standing.items():
            for n, book in enumerate(row):
                tag = self._heard(rng, str(book.epc), shelf, 0.02 + n * THICKNESS_M)
                tags[tag.epc] = tag
        for epc, shelf, x_m in self.strangers:
            tags[epc] = self._heard(rng, epc, shelf, x_m)
        for n, book in enumerate(self.behind):
            faint = Heard(int(rng.poisson(6)) + 1, -70.0 + rng.normal(0, 2), 0.1 + 0.1 * n, 1)
            tags[str(book.epc)] = TagEvidence(str(book.epc), faint.reads, {"a1": faint})
        span = [PassSpan(START_NS + n, START_NS + n + 1, -0.15, 1.05) for n in range(self.passes)]
        return Evidence(tags, dict.fromkeys(self.standing, tuple(span)))

    def _heard(self, rng: np.random.Generator, epc: str, shelf: str, x_m: float) -> TagEvidence:
        other = {"a1": "a2", "a2": "a1"}[shelf]
        near = int(rng.poisson(70 * self.passes)) + 1
        far = int(rng.poisson(10 * self.passes)) + 1
        heard = {
            shelf: Heard(near, -45.0 + rng.normal(0, 4), x_m + rng.normal(0, 0.06), self.passes),
            other: Heard(far, -62.0 + rng.normal(0, 4), x_m + rng.normal(0, 0.06), self.passes),
        }
        place = x_m + rng.normal(0, self.sd_m)
        return TagEvidence(epc, near + far, heard, shelf, place, self.sd_m)


def scene(books: int = 30, seed: int = 1) -> Scene:
    """Two boards full of books in order, ten more behind; all available."""
    rng = np.random.default_rng(seed)
    numbers = np.sort(rng.choice(np.arange(100, 9999), 2 * books + 10, replace=False))
    everything = [_book(int(number), rng) for number in numbers]
    rows = {
        "a1": [replace(book, shelf="a1") for book in everything[:books]],
        "a2": [replace(book, shelf="a2") for book in everything[books : 2 * books]],
    }
    behind = [replace(book, shelf="b1") for book in everything[2 * books :]]
    return Scene(rows, {shelf: list(row) for shelf, row in rows.items()}, behind, seed=seed)


def _book(number: int, rng: np.random.Generator) -> Book:
    return Book(
        barcode=f"{30000000 + number}",
        epc=rng.bytes(12).hex().upper(),
        call_number=f"TP3/{number}",
        scheme=Scheme.CLC,
        title=f"Book {number}",
        shelf=None,
        sort_key=None,
        status=Status.AVAILABLE,
    )
