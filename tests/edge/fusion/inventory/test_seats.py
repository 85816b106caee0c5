"""Where books out of order are seated, and how sure their neighbours' places are then."""

from edge.fusion.inventory import Stocktake, take_stock
from tests.edge.fusion.inventory.scenes import Scene, scene


def _found(one: Scene) -> Stocktake:
    return take_stock(one.evidence(), one.shelf_list, one.boards)


def test_moved_book_is_seated_between_its_new_neighbours() -> None:
    one = scene()
    one.sd_m = 0.004
    moved = one.move("a1", 3, "a2", 14)
    left, right = (one.standing["a2"][n].barcode for n in (13, 15))
    found = _found(one)
    assert [row.between for row in found.misplaced if row.barcode == moved.barcode] == [(left, right)]


def test_ranks_places_and_neighbours_agree() -> None:
    one = scene(seed=2)
    one.sd_m = 0.02
    for n in (3, 12, 20):
        one.move("a1", n, "a2", 2 * n % 25)
    for shelf in ("a1", "a2"):
        row = sorted((book for book in _found(one).books if book.shelf == shelf), key=lambda book: book.rank)
        assert [book.x_m for book in row] == sorted(book.x_m for book in row)


def test_books_beside_a_doubtful_seat_are_less_sure_than_the_others() -> None:
    one = scene(seed=3)
    one.sd_m = 0.02
    moved = one.move("a1", 3, "a2", 14)
    found = _found(one)
    sure = {book.barcode: book.confidence for book in found.books}
    beside = [one.standing["a2"][n].barcode for n in (13, 15)]
    far = [one.standing["a2"][n].barcode for n in (3, 4, 25, 26)]
    assert sure[moved.barcode] < min(sure[barcode] for barcode in beside)
    assert max(sure[barcode] for barcode in beside) < min(sure[barcode] for barcode in far)


def test_a_stranger_does_not_make_the_books_beside_it_doubtful() -> None:
    one = scene(seed=4)
    before = {book.barcode: book.confidence for book in _found(one).books}
    one.strangers.append(("E280AAAA0000000000000001", "a2", 0.31))
    after = {book.barcode: book.confidence for book in _found(one).books}
    assert sum(before[b] - after[b] > 0.05 for b in before) == 0
