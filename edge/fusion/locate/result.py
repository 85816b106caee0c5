"""What locating gives: places of tags, rows with their joint uncertainty, and the calibration."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

import numpy as np

from edge.columns import F64
from edge.fusion.locate.own import Own


class Method(Enum):
    """What a place rests on, from the best evidence to the weakest."""

    PHASE = "phase"
    RSSI = "rssi"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class TagPlace:
    """Where one tag is; `rank` counts from 0. `confidence`: P(board and order to both neighbours right).

    own : what its own reads say of its place along `shelf`, where that is known apart from other tags, and
        where tags should stand was asked
    """

    epc: str
    shelf: str
    x_m: float
    x_sd_m: float
    rank: int
    reads: int
    confidence: float
    method: Method
    board_p: Mapping[str, float]
    own: Own | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """The tags of one board from left to right, with the joint posterior of their places.

    epcs : n texts, in order of rank
    x_m : float64[n], posterior means, not decreasing
    cov_m2 : float64[n, n], posterior covariance
    log_odds : float64[n - 1], log(p / (1 - p)) with p the probability that tag i stands left of tag i + 1
    board_p : float64[n], probability that the tag stands on this board
    """

    shelf: str
    epcs: tuple[str, ...]
    x_m: F64
    cov_m2: F64
    log_odds: F64
    board_p: F64

    def __len__(self) -> int:
        return len(self.epcs)

    @property
    def x_sd_m(self) -> F64:
        """Standard deviations of the places."""
        sd: F64 = np.sqrt(np.diag(self.cov_m2))
        return sd


@dataclass(frozen=True, slots=True)
class Port:
    """One antenna port as its own reads show it.

    half_turns: phases are known modulo π only; extra_length_m: electrical length of cable and reader (one
    way); flip_share: how often successive phases differ by half a turn.
    """

    source: str
    antenna: int
    half_turns: bool
    flip_share: float
    extra_length_m: float
    channels: int
    reads: int


@dataclass(frozen=True, slots=True)
class Zero:
    """A board's places came out by x_m too far to the right, as so many tags of two boards' passes say.

    Boards are held against each other only: the mean of all zeros is not known.
    """

    x_m: float
    x_sd_m: float
    tags: int

    def taken_out(self, x_m: F64) -> F64:
        """Places of the board as if the zero were right."""
        placed: F64 = x_m - self.x_m
        return placed


@dataclass(frozen=True, slots=True)
class Quality:
    """How good the run itself was: a bad one makes every number worthless."""

    reads: int = 0
    reads_on_a_pass: int = 0
    tags: int = 0
    tags_by_phase: int = 0


@dataclass(frozen=True, slots=True)
class LocateResult:
    """All places, by board and rank; their rows; the ports; the run's quality; boards' zeros."""

    places: tuple[TagPlace, ...] = ()
    rows: tuple[Row, ...] = ()
    ports: tuple[Port, ...] = ()
    quality: Quality = field(default_factory=Quality)
    zeros: Mapping[str, Zero] = field(default_factory=dict)

    def by_epc(self) -> dict[str, TagPlace]:
        """The places by EPC."""
        return {place.epc: place for place in self.places}
