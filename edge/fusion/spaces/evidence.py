"""What everything but the doors and the air says of how many people are there, as measurements."""

from dataclasses import dataclass

import numpy as np

from edge.columns import F64, Index
from edge.ext.balance import DEVICES, IDLE, PEOPLE, SEATS
from edge.fusion.spaces.channels import Mask
from edge.fusion.spaces.options import SpaceOptions
from edge.fusion.spaces.state import FilterState, Rows

_DOUBT_FROM = 2.0
_SURE_AFTER_H = 0.5
_LEAST_SHARE = 0.02
_FEWEST_SEATS = 5


@dataclass(frozen=True, slots=True)
class Evidence:
    """Adds rows for the filter; all arrays are by space."""

    options: SpaceOptions
    capacity: F64
    seats: F64

    def heads(self, rows: Rows, state: FilterState, space: Index, people: F64) -> None:
        """Heads counted by staff or a camera. Who counted saw it: the filter is put in doubt where it differs
        by more than it can explain."""
        apart = people - state.get(PEOPLE, space)
        beyond = apart**2 > _DOUBT_FROM**2 * state.variance(PEOPLE, space)
        for n in np.flatnonzero(beyond).tolist():
            state.loosen(int(space[n]), PEOPLE, float(apart[n] ** 2))
        o = self.options
        rows.add(space, PEOPLE, people, (o.heads_sd + o.heads_sd_share * people) ** 2, gate=30.0)

    def devices(self, rows: Rows, state: FilterState, space: Index, devices: F64) -> None:
        """Wi-Fi devices counted elsewhere: some a head, and some that belong to nobody."""
        o = self.options
        expected = np.exp(state.get(DEVICES, space)) * np.maximum(state.get(PEOPLE, space), 0.0)
        variance = (o.devices_noise * expected) ** 2 + 4.0 + 2.0 * expected
        rows.add(space, PEOPLE, devices, variance, gain=DEVICES, offset=IDLE, gate=o.gate)

    def seats_taken(self, rows: Rows, space: Index, share: F64, sensors: F64, step_h: float) -> None:
        """The share of the seats with a sensor that are taken: a sample, which stays the same sample."""
        few = sensors >= _FEWEST_SEATS
        space, share, sensors = space[few], share[few], sensors[few]
        p = np.clip(share, _LEAST_SHARE, 1 - _LEAST_SHARE)
        sampling = p * (1 - p) / sensors * np.maximum(1 - sensors / self.seats[space], 0.0)
        alike = max(1.0, self.options.seats_time_h / max(step_h, 1e-6))
        variance = (sampling + _LEAST_SHARE**2) * alike
        rows.add(
            space, PEOPLE, share, variance, gain=SEATS, scale=1 / self.seats[space], gate=self.options.gate
        )

    def closed(self, rows: Rows, closed_h: F64, step_h: float) -> None:
        """Nobody stays long after closing, and the longer it is ago the surer."""
        o = self.options
        space = np.flatnonzero(closed_h > o.closing_grace_h)
        sd = o.closing_sd / np.maximum(closed_h[space], _SURE_AFTER_H)
        variance = sd**2 / (2 * step_h) * (1 + 0.02 * self.capacity[space])
        rows.add(space, PEOPLE, np.zeros(len(space)), variance, gate=o.gate)

    def quiet(self, rows: Rows, state: FilterState, listened: Mask, quiet_h: F64, step_h: float) -> None:
        """Where people are, now and then one leaves: a door that counts nobody for long tells of few."""
        o = self.options
        space = np.flatnonzero(listened & (quiet_h > o.quiet_after_h))
        people = np.maximum(state.get(PEOPLE, space), 0.5)
        rows.add(space, PEOPLE, np.zeros(len(space)), people * o.stay_h / (o.quiet_weight * step_h))

    def signs(self, rows: Rows, state: FilterState, chance: F64, step_h: float) -> None:
        """What presence and motion sensors leave sure: that someone is there, or nobody; NaN says nothing."""
        o = self.options
        few = state.get(PEOPLE) < 1.0
        someone = np.flatnonzero((np.nan_to_num(chance, nan=0.5) > o.sure_of_someone) & few)
        rows.add(someone, PEOPLE, np.ones(len(someone)), np.full(len(someone), 0.25))
        nobody = np.flatnonzero(np.nan_to_num(chance, nan=0.5) < o.sure_of_nobody)
        variance = np.maximum(state.get(PEOPLE, nobody), 1.0) ** 2 * o.signs_time_h / step_h
        rows.add(nobody, PEOPLE, np.zeros(len(nobody)), variance)
