"""The query model as InfluxQL, which InfluxDB 1, 2 and 3 speak."""

import json

from grafana.query import AUTO, Agg, Column, Events, Formula, Groups, Latest, Query, Scope, Where


def render(query: Query) -> str:
    """One statement, with Grafana's macros in it."""
    match query:
        case Groups():
            return _groups(query)
        case Latest():
            return _latest(query)
        case Events():
            return _events(query)


def alias(query: Query) -> str | None:
    """How Grafana names the curves: by their tags, or by the column."""
    if not isinstance(query, Groups) or query.table:
        return None
    return " ".join(f"$tag_{name}" for name in query.by) or query.columns[0].name


def tag_values(measurement: str, tag: str) -> str:
    """What a variable's list is filled from."""
    return f"SHOW TAG VALUES FROM {_name(measurement)} WITH KEY = {_name(tag)}"


def _groups(query: Groups) -> str:
    picked = ", ".join(f"{_value(c)} AS {_name(c.name)}" for c in query.columns)
    steps = [f"time({'$__interval' if query.every == AUTO else query.every})"] if query.every else []
    by = ", ".join([*steps, *map(_name, query.by)])
    grouped = f" GROUP BY {by}" if by else ""
    if query.every:
        grouped += f" fill({0 if query.zeros else 'none'})"
    # Days begin at midnight of the site.
    zone = " tz('${timezone}')" if query.every == "1d" else ""
    return f"SELECT {picked} FROM {_name(query.measurement)}{_where(query.scope)}{grouped}{zone}"


def _latest(query: Latest) -> str:
    names = dict.fromkeys([query.key, *query.fields, *([query.only.tag] if query.only else [])])
    picked = ", ".join(_picked(query, name) for name in names)
    by = ", ".join(map(_name, query.by))
    inner = f"SELECT {picked} FROM {_name(query.measurement)}{_where(query.scope)} GROUP BY {by}"
    if query.only is None:
        return inner
    shown = ", ".join(_name(query.name_of(field)) for field in query.fields)
    return f"SELECT {shown} FROM ({inner}) WHERE {_condition(query.only)} GROUP BY {by}"


def _picked(query: Latest, name: str) -> str:
    renamed = query.name_of(name)
    if name == query.key:
        return f"last({_name(name)}) AS {_name(renamed)}"
    return _name(name) if renamed == name else f"{_name(name)} AS {_name(renamed)}"


def _events(query: Events) -> str:
    picked = ", ".join(map(_name, [*query.tags, *query.fields]))
    limit = f" LIMIT {query.limit}" if query.limit else ""
    order = f" ORDER BY time DESC{limit}"
    return f"SELECT {picked} FROM {_name(query.measurement)}{_where(query.scope)}{order}"


def _value(column: Column) -> str:
    value = column.value
    if isinstance(value, Agg):
        return _agg(value)
    return _formula(value)


def _formula(value: Formula) -> str:
    scale = "" if value.scale == 1.0 else f" * {value.scale:g}"
    return f"{_agg(value.left)} {value.sign} {_agg(value.right)}{scale}"


def _agg(agg: Agg) -> str:
    return f"{agg.how}({_name(agg.field)})"


def _where(scope: Scope) -> str:
    parts = [f"time > now() - {scope.since}" if scope.since else "$timeFilter"]
    parts += [_condition(where) for where in scope.where]
    parts += [f"{_name(name)} =~ /^${{{name}:regex}}$/" for name in scope.variables]
    parts += [f"time < '${{{scope.before}}}'"] if scope.before else []
    parts += [f"time >= '${{{scope.after}}}'"] if scope.after else []
    return " WHERE " + " AND ".join(parts)


def _condition(where: Where) -> str:
    if where.regex:
        return f"{_name(where.tag)} =~ /{where.is_}/"
    text = where.is_.replace("\\", "\\\\").replace("'", "\\'")
    return f"{_name(where.tag)} = '{text}'"


def _name(name: str) -> str:
    return json.dumps(name, ensure_ascii=False)
