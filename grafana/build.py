"""Boards as Grafana's dashboard JSON, in one language of people and one of queries."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.variants import Dataquery
from grafana_foundation_sdk.models import common
from grafana_foundation_sdk.models import dashboard as models

from cloud_sync.schema import Measurement
from grafana import fields, flux, influxql, visuals
from grafana.dashboards import BOARDS
from grafana.model import WITHOUT_QUERY, Board, Panel, Row, Variable
from grafana.query import Events, Query, is_table
from grafana.query import Language as QueryLanguage
from grafana.runbooks import runbooks
from grafana.texts import Texts

TAG: Final = "library-edge"
DATASOURCE: Final = common.DataSourceRef("influxdb", "${datasource}")
STOCK_TAKES: Final = Events(Measurement.INVENTORY, ("session", "misplaced", "missing"))
_ROW_HEIGHT: Final = 1
_WIDTH: Final = 24
_EVERY: Final = ".*"


@dataclass(frozen=True, slots=True)
class Edition:
    """For whom: texts of one language, and queries of one language."""

    texts: Texts
    queries: QueryLanguage

    def uid(self, board: str) -> str:
        """Stable: a board has one uid in each language of people, whatever it asks with."""
        return f"{board}-{self.texts.language}"


def dashboards(edition: Edition) -> Iterator[dict[str, Any]]:
    """Every board."""
    return (dashboard(board, edition) for board in BOARDS)


def dashboard(board: Board, edition: Edition) -> dict[str, Any]:
    """One board as JSON. Raises MissingText where the catalogue has no text."""
    texts = edition.texts
    made = (
        builders.Dashboard(texts(f"{board.key}.title"))
        .uid(edition.uid(board.uid))
        .description(texts(f"{board.key}.description"))
        .tags([TAG, texts.language])
        .readonly()
        .timezone("browser")
        .tooltip(models.DashboardCursorSync.CROSSHAIR)
        .refresh(board.refresh)
        .time(board.since, "now")
        .variables(list(_variables(board, edition)))
        .annotation(_stock_takes(edition))
        .annotation(_changes(texts))
        .links([_menu(texts)])
    )
    top, ids = 0, iter(range(1, 1000))
    for row in board.rows:
        head = builders.Row(texts(f"{board.key}.row.{row.key}")).id(next(ids))
        made = made.with_row(head.grid_pos(models.GridPos(h=_ROW_HEIGHT, w=_WIDTH, x=0, y=top)))
        top += _ROW_HEIGHT
        for panel, place in _placed(row, top):
            made = made.with_panel(_Panel(_panel(board, panel, edition), next(ids), place))
        top = max(place.y + place.h for _, place in _placed(row, top))
    return _cleaned(json.loads(json.dumps(made.build(), cls=JSONEncoder)))


class _Panel(Builder[models.Panel]):
    """A panel at its place, with an id: links from alerts need one."""

    def __init__(self, made: models.Panel, id_: int, place: models.GridPos) -> None:
        self._made = made
        made.id_val = id_
        made.grid_pos = place

    def build(self) -> models.Panel:
        return self._made


class InfluxQuery(Dataquery):
    """The SDK has no type for InfluxDB's queries."""

    def __init__(self, query: Query, language: QueryLanguage, ref_id: str) -> None:
        self._said = target(query, language, ref_id)

    def build(self) -> "InfluxQuery":
        return self

    def to_json(self) -> dict[str, object]:
        return self._said


def target(query: Query, language: QueryLanguage, ref_id: str) -> dict[str, object]:
    """A query as the data source's editor would save it."""
    said: dict[str, object] = {"refId": ref_id, "datasource": DATASOURCE.to_json()}
    if language == "flux":
        return {**said, "query": flux.render(query)}
    said |= {"query": influxql.render(query), "rawQuery": True}
    said["resultFormat"] = "table" if is_table(query) else "time_series"
    alias = influxql.alias(query)
    return said if alias is None else {**said, "alias": alias}


def _placed(row: Row, top: int) -> list[tuple[Panel, models.GridPos]]:
    """From left to right; a panel that has no room begins a new line below the highest."""
    found: list[tuple[Panel, models.GridPos]] = []
    x, y, height = 0, top, 0
    for panel in row.panels:
        if x + panel.width > _WIDTH:
            x, y, height = 0, y + height, 0
        found.append((panel, models.GridPos(h=panel.height, w=panel.width, x=x, y=y)))
        x, height = x + panel.width, max(height, panel.height)
    return found


