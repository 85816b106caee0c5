"""Shelves in the daemon: boards that a cart has left become rows and findings, said once."""

from collections.abc import Iterator

import pytest

from edge.columns import C, Readings, take
from edge.events import InventoryFinished, ItemMissing, ItemSeen, Record, ShelfState, TagUnknown
from edge.fusion.inventory import Board
from edge.fusion.live_passes import LivePasses
from edge.fusion.live_shelves import LiveShelves
from edge.fusion.locate import Options, locate
from edge.fusion.window import Window, whole, window
from edge.library.shelf_list_csv import parse_shelf_list
from edge.sensors.simulate.config import Stock
from edge.sensors.simulate.scene import Truth, shelf_scene

START_NS = 1_763_700_000_000_000_000
SECOND_NS = 1_000_000_000
BOARDS = [Board(f"s-{n}", 0.9, next=f"s-{n + 1}" if n < 2 else None) for n in range(3)]


@pytest.fixture(scope="module")
def scanned() -> tuple[Readings, Truth]:
    stock = Stock(thickness_m=0.05, misplaced=0, missing=1, unknown=1, wrong_status=0)
    return shelf_scene(5, boards=3, stock=stock, passes=2, start_ns=START_NS)


def by_second(readings: Readings) -> Iterator[Window]:
    """The readings as the pipeline gives them: a window a second, and some silence after them."""
    seconds = int((readings.tags.t_ns.max() - START_NS) // SECOND_NS) + 1
    for n in range(seconds + 8):
        start_ns = START_NS + n * SECOND_NS

        def part(columns: C, start_ns: int = start_ns) -> C:
            return take(columns, (columns.t_ns >= start_ns) & (columns.t_ns < start_ns + SECOND_NS))

        yield window(
            [Readings(tags=part(readings.tags), poses=part(readings.poses))], start_ns, start_ns + SECOND_NS
        )


def records(live: LiveShelves, readings: Readings) -> list[Record]:
    return [record for one in by_second(readings) for record in live.step(one)] + live.finish()


def test_each_stay_before_a_board_is_cut_out_with_all_its_poses(scanned: tuple[Readings, Truth]) -> None:
    passes = LivePasses()
    cut = [done for one in by_second(scanned[0]) for done in passes.step(one)]
    shelves = [done.poses.shelves[done.poses.shelf[0]] for done in cut]
    # The cart turns at the last board: both ways along it are one stay.
    assert shelves in (["s-0", "s-1", "s-2", "s-1", "s-0"], ["s-0", "s-1", "s-2", "s-2", "s-1", "s-0"])
    assert sum(len(done.poses) for done in cut) == len(scanned[0].poses)
    assert all(len(done.tags) > 100 for done in cut)
    assert passes.finish() == []


def test_what_is_held_does_not_grow_with_the_day(scanned: tuple[Readings, Truth]) -> None:
    passes = LivePasses()
    held = []
    for one in by_second(scanned[0]):
        passes.step(one)
        held.append(len(passes.tags))
    assert max(held) < len(scanned[0].tags) / 2
    assert held[-1] == 0


def test_list_gives_rows_missing_books_and_strangers_once(scanned: tuple[Readings, Truth]) -> None:
    readings, truth = scanned
    books, _ = parse_shelf_list(truth.shelf_list_csv.encode().splitlines(keepends=True))
    found = records(LiveShelves(BOARDS, books), readings)
    rows = {record.shelf: record for record in found if isinstance(record, ShelfState)}
    stood = {board.shelf: [tag for tag in truth.stood if tag.shelf == board.shelf] for board in BOARDS}
    assert rows.keys() == stood.keys()
    assert all(len(rows[shelf].books) == len(tags) for shelf, tags in stood.items())
    unknown = [record for record in found if isinstance(record, TagUnknown)]
    stranger = next(tag for tag in truth.stood if not tag.barcode)
    assert (unknown[-1].epc, unknown[-1].shelf) == (stranger.epc, stranger.shelf)
    assert len({(record.epc, record.shelf) for record in unknown}) == len(unknown)
    missing = [record.barcode for record in found if isinstance(record, ItemMissing)]
    assert len(missing) == len(set(missing))


def test_row_appears_while_the_cart_is_still_before_it(scanned: tuple[Readings, Truth]) -> None:
    live = LiveShelves(BOARDS)
    shown: list[int] = []
    for one in by_second(scanned[0]):
        rows = [r for r in live.step(one) if isinstance(r, ShelfState) and r.shelf == "s-0"]
        shown += [len(row.books) for row in rows]
    assert len(shown) >= 2
    assert 0 < shown[0] <= shown[-1]


def test_rest_ends_the_stock_take_with_its_sum(scanned: tuple[Readings, Truth]) -> None:
    readings, truth = scanned
    books, _ = parse_shelf_list(truth.shelf_list_csv.encode().splitlines(keepends=True))
    found = records(LiveShelves(BOARDS, books), readings)
    (done,) = [record for record in found if isinstance(record, InventoryFinished)]
    assert done.seen == len({r.barcode for r in found if isinstance(r, ItemSeen)} - {None})
    assert done.missing == len({r.barcode for r in found if isinstance(r, ItemMissing)})


def test_without_a_list_there_are_places_only(scanned: tuple[Readings, Truth]) -> None:
    found = records(LiveShelves(BOARDS), scanned[0])
    assert {type(record) for record in found} == {ShelfState}
    spines = [spine for record in found if isinstance(record, ShelfState) for spine in record.books]
    assert all(spine.barcode is None for spine in spines)


def test_live_rows_end_where_the_whole_recording_does(scanned: tuple[Readings, Truth]) -> None:
    found = records(LiveShelves(BOARDS), scanned[0])
    last = {record.shelf: record for record in found if isinstance(record, ShelfState)}
    assert last.keys() == {board.shelf for board in BOARDS}
    at_once = locate(whole(scanned[0]), {}, Options(coupling=False)).by_epc()
    stand = [spine.epc for row in last.values() for spine in row.books]
    assert len(stand) == len(set(stand))
    for row in last.values():
        for spine in row.books:
            assert at_once[spine.epc].shelf == row.shelf
            assert abs(at_once[spine.epc].x_m - spine.x_m) < 4.0 * spine.x_sd_m


def test_rough_row_never_replaces_a_judged_one(scanned: tuple[Readings, Truth]) -> None:
    readings, truth = scanned
    books, _ = parse_shelf_list(truth.shelf_list_csv.encode().splitlines(keepends=True))
    judged: set[str] = set()
    for record in records(LiveShelves(BOARDS, books), readings):
        if isinstance(record, ShelfState):
            is_rough = record.read_rate is None
            assert not (is_rough and record.shelf in judged)
            assert not is_rough or all(spine.barcode for spine in record.books)
            judged |= set() if is_rough else {record.shelf}
    assert judged == {"s-0", "s-1", "s-2"}
