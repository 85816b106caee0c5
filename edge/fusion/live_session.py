"""A stock-take that staff began: what is scanned while it is open, for as long as that is."""

from dataclasses import dataclass

from edge.fusion.inventory.evidence import Evidence, merged


@dataclass(slots=True)
class LiveSession:
    """`changed` since it was put away last."""

    id: str
    evidence: Evidence
    changed: bool = False

    def add(self, evidence: Evidence) -> None:
        """One more scan."""
        self.evidence = merged([self.evidence, evidence])
        self.changed = True
