"""The books of a stock-take of our own: the list, what is wrong on the boards, where everything stands."""

import csv
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

from edge.sensors.simulate.config import Reader

LENGTH_M: Final = 0.9
TIERS: Final = 2
_COLUMNS: Final = ("barcode", "epc", "call_number", "scheme", "title", "shelf", "sort_key", "status")

Rng = np.random.Generator


@dataclass(frozen=True, slots=True)
class Kind:
    """What a scene is like: books, faults, radio, cart.

    echoes, coupling : rms strength of each point that scatters beside a tag, and of each of the neighbours'
    tags where they touch, relative to the direct path; as in the data, by the power that a direct path
    from the true place leaves and by the errors of a plain hologram
    phase_noise_rad : beyond the driver's; weave_m : of the cart, across
    """

    books: int = 200
    boards: int = 6
    behind: int = 24
    echoes: float = 0.4
    coupling: float = 0.8
    thickness_m: float = 0.0238
    spread: float = 0.45
    moved: int = 8
    lost: int = 6
    absent: int = 24
    wrong_status: int = 7
    flat: int = 3
    unreadable: int = 2
    unknown: int = 3
    copies: int = 3
    without_shelf: float = 0.0
    reader: Reader = field(
        default_factory=lambda: Reader(
            first_mhz=865.7, step_mhz=0.6, channels=4, reads_per_s=350.0, dwell_s=1.9
        )
    )
    phase_noise_rad: float = 0.05
    rssi_step_db: float = 0.5
    weak_db: float = 2.0
    weave_m: float = 0.011
    pose_noise_m: float = 0.002
    scale_sd: float = 0.004
    zero_sd_m: float = 0.004


KINDS: Final = {
    "standard": Kind(),
    "hard": Kind(
        boards=4,
        behind=36,
        thickness_m=0.0135,
        spread=0.55,
        moved=11,
        lost=8,
        wrong_status=8,
        flat=6,
        unreadable=4,
        unknown=5,
        copies=4,
        without_shelf=0.1,
        reader=Reader(reads_per_s=350.0, half_turns=0.5, dwell_s=1.9),
        echoes=0.55,
        coupling=1.0,
        phase_noise_rad=0.06,
        rssi_step_db=1.0,
        weave_m=0.016,
        pose_noise_m=0.005,
        scale_sd=0.008,
        zero_sd_m=0.010,
    ),
}


@dataclass(slots=True)
class Book:
    """One book of the list or one unknown tag (no barcode), and where it stands (`shelf` "": nowhere)."""

    barcode: str
    epc: str
    call_number: str
    expected_shelf: str
    thickness_m: float
    status: str = "available"
    fault: str | None = None
    kind: str | None = None
    shelf: str = ""
    x_m: float = 0.0
    left_m: float = 0.0
    rank: int | None = None
    reads: int = 0

    @property
    def present(self) -> bool:
        """Whether it stands anywhere."""
        return bool(self.shelf)


