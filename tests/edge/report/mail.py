"""A real mail server on loopback, plain or with TLS of both kinds."""

import asyncio
import ssl
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


@dataclass
class Inbox:
    """Keeps what it is sent, and over what it came."""

    messages: list[EmailMessage] = field(default_factory=list)
    over_tls: list[bool] = field(default_factory=list)
    logins: list[tuple[bytes, bytes]] = field(default_factory=list)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.content
        assert isinstance(content, bytes)
        message = message_from_bytes(content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.messages.append(message)
        self.over_tls.append(bool(server.transport and server.transport.get_extra_info("sslcontext")))
        return "250 taken"

    def log_in(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.logins.append((data.login, data.password))
        return AuthResult(success=data.password == b"secret", handled=False)


@asynccontextmanager
async def mail_server(
    inbox: Inbox, tls: ssl.SSLContext | None = None, *, implicit: bool = False
) -> AsyncIterator[int]:
    """Its port. With TLS: from the start (`implicit`), or demanded by STARTTLS; and a login is demanded."""

    servers: list[SMTP] = []

    def make() -> SMTP:
        login = {"authenticator": inbox.log_in, "auth_required": True, "auth_require_tls": not implicit}
        starttls = {} if implicit else {"tls_context": tls, "require_starttls": True}
        more: dict[str, Any] = login | starttls if tls else {}
        with warnings.catch_warnings():
            # With TLS from the start it does not see that there is TLS.
            warnings.simplefilter("ignore", UserWarning)
            servers.append(SMTP(inbox, hostname="mail", **more))
        return servers[-1]

    loop = asyncio.get_running_loop()
    listening = await loop.create_server(make, "127.0.0.1", 0, ssl=tls if implicit else None)
    try:
        yield listening.sockets[0].getsockname()[1]
    finally:
        for server in servers:
            if server.transport is not None:
                server.transport.abort()
        listening.close()
        await asyncio.sleep(0.05)
        await listening.wait_closed()
