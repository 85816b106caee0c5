"""Koha's REST API: items by barcode with an exact match, the lost status, and when an item was seen.

`GET /items?external_id=…` matches parts of barcodes unless `_match=exact` is said: 0803 finds 30803. Items
are written by `PUT /biblios/{biblio_id}/items/{item_id}` with the one field that changes; Koha (to 24.11 at
least) empties an item's additional subfields at every such PUT, so that nothing is written without need.
"""

import base64
from datetime import UTC, datetime
from typing import Any, Final

from edge.errors import SinkRejected, SinkUnavailable
from edge.library.shelf_list import Status
from edge.lsp.calls import CallMeter
from edge.lsp.config import KohaOptions
from edge.lsp.http import Http, forbidden, refused
from edge.lsp.login import Login
from edge.lsp.secret import secret_of

_LIFE_S: Final = 300.0


class Koha:
    """One Koha."""

    name = "koha"

    def __init__(self, options: KohaOptions, meter: CallMeter) -> None:
        self.asks, self.marks, self.notes_seen = options.look_up, options.mark != "off", options.last_seen
        self._options = options
        self._http = Http(self.name, options.url, options.timeout_s, options.ca_file, meter)
        self._login = Login(self.name, self._http, self._log_in)

    async def open(self) -> None:
        await self._http.open()

    async def close(self) -> None:
        await self._http.close()

    async def status(self, barcode: str) -> Status | None:
        """As the System protocol says."""
        item = await self._item(barcode)
        return None if item is None else _status(item)

    async def mark_missing(self, barcode: str) -> None:
        """As the System protocol says. What is on loan or withdrawn is left alone."""
        item = await self._wanted(barcode)
        if item.get("lost_status") == self._options.lost_status:
            return
        if item.get("checked_out_date"):
            raise SinkRejected(f"koha: {barcode} is on loan there, and is not marked missing")
        if item.get("withdrawn"):
            raise SinkRejected(f"koha: {barcode} is withdrawn there, and is not marked missing")
        await self._put(item, {"lost_status": self._options.lost_status})

    async def note_seen(self, barcode: str, t_ns: int) -> None:
        """As the System protocol says; never back in time."""
        item = await self._wanted(barcode)
        seen = datetime.fromtimestamp(t_ns // 1_000_000_000, UTC)
        known = item.get("last_seen_date")
        if isinstance(known, str) and _time(known) >= seen:
            return
        await self._put(item, {"last_seen_date": seen.isoformat(timespec="seconds").replace("+00:00", "Z")})

    async def _wanted(self, barcode: str) -> dict[str, Any]:
        item = await self._item(barcode)
        if item is None:
            raise SinkRejected(f"koha: no item has the barcode {barcode}")
        return item

    async def _item(self, barcode: str) -> dict[str, Any] | None:
        params = {"external_id": barcode, "_match": "exact", "_per_page": "2"}
        reply = await self._login.call("GET", "/items", params=params)
        if reply.status != 200:
            raise refused(self.name, f"look-up of {barcode}", reply)
        rows = reply.json()
        if not isinstance(rows, list):
            raise SinkUnavailable("koha: an answer that is no list of items", retry_after_s=60.0)
        found = [row for row in rows if isinstance(row, dict) and row.get("external_id") == barcode]
        if len(found) > 1:
            raise SinkRejected(f"koha: {len(found)} items have the barcode {barcode}")
        return found[0] if found else None

    async def _put(self, item: dict[str, Any], change: dict[str, object]) -> None:
        path = f"/biblios/{int(item['biblio_id'])}/items/{int(item['item_id'])}"
        reply = await self._login.call("PUT", path, body=change)
        if reply.status != 200:
            raise refused(self.name, f"change of {item['external_id']}", reply)

    async def _log_in(self) -> tuple[dict[str, str], float]:
        options = self._options
        secret = secret_of(options.secret_file, "EDGE_KOHA_SECRET")
        if options.client_id is None:
            pair = f"{options.username}:{secret}".encode()
            return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}, _LIFE_S
        token, life_s = await self._token(options.client_id, secret)
        return {"Authorization": f"Bearer {token}"}, life_s

    async def _token(self, client_id: str, secret: str) -> tuple[str, float]:
        """OAuth 2, client credentials (RFC 6749 §4.4)."""
        form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
        reply = await self._http.call("POST", "/oauth/token", form=form)
        if reply.status != 200:
            raise forbidden(self.name, reply)
        said = reply.json()
        if not isinstance(said, dict) or not isinstance(said.get("access_token"), str):
            raise SinkUnavailable("koha: a login without a token", retry_after_s=60.0)
        return said["access_token"], float(said.get("expires_in") or _LIFE_S)


def _status(item: dict[str, Any]) -> Status:
    if item.get("withdrawn"):
        return Status.WITHDRAWN
    if item.get("lost_status"):
        return Status.MISSING
    return Status.ON_LOAN if item.get("checked_out_date") else Status.AVAILABLE


def _time(text: str) -> datetime:
    """RFC 3339, as Koha writes it; the beginning of time where it is not."""
    try:
        found = datetime.fromisoformat(text.replace(" ", "T", 1))
    except ValueError:
        return datetime.fromtimestamp(0, UTC)
    return found if found.tzinfo else found.replace(tzinfo=UTC)
