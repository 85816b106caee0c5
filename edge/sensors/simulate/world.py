"""The whole simulated library, in ticks of a fifth of a second: the same seed gives the same readings."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from edge.columns import C, Readings, concat_readings, take
from edge.sensors.simulate.building import BuildingModel
from edge.sensors.simulate.cart import CartModel
from edge.sensors.simulate.config import Options
from edge.sensors.simulate.stock import Shelves, shelf_list_csv, stock
from edge.sensors.simulate.tags import Tags, face, tags

TICKS_PER_S: Final = 5
_NO_SHELVES: Final = Shelves((), (), ())


@dataclass(frozen=True, slots=True)
class Stood:
    """Where one tag is in truth; `barcode` is empty where no list knows it."""

    epc: str
    barcode: str
    shelf: str
    x_m: float
    misplaced: bool


class World:
    """One library by its options; `start_ns` is the time of its first tick."""

    def __init__(self, options: Options, start_ns: int) -> None:
        self._options = options
        self._start_ns = start_ns
        self._tick = 0
        # A stream of chance each, so that the books stay the same when a room is added.
        books, radio, building, listing = np.random.default_rng(options.seed).spawn(4)
        self._listing = listing
        self.shelves = _NO_SHELVES
        self._tags: Tags | None = None
        self._cart: CartModel | None = None
        if options.cart is not None:
            self.shelves = stock(options.cart.boards, options.cart.stock, books)
            self._tags = tags(self.shelves.standing, options.cart, books)
            self._cart = CartModel(options.cart, self._tags, radio)
        self._building = BuildingModel(options, building)

    @property
    def people(self) -> dict[str, int]:
        """People in each room now."""
        return self._building.people

    def shelf_list_csv(self) -> str:
        """The shelf list as CSV, with its header."""
        boards = self._options.cart.boards if self._options.cart else []
        return shelf_list_csv(self.shelves, boards, self._listing)

    def stood(self) -> tuple[Stood, ...]:
        """Where each tag is in truth, along its board."""
        if self._tags is None or self._options.cart is None:
            return ()
        x_m = self._tags.place[:, 0] - face(self._options.cart).left_m[self._tags.board]
        boards = self._options.cart.boards
        return tuple(
            Stood(b.epc, b.listed.barcode if b.listed else "", boards[b.board].id, float(x_m[n]), b.misplaced)
            for n, b in enumerate(self.shelves.standing)
        )

    def run(self, ticks: int) -> Readings:
        """The readings of the next so many ticks."""
        return concat_readings([self._step() for _ in range(ticks)])

    def _step(self) -> Readings:
        tick, self._tick = self._tick, self._tick + 1
        parts = []
        if self._cart is not None:
            parts.append(self._cart.step(tick / TICKS_PER_S, 1 / TICKS_PER_S, self._start_ns))
        if tick % TICKS_PER_S == TICKS_PER_S - 1:
            parts.append(self._building.step(tick // TICKS_PER_S, self._start_ns))
        return self._without_silent(concat_readings(parts), tick / TICKS_PER_S)

    def _without_silent(self, readings: Readings, now_s: float) -> Readings:
        silent = {fault.source for fault in self._options.fault if now_s >= fault.after_s}
        if not silent:
            return readings
        return Readings(
            tags=_without(readings.tags, silent),
            poses=_without(readings.poses, silent),
            doors=_without(readings.doors, silent),
            rooms=_without(readings.rooms, silent),
        )


def _without(columns: C, silent: set[str]) -> C:
    speaks = np.array([source not in silent for source in columns.sources], np.bool_)
    return columns if speaks.all() else take(columns, speaks[columns.source])
