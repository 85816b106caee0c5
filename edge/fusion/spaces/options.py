"""What the estimator starts from before it has learnt: the physics, and how sure each evidence is."""

from dataclasses import asdict, dataclass

from edge.ext.occupancy import OPTIONS


@dataclass(frozen=True, slots=True)
class SpaceOptions:
    """Prior means and deviations; times in hours, shares of one. Deviations of logarithms are relative ones.

    co2_l_h: what a sitting adult breathes out (ASHRAE 62.1, annex: 0.3 l/min). Counters miss some who pass:
    vendors claim 98 %, and pairs that are taken for one come on top.
    """

    spaces_per_block: int = 4
    co2_l_h: float = 18.0
    source_sd: float = 0.05
    source_sd_no_height: float = 0.2
    source_sd_no_size: float = 0.5
    changes_open_h: float = 2.2
    changes_closed_h: float = 0.6
    changes_sd: float = 0.6
    changes_drift: float = 0.1
    changes_drift_alone: float = 0.3  # where no door counts: fans that run while it is used, or are set
    changes_most_sd: float = 1.0  # beyond which it is not let go
    changes_again_sd: float = 0.05  # from one day's opening, or closing, to the next
    swing_sd: float = 0.35
    swing_time_h: float = 1.0
    base_ppm: float = 420.0
    base_sd_ppm: float = 25.0
    base_drift_ppm: float = 3.0
    air_noise_ppm: float = 200.0
    air_noise_share: float = 0.3
    co2_sd_ppm: float = 8.0
    co2_sd_share: float = 0.01
    co2_time_h: float = 1 / 6  # readings nearer to each other say the same twice
    trust_rate: float = 0.02
    trust_least: float = 0.1  # of the air, where doors bound what it gets wrong and its errors go on,
    trust_stiffest: float = 0.01  # and so much of it where they are chance
    trust_least_alone: float = 0.2  # where no door bounds what the air gets wrong
    usual_share: float = 0.25  # of the capacity, before its hours tell: half full half of them
    usual_least: float = 2.0
    trust_most: float = 10.0
    missed_in: float = 0.05  # vendors count people one by one; pairs that are taken for one come on top
    missed_out: float = 0.06  # more go unseen than come: 4 % at a real main door over 15 weeks (CalIt2)
    missed_sd: float = 0.02
    missed_alike: float = 0.0  # correlation of the shares missed in and out
    telling_ppm: float = 20.0
    missed_drift: float = 0.001
    door_noise: float = 0.04
    idle_noise: float = 6e-4
    free_share: float = 0.35  # of the capacity, that may come or go in an hour where no door is counted
    stay_h: float = 2.0
    quiet_weight: float = 1.0
    quiet_after_h: float = 0.33
    closing_grace_h: float = 0.3
    closing_sd: float = 3.0
    closing_noise: float = 1.0  # variance an hour: who is still counted then is there no more, or stays
    devices_sd: float = 0.3
    devices_sd_alone: float = 0.07  # where only the air could teach it, whose rate is known far worse
    gain_drift: float = 0.005
    gain_drift_alone: float = 0.001
    idle_drift: float = 0.3
    devices_noise: float = 0.15
    seats_sd: float = 0.25
    seats_time_h: float = 1.25
    heads_sd: float = 0.4
    heads_sd_share: float = 0.03
    sure_of_someone: float = 0.9
    sure_of_nobody: float = 0.05
    signs_time_h: float = 0.1
    gate: float = 4.0
    positive_share: float = 0.7
    sd_widening: float = 1.4  # the filter takes its physics for exact; measured on rooms with counted people
    settled_widening: float = 2.1  # where settled, besides: what the physics has wrong lasts all day
    sd_least: float = 0.25

    def for_kernel(self) -> dict[str, float]:
        """What `edge.ext.occupancy` takes, by name."""
        return {name: float(value) for name, value in asdict(self).items() if name in OPTIONS}
