"""The query model: what a panel or an alert asks, said once; `influxql` and `flux` render it.

Three questions cover every panel: `Groups` (aggregates, over the whole range or in steps), `Latest` (the
newest row of each group) and `Events` (rows, newest first). Names are checked against the schema when a query
is made.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from cloud_sync.schema import SERIES

How = Literal["last", "first", "mean", "max", "min", "sum", "count"]
Language = Literal["influxql", "flux"]
LANGUAGES: Final[tuple[Language, ...]] = ("influxql", "flux")
COMMON: Final = ("site", "node")
"""Tags of every series."""
SITE_VARIABLES: Final = ("site", "node")
AUTO: Final = "auto"
"""As many steps as the panel has room for."""


class UnknownName(ValueError):
    """A measurement, tag or field that the schema does not have."""


@dataclass(frozen=True, slots=True)
class Agg:
    """One aggregate of one field."""

    how: How
    field: str


@dataclass(frozen=True, slots=True)
class Formula:
    """Two aggregates and what is between them; `scale` times the result."""

    left: Agg
    sign: Literal["/", "-", "+"]
    right: Agg
    scale: float = 1.0


@dataclass(frozen=True, slots=True)
class Column:
    """A named value of a row."""

    name: str
    value: Agg | Formula

    @property
    def aggs(self) -> tuple[Agg, ...]:
        return (self.value,) if isinstance(self.value, Agg) else (self.value.left, self.value.right)


@dataclass(frozen=True, slots=True)
class Where:
    """A condition on a tag: equal to a text, or matching a regular expression."""

    tag: str
    is_: str
    regex: bool = False


@dataclass(frozen=True, slots=True)
class Scope:
    """What rows count: conditions on tags, dashboard variables of the same name as a tag, and the time.

    `since` is a fixed reach back from now instead of the dashboard's time range: what is drawn as of now, and
    alerts, which have no variables either. `before` and `after` are names of variables that hold a moment.
    """

    where: tuple[Where, ...] = ()
    variables: tuple[str, ...] = SITE_VARIABLES
    since: str | None = None
    before: str | None = None
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Groups:
    """Aggregates by tags; with `every` a row for each step, else one row a group.

    As a series it has one column, and is named after its group; as a table it has all of them.
    """

    measurement: str
    columns: tuple[Column, ...]
    by: tuple[str, ...] = ()
    every: str | None = None
    scope: Scope = Scope()
    table: bool = False
    zeros: bool = False
    """A step without a point is 0, not nothing."""

    def __post_init__(self) -> None:
        fields = [agg.field for column in self.columns for agg in column.aggs]
        _check(self.measurement, fields, [*self.by, *_tags(self.scope)])
        if not self.table and len(self.columns) != 1:
            raise ValueError("a series has one column")


@dataclass(frozen=True, slots=True)
class Latest:
    """The newest row of each group, as a table; `key` is a field that every such row has.

    `only` keeps the groups whose newest row says so: what came before it is over.
    """

    measurement: str
    key: str
    fields: tuple[str, ...]
    by: tuple[str, ...]
    scope: Scope = Scope()
    only: Where | None = None
    renamed: tuple[tuple[str, str], ...] = ()
    """Fields that get another name, so that two answers can be joined."""

    def __post_init__(self) -> None:
        _check(self.measurement, [self.key, *self.fields], [*self.by, *_tags(self.scope)])
        if self.only and self.only.tag not in (*SERIES[self.measurement][0], *SERIES[self.measurement][1]):
            raise UnknownName(f"{self.only.tag!r} of {self.measurement}")

    def name_of(self, field: str) -> str:
        return dict(self.renamed).get(field, field)


@dataclass(frozen=True, slots=True)
class Events:
    """Rows as they are, newest first."""

    measurement: str
    fields: tuple[str, ...]
    tags: tuple[str, ...] = ()
    scope: Scope = Scope()
    limit: int | None = 200

    def __post_init__(self) -> None:
        _check(self.measurement, list(self.fields), [*self.tags, *_tags(self.scope)])


Query = Groups | Latest | Events


def is_table(query: Query) -> bool:
    """Whether the answer is rows with columns, not curves."""
    return not isinstance(query, Groups) or query.table


def _tags(scope: Scope) -> Iterable[str]:
    return [*(w.tag for w in scope.where), *scope.variables]


def _check(measurement: str, fields: Iterable[str], tags: Iterable[str]) -> None:
    if measurement not in SERIES:
        raise UnknownName(f"measurement {measurement!r}")
    known_tags, known_fields = SERIES[measurement]
    for name in tags:
        if name not in (*known_tags, *COMMON):
            raise UnknownName(f"tag {name!r} of {measurement}")
    for name in fields:
        if name not in known_fields:
            raise UnknownName(f"field {name!r} of {measurement}")