def _panel(board: Board, panel: Panel, edition: Edition) -> models.Panel:
    texts = edition.texts
    key = f"{board.key}.panel.{panel.key}"
    if panel.kind == "alerts":
        return _alert_list(texts(f"{key}.title"), texts(f"{key}.description"))
    body = None
    if panel.body is not None:
        body = runbooks(texts) if panel.body == "runbooks" else texts(panel.body)
    made = (
        visuals.builder_of(panel, body).title(texts(f"{key}.title")).description(texts(f"{key}.description"))
    )
    if panel.kind in WITHOUT_QUERY:
        return made.build()  # type: ignore[no-any-return]
    made = fields.dressed(made, panel, edition)
    made = made.datasource(DATASOURCE).interval(panel.interval).no_value(texts("common.no_value"))
    for n, query in enumerate(panel.queries):
        made = made.with_target(InfluxQuery(query, edition.queries, "ABCDEF"[n]))
    for transform in panel.transforms:
        made = made.with_transformation(
            models.DataTransformerConfig(transform["id"], options=transform["options"])
        )
    return made.build()  # type: ignore[no-any-return]


def _alert_list(title: str, description: str) -> models.Panel:
    """The SDK has no builder for it."""
    states = {"firing": True, "pending": True, "noData": True, "normal": False, "error": True}
    options = {
        "viewMode": "list",
        "groupMode": "default",
        "groupBy": [],
        "maxItems": 50,
        "sortOrder": 3,
        "dashboardAlerts": False,
        "alertName": "",
        "alertInstanceLabelFilter": '{product="library-edge"}',
        "folder": None,
        "datasource": "grafana",
        "stateFilter": states,
    }
    return models.Panel(type_val="alertlist", title=title, description=description, options=options)


def _variables(board: Board, edition: Edition) -> Iterator[Any]:
    texts = edition.texts
    yield (
        builders.DatasourceVariable("datasource").label(texts("common.variable.datasource")).type("influxdb")
    )
    # Set from the site file by `edge grafana push --site`.
    yield builders.ConstantVariable("timezone").value("UTC")
    for name in ("site", "node"):
        yield _choice(Variable(name, Measurement.NODE), edition)
    for variable in board.variables:
        if variable.measurement:
            yield _choice(variable, edition)
        else:
            label = texts(f"common.variable.{variable.name}")
            box = builders.TextBoxVariable(variable.name).label(label).default_value(variable.default)
            yield box.current(models.VariableOption(True, variable.default, variable.default))


def _choice(variable: Variable, edition: Edition) -> Any:
    """The values of a tag; the list is read again with the time range."""
    assert variable.measurement is not None
    language = flux if edition.queries == "flux" else influxql
    made = (
        builders.QueryVariable(variable.name)
        .label(edition.texts(f"common.variable.{variable.name}"))
        .query(language.tag_values(variable.measurement, variable.name))
        .datasource(DATASOURCE)
        .refresh(models.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(models.VariableSort.ALPHABETICAL_ASC)
        .multi(variable.many)
        .include_all(variable.many)
    )
    if not variable.many:
        return made
    everything = models.VariableOption(True, ["All"], ["$__all"])
    return made.all_value(_EVERY).current(everything)


def _stock_takes(edition: Edition) -> Any:
    asked = target(STOCK_TAKES, edition.queries, "Anno") | {"fromAnnotations": True, "textColumn": "session"}
    named = builders.AnnotationQuery().name(edition.texts("common.annotation.stock_takes")).enable(True)
    return named.datasource(DATASOURCE).icon_color("purple").target(_Raw(asked))


def _changes(texts: Texts) -> Any:
    """What a person has marked in Grafana with the tag `change`."""
    own = common.DataSourceRef("grafana", "-- Grafana --")
    asked = {"limit": 100, "matchAny": False, "tags": ["change"], "type": "tags"}
    named = builders.AnnotationQuery().name(texts("common.annotation.changes")).enable(True)
    return named.datasource(own).icon_color("blue").target(_Raw(asked))


class _Raw(Dataquery, Builder[Dataquery]):
    def __init__(self, said: dict[str, Any]) -> None:
        self._said = said

    def build(self) -> Dataquery:
        return self

    def to_json(self) -> dict[str, object]:
        return self._said


def _menu(texts: Texts) -> Any:
    """All boards of the same language; time and variables go along."""
    made = builders.DashboardLink(texts("common.menu")).type(models.DashboardLinkType.DASHBOARDS)
    return made.tags([TAG, texts.language]).as_dropdown(True).include_vars(True).keep_time(True)


def _cleaned(said: dict[str, Any]) -> dict[str, Any]:
    """Links and annotations at the top, where they are seen: the SDK would put them into a menu."""
    for part in (said.get("links", []), said["annotations"]["list"]):
        for item in part:
            item.pop("placement", None)
    return said
