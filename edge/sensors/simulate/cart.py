"""The cart: along one board after the other, there and back, with its own idea of where it is."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from edge.columns import F64, Index, PoseColumns, Readings
from edge.sensors.simulate.config import Cart
from edge.sensors.simulate.reader import ReaderModel
from edge.sensors.simulate.stock import Rng
from edge.sensors.simulate.tags import Tags, face

BEYOND_M: Final = 0.15
_CENTRE_Z_M: Final = 0.11
_SCALE_SD: Final = 0.002
_ZERO_SD_M: Final = 0.002
_NO_BOARD: Final = -1

Leg = tuple[int, float, float, float, float, float]
"""Board (−1: a turn between two), seconds, X from and to, Z from and to (world axes, metres)."""


@dataclass(frozen=True, slots=True)
class Path:
    """The way round: when each leg starts, and what it is."""

    legs: tuple[Leg, ...]
    start_s: F64
    round_s: float

    def at(self, t_s: F64) -> tuple[Index, F64, F64]:
        """Board (−1: none), X and Z of the antenna at each time."""
        into = np.mod(t_s, self.round_s)
        leg = np.searchsorted(self.start_s, into, side="right") - 1
        board, length_s, x0, x1, z0, z1 = (np.array(column)[leg] for column in zip(*self.legs, strict=True))
        share = (into - self.start_s[leg]) / length_s
        return board.astype(np.intp), x0 + share * (x1 - x0), z0 + share * (z1 - z0)


def path(cart: Cart) -> Path:
    """All boards in shelf order and back again, a turn after each."""
    legs = list(_legs(cart))
    starts = np.cumsum([0.0, *(leg[1] for leg in legs)])
    return Path(tuple(legs), starts[:-1], float(starts[-1]))


def _legs(cart: Cart) -> Iterator[Leg]:
    f = face(cart)
    there = [
        (n, float(f.left_m[n] - BEYOND_M), float(f.left_m[n] + f.length_m[n] + BEYOND_M))
        for n in range(len(f.left_m))
    ]
    back = [(n, end, begin) for n, begin, end in reversed(there)]
    for (n, begin, end), (following, next_begin, _) in pairwise([*there, *back, there[0]]):
        z, next_z = (float(f.floor_m[board]) + _CENTRE_Z_M for board in (n, following))
        yield n, abs(end - begin) / cart.speed_m_s, begin, end, z, z
        yield _NO_BOARD, cart.turn_s, end, next_begin, z, next_z


class CartModel:
    """The cart with its reader; ask it for one stretch of time after the other."""

    def __init__(self, cart: Cart, tags: Tags, rng: Rng) -> None:
        self.path = path(cart)
        self._cart = cart
        self._face = face(cart)
        self._rng = rng
        self._reader = ReaderModel(cart.source, cart.reader, tags, rng)
        self._scale = 1 + rng.normal(0, _SCALE_SD)
        self._zero_m = rng.normal(0, _ZERO_SD_M, len(cart.boards))

    def step(self, start_s: float, seconds: float, start_ns: int) -> Readings:
        """Reads and poses of `[start_s, start_s + seconds)`; `start_ns` is the time of second 0."""
        n = max(2, round(seconds * self._cart.pose_hz))
        t_s = start_s + np.arange(n) * seconds / n
        board, x, z = self.path.at(t_s)
        antenna = np.stack([x, np.full(n, -self._cart.distance_m), z], axis=1)
        return Readings(
            tags=self._reader.read(t_s, antenna, start_ns), poses=self._poses(t_s, board, x, start_ns)
        )

    def _poses(self, t_s: F64, board: Index, x: F64, start_ns: int) -> PoseColumns:
        """What the encoder says: a little noise, a scale that is a little off, a zero of each board."""
        known = board != _NO_BOARD
        board, x, t_s = board[known], x[known], t_s[known]
        along = (x - self._face.left_m[board]) * self._scale + self._zero_m[board]
        noise = self._rng.normal(0, self._cart.pose_noise_m, len(board))
        used, shelf = np.unique(board, return_inverse=True)
        return PoseColumns(
            t_ns=start_ns + (t_s * 1e9).astype(np.int64),
            source=np.zeros(len(board), np.intp),
            shelf=shelf.astype(np.intp),
            x_m=along + noise,
            y_m=np.full(len(board), self._cart.distance_m),
            z_m=np.full(len(board), _CENTRE_Z_M),
            sources=(self._cart.source,),
            shelves=tuple(self._cart.boards[n].id for n in used),
        )
