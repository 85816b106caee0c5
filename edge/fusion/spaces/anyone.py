"""Whether anybody was there, where nothing counts people: told when all of a recording is known.

Two states in turn (`chain`), and what speaks for either: the air beyond what an empty room explains
(`breath`), presence, light and sound as far as they went with people beyond the time of day (`hinted`), and
what the balance filter makes of it all. The tables are learnt with the chances that they lead to, a few times
over. How many are there is the filter's to say; who is told to be there is one at least, and whole.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from edge.columns import F64, Index
from edge.ext.occupancy import CO2, COUNTED, LIGHT, SEEN, SOUND, USUAL
from edge.fusion.spaces.breath import Breath
from edge.fusion.spaces.chain import chances
from edge.fusion.spaces.graph import Building, SpaceModel
from edge.fusion.spaces.hinted import hinted
from edge.fusion.spaces.hints import COUNTS, steps_of_light, steps_of_sound
from edge.fusion.spaces.hours import LocalTime
from edge.fusion.spaces.options import SpaceOptions
from edge.fusion.spaces.steps import Steps

_SAID: Final = (CO2, LIGHT, SOUND, SEEN)
_TIMES: Final = 3
_COME_H, _GO_H = 0.25, 0.7
_LEVEL_H: Final = 0.1  # a level says one thing in so many hours,
_FILTER_H: Final = 0.4  # and the filter
_SURE: Final = 0.02
_SEEN_WITH, _SEEN_WITHOUT = 0.5, 0.01  # of the steps, before it is learnt
_KNOWN_H: Final = 4.0
_SEEN_MOST: Final = math.log(40.0)
_UNSEEN_A_MINUTE: Final = math.log(0.66)
_ALWAYS_H: Final = 12.0
_QUARTER_NS: Final = 900_000_000_000
_HOUR_NS: Final = 3_600_000_000_000


@dataclass(slots=True)
class Anyone:
    """`hear` all steps in order, then `settle`, then have each `told` again. `own`: the spaces that it may be
    asked for."""

    building: Building
    own: Index
    options: SpaceOptions
    _t_ns: list[int] = field(default_factory=list)
    _said: list[F64] = field(default_factory=list)
    _alive: list[Index] = field(default_factory=list)
    _chance: dict[int, F64] = field(default_factory=dict)

    @classmethod
    def of(cls, building: Building, spaces: F64, options: SpaceOptions) -> "Anyone":
        """By the kernel's table of spaces at the end: for those where no door and no heads were counted."""
        own = np.flatnonzero((spaces[:, COUNTED] == 0.0) & (spaces[:, USUAL] > 0.0))
        return cls(building, own, options)

    def hear(self, part: Steps) -> None:
        """What was said in some steps, and what the filter told of them."""
        self._t_ns.extend(part.t_ns)
        said = part.spaces[:, self.own][..., _SAID]
        self._said.append(np.concatenate((said, part.numbers[:, self.own, 2:]), axis=-1))
        self._alive.append(part.alive[:, self.own])

    def settle(self) -> None:
        """Find for each space how likely anybody was there at every step."""
        if not len(self.own) or not self._t_ns:
            return
        t_ns, hour = np.array(self._t_ns), _hours(self._t_ns, ZoneInfo(self.building.timezone))
        said, alive = np.concatenate(self._said), np.concatenate(self._alive)
        for n, s in enumerate(self.own.tolist()):
            heard = (alive[:, n] != 0) | ~np.isnan(said[:, n, :-1]).all(axis=1)
            if heard.any() and not (alive[:, n] & COUNTS).any():
                self._chance[s] = np.zeros(len(t_ns))
                at = np.flatnonzero(heard)
                room = Room(self.building.spaces[s], self.options, t_ns[at], hour[at], said[at, n])
                self._chance[s][at] = room.chance()
        self._said.clear()

    def told(self, numbers: F64, people: F64, first: int) -> F64:
        """The numbers of some steps from `first` on, (T, n, 3), with the chances that were found.

        people: (T, n, 2), mean and variance by the filter.
        """
        found = numbers.copy()
        for s, chance in self._chance.items():
            now = chance[first : first + len(numbers)]
            found[:, s] = _whole(people[:, s], now, self.options)
        return found


