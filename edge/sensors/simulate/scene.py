"""A recording of a simulated library together with its truth, as a pure function: for tests and figures."""

from collections.abc import Mapping
from dataclasses import dataclass

from edge.columns import Readings
from edge.sensors.simulate.cart import path
from edge.sensors.simulate.config import Board, Cart, Options, Reader, Stock
from edge.sensors.simulate.world import TICKS_PER_S, Stood, World


@dataclass(frozen=True, slots=True)
class Truth:
    """What was so while the readings were made: tags on boards, the list, the missing, people at the end."""

    stood: tuple[Stood, ...]
    missing: tuple[str, ...]
    shelf_list_csv: str
    people: Mapping[str, int]


def scene(options: Options, seconds: float, start_ns: int = 0) -> tuple[Readings, Truth]:
    """So many seconds of the library that `options` describe."""
    world = World(options, start_ns)
    readings = world.run(round(seconds * TICKS_PER_S))
    return readings, Truth(world.stood(), world.shelves.missing, world.shelf_list_csv(), world.people)


def shelf_scene(
    seed: int,
    *,
    boards: int = 3,
    stock: Stock | None = None,
    reader: Reader | None = None,
    passes: int = 1,
    start_ns: int = 0,
) -> tuple[Readings, Truth]:
    """So many passes of a cart along boards of 0.9 m, named `s-0`, `s-1` and so on."""
    cart = Cart(
        source="cart-1",
        boards=[Board(id=f"s-{n}") for n in range(boards)],
        stock=stock or Stock(),
        reader=reader or Reader(),
    )
    seconds = path(cart).round_s / 2 * passes
    return scene(Options(seed=seed, cart=cart), seconds, start_ns)
