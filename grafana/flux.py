"""The query model as Flux, for InfluxDB 2. Answers have the same columns and names as those of InfluxQL."""

import json
from collections.abc import Iterable
from typing import Final

from grafana.query import AUTO, Agg, Column, Events, Formula, Groups, Latest, Query, Scope, Where

_AS_ROWS: Final = 'pivot(rowKey: ["_time"], columnKey: ["_field"], valueColumn: "_value")'
"""Series by series, where each field is a table of its own: so the columns may have different types."""
_TIME: Final = 'rename(columns: {_time: "Time"})'


def render(query: Query) -> str:
    """One script, with Grafana's macros in it."""
    match query:
        case Groups():
            return _groups(query)
        case Latest():
            return _latest(query)
        case Events():
            return _events(query)


def labelled(query: Groups) -> str:
    """For an alert: one table a group, whose tags Grafana takes as the labels of the alert.

    Curves side by side in one table have no labels: Grafana then refuses all but one of them.
    """
    value = query.columns[0].name
    steps = [] if query.every else ["map(fn: (r) => ({r with _time: now()}))"]
    steps += [f"keep(columns: {_texts(['_time', *query.by, value])})", f"group(columns: {_texts(query.by)})"]
    return _computed(query, [*steps, 'sort(columns: ["_time"])', _renamed({value: "_value"})])


def tag_values(measurement: str, tag: str) -> str:
    """What a variable's list is filled from."""
    named = f"measurement: {_text(measurement)}, tag: {_text(tag)}"
    return (
        f'import "influxdata/influxdb/schema"\nschema.measurementTagValues(bucket: v.defaultBucket, {named})'
    )


def _groups(query: Groups) -> str:
    return _computed(query, _rows_of(query) if query.table else _curves_of(query))


def _computed(query: Groups, last_steps: list[str]) -> str:
    """A row for each group and step with the query's columns, then what makes the answer's form of it."""
    aggs = list(dict.fromkeys(agg for column in query.columns for agg in column.aggs))
    streams = [f"a{n} = {_stream(query, agg, f'a{n}')}" for n, agg in enumerate(aggs)]
    tables = ", ".join(f"a{n}" for n in range(len(aggs)))
    # Without steps the aggregates of one group may come from different moments.
    row_key = _texts(["_time", *query.by] if query.every else ["_measurement", *query.by])
    together = [
        f"union(tables: [{tables}])" if len(aggs) > 1 else "a0",
        "group()",
        f'pivot(rowKey: {row_key}, columnKey: ["_field"], valueColumn: "_value")',
        f"map(fn: (r) => ({{r with {_mapped(query, aggs)}}}))",
        *last_steps,
    ]
    return "\n".join([*_head(query), *streams, _pipe(together)])


def _rows_of(query: Groups) -> list[str]:
    time = ["_time"] if query.every else []
    shown = _texts([*time, *query.by, *(column.name for column in query.columns)])
    return [f"keep(columns: {shown})", *([_TIME] if query.every else [])]


def _curves_of(query: Groups) -> list[str]:
    """One column a group, named after it: what Grafana shows as one curve each."""
    value = query.columns[0].name
    steps = [] if query.every else ["map(fn: (r) => ({r with _time: now()}))"]
    steps.append(f"keep(columns: {_texts(['_time', *query.by, value])})")
    if query.by:
        columns = _texts(query.by)
        steps.append(f'pivot(rowKey: ["_time"], columnKey: {columns}, valueColumn: {_text(value)})')
    return [*steps, _TIME]


def _head(query: Groups) -> list[str]:
    if query.every != "1d":
        return []
    return ['import "timezone"', 'option location = timezone.location(name: "${timezone}")']


