"""The simulated library: what must hold of it as physics, and that a seed settles everything."""

from itertools import pairwise

import numpy as np
import pytest

from edge.columns import Readings
from edge.fusion.locate import Options as LocateOptions
from edge.fusion.locate import locate
from edge.fusion.window import whole
from edge.library.call_numbers import Scheme, key_function
from edge.recording import lines_of
from edge.sensors.simulate.channel import LIGHT_M_S, one_way
from edge.sensors.simulate.config import Board, Cart, Door, Fault, Options, Reader, Room, Stock
from edge.sensors.simulate.scene import Truth, scene, shelf_scene
from edge.sensors.simulate.stock import stock
from edge.sensors.simulate.tags import tags
from edge.sensors.simulate.world import World

THICK = Stock(thickness_m=0.08)
CLEAN = Reader(multipath=0.0, coupling=0.0)
HALL = Room(
    id="hall", capacity=60, busy=0.7, sensors={"co2_ppm": "co2", "presence": "pir", "people": "staff"}
)
DOOR = Door.model_validate(
    {"source": "door", "from": "outside", "to": "hall", "missed_in": 0.0, "missed_out": 0.0}
)


def errors_m(found: Readings, truth: Truth, boards: int) -> tuple[float, float, float]:
    """Median |x| error without the common offset, share on the right board, share of neighbours in order."""
    true = {tag.epc: tag for tag in truth.stood}
    lengths_m = {f"s-{n}": 0.9 for n in range(boards)}
    places = locate(whole(found), lengths_m, LocateOptions(coupling=False)).places
    off = np.array([place.x_m - true[place.epc].x_m for place in places])
    right = np.mean([place.shelf == true[place.epc].shelf for place in places])
    rows = [sorted((p for p in places if p.shelf == f"s-{n}"), key=lambda p: p.rank) for n in range(boards)]
    pairs = [(a, b) for row in rows for a, b in pairwise(row)]
    order = np.mean([true[a.epc].x_m < true[b.epc].x_m for a, b in pairs])
    return float(np.median(np.abs(off - np.median(off)))), float(right), float(order)


def test_same_seed_gives_the_same_readings_and_another_seed_gives_others() -> None:
    first, second, other = (list(lines_of(shelf_scene(seed, boards=1)[0])) for seed in (3, 3, 4))
    assert first == second
    assert first != other


def test_pace_of_the_batches_changes_nothing() -> None:
    options = Options(seed=5, cart=Cart(source="cart", boards=[Board(id="s-0")]), room=[HALL], door=[DOOR])
    slow, fast = World(options, 0), World(options, 0)
    at_once = sorted(lines_of(fast.run(40)))
    assert sorted(line for _ in range(40) for line in lines_of(slow.run(1))) == at_once


def test_phase_grows_with_the_distance_by_two_wavelengths_a_wavelength() -> None:
    cart = Cart(source="cart", boards=[Board(id="s-0")], reader=CLEAN)
    rng = np.random.default_rng(1)
    table = tags(stock(cart.boards, cart.stock, rng).standing, cart, rng)
    away_m = np.array([0.40, 0.41])
    antenna = np.stack(
        [np.full(2, table.place[0, 0]), table.place[0, 1] - away_m, np.full(2, table.place[0, 2])], 1
    )
    h = one_way(table, np.zeros(2, np.intp), antenna, np.full(2, 920.0), multipath=0.0)
    scattered = np.abs(table.scatter).max()
    turned = np.diff(-2 * np.unwrap(np.angle(h)))[0]
    assert scattered == 0.0
    assert turned == pytest.approx(4 * np.pi * 920e6 / LIGHT_M_S * 0.01, rel=1e-6)


def test_books_without_multipath_are_found_within_a_centimetre() -> None:
    error_m, board, order = errors_m(*shelf_scene(3, stock=THICK, reader=CLEAN, boards=2), boards=2)
    assert error_m < 0.01
    assert board == 1.0
    assert order == 1.0


def test_thin_books_with_multipath_are_as_hard_as_measured_ones() -> None:
    error_m, board, order = errors_m(*shelf_scene(3, boards=2, passes=2), boards=2)
    assert 0.003 < error_m < 0.04
    assert board > 0.95
    assert 0.6 < order < 1.0


def test_call_numbers_of_the_list_are_in_shelf_order() -> None:
    books = stock([Board(id=f"s-{n}") for n in range(12)], Stock(), np.random.default_rng(2)).listed
    keys = [key_function(Scheme.CLC)(book.call_number) for book in books]
    assert keys == sorted(keys)
    assert len(set(keys)) == len(keys)


def test_faults_are_in_the_shelves_as_asked() -> None:
    asked = Stock(misplaced=4, missing=3, unknown=2, wrong_status=2)
    found = stock([Board(id=f"s-{n}") for n in range(6)], asked, np.random.default_rng(7))
    standing = {book.epc for book in found.standing}
    assert sum(book.misplaced for book in found.standing) == 4
    assert sum(book.listed is None for book in found.standing) == 2
    assert len(found.missing) == 3
    assert sum(book.status == "on_loan" and book.epc in standing for book in found.listed) == 2
    assert not any(book.epc in standing for book in found.listed if book.barcode in found.missing)


def test_books_stand_side_by_side_within_their_board() -> None:
    found = stock(
        [Board(id=f"s-{n}") for n in range(4)], Stock(misplaced=8, fill=0.97), np.random.default_rng(1)
    )
    for board in range(4):
        row = [book for book in found.standing if book.board == board]
        assert all(a.left_m + a.thickness_m <= b.left_m + 1e-9 for a, b in pairwise(row))
        assert row[-1].left_m + row[-1].thickness_m <= 0.9


def test_counters_that_miss_nobody_agree_with_the_people_inside() -> None:
    readings, truth = scene(Options(seed=2, room=[HALL], door=[DOOR], starts_at="13:45"), 1800)
    first = readings.rooms.value[readings.rooms.quantity == readings.rooms.quantities.index("people")]
    balance = int(readings.doors.n_in.sum() - readings.doors.n_out.sum())
    assert len(first) == 1
    assert first[0] + balance == truth.people["hall"]
    assert readings.doors.n_in.sum() > 20


def test_closed_library_empties() -> None:
    _, truth = scene(Options(seed=2, room=[HALL], door=[DOOR], starts_at="22:00"), 2 * 3600)
    assert truth.people["hall"] == 0


def test_silent_sensor_says_nothing_from_its_hour_on() -> None:
    options = Options(seed=2, room=[HALL], door=[DOOR], fault=[Fault(source="co2", after_s=60)])
    readings, _ = scene(options, 120)
    co2 = readings.rooms.t_ns[readings.rooms.source == readings.rooms.sources.index("co2")]
    pir = readings.rooms.t_ns[readings.rooms.source == readings.rooms.sources.index("pir")]
    assert co2.max() <= 60e9 < pir.max()


def test_no_pose_between_two_boards() -> None:
    readings, _ = shelf_scene(3, boards=2)
    change = np.flatnonzero(np.diff(readings.poses.shelf))
    assert len(change) == 1
    assert np.diff(readings.poses.t_ns)[change[0]] > 2e9
