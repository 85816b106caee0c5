"""Grafana's transformations, as far as the boards use them, each with the options that it takes."""

from typing import Any

Transform = dict[str, Any]


def sort_by(column: str, *, descending: bool = False) -> Transform:
    """Rows in order of one column."""
    return {"id": "sortBy", "options": {"fields": {}, "sort": [{"field": column, "desc": descending}]}}


def matrix(row: str, column: str, value: str) -> Transform:
    """A long table as a square one."""
    options = {"rowField": row, "columnField": column, "valueField": value, "emptyValue": "null"}
    return {"id": "groupingToMatrix", "options": options}


def joined(column: str) -> Transform:
    """The answers of all queries as one table."""
    return {"id": "joinByField", "options": {"byField": column, "mode": "outer"}}


def with_value(column: str) -> Transform:
    """Only rows that have something in this column."""
    condition = {"fieldName": column, "config": {"id": "isNotNull", "options": {}}}
    return {"id": "filterByValue", "options": {"filters": [condition], "type": "include", "match": "all"}}


def matching(column: str, pattern: str) -> Transform:
    """Only rows whose text in this column matches."""
    condition = {"fieldName": column, "config": {"id": "regex", "options": {"value": pattern}}}
    return {"id": "filterByValue", "options": {"filters": [condition], "type": "include", "match": "all"}}


def quotient(name: str, left: str, right: str) -> Transform:
    """A column more: left / right."""
    return {
        "id": "calculateField",
        "options": {
            "mode": "binary",
            "alias": name,
            "binary": {"left": left, "operator": "/", "right": right},
            "replaceFields": False,
        },
    }


def month_or_year(pattern: str) -> Transform:
    """The time of a row as text; `pattern` is such as YYYY-MM."""
    return {
        "id": "formatTime",
        "options": {"timeField": "Time", "outputFormat": pattern, "useTimezone": True},
    }


def totals(by: str, *columns: str, how: str = "sum") -> Transform:
    """One row for each value of `by`, with `how` over the other columns."""
    fields: dict[str, Any] = {by: {"operation": "groupby", "aggregations": []}}
    fields |= {name: {"operation": "aggregate", "aggregations": [how]} for name in columns}
    return {"id": "groupBy", "options": {"fields": fields}}


def arranged(
    order: list[str], renamed: dict[str, str] | None = None, without: list[str] | None = None
) -> Transform:
    """Columns in this order, some renamed, some left out."""
    return {
        "id": "organize",
        "options": {
            "indexByName": {name: n for n, name in enumerate(order)},
            "renameByName": renamed or {},
            "excludeByName": dict.fromkeys(without or [], True),
        },
    }
