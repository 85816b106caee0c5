"""HTTP to a library system: TLS is checked, answers are bounded, failures say what to do about them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

import aiohttp

from edge.errors import SinkRejected, SinkUnavailable
from edge.lsp.calls import CallMeter
from edge.lsp.sink import ServerFault
from edge.tls import client_context

_MOST_BYTES: Final = 4 << 20
_AWAY: Final = frozenset({408, 425, 429, 502, 503, 504})
_LATER_S: Final = 60.0
_SHOWN: Final = 200


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer of below 500 that is no request to come later."""

    status: int
    headers: Mapping[str, str]
    cookies: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """Raises SinkUnavailable: what answers is not the system that was meant."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            raise SinkUnavailable("an answer that is no JSON", retry_after_s=_LATER_S) from None

    def reason(self) -> str:
        """What an error says, in a few words."""
        text = self.body[: 10 * _SHOWN].decode("utf-8", "replace")
        try:
            found = json.loads(text)
        except ValueError:
            found = None
        if isinstance(found, dict):
            errors = found.get("errors")
            if isinstance(errors, list) and errors and isinstance(errors[0], dict):
                found = errors[0]
            text = str(found.get("message") or found.get("error") or found.get("errorMessage") or text)
        return "".join(letter if letter.isprintable() else " " for letter in text[:_SHOWN]).strip()


class Http:
    """One system's. Every call is counted and timed; a redirect is not followed."""

    def __init__(self, name: str, url: str, timeout_s: float, ca_file: str | None, meter: CallMeter) -> None:
        self._name, self._url, self._ca_file, self._meter = name, url.rstrip("/"), ca_file, meter
        self._timeout = aiohttp.ClientTimeout(total=timeout_s)
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        if self._session is None:
            tls = client_context(self._ca_file)
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(ssl=tls, limit=4),
                timeout=self._timeout,
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"Accept": "application/json", "User-Agent": "library-edge"},
            )

    async def close(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def call(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        body: object = None,
        form: Mapping[str, str] | None = None,
    ) -> Reply:
        """The answer. Raises SinkUnavailable where there is none, ServerFault where the server failed."""
        await self.open()
        assert self._session is not None
        with self._meter.call():
            try:
                async with self._session.request(
                    method,
                    f"{self._url}{path}",
                    headers=headers,
                    params=params,
                    json=body,
                    data=form,
                    allow_redirects=False,
                ) as answer:
                    content = await answer.content.read(_MOST_BYTES)
                    cookies = {name: morsel.value for name, morsel in answer.cookies.items()}
                    reply = Reply(answer.status, answer.headers, cookies, content)
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                why = str(error) or type(error).__name__
                raise SinkUnavailable(f"{self._name}: {why}") from None
            self._check(reply)
            return reply

    def _check(self, reply: Reply) -> None:
        status = reply.status
        if status in _AWAY:
            wait_s = retry_after_s(reply.headers.get("Retry-After"))
            raise SinkUnavailable(f"{self._name}: answers {status}", retry_after_s=wait_s)
        if 300 <= status < 400:
            raise SinkUnavailable(f"{self._name}: sends us elsewhere ({status})", retry_after_s=_LATER_S)
        if status >= 500:
            raise ServerFault(f"{self._name}: {status}: {reply.reason()}")


def forbidden(name: str, reply: Reply) -> SinkUnavailable:
    """Who we are may not do that: for a person to mend, and no record's fault."""
    return SinkUnavailable(f"{name}: not allowed ({reply.status}): {reply.reason()}", retry_after_s=_LATER_S)


def refused(name: str, what: str, reply: Reply) -> SinkRejected:
    """The system will not have it."""
    return SinkRejected(f"{name}: {what}: {reply.status}: {reply.reason()}")


def retry_after_s(value: str | None) -> float | None:
    """Seconds of a Retry-After: a number, or a date (RFC 9110 §10.2.3)."""
    if value is None:
        return None
    if value.strip().isdigit():
        return float(value)
    try:
        at = parsedate_to_datetime(value)
    except ValueError:
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max((at - datetime.now(UTC)).total_seconds(), 0.0)
