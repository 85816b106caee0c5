"""Grafana's HTTP API, as far as boards need it: a thin asynchronous client that trusts no answer.

It guards against a proxy's login page that comes as 200, a redirect that would take the token to another
host, HTML where JSON was asked for, and a server that is away. The token is in one header, and in no message.
"""

import asyncio
import json
import os
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Final, Self

import aiohttp

_TIMEOUT_S: Final = 20.0
_RETRIES: Final = 3
_LONGEST_WAIT_S: Final = 30.0
Json = dict[str, Any]


class GrafanaError(Exception):
    """Grafana did not do what it was asked; the text is one line without the token."""

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


class GrafanaClient:
    """One Grafana. Use it as an asynchronous context."""

    def __init__(self, url: str, token: str, *, first_wait_s: float = 0.5) -> None:
        self._url = url.rstrip("/")
        self._token = token
        self._wait_s = first_wait_s
        self._session: aiohttp.ClientSession | None = None

    def __repr__(self) -> str:
        return f"GrafanaClient({self._url!r})"

    async def __aenter__(self) -> Self:
        headers = {
            "Authorization": f"Bearer {self._token}",
            "Accept": "application/json",
            # Else Grafana takes rules as provisioned, and nobody may change them in the browser any more.
            "X-Disable-Provenance": "true",
        }
        timeout = aiohttp.ClientTimeout(total=_TIMEOUT_S)
        self._session = aiohttp.ClientSession(headers=headers, timeout=timeout)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def health(self) -> Json:
        """Version and database state. `/api/health` needs no token, so the token is tried too."""
        found = await self.get("/api/health")
        if not found or "version" not in found:
            raise GrafanaError(f"{self._url} answers, but not as a Grafana")
        await self.get("/api/folders?limit=1")
        return found

    async def folder(self, uid: str) -> Json | None:
        return await self.get(f"/api/folders/{uid}")

    async def create_folder(self, uid: str, title: str) -> None:
        await self.send("POST", "/api/folders", {"uid": uid, "title": title})

    async def datasource(self, uid: str) -> Json | None:
        return await self.get(f"/api/datasources/uid/{uid}")

    async def put_datasource(self, body: Json, *, exists: bool) -> None:
        """With its secrets, always: Grafana never gives them back, and would forget what is not sent."""
        path = f"/api/datasources/uid/{body['uid']}"
        await (self.send("PUT", path, body) if exists else self.send("POST", "/api/datasources", body))

    async def dashboard(self, uid: str) -> Json | None:
        """`dashboard` and `meta` as stored; None where there is none."""
        return await self.get(f"/api/dashboards/uid/{uid}")

    async def put_dashboard(self, body: Json) -> Json:
        """`dashboard`, `folderUid` (an update without it moves the board to the root), `overwrite`."""
        return await self.send("POST", "/api/dashboards/db", body)

    async def rule_group(self, folder: str, group: str) -> Json | None:
        return await self.get(f"/api/v1/provisioning/folder/{folder}/rule-groups/{group}")

    async def put_rule_group(self, folder: str, group: str, body: Json) -> None:
        await self.send("PUT", f"/api/v1/provisioning/folder/{folder}/rule-groups/{group}", body)

    async def rule(self, uid: str) -> Json | None:
        return await self.get(f"/api/v1/provisioning/alert-rules/{uid}")

    async def put_rule(self, body: Json, *, exists: bool) -> None:
        path = "/api/v1/provisioning/alert-rules"
        if exists:
            await self.send("PUT", f"{path}/{body['uid']}", body)
        else:
            await self.send("POST", path, body)

    async def get(self, path: str) -> Json | None:
        """None for 404. A read is tried again where the server is away or busy."""
        for tries in range(_RETRIES):
            try:
                return await self._ask("GET", path, None)
            except GrafanaError as error:
                if error.status == 404:
                    return None
                if error.status not in (0, 429, 502, 503, 504) or tries == _RETRIES - 1:
                    raise
                wait_s = getattr(error, "retry_after_s", None) or self._wait_s * 2**tries
                await asyncio.sleep(min(wait_s, _LONGEST_WAIT_S))
        raise AssertionError("unreachable")

    async def send(self, method: str, path: str, body: Mapping[str, Any]) -> Json:
        """A write is sent once: whether a lost answer meant done is seen by reading again."""
        found = await self._ask(method, path, body)
        return found or {}

    async def _ask(self, method: str, path: str, body: Mapping[str, Any] | None) -> Json | None:
        if self._session is None:
            raise GrafanaError("the client is not open")
        try:
            # No redirects: they end at a login page, or take the token elsewhere.
            async with self._session.request(
                method, self._url + path, json=body, allow_redirects=False
            ) as answer:
                return self._read(answer, await answer.text(errors="replace"), f"{method} {path}")
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise GrafanaError(f"{self._url}: {self._clean(_why(error))}") from None

    def _read(self, answer: aiohttp.ClientResponse, text: str, asked: str) -> Json | None:
        status = answer.status
        if 300 <= status < 400:
            where = answer.headers.get("Location", "?").partition("?")[0]
            raise GrafanaError(f"{asked}: redirected to {self._clean(where)}; give the final URL", status)
        try:
            said = json.loads(text) if text else {}
        except ValueError:
            kind = answer.headers.get("Content-Type", "?")
            hint = "a login page or a proxy?" if "html" in kind else "no JSON"
            raise GrafanaError(f"{asked}: {status} with {kind}: {hint}", status or 1) from None
        if status >= 400:
            raise _refused(asked, status, self._clean(_message(said)), answer.headers.get("Retry-After"))
        return said if isinstance(said, dict) else {"items": said}

    def _clean(self, text: str) -> str:
        """What a server repeats of our token is not repeated by us."""
        return " ".join(text.replace(self._token, "***").split())[:300] if self._token else text


def _message(said: Any) -> str:
    return str(said.get("message") or said.get("error") or "") if isinstance(said, dict) else ""


def _refused(asked: str, status: int, message: str, retry_after: str | None) -> GrafanaError:
    hints = {
        401: "the token is not valid",
        403: "the token may not do this",
        412: "changed since it was read",
    }
    error = GrafanaError(f"{asked}: {status} {message or hints.get(status, '')}".rstrip(), status)
    error.retry_after_s = float(retry_after) if retry_after and retry_after.isdigit() else None  # type: ignore[attr-defined]
    return error


def _why(error: Exception) -> str:
    # Its kinds, for TLS and for names, have numbers of their own.
    if type(error) is aiohttp.ClientConnectorError and error.os_error.errno:
        return os.strerror(error.os_error.errno)
    return f"{type(error).__name__}: {error}"
