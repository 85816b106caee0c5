"""Sensors that say what can't be: reversed or jumping counters, values that stand still or cannot be."""

from dataclasses import dataclass, field
from typing import Final, Literal

from edge.events import SensorHealthChanged
from edge.fusion.spaces.faults import Faults

State = Literal["ok", "silent", "stuck", "reversed", "implausible"]

_OK: Final = "says again what can be"
_STATES: Final[dict[str, tuple[State, str]]] = {
    "stuck": ("stuck", "the value has not moved for far longer than it ever stood before"),
    "beyond": ("implausible", "says time and again what no such sensor measures"),
    "silent": ("silent", "a counter that spoke says nothing more"),
    "turned": ("reversed", "takes people from where nobody is: it counts in as out"),
    "jumped": ("implausible", "counted more people than can pass"),
}
"""By fault, of which a later one is told rather than an earlier one: the state, and why."""


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
        now = {source: told for fault, told in _STATES.items() for source in found[fault]}
        if not self.silence:
            now = {source: told for source, told in now.items() if told[0] != "silent"}
        changed: list[SensorHealthChanged] = []
        for source in sorted({*now, *self.said}):
            state, why = now.get(source, ("ok", _OK))
            if state != self.said.get(source, "ok"):
                changed.append(SensorHealthChanged(int(faults.t_ns[t]), source, state, why))
        self.said = {source: state for source, (state, _) in now.items()}
        return changed