@dataclass(slots=True)
class Room:
    """What was said of one space in the steps in which it was heard: t_ns and the hour of the day, and (T, 5)
    CO2, light, sound, presence and the filter's chance."""

    space: SpaceModel
    options: SpaceOptions
    t_ns: Index
    hour: Index
    said: F64

    def chance(self) -> F64:
        """How likely anybody was there, by step."""
        t_h = (self.t_ns - self.t_ns[0]) / _HOUR_NS
        apart_h = np.diff(t_h, prepend=t_h[0])
        step_h = float(np.median(apart_h[1:])) if len(t_h) > 1 else 1.0
        breath, levels = self._breath(t_h), self._levels()
        as_is, air = self._by_filter(step_h), min(step_h / breath.apart_h, 1.0)
        seen = self.said[:, 3]
        signs = signs_say(seen, t_h, step_h, _SEEN_WITH, _SEEN_WITHOUT)
        there = chances(as_is + signs + air * breath.log_ratio(), apart_h, _COME_H, _GO_H)
        for _ in range(_TIMES - 1):
            breath.learn(there, step_h)
            signs = signs_say(seen, t_h, step_h, *_seen_shares(seen, there, step_h))
            known = as_is + signs + air * breath.log_ratio()
            for level in levels:
                known += min(step_h / _LEVEL_H, 1.0) * hinted(level, self.hour, there, step_h)
            there = chances(known, apart_h, _COME_H, _GO_H)
        return there

    def _breath(self, t_h: F64) -> Breath:
        person_ppm_h = self.options.co2_l_h * 1000.0 / self.space.volume_m3
        usual = max(self.options.usual_share * self.space.capacity, self.options.usual_least)
        return Breath(t_h, self.said[:, 0], person_ppm_h, usual)

    def _levels(self) -> Sequence[F64]:
        levels = steps_of_light(self.said[:, 1]), steps_of_sound(self.said[:, 2])
        return [level for level in levels if not np.isnan(level).all()]

    def _by_filter(self, step_h: float) -> F64:
        chance = np.clip(self.said[:, 4], _SURE, 1 - _SURE)
        found: F64 = min(step_h / _FILTER_H, 1.0) * np.log(chance / (1 - chance))
        return found


def signs_say(seen: F64, t_h: F64, step_h: float, with_people: float, without: float) -> F64:
    """By step, ln of how much likelier it is with somebody there that presence was seen, or was not: (T,).

    with_people, without: the shares of steps in which it is seen with somebody there and with nobody. To be
    seen for hours on end is a thing's part.
    """
    last_clear_h = np.maximum.accumulate(np.where(seen == 0.0, t_h, t_h[0]))
    somebody = np.where(t_h - last_clear_h > _ALWAYS_H, 0.0, min(math.log(with_people / without), _SEEN_MOST))
    nobody = math.log((1 - with_people) / (1 - without))
    nobody = min(max(nobody, _UNSEEN_A_MINUTE * min(step_h * 60, 10.0)), 0.0)
    return np.where(np.isnan(seen), 0.0, np.where(seen > 0.0, somebody, nobody))


def _seen_shares(seen: F64, there: F64, step_h: float) -> tuple[float, float]:
    """The shares of steps in which presence is seen with somebody there, and with nobody."""
    told, hours = ~np.isnan(seen), _KNOWN_H / step_h
    is_seen = seen[told] > 0.0
    shares = []
    for chance, usual in ((there[told], _SEEN_WITH), (1 - there[told], _SEEN_WITHOUT)):
        shares.append((float(chance[is_seen].sum()) + hours * usual) / (float(chance.sum()) + hours))
    return max(shares), min(shares)


def _whole(people: F64, chance: F64, o: SpaceOptions) -> F64:
    """People, deviation and chance by step, (T, 3): whole people about the filter's mean, or nobody."""
    mean, variance = people.T
    told = np.where(chance >= 0.5, np.maximum(np.rint(mean), 1.0), 0.0)
    square = o.sd_widening * variance + o.sd_least**2 + (mean - told) ** 2
    square += np.minimum(chance, 1 - chance) * np.maximum(told, 1.0) ** 2
    return np.stack((told, np.sqrt(square), chance), axis=1)


def _hours(t_ns: Sequence[int], zone: ZoneInfo) -> Index:
    """The hour of the day by the site's clock, by step."""
    quarters, place = np.unique(np.array(t_ns) // _QUARTER_NS, return_inverse=True)
    hours = [LocalTime.at(quarter * _QUARTER_NS, zone).minute // 60 for quarter in quarters.tolist()]
    found: Index = np.array(hours, np.intp)[place]
    return found
