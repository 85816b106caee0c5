"""What the AFI says to a gate. Public code and manuals contradict each other, so it is configuration."""

from dataclasses import dataclass
from enum import StrEnum


class Security(StrEnum):
    """State of a book at the gate."""

    IN_STOCK = "in_stock"
    ON_LOAN = "on_loan"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class AfiPolarity:
    """Default by the Danish library agency: 07 in stock (the gate alarms), C2 on loan."""

    in_stock: str = "07"
    on_loan: str = "C2"

    def state(self, afi: str | None) -> Security:
        """State by the AFI; anything else is unknown and must not raise an alarm."""
        code = (afi or "").upper()
        if code == self.in_stock.upper():
            return Security.IN_STOCK
        return Security.ON_LOAN if code == self.on_loan.upper() else Security.UNKNOWN
