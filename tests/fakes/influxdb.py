"""InfluxDB 3 as its v2 write endpoint is documented, of which no server can be run here.

Any database, made when it is first written to; bad lines are named by number, the others stored.
"""

import re
from dataclasses import dataclass, field

from aiohttp import web

from tests.fakes.strict_http import Asked, StrictServer

TOKEN = "apiv3_secret"
BUCKET = "library"
_LINE = re.compile(r"((?:[^ \\]|\\.)+) ((?:[^ \"]|\"(?:[^\"\\]|\\.)*\")+) (-?\d+)")
_FIELD = re.compile(r"([a-z0-9_]+)=(\"(?:[^\"\\]|\\.)*\"|-?\d+i|true|false|-?\d[-+.e\d]*)(?:,|$)")
Series = tuple[str, int]


@dataclass
class InfluxDouble(StrictServer):
    """`points` by series and time; a field keeps the type that it had first."""

    points: dict[Series, dict[str, str]] = field(default_factory=dict)
    types: dict[tuple[str, str], str] = field(default_factory=dict)

    def answer(self, asked: Asked) -> web.Response:
        if (asked.method, asked.path) != ("POST", "/api/v2/write"):
            return self.fault(f"no {asked.method} {asked.path} here")
        if asked.query.get("precision") != "ns" or not asked.query.get("bucket"):
            return self.fault(f"query {dict(asked.query)}")
        if asked.headers.get("Authorization") != f"Token {TOKEN}":
            return web.json_response({"error": "authorization failed"}, status=401)
        return self._written(asked.body or "")

    def _written(self, body: str) -> web.Response:
        bad: list[tuple[int, str, str]] = []
        for n, line in enumerate(body.split("\n"), 1):
            if (why := self._stored(line)) is not None:
                bad.append((n, line, why))
        return _named_by_number(bad) if bad else web.Response(status=204)

    def _stored(self, line: str) -> str | None:
        """Why it is not."""
        match = _LINE.fullmatch(line)
        found = _FIELD.findall(match[2]) if match else []
        if match is None or not found or ",".join(f"{k}={v}" for k, v in found) != match[2]:
            return "invalid field format"
        measurement = match[1].partition(",")[0]
        for name, value in found:
            kind = self.types.setdefault((measurement, name), _type(value))
            if kind != _type(value):
                return (
                    f'field type conflict: input field "{name}" on measurement "{measurement}"'
                    f" is type {_type(value)}, already exists as type {kind}"
                )
        self.points[match[1], int(match[3])] = dict(found)
        return None


def _named_by_number(bad: list[tuple[int, str, str]]) -> web.Response:
    data = [{"original_line": line[:9], "line_number": n, "error_message": why} for n, line, why in bad]
    said = {"error": "partial write of line protocol occurred", "data": data}
    return web.json_response(said, status=400)


def _type(value: str) -> str:
    if value.startswith('"'):
        return "string"
    if value in ("true", "false"):
        return "boolean"
    return "integer" if value.endswith("i") else "float"
