"""A Koha as its published REST API has it: OAuth 2 token, items, one item of a record; nothing beyond."""

import base64
import re
from dataclasses import dataclass, field
from typing import Any, Final

from aiohttp import web

from tests.fakes.strict_http import Asked, StrictServer

TYPES: Final[dict[str, tuple[type, ...]]] = {
    "item_id": (int,),
    "biblio_id": (int,),
    "external_id": (str, type(None)),
    "lost_status": (int,),
    "withdrawn": (int,),
    "checked_out_date": (str, type(None)),
    "last_seen_date": (str, type(None)),
}
"""The item's fields that the tests know, with their types; any other is a fault."""
WRITABLE: Final = frozenset(TYPES) - {"item_id", "biblio_id"}


@dataclass
class FakeKoha(StrictServer):
    """`items` by item_id."""

    items: dict[int, dict[str, Any]] = field(default_factory=dict)
    life_s: int = 3600
    tokens: list[str] = field(default_factory=list)
    written: list[dict[str, Any]] = field(default_factory=list)

    def put(self, item_id: int, barcode: str, **more: Any) -> None:
        plain = {"lost_status": 0, "withdrawn": 0, "checked_out_date": None, "last_seen_date": None}
        self.items[item_id] = {
            "item_id": item_id,
            "biblio_id": item_id + 1000,
            "external_id": barcode,
            **plain,
            **more,
        }

    def answer(self, asked: Asked) -> web.Response:
        path = asked.path.removeprefix("/api/v1")
        if path == "/oauth/token":
            return self._token(asked)
        if not self._is_known(asked.headers.get("Authorization", "")):
            return web.json_response({"error": "Authentication required"}, status=401)
        if path == "/items":
            return self._list(asked)
        if found := re.fullmatch(r"/biblios/(\d+)/items/(\d+)", path):
            return self._change(asked, int(found[1]), int(found[2]))
        return self.fault(f"{asked.method} {asked.path}: no such interface")

    def _token(self, asked: Asked) -> web.Response:
        if asked.method != "POST" or set(asked.body) != {"grant_type", "client_id", "client_secret"}:
            return self.fault(f"token: {asked.method} {asked.body}")
        if asked.body["grant_type"] != "client_credentials":
            return web.json_response({"error": "Unimplemented grant type"}, status=400)
        if asked.body["client_secret"] != "secret":
            return web.json_response({"error": "unauthorized_client"}, status=403)
        self.tokens.append(f"token-{len(self.tokens) + 1}")
        said = {"access_token": self.tokens[-1], "token_type": "Bearer", "expires_in": self.life_s}
        return web.json_response(said)

    def _is_known(self, authorization: str) -> bool:
        if authorization == "Basic " + base64.b64encode(b"edge:secret").decode():
            return True
        return bool(self.tokens) and authorization == f"Bearer {self.tokens[-1]}"

    def _list(self, asked: Asked) -> web.Response:
        allowed = {"external_id", "_match", "_per_page", "_page", "_order_by", "q"}
        if asked.method != "GET" or not set(asked.query) <= allowed:
            return self.fault(f"items: {asked.method} {dict(asked.query)}")
        wanted, match = asked.query.get("external_id", ""), asked.query.get("_match", "contains")
        if match not in ("exact", "contains", "starts_with", "ends_with"):
            return self.fault(f"items: _match={match}")
        rows = [one for one in self.items.values() if _matches(str(one["external_id"]), wanted, match)]
        return web.json_response(rows[: int(asked.query.get("_per_page", "20"))])

    def _change(self, asked: Asked, biblio_id: int, item_id: int) -> web.Response:
        if asked.method != "PUT" or not isinstance(asked.body, dict):
            return self.fault(f"item: {asked.method} {asked.body}")
        for name, value in asked.body.items():
            if name not in WRITABLE or not isinstance(value, TYPES[name]) or isinstance(value, bool):
                return self.fault(f"item: {name}={value!r}")
        item = self.items.get(item_id)
        if item is None or item["biblio_id"] != biblio_id:
            return web.json_response({"error": "Item not found", "error_code": "not_found"}, status=404)
        self.written.append(asked.body)
        item.update(asked.body)
        return web.json_response(item)


def _matches(barcode: str, wanted: str, match: str) -> bool:
    return {
        "exact": barcode == wanted,
        "contains": wanted in barcode,
        "starts_with": barcode.startswith(wanted),
        "ends_with": barcode.endswith(wanted),
    }[match]
