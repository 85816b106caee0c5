"""What every answer of the board carries and every request must: a strict policy, and a host that is ours."""

import ipaddress
from collections.abc import Collection
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def guard(hosts: Collection[str]) -> Middleware:
    """Answer only to addresses, `localhost` and `hosts`: another name may be a page that rebinds its DNS."""
    known = {"localhost", *(host.lower() for host in hosts)}

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        name = _host_name(request.host)
        if name not in known and not _is_address(name):
            return web.Response(status=421, text="this name is not one of the board's\n", headers=HEADERS)
        if request.method not in ("GET", "HEAD"):
            return web.Response(status=405, text="the board can only be read\n", headers=HEADERS)
        return await handler(request)

    return check


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Signal handler: the policy goes on every answer, streams and errors too."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)


def _host_name(host: str) -> str:
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.rpartition(":")[0].lower() if ":" in host else host.lower()


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
