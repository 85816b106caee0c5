"""FOLIO by Okapi or Kong: token login, items by barcode, mark-missing by the inventory or by remote storage.

The interfaces used: `login` 7.3 (`/authn/login-with-expiry`, before Poppy `/authn/login`), `inventory`
(`/inventory/items`), `remote-storage` (`/remote-storage/…`).
"""

from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote

from edge.errors import SinkRejected, SinkUnavailable
from edge.library.shelf_list import Status
from edge.lsp.calls import CallMeter
from edge.lsp.config import FolioOptions
from edge.lsp.http import Http, Reply, forbidden, refused
from edge.lsp.login import Login
from edge.lsp.secret import secret_of

_UNKNOWN_LIFE_S: Final = 300.0
_ON_LOAN: Final = ("Checked out", "Claimed returned", "Aged to lost", "Declared lost", "Lost and paid")
_MISSING: Final = ("Missing", "Long missing")
_STATUSES: Final[dict[str, Status]] = {
    "Available": Status.AVAILABLE,
    "Checked out": Status.ON_LOAN,
    "Claimed returned": Status.ON_LOAN,
    "In transit": Status.IN_TRANSIT,
    "Awaiting pickup": Status.ON_HOLD,
    "Awaiting delivery": Status.ON_HOLD,
    "Paged": Status.ON_HOLD,
    "Missing": Status.MISSING,
    "Long missing": Status.MISSING,
    "Aged to lost": Status.MISSING,
    "Declared lost": Status.MISSING,
    "Lost and paid": Status.MISSING,
    "Withdrawn": Status.WITHDRAWN,
}


class Folio:
    """One tenant."""

    name = "folio"
    notes_seen = False

    def __init__(self, options: FolioOptions, meter: CallMeter) -> None:
        self.asks, self.marks = options.look_up, options.mark != "off"
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
        return None if item is None else _STATUSES.get(_status_name(item), Status.UNKNOWN)

    async def mark_missing(self, barcode: str) -> None:
        """As the System protocol says. An item on loan is never marked: FOLIO refuses it, and so do we."""
        item = await self._item(barcode)
        if item is None:
            raise SinkRejected(f"folio: no item has the barcode {barcode}")
        now = _status_name(item)
        if now in _MISSING:
            return
        if now in _ON_LOAN:
            raise SinkRejected(f"folio: {barcode} is {now!r} there, and is not marked missing")
        if self._options.mark == "remote-storage":
            path = f"/remote-storage/items/barcode/{quote(barcode, safe='')}/markAsMissing"
        else:
            path = f"/inventory/items/{quote(str(item['id']), safe='')}/mark-missing"
        reply = await self._login.call("POST", path)
        if reply.status not in (200, 201, 204):
            raise refused(self.name, f"{barcode} is not marked missing", reply)

    async def note_seen(self, barcode: str, t_ns: int) -> None:
        """FOLIO has no such field."""

    async def accession(self, barcode: str, remote_storage_id: str) -> None:
        """A book has come into a remote storage. For a person to say, never for us."""
        body = {"itemBarcode": barcode, "remoteStorageId": remote_storage_id}
        reply = await self._login.call("POST", "/remote-storage/accessions", body=body)
        if reply.status not in (200, 201, 204):
            raise refused(self.name, f"accession of {barcode}", reply)

    async def _item(self, barcode: str) -> dict[str, Any] | None:
        query = f'barcode=="{_cql(barcode)}"'
        reply = await self._login.call("GET", "/inventory/items", params={"query": query, "limit": "2"})
        if reply.status != 200:
            raise refused(self.name, f"look-up of {barcode}", reply)
        document = reply.json()
        rows = document.get("items") if isinstance(document, dict) else None
        if not isinstance(rows, list):
            raise SinkUnavailable("folio: an answer without items", retry_after_s=60.0)
        found = [
            row for row in rows if isinstance(row, dict) and row.get("barcode") == barcode and row.get("id")
        ]
        if len(found) > 1:
            raise SinkRejected(f"folio: {len(found)} items have the barcode {barcode}")
        return found[0] if found else None

    async def _log_in(self) -> tuple[dict[str, str], float]:
        options = self._options
        password = secret_of(options.password_file, "EDGE_FOLIO_PASSWORD")
        body = {"username": options.username, "password": password}
        tenant = {"x-okapi-tenant": options.tenant}
        reply = await self._http.call("POST", "/authn/login-with-expiry", headers=tenant, body=body)
        if reply.status == 404:
            reply = await self._http.call("POST", "/authn/login", headers=tenant, body=body)
        token = reply.cookies.get("folioAccessToken") or reply.headers.get("x-okapi-token")
        if reply.status != 201 or not token:
            raise forbidden(self.name, reply)
        return tenant | {"x-okapi-token": token}, _life_s(reply)


def _status_name(item: dict[str, Any]) -> str:
    status = item.get("status")
    return str(status.get("name", "")) if isinstance(status, dict) else ""


def _cql(text: str) -> str:
    """Inside quotes, a backslash takes the meaning from quotes, masks and itself (CQL 1.2)."""
    return "".join(f"\\{letter}" if letter in '\\"*?^' else letter for letter in text)


def _life_s(reply: Reply) -> float:
    """How long the token may be used, by what the login says of it."""
    try:
        said = reply.json()
        ends = datetime.fromisoformat(said["accessTokenExpiration"])
    except (SinkUnavailable, KeyError, TypeError, ValueError):
        return _UNKNOWN_LIFE_S
    ends = ends if ends.tzinfo else ends.replace(tzinfo=UTC)
    return (ends - datetime.now(UTC)).total_seconds()
