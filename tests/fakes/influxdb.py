"""InfluxDB 1.8 and 3 as their v2 write endpoint is documented, where no such server can be run.

1.8: the bucket is `database/policy`, the token `user:password`; what cannot be parsed and what is in conflict
is a 400 with the text "partial write", the other lines stored (services/httpd/handler.go, PartialWriteError).
3: any database, made when it is first written to; bad lines are named by number, the others stored.
"""

import re
from dataclasses import dataclass, field
from typing import Literal

from aiohttp import web

from tests.fakes.strict_http import Asked, StrictServer

TOKEN = {"1.8": "edge:secret", "3": "apiv3_secret"}
BUCKET = {"1.8": "library/autogen", "3": "library"}
_LINE = re.compile(r"((?:[^ \\]|\\.)+) ((?:[^ \"]|\"(?:[^\"\\]|\\.)*\")+) (-?\d+)")
_FIELD = re.compile(r"([a-z0-9_]+)=(\"(?:[^\"\\]|\\.)*\"|-?\d+i|true|false|-?\d[-+.e\d]*)(?:,|$)")
Series = tuple[str, int]


@dataclass
class InfluxDouble(StrictServer):
    """`points` by series and time; a field keeps the type that it had first."""

    version: Literal["1.8", "3"] = "1.8"
    points: dict[Series, dict[str, str]] = field(default_factory=dict)
    types: dict[tuple[str, str], str] = field(default_factory=dict)

    def answer(self, asked: Asked) -> web.Response:
        if (asked.method, asked.path) != ("POST", "/api/v2/write"):
            return self.fault(f"no {asked.method} {asked.path} here")
        if asked.query.get("precision") != "ns" or not asked.query.get("bucket"):
            return self.fault(f"query {dict(asked.query)}")
        if asked.headers.get("Authorization") != f"Token {TOKEN[self.version]}":
            return web.json_response({"error": "authorization failed"}, status=401)
        if self.version == "1.8" and asked.query["bucket"] != BUCKET["1.8"]:
            return web.json_response({"error": 'database not found: "library"'}, status=404)
        return self._written(asked.body or "")

    def _written(self, body: str) -> web.Response:
        bad: list[tuple[int, str, str]] = []
        for n, line in enumerate(body.split("\n"), 1):
            if (why := self._stored(line)) is not None:
                bad.append((n, line, why))
        if not bad:
            return web.Response(status=204)
        return self._named_in_text(bad) if self.version == "1.8" else _named_by_number(bad)

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

    def _named_in_text(self, bad: list[tuple[int, str, str]]) -> web.Response:
        unparsed = [f"unable to parse '{line}': {why}" for _, line, why in bad if "conflict" not in why]
        if unparsed:
            return _error(f"partial write: {chr(10).join(unparsed)} dropped=0")
        return _error(f"partial write: {bad[0][2]} dropped={len(bad)}")


def _named_by_number(bad: list[tuple[int, str, str]]) -> web.Response:
    data = [{"original_line": line[:9], "line_number": n, "error_message": why} for n, line, why in bad]
    said = {"error": "partial write of line protocol occurred", "data": data}
    return web.json_response(said, status=400)


def _error(message: str) -> web.Response:
    return web.json_response({"error": message}, status=400)


def _type(value: str) -> str:
    if value.startswith('"'):
        return "string"
    if value in ("true", "false"):
        return "boolean"
    return "integer" if value.endswith("i") else "float"
