"""A FOLIO as its published interfaces have it: login 7.3, inventory 12, remote-storage 3; nothing beyond."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from aiohttp import web

from tests.fakes.strict_http import Asked, StrictServer

TENANT: Final = "diku"
MAY_BE_MISSING: Final = frozenset(
    {
        "Available",
        "Awaiting delivery",
        "Awaiting pickup",
        "In process",
        "In process (non-requestable)",
        "In transit",
        "Intellectual item",
        "Long missing",
        "Missing",
        "Paged",
        "Restricted",
        "Unavailable",
        "Unknown",
        "Withdrawn",
    }
)
"""From which statuses the inventory marks an item as missing."""


@dataclass
class FakeFolio(StrictServer):
    """`items`: id → (barcode, status). `old_login`: only the login of before Poppy."""

    items: dict[str, tuple[str, str]] = field(default_factory=dict)
    old_login: bool = False
    life_s: float = 600.0
    tokens: list[str] = field(default_factory=list)

    def answer(self, asked: Asked) -> web.Response:
        if asked.headers.get("x-okapi-tenant", asked.headers.get("X-Okapi-Tenant")) != TENANT:
            return self.fault(f"{asked.path}: no tenant")
        if asked.path.startswith("/authn/"):
            return self._log_in(asked)
        token = asked.headers.get("x-okapi-token", asked.headers.get("X-Okapi-Token"))
        if not self.tokens or token != self.tokens[-1]:
            return web.Response(status=401, text="Invalid token")
        if asked.path == "/inventory/items":
            return self._find(asked)
        if found := re.fullmatch(r"/inventory/items/([0-9a-f-]{36})/mark-missing", asked.path):
            return self._mark(asked, found[1])
        if found := re.fullmatch(r"/remote-storage/items/barcode/([^/]+)/markAsMissing", asked.path):
            ids = [id_ for id_, (barcode, _) in self.items.items() if barcode == found[1]]
            return self._mark(asked, ids[0] if ids else "")
        if asked.path == "/remote-storage/accessions":
            return self._accession(asked)
        return self.fault(f"{asked.method} {asked.path}: no such interface")

    def _log_in(self, asked: Asked) -> web.Response:
        if asked.method != "POST" or set(asked.body) != {"username", "password"}:
            return self.fault("login: not a POST of username and password alone")
        if asked.body["password"] != "secret":
            return web.json_response({"errors": [{"message": "Password does not match"}]}, status=422)
        new = asked.path == "/authn/login-with-expiry"
        if new == self.old_login:
            return web.Response(status=404, text="no such path")
        self.tokens.append(f"token-{len(self.tokens) + 1}")
        if not new:
            return web.json_response({}, status=201, headers={"x-okapi-token": self.tokens[-1]})
        ends = (datetime.now(UTC) + timedelta(seconds=self.life_s)).isoformat(timespec="seconds")
        answer = web.json_response(
            {"accessTokenExpiration": ends.replace("+00:00", "Z"), "refreshTokenExpiration": ends}, status=201
        )
        answer.set_cookie("folioAccessToken", self.tokens[-1], httponly=True, path="/")
        answer.set_cookie("folioRefreshToken", "refresh", httponly=True, path="/authn")
        return answer

    def _find(self, asked: Asked) -> web.Response:
        if asked.method != "GET" or not set(asked.query) <= {"query", "limit", "offset"}:
            return self.fault(f"items: {asked.method} {dict(asked.query)}")
        wanted = re.fullmatch(r'barcode=="((?:[^"\\*?^]|\\.)*)"', asked.query["query"])
        if wanted is None:
            return self.fault(f"not an exact query: {asked.query['query']}")
        barcode = re.sub(r"\\(.)", r"\1", wanted[1])
        rows = [self._row(id_) for id_, (known, _) in self.items.items() if known == barcode]
        return web.json_response({"items": rows, "totalRecords": len(rows)})

    def _row(self, id_: str) -> dict[str, Any]:
        barcode, status = self.items[id_]
        return {"id": id_, "barcode": barcode, "status": {"name": status}}

    def _mark(self, asked: Asked, id_: str) -> web.Response:
        if asked.method != "POST" or asked.body is not None:
            return self.fault(f"mark-missing: {asked.method} with {asked.body}")
        if id_ not in self.items:
            return web.Response(status=404, text="Item with such id not found")
        barcode, status = self.items[id_]
        if status not in MAY_BE_MISSING:
            error = {"message": f'Item is not allowed to be marked as:"Missing": {status}', "parameters": []}
            return web.json_response({"errors": [error]}, status=422)
        self.items[id_] = (barcode, "Missing")
        return web.json_response(self._row(id_), status=201)

    def _accession(self, asked: Asked) -> web.Response:
        if asked.method != "POST" or set(asked.body) != {"itemBarcode", "remoteStorageId"}:
            return self.fault(f"accession: {asked.method} {asked.body}")
        return web.json_response({}, status=201)
