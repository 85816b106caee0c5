"""Where each space and door end stands in the filter's blocks, and what the filter starts from."""

import math
from dataclasses import dataclass

import numpy as np

from edge.columns import F64, Index
from edge.ext import balance
from edge.fusion.spaces.graph import Building, SpaceModel, groups
from edge.fusion.spaces.options import SpaceOptions

_ML_PER_L = 1000.0


@dataclass(frozen=True, slots=True)
class DoorEnd:
    """A door as one block sees it: the states of the spaces it joins (NONE: elsewhere), and its own."""

    door: int
    block: int
    origin: int
    target: int
    missed: int


@dataclass(frozen=True, slots=True)
class Layout:
    """`block`, `at` (the state PEOPLE) and `gauges` (DEVICES) by space; `n_spaces` by block; all door ends.

    A block's spaces come first, then its doors, then the gauges: where none are heard, the filter leaves the
    end of the block alone.
    """

    block: Index
    at: Index
    gauges: Index
    n_spaces: Index
    n_states: int
    ends: tuple[DoorEnd, ...]

    def state(self, which: int) -> Index:
        """The place of that state for every space."""
        return self.at + which


def layout(building: Building, most: int) -> Layout:
    """Neighbouring spaces share a block; a door between two blocks has an end in both."""
    members = groups(building, most)
    block, slots = np.zeros(len(building.spaces), np.intp), np.zeros(len(building.spaces), np.intp)
    for b, group in enumerate(members):
        for slot, space in enumerate(group):
            block[space], slots[space] = b, slot
    n_spaces = np.array([len(group) for group in members], np.intp)
    at = slots * balance.SPACE_STATES
    ends = _ends(building, block, at, n_spaces * balance.SPACE_STATES)
    n_ends = np.bincount([end.block for end in ends], minlength=len(members))
    behind = n_spaces * balance.SPACE_STATES + n_ends * balance.DOOR_STATES
    gauges = behind[block] + slots * balance.GAUGE_STATES
    states = behind + n_spaces * balance.GAUGE_STATES
    return Layout(block, at, gauges, n_spaces, int(states.max(initial=0)), ends)


def _ends(building: Building, block: Index, at: Index, first: Index) -> tuple[DoorEnd, ...]:
    place = {space.id: n for n, space in enumerate(building.spaces)}
    used: dict[int, int] = {}
    ends: list[DoorEnd] = []
    for n, door in enumerate(building.doors):
        origin, target = place.get(door.origin), place.get(door.target)
        blocks = sorted({int(block[s]) for s in (origin, target) if s is not None})
        for b in blocks:
            ends.append(
                DoorEnd(
                    door=n,
                    block=b,
                    origin=_state(origin, b, block, at),
                    target=_state(target, b, block, at),
                    missed=int(first[b]) + balance.DOOR_STATES * used.get(b, 0),
                )
            )
            used[b] = used.get(b, 0) + 1
    return tuple(ends)


def _state(space: int | None, b: int, block: Index, at: Index) -> int:
    return int(at[space]) if space is not None and block[space] == b else balance.NONE


def initial(building: Building, where: Layout, options: SpaceOptions) -> tuple[F64, F64]:
    """The filter's mean and covariance before the first reading: nobody there, the air as outside."""
    blocks = len(where.n_spaces)
    x = np.zeros((blocks, where.n_states))
    variance = np.zeros((blocks, where.n_states))
    for n, (space, by_door) in enumerate(zip(building.spaces, building.by_door, strict=True)):
        for own, (mean, var) in (
            (slice(where.at[n], where.at[n] + balance.SPACE_STATES), _of_space(space, options)),
            (slice(where.gauges[n], where.gauges[n] + balance.GAUGE_STATES), _of_gauges(by_door, options)),
        ):
            x[where.block[n], own], variance[where.block[n], own] = mean, var
    for end in where.ends:
        own = slice(end.missed, end.missed + balance.DOOR_STATES)
        x[end.block, own] = options.missed_in, options.missed_out
        variance[end.block, own] = options.missed_sd**2
    P = np.zeros((blocks, where.n_states, where.n_states))
    diagonal = np.arange(where.n_states)
    P[:, diagonal, diagonal] = variance
    for end in where.ends:
        alike = options.missed_alike * options.missed_sd**2
        P[end.block, end.missed, end.missed + 1] = P[end.block, end.missed + 1, end.missed] = alike
    return x, P


def drift(building: Building, where: Layout, o: SpaceOptions) -> F64:
    """The variance an hour adds to what changes slowly whatever happens: (blocks, states)."""
    found = np.zeros((len(where.n_spaces), where.n_states))
    for state, sd in (
        (where.at + balance.BASE, o.base_drift_ppm),
        (where.gauges + balance.DEVICES, np.where(building.by_door, o.gain_drift, o.gain_drift_alone)),
        (where.gauges + balance.IDLE, o.idle_drift),
        (where.gauges + balance.SEATS, o.gain_drift),
    ):
        found[where.block, state] = sd**2
    for end in where.ends:
        found[end.block, end.missed : end.missed + balance.DOOR_STATES] = o.missed_drift**2
    return found


def _of_space(space: SpaceModel, o: SpaceOptions) -> tuple[list[float], list[float]]:
    """Mean and variance of a space's states, in the kernel's order."""
    source = math.log(o.co2_l_h * _ML_PER_L / space.volume_m3)
    mean = [0.0, 0.0, math.log(o.changes_open_h), 0.0, source, o.base_ppm]
    if space.area_m2 is None:
        source_sd = o.source_sd_no_size
    else:
        source_sd = o.source_sd if space.height_m else o.source_sd_no_height
    sd = [1.0, 0.0, o.changes_sd, o.swing_sd, source_sd, o.base_sd_ppm]
    return mean, [value * value for value in sd]


def _of_gauges(by_door: bool, o: SpaceOptions) -> tuple[list[float], list[float]]:
    """The same of its gauges' states; by_door: whether a door leads to the space."""
    devices_sd = o.devices_sd if by_door else o.devices_sd_alone
    return [0.0] * balance.GAUGE_STATES, [devices_sd**2, 1.0, o.seats_sd**2]
