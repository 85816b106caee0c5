"""The register knows where a book was seen last, and which are missing."""

from edge.events import ItemMissing, ShelfState, Spine
from edge.lsp.register import Register

S = 1_000_000_000


def row(t_s: int, shelf: str, *barcodes: str) -> ShelfState:
    spines = tuple(Spine(f"E2{n:02X}", code, 0.1 * n, 0.01, 0.9) for n, code in enumerate(barcodes))
    return ShelfState(t_s * S, shelf, spines, 1.0)


def gone(t_s: int, barcode: str) -> ItemMissing:
    return ItemMissing(t_s * S, barcode, "a1", 0.99)


def test_a_book_is_between_its_neighbours() -> None:
    register = Register()
    register.apply([row(1, "a1", "x", "y", "z")])
    sight = register.sight("y")
    assert sight is not None
    assert sight.left is not None
    assert sight.right is not None
    assert (sight.shelf, sight.left.barcode, sight.right.barcode) == ("a1", "x", "z")
    assert register.sight("nobody") is None


def test_the_newest_sight_counts_whatever_the_order() -> None:
    register = Register()
    register.apply([row(5, "b1", "y"), row(1, "a1", "x", "y")])
    sight = register.sight("y")
    assert sight is not None
    assert (sight.shelf, sight.still_there) == ("b1", True)


def test_a_book_that_has_gone_from_its_row_was_there() -> None:
    register = Register()
    register.apply([row(1, "a1", "x", "y"), row(2, "a1", "x")])
    sight = register.sight("y")
    assert sight is not None
    assert (sight.shelf, sight.still_there, sight.t_ns) == ("a1", False, 1 * S)


def test_a_missing_book_that_is_read_later_is_not_missing() -> None:
    register = Register()
    register.apply([gone(2, "y"), gone(2, "z"), row(2, "a1", "x")])
    assert set(register.missing) == {"y", "z"}
    register.apply([row(3, "b1", "y")])
    assert set(register.missing) == {"z"}
    register.apply([gone(1, "y")])
    assert set(register.missing) == {"z"}


def test_only_missing_books_can_be_approved_and_twice_is_once() -> None:
    register = Register()
    register.apply([gone(2, "z")])
    assert register.approval("x", "Li", 9) is None
    first, second = register.approval("z", "Li", 9), register.approval("z", "Wang", 10)
    assert first is not None
    assert second is not None
    assert first.id == second.id
