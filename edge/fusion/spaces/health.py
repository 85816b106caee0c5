"""Sensors that say what can't be: reversed counters, values that no longer move, counts that jump."""

from dataclasses import dataclass, field
from typing import Final, Literal

from edge.events import SensorHealthChanged
from edge.fusion.spaces.estimator import SpaceEstimator

State = Literal["ok", "silent", "stuck", "reversed", "implausible"]

_REASONS: Final[dict[State, str]] = {
    "ok": "says again what can be",
    "silent": "a counter that spoke says nothing more",
    "stuck": "the value has not moved for far longer than it ever stood before",
    "reversed": "takes people from where nobody is: it counts in as out",
    "implausible": "counted more people than can pass",
}
_SILENT_NS: Final = 900_000_000_000


@dataclass(slots=True)
class SpaceHealth:
    """What was last said of each source; only changes are told. Live, silence is told for all sources alike
    elsewhere: `silence` False leaves it out."""

    silence: bool = True

    said: dict[str, State] = field(default_factory=dict)

    def step(self, estimator: SpaceEstimator) -> list[SensorHealthChanged]:
        """What changed since the step before."""
        if estimator.t_ns is None:
            return []
        now = _faults(estimator, estimator.t_ns)
        if not self.silence:
            now = {source: state for source, state in now.items() if state != "silent"}
        changed: list[SensorHealthChanged] = []
        for source in sorted({*now, *self.said}):
            state = now.get(source, "ok")
            if state != self.said.get(source, "ok"):
                changed.append(SensorHealthChanged(estimator.t_ns, source, state, _REASONS[state]))
        self.said = now
        return changed


def _faults(estimator: SpaceEstimator, t_ns: int) -> dict[str, State]:
    """The sources with a fault now, and which."""
    doors, table = estimator.doors, estimator.building.doors
    found: dict[str, State] = {key[0]: "stuck" for key in estimator.channels.stuck_keys()}
    for d in doors.silent.tolist():
        if t_ns - int(doors.last_ns[d]) > _SILENT_NS:
            found[table[d].source] = "silent"
    found.update({table[d].source: "reversed" for d in doors.flipped.tolist()})
    found.update({table[d].source: "implausible" for d in doors.jumped.tolist()})
    return found
