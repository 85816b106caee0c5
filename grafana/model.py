"""What a board is, before it becomes Grafana's JSON: rows of panels, each with its questions and its look."""

from dataclasses import dataclass
from typing import Any, Final, Literal

from grafana.query import Groups, Query

Kind = Literal[
    "stat", "curves", "bars", "table", "levels", "states", "matrix", "spots", "plan", "text", "alerts"
]
WITHOUT_QUERY: Final = frozenset({"text", "alerts"})

GREEN: Final = "green"
YELLOW: Final = "yellow"
ORANGE: Final = "orange"
RED: Final = "red"

Steps = tuple[tuple[float | None, str], ...]
"""From a value on (None: from the beginning) in a colour."""

NEUTRAL: Final[Steps] = ((None, "blue"),)
NEVER: Final[Steps] = ((None, GREEN), (1, RED))
FULLNESS: Final[Steps] = ((None, GREEN), (0.8, ORANGE), (1.0, RED))
"""80 % is where a space counts as nearly full; what full is, the site file says."""


@dataclass(frozen=True, slots=True)
class Link:
    """A click on a row or a value leads to another board; time and variables go with it.

    `variable` of that board is set to the row's `column`.
    """

    board: str
    variable: str
    column: str


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel. Its title and description are in the catalogue under the board's and its own key."""

    key: str
    kind: Kind
    width: int
    height: int
    queries: tuple[Query, ...] = ()
    unit: str = "short"
    steps: Steps = NEUTRAL
    minimum: float | None = 0.0
    maximum: float | None = None
    decimals: int | None = None
    transforms: tuple[dict[str, Any], ...] = ()
    link: Link | None = None
    body: str | None = None
    """Of a text panel: the key of its Markdown."""
    interval: str = "1m"
    """Steps are never finer: the edge writes once a minute."""
    count_of: str | None = None
    """Of a stat: count the rows of this column instead of showing a value."""
    hidden: tuple[str, ...] = ()
    """Columns of a table that are only there to compute with."""
    below: tuple[str, ...] = ()
    """Of bars: columns that are drawn downwards. Bars of one moment cover one another."""
    as_lines: tuple[str, ...] = ()
    """Of bars: columns that are lines all the same."""
    stacked: bool = False
    """Of bars: one upon the other."""
    lit: tuple[str, ...] = ()
    """Columns of a table whose cells have the colour of their threshold."""


@dataclass(frozen=True, slots=True)
class Row:
    """A headed stretch of a board."""

    key: str
    panels: tuple[Panel, ...]


@dataclass(frozen=True, slots=True)
class Variable:
    """A choice at the top of a board: the values of a tag, or a text to type in."""

    name: str
    measurement: str | None = None
    many: bool = True
    default: str = ""


@dataclass(frozen=True, slots=True)
class Board:
    """One dashboard. `key` is its file of texts, `uid` never changes."""

    key: str
    uid: str
    since: str
    rows: tuple[Row, ...]
    variables: tuple[Variable, ...] = ()
    refresh: str = "1m"

    def panel_id(self, key: str) -> int:
        """The panel's number within the board: heads of rows are counted too."""
        keys = [name for row in self.rows for name in ("", *(panel.key for panel in row.panels))]
        return keys.index(key) + 1

    @property
    def panels(self) -> tuple[Panel, ...]:
        return tuple(panel for row in self.rows for panel in row.panels)


@dataclass(frozen=True, slots=True)
class Severity:
    """When one half of an alert's pair fires."""

    at: float
    for_: str


@dataclass(frozen=True, slots=True)
class Alert:
    """A pair of rules. Text and runbook are in the catalogue under `alerts.<key>`."""

    key: str
    query: Groups
    warning: Severity
    critical: Severity
    below: bool = False
    """Fires below its value, not above it."""
    quiet_without_data: bool = False
    """No data is good news: what is asked for are events."""
    board: str = "fleet"
    panel: str = ""
