"""Calls with a token: a new one when it ends, and once where the server will not have it any more."""

import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from edge.lsp.http import Http, Reply, forbidden

_EARLY_S: Final = 30.0
"""Before its end, so that none ends on the way."""
_SHORTEST_S: Final = 1.0

LogIn = Callable[[], Awaitable[tuple[Mapping[str, str], float]]]
"""The headers that show who asks, and for how many seconds they are good."""


class Login:
    """The calls of one system, by headers that `log_in` gets."""

    def __init__(self, name: str, http: Http, log_in: LogIn) -> None:
        self._name, self._http, self._log_in = name, http, log_in
        self._headers: Mapping[str, str] = {}
        self._until_s = 0.0

    async def call(self, method: str, path: str, **more: Any) -> Reply:
        """As `Http.call`; raises SinkUnavailable where the server will not have the login."""
        for again in (False, True):
            if again or time.monotonic() >= self._until_s:
                self._headers, life_s = await self._log_in()
                self._until_s = time.monotonic() + max(life_s - _EARLY_S, _SHORTEST_S)
            reply = await self._http.call(method, path, headers=dict(self._headers), **more)
            if reply.status != 401:
                break
        if reply.status in (401, 403):
            raise forbidden(self._name, reply)
        return reply