class Library:
    """Boards of books that the cart passes (`boards`) and those of the other face (`behind`)."""

    def __init__(self, kind: Kind, rng: Rng) -> None:
        self._kind, self._rng = kind, rng
        self.boards = [f"a{n // TIERS + 1:02}-{n % TIERS + 1}" for n in range(kind.boards)]
        self.behind = [f"b{n // TIERS + 1:02}-{n % TIERS + 1}" for n in range(kind.boards)]
        self.books = self._listed()
        self.unknown: list[Book] = []
        self._rows = {
            shelf: [b for b in self.books if b.expected_shelf == shelf] for shelf in self.boards + self.behind
        }
        self._spoil()
        self._stand()

    def site(self) -> str:
        """The site file: boards with what they hold by the list."""
        lines = ["schema = 1", "[site]", 'id = "own"', 'timezone = "UTC"', "[[space]]", 'id = "stacks-1"']
        lines += ['name = { en = "Stacks" }', 'kind = "learning"', 'zone = "quiet"', "capacity = 40"]
        lines += ['open = ["mon-sun 08:00-22:00"]']
        boards = self.boards + self.behind
        for n, shelf in enumerate(boards):
            row = [b for b in self.books if b.expected_shelf == shelf]
            lines += ["[[shelf]]", f'id = "{shelf}"', 'space = "stacks-1"', f"length_m = {LENGTH_M}"]
            lines += ['scheme = "clc"', f'from = "{row[0].call_number}"', f'to = "{row[-1].call_number}"']
            lines += [f'next = "{boards[n + 1]}"'] if n + 1 < len(boards) else []
        lines += ["[[source]]", 'id = "cart-1"', 'driver = "replay"', 'space = "stacks-1"']
        return "\n".join(lines) + "\n"

    def write_list(self, path: Path) -> None:
        """The list, not in shelf order; some rows without a shelf."""
        with path.open("w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out)
            writer.writerow(_COLUMNS)
            for n in self._rng.permutation(len(self.books)):
                b = self.books[n]
                shelf = "" if self._rng.random() < self._kind.without_shelf else b.expected_shelf
                writer.writerow([b.barcode, b.epc, b.call_number, "clc", "A book", shelf, "", b.status])

    def _listed(self) -> list[Book]:
        kind, rng = self._kind, self._rng
        total = kind.books + kind.behind
        widths = np.clip(
            kind.thickness_m * np.exp(kind.spread * rng.standard_normal(total)), 0.3 * kind.thickness_m, 0.06
        )
        numbers = np.sort(rng.choice(np.arange(1000, 9999), total, replace=False))
        for place in rng.choice(total - 1, kind.copies, replace=False):
            numbers[place + 1] = numbers[place]
        room = kind.books / kind.boards
        boards = [self.boards[int(n / room)] for n in range(kind.books)]
        boards += [self.behind[n * kind.boards // kind.behind] for n in range(kind.behind)]
        return [
            Book(
                barcode=str(30_000_000 + n),
                epc=rng.bytes(12).hex().upper(),
                call_number=f"TP3/{number}",
                expected_shelf=shelf,
                thickness_m=float(width),
            )
            for n, (number, shelf, width) in enumerate(zip(numbers, boards, widths, strict=True))
        ]

    def _spoil(self) -> None:
        """Lend, lose, move, lay flat and add books, each fault to other books."""
        kind, rng = self._kind, self._rng
        here = [b for row in map(self._rows.__getitem__, self.boards) for b in row]
        chosen = [here[n] for n in rng.permutation(len(here))]
        for book in chosen[: kind.absent]:
            book.status = str(rng.choice(["on_loan", "on_loan", "on_loan", "on_hold", "in_transit"]))
            self._rows[book.expected_shelf].remove(book)
        del chosen[: kind.absent]
        for book in chosen[: kind.lost]:
            book.fault = "missing"
            self._rows[book.expected_shelf].remove(book)
        del chosen[: kind.lost]
        for fault, count in (
            ("wrong_status", kind.wrong_status),
            ("flat", kind.flat),
            ("unreadable", kind.unreadable),
        ):
            for book in chosen[:count]:
                book.fault = fault
            del chosen[:count]
        for book in chosen[: kind.moved]:
            self._move(book)
        for book in (b for b in self.books if b.fault == "wrong_status"):
            book.status = str(rng.choice(["on_loan", "missing", "withdrawn"]))
        for n in range(kind.unknown):
            shelf = self.boards[int(rng.integers(len(self.boards)))]
            book = Book("", f"30{n:02}{rng.bytes(10).hex().upper()}", "", "", kind.thickness_m)
            self._rows[shelf].insert(int(rng.integers(len(self._rows[shelf]) + 1)), book)
            self.unknown.append(book)

    def _move(self, book: Book) -> None:
        rng = self._rng
        home = self.boards.index(book.expected_shelf)
        row = self._rows[book.expected_shelf]
        book.fault = "misplaced"
        book.kind = str(rng.choice(["within_board", "wrong_board", "far"]))
        at = row.index(book)
        row.remove(book)
        if book.kind == "within_board":
            passed = [{b.call_number for b in _between(row, n, at)} for n in range(len(row) + 1)]
            free = [n for n, numbers in enumerate(passed) if len(numbers) >= 3]
            row.insert(int(rng.choice(free)), book)
            return
        near = [n for n in range(len(self.boards)) if abs(n - home) == 1]
        others = [n for n in range(len(self.boards)) if n != home and n not in near]
        to = self._rows[self.boards[int(rng.choice(near if book.kind == "wrong_board" else others))]]
        to.insert(int(rng.integers(len(to) + 1)), book)

    def _stand(self) -> None:
        """Books side by side, now and then a gap; tags just inside the back cover, mostly the left one."""
        rng = self._rng
        for shelf, row in self._rows.items():
            upright = [b for b in row if b.fault != "flat"]
            widths = np.array([b.thickness_m for b in upright])
            gaps = np.where(
                rng.random(len(widths)) < 0.06,
                rng.uniform(0.01, 0.025, len(widths)),
                rng.uniform(0.0, 0.002, len(widths)),
            )
            squeeze = min(1.0, (LENGTH_M - 0.03) / float((widths + gaps).sum()))
            left_m = float(rng.uniform(0.005, 0.02))
            for book, width, gap in zip(upright, widths * squeeze, gaps * squeeze, strict=True):
                cover = min(0.003, 0.2 * width)
                book.shelf, book.left_m, book.thickness_m = shelf, left_m, float(width)
                book.x_m = float(left_m + (cover if rng.random() < 0.85 else width - cover))
                left_m += width + gap
            for rank, book in enumerate(b for b in upright if b.fault != "unreadable"):
                book.rank = rank
            for book in row:
                if book.fault == "flat":
                    book.shelf, book.x_m = shelf, float(rng.uniform(0.05, 0.85))


def document(book: Book) -> dict[str, Any]:
    flat = book.fault == "flat"
    return {
        "barcode": book.barcode,
        "epc": book.epc,
        "call_number": book.call_number,
        "status": book.status,
        "present": book.present,
        "readable": book.fault != "unreadable",
        "expected_shelf": book.expected_shelf,
        "shelf": book.shelf or None,
        "x_m": book.x_m if book.present else None,
        "left_m": book.left_m if book.present and not flat else None,
        "thickness_m": book.thickness_m,
        "rank": book.rank,
        "flat": flat,
        "fault": book.fault,
        "kind": book.kind,
        "scanned": (book.shelf or book.expected_shelf).startswith("a"),
        "reads": book.reads,
    }


def _between(row: list[Book], n: int, at: int) -> list[Book]:
    return row[min(n, at) : max(n, at)]
