"""Sensors that say what can't be: reversed counters, values that no longer move, counts that jump."""

from dataclasses import dataclass, field
from typing import Final, Literal

from edge.events import SensorHealthChanged
from edge.fusion.spaces.faults import Faults

State = Literal["ok", "silent", "stuck", "reversed", "implausible"]

_REASONS: Final[dict[State, str]] = {
    "ok": "says again what can be",
    "silent": "a counter that spoke says nothing more",
    "stuck": "the value has not moved for far longer than it ever stood before",
    "reversed": "takes people from where nobody is: it counts in as out",
    "implausible": "counted more people than can pass",
}
_STATES: Final[dict[str, State]] = {
    "stuck": "stuck",
    "silent": "silent",
    "turned": "reversed",
    "jumped": "implausible",
}
"""By fault, of which a later one is told rather than an earlier one."""


@dataclass(slots=True)
class SpaceHealth:
    """What was last said of each source; only changes are told. Live, silence is told for all sources alike
    elsewhere: `silence` False leaves it out."""

    silence: bool = True

    said: dict[str, State] = field(default_factory=dict)

    def step(self, faults: Faults) -> list[SensorHealthChanged]:
        """What changed in some steps."""
        return [event for t in faults.changes() for event in self._look(faults, t)]

    def _look(self, faults: Faults, t: int) -> list[SensorHealthChanged]:
        found = faults.sources(t)
        now = {source: state for fault, state in _STATES.items() for source in found[fault]}
        if not self.silence:
            now = {source: state for source, state in now.items() if state != "silent"}
        changed: list[SensorHealthChanged] = []
        for source in sorted({*now, *self.said}):
            state = now.get(source, "ok")
            if state != self.said.get(source, "ok"):
                changed.append(SensorHealthChanged(int(faults.t_ns[t]), source, state, _REASONS[state]))
        self.said = now
        return changed
