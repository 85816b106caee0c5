"""From a panel of the model to Grafana's panel, by the SDK's builders; one short function a kind."""

from collections.abc import Callable
from typing import Any, Final

from grafana_foundation_sdk.builders import (
    bargauge,
    canvas,
    common,
    stat,
    statetimeline,
    table,
    timeseries,
    xychart,
)
from grafana_foundation_sdk.builders import dashboard as board_builders
from grafana_foundation_sdk.builders import text as text_panel
from grafana_foundation_sdk.cog.builder import Builder as AnyBuilder
from grafana_foundation_sdk.models import common as looks
from grafana_foundation_sdk.models import dashboard as models
from grafana_foundation_sdk.models import text as text_models
from grafana_foundation_sdk.models import xychart as xychart_models

from grafana.model import Panel

Builder = Any
"""Each panel's builder is a class of its own, without a common base for what they share."""


def builder_of(panel: Panel, body: str | None) -> Builder:
    """The panel's look, without texts, queries and place."""
    return _KINDS[panel.kind](panel, body)


def thresholds(panel: Panel) -> Builder:
    """Steps from a value on; the first has none."""
    steps = [models.Threshold(value=at, color=color) for at, color in panel.steps]
    return board_builders.ThresholdsConfig().mode(models.ThresholdsMode.ABSOLUTE).steps(steps)


def _last(panel: Panel) -> Builder:
    options = common.ReduceDataOptions().values(False)
    if panel.count_of:
        return options.calcs(["count"]).fields(f"/^{panel.count_of}$/")
    return options.calcs(["lastNotNull"]).fields("")


def _by_threshold() -> Builder:
    return board_builders.FieldColor().mode(models.FieldColorModeId.THRESHOLDS)


def _by_name() -> Builder:
    return board_builders.FieldColor().mode(models.FieldColorModeId.PALETTE_CLASSIC_BY_NAME)


def _stat(panel: Panel, body: str | None) -> Builder:
    return (
        stat.Panel()
        .reduce_options(_last(panel))
        .color_mode(looks.BigValueColorMode.VALUE)
        .graph_mode(looks.BigValueGraphMode.NONE)
        .text_mode(looks.BigValueTextMode.VALUE)
        .color_scheme(_by_threshold())
    )


def _levels(panel: Panel, body: str | None) -> Builder:
    return (
        bargauge.Panel()
        .reduce_options(_last(panel))
        .orientation(looks.VizOrientation.HORIZONTAL)
        .display_mode(looks.BarGaugeDisplayMode.BASIC)
        .value_mode(looks.BarGaugeValueMode.TEXT)
        .name_placement(looks.BarGaugeNamePlacement.LEFT)
        .sizing(looks.BarGaugeSizing.AUTO)
        .show_unfilled(True)
        .color_scheme(_by_threshold())
    )


def _legend() -> Builder:
    placed = common.VizLegendOptions().show_legend(True).placement(looks.LegendPlacement.BOTTOM)
    return placed.display_mode(looks.LegendDisplayMode.LIST).calcs(["lastNotNull"])


def _tooltip() -> Builder:
    return common.VizTooltipOptions().mode(looks.TooltipDisplayMode.MULTI).sort(looks.SortOrder.DESCENDING)


def _lines(panel: Panel) -> Builder:
    made = timeseries.Panel().legend(_legend()).tooltip(_tooltip()).color_scheme(_by_name())
    if len(panel.steps) > 1:
        style = common.GraphThresholdsStyleConfig().mode(looks.GraphThresholdsStyleMode.DASHED)
        made = made.thresholds_style(style)
    return made


def _curves(panel: Panel, body: str | None) -> Builder:
    # A gap of more than five minutes is a gap, not a line.
    return (
        _lines(panel)
        .line_width(2)
        .fill_opacity(8)
        .span_nulls(300_000)
        .show_points(looks.VisibilityMode.NEVER)
    )


def _bars(panel: Panel, body: str | None) -> Builder:
    made = _lines(panel).draw_style(looks.GraphDrawStyle.BARS).fill_opacity(70).line_width(1)
    stacking = common.StackingConfig().mode(looks.StackingMode.NORMAL)
    return made.stacking(stacking) if panel.stacked else made


def _states(panel: Panel, body: str | None) -> Builder:
    # What is written only on a change holds until the next one.
    made = statetimeline.Panel().show_value(looks.VisibilityMode.NEVER).merge_values(True).span_nulls(True)
    return made.color_scheme(_by_threshold()).row_height(0.8)


def _table(panel: Panel, body: str | None) -> Builder:
    return table.Panel().show_header(True).cell_height(looks.TableCellHeight.SM).color_scheme(_by_threshold())


def _matrix(panel: Panel, body: str | None) -> Builder:
    made = table.Panel().show_header(True).cell_height(looks.TableCellHeight.SM).color_scheme(_by_threshold())
    background = looks.TableColoredBackgroundCellOptions(mode=looks.TableCellBackgroundDisplayMode.BASIC)
    return made.cell_options(background).align(looks.FieldTextAlignment.CENTER)


def _spots(panel: Panel, body: str | None) -> Builder:
    size = xychart_models.XychartFieldConfigPointSize(fixed=12)
    made = xychart.Panel().mapping(xychart_models.SeriesMapping.MANUAL).series([_spot_series()])
    made = made.legend(
        common.VizLegendOptions().show_legend(False).display_mode(looks.LegendDisplayMode.HIDDEN)
    )
    return made.show(xychart_models.XYShowMode.POINTS).point_size(_Built(size)).tooltip(_tooltip())


def _spot_series() -> Builder:
    def column(name: str) -> Any:
        return models.MatcherConfig(id_val="byName", options=name)

    series = xychart_models.XYSeriesConfig(
        x=xychart_models.XychartXYSeriesConfigX(matcher=column("x_m")),
        y=xychart_models.XychartXYSeriesConfigY(matcher=column("confidence")),
    )
    return _Built(series)


def _plan(panel: Panel, body: str | None) -> Builder:
    # The elements are laid out from the site file: see `grafana.site`.
    return canvas.Panel().inline_editing(False).show_advanced_types(False).color_scheme(_by_threshold())


def _text(panel: Panel, body: str | None) -> Builder:
    return text_panel.Panel().mode(text_models.TextMode.MARKDOWN).content(body or "")


class _Built(AnyBuilder[Any]):
    """What the SDK has no builder for."""

    def __init__(self, made: Any) -> None:
        self._made = made

    def build(self) -> Any:
        return self._made


_KINDS: Final[dict[str, Callable[[Panel, str | None], Builder]]] = {
    "stat": _stat,
    "curves": _curves,
    "bars": _bars,
    "table": _table,
    "levels": _levels,
    "states": _states,
    "matrix": _matrix,
    "spots": _spots,
    "plan": _plan,
    "text": _text,
}