def _stream(query: Groups, agg: Agg, name: str) -> str:
    steps = _source(query.measurement, query.scope, [agg.field])
    # Whole numbers and floats do not go into one table.
    steps += [] if agg.how == "count" else ["toFloat()"]
    steps.append(f"group(columns: {_texts(['_measurement', *query.by])})")
    steps += ['sort(columns: ["_time"])'] if agg.how in ("last", "first") else []
    if query.every:
        every = "v.windowPeriod" if query.every == AUTO else query.every
        # InfluxQL shows a step by its beginning.
        how = f'fn: {agg.how}, timeSrc: "_start", createEmpty: {str(query.zeros).lower()}'
        steps.append(f"aggregateWindow(every: {every}, {how})")
    else:
        steps.append(f"{agg.how}()")
    steps += ["toFloat()"] if agg.how == "count" else []
    steps += ["fill(value: 0.0)"] if query.zeros else []
    steps.append(f'set(key: "_field", value: {_text(name)})')
    time = ["_time"] if query.every else []
    steps.append(f"keep(columns: {_texts([*time, '_field', '_value', '_measurement', *query.by])})")
    return _pipe(steps)


def _mapped(query: Groups, aggs: list[Agg]) -> str:
    def value(agg: Agg) -> str:
        return f"r.a{aggs.index(agg)}"

    def said(column: Column) -> str:
        if isinstance(column.value, Agg):
            return value(column.value)
        return _formula(column.value, value(column.value.left), value(column.value.right))

    return ", ".join(f"{_text(column.name)}: {said(column)}" for column in query.columns)


def _formula(formula: Formula, left: str, right: str) -> str:
    scale = "" if formula.scale == 1.0 else f" * {formula.scale!r}"
    return f"{left} {formula.sign} {right}{scale}"


def _latest(query: Latest) -> str:
    wanted = dict.fromkeys([query.key, *query.fields])
    steps = [
        *_source(query.measurement, query.scope, wanted),
        _AS_ROWS,
        f"filter(fn: (r) => exists r[{_text(query.key)}])",
        f"group(columns: {_texts(query.by)})",
        'sort(columns: ["_time"])',
        "tail(n: 1)",
        "group()",
    ]
    steps += [f"filter(fn: (r) => {_condition(query.only)})"] if query.only else []
    steps.append(f"keep(columns: {_texts(['_time', *query.by, *query.fields])})")
    names = {"_time": "Time", **dict(query.renamed)}
    return _pipe([*steps, _renamed(names)])


def _events(query: Events) -> str:
    steps = [
        *_source(query.measurement, query.scope, query.fields),
        _AS_ROWS,
        "group()",
        'sort(columns: ["_time"], desc: true)',
    ]
    steps += [f"limit(n: {query.limit})"] if query.limit else []
    steps.append(f"keep(columns: {_texts(['_time', *query.tags, *query.fields])})")
    return _pipe([*steps, _TIME])


def _renamed(names: dict[str, str]) -> str:
    return "rename(columns: {" + ", ".join(f"{old}: {_text(new)}" for old, new in names.items()) + "})"


def _source(measurement: str, scope: Scope, fields: Iterable[str]) -> list[str]:
    reach = f"start: -{scope.since}" if scope.since else "start: v.timeRangeStart, stop: v.timeRangeStop"
    named = " or ".join(f'r["_field"] == {_text(name)}' for name in fields)
    steps = [
        "from(bucket: v.defaultBucket)",
        f"range({reach})",
        f'filter(fn: (r) => r["_measurement"] == {_text(measurement)})',
        f"filter(fn: (r) => {named})",
    ]
    conditions = [_condition(where) for where in scope.where]
    conditions += [f"r[{_text(name)}] =~ /^${{{name}:regex}}$/" for name in scope.variables]
    conditions += [f'r["_time"] < time(v: "${{{scope.before}}}")'] if scope.before else []
    conditions += [f'r["_time"] >= time(v: "${{{scope.after}}}")'] if scope.after else []
    return steps + [f"filter(fn: (r) => {condition})" for condition in conditions]


def _condition(where: Where) -> str:
    sign = f"=~ /{where.is_}/" if where.regex else f"== {_text(where.is_)}"
    return f"r[{_text(where.tag)}] {sign}"


def _pipe(steps: Iterable[str]) -> str:
    return "\n  |> ".join(steps)


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _texts(texts: Iterable[str]) -> str:
    return "[" + ", ".join(map(_text, texts)) + "]"
