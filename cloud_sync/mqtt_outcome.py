"""What became of a batch's publishes, by the reason codes of their PUBACKs (MQTT 5 §3.4.2.1). Sans-IO."""

from dataclasses import dataclass, field
from typing import Final, Self

from cloud_sync.sink import WriteResult

OK: Final = 0x00
NO_SUBSCRIBERS: Final = 0x10
NOT_AUTHORIZED: Final = 0x87
NEVER: Final = {0x90: "topic name invalid", 0x95: "packet too large", 0x99: "payload format invalid"}
"""Reason codes after which trying again is of no use."""
TOO_LARGE: Final = 0x95
_UNSENT: Final = -1


@dataclass(slots=True)
class Outcome:
    """What became of one batch's entries."""

    open: list[int]
    """Messages of each entry that are not acknowledged yet."""
    rejected: dict[int, str] = field(default_factory=dict)
    denied: dict[int, str] = field(default_factory=dict)
    kept: set[int] = field(default_factory=set)
    trouble: str | None = None

    @classmethod
    def of(cls, n_entries: int) -> Self:
        """Nothing is sent yet."""
        return cls([_UNSENT] * n_entries)

    def acked(self, index: int, code: int) -> None:
        """One publish of an entry was answered."""
        self.open[index] -= 1
        if code in (OK, NO_SUBSCRIBERS):
            return
        if code in NEVER:
            self.rejected[index] = NEVER[code]
        elif code == NOT_AUTHORIZED:
            self.denied[index] = "not authorized"
        else:
            self.kept.add(index)
            self.trouble = f"refused with 0x{code:02x}"

    def result(self) -> WriteResult:
        """What the outbox is told."""
        aside = self.rejected.keys() | self.denied.keys() | self.kept
        accepted = [index for index, left in enumerate(self.open) if left == 0 and index not in aside]
        denied = {index: why for index, why in self.denied.items() if index not in self.rejected}
        return WriteResult(accepted, self.rejected, denied)
