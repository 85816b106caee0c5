"""Where each tag is in the stacks, and what stands about it: the tables that the channel is computed from.

World axes in metres: X along the shelf face, Y into the shelf (spines at 0, the antenna at −distance), Z up.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from edge.columns import F64, Index
from edge.sensors.simulate.config import Cart
from edge.sensors.simulate.stock import Rng, Standing

TIER_M: Final = 0.36
BAY_GAP_M: Final = 0.12
BACK_M: Final = 0.28
NEIGHBOURS: Final = 4
SCATTERERS: Final = 2
_COUPLING_M: Final = 0.025

Complex = np.ndarray[tuple[int, ...], np.dtype[np.complex128]]


@dataclass(frozen=True, slots=True)
class Tags:
    """m tags: place (m, 3), board's ends and height, scatterers (m, 2, 3), neighbours (m, 4), own phase."""

    epcs: tuple[str, ...]
    board: Index
    place: F64
    left_m: F64
    right_m: F64
    floor_m: F64
    gain_db: F64
    phase_rad: F64
    scatterer: F64
    scatter: Complex
    neighbour: Index
    coupling: Complex


@dataclass(frozen=True, slots=True)
class Face:
    """Where the boards are: left end and height of each."""

    left_m: F64
    floor_m: F64
    length_m: F64


def face(cart: Cart) -> Face:
    """Boards stand in bays of so many tiers, from the top down, bays from the left."""
    lengths = np.array([board.length_m for board in cart.boards])
    bay = np.arange(len(lengths)) // cart.tiers
    tier = np.arange(len(lengths)) % cart.tiers
    widths = np.array([lengths[bay == b].max() for b in range(int(bay[-1]) + 1)])
    lefts = np.concatenate([[0.0], np.cumsum(widths + BAY_GAP_M)[:-1]])
    return Face(lefts[bay], TIER_M * (cart.tiers - 1.0 - tier.astype(np.float64)), lengths)


def tags(standing: tuple[Standing, ...], cart: Cart, rng: Rng) -> Tags:
    """Put a tag into every book: inside the back cover, at a height and a depth of its own."""
    boards = face(cart)
    m = len(standing)
    board = np.array([book.board for book in standing], np.intp)
    left = np.array([book.left_m for book in standing])
    width = np.array([book.thickness_m for book in standing])
    in_cover = np.where(rng.random(m) < 0.9, 0.08, 0.92)
    place = np.stack(
        [
            boards.left_m[board] + left + in_cover * width,
            rng.uniform(0.02, 0.09, m),
            boards.floor_m[board] + rng.uniform(0.05, 0.17, m),
        ],
        axis=1,
    )
    around = rng.uniform([-0.5, -0.3, -0.3], [0.5, 0.25, 0.3], (m, SCATTERERS, 3))
    neighbour, coupling = couple(place, board, cart.reader.coupling, rng)
    return Tags(
        epcs=tuple(book.epc for book in standing),
        board=board,
        place=place,
        left_m=boards.left_m[board],
        right_m=boards.left_m[board] + boards.length_m[board],
        floor_m=boards.floor_m[board],
        gain_db=rng.normal(0.0, 1.5, m),
        phase_rad=rng.uniform(0.0, 2 * np.pi, m),
        scatterer=place[:, None, :] + around,
        scatter=cart.reader.multipath * 0.05 * np.exp(2j * np.pi * rng.random((m, SCATTERERS))),
        neighbour=neighbour,
        coupling=coupling,
    )


def couple(place: F64, board: Index, strength: float, rng: Rng) -> tuple[Index, Complex]:
    """The nearest tags of the same board and what each passes on; the coupling falls with the distance."""
    m = len(place)
    neighbour = np.tile(np.arange(m)[:, None], (1, NEIGHBOURS))
    coupling = np.zeros((m, NEIGHBOURS), np.complex128)
    turn = np.exp(1j * rng.normal(0.6, 0.3, (m, NEIGHBOURS)))
    for n in range(m):
        others = np.flatnonzero(board == board[n])
        gap = np.linalg.norm(place[others] - place[n], axis=1)
        near = np.argsort(gap)[1 : NEIGHBOURS + 1]
        neighbour[n, : len(near)] = others[near]
        coupling[n, : len(near)] = 0.45 * strength * np.exp(-gap[near] / _COUPLING_M)
    return neighbour, coupling * turn
