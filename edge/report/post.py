"""Sending a letter by SMTP, with TLS unless it is told otherwise."""

from dataclasses import dataclass
from email.message import EmailMessage
from ssl import SSLContext, create_default_context
from urllib.parse import unquote, urlsplit

import aiosmtplib

from edge.errors import ConfigError, SinkRejected, SinkUnavailable

_PORTS = {"smtps": 465, "smtp+starttls": 587, "smtp": 25}


@dataclass(frozen=True, slots=True)
class Post:
    """A mail server: `smtps` speaks TLS from the start, `smtp+starttls` turns to it, `smtp` never does."""

    scheme: str
    host: str
    port: int
    user: str | None = None
    password: str | None = None
    timeout_s: float = 20.0


def parse_post(url: str, password: str | None = None) -> Post:
    """The server of a URL such as `smtps://user@mail.example.org`. Raises ConfigError where it is none.

    A password in the URL is refused: URLs end up in histories and logs.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ConfigError("mail server: expected a URL such as smtps://user@mail.example.org") from None
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ConfigError(f"mail server: expected one of {', '.join(_PORTS)} and a host")
    if parts.password is not None:
        raise ConfigError("mail server: the password must not stand in the URL")
    user = unquote(parts.username) if parts.username else None
    return Post(parts.scheme, parts.hostname, port or _PORTS[parts.scheme], user, password)


async def send(message: EmailMessage, post: Post, tls: SSLContext | None = None) -> None:
    """Hand the message to the server.

    Raises SinkUnavailable where it cannot be reached, SinkRejected where it will not have the message.
    """
    try:
        await aiosmtplib.send(
            message,
            hostname=post.host,
            port=post.port,
            username=post.user,
            password=post.password,
            use_tls=post.scheme == "smtps",
            start_tls=post.scheme == "smtp+starttls",
            tls_context=tls or create_default_context(),
            timeout=post.timeout_s,
        )
    except aiosmtplib.SMTPRecipientsRefused as error:
        refused = ", ".join(f"{one.code} {one.message}" for one in error.recipients)
        raise SinkRejected(f"{post.host}: {refused}") from None
    except aiosmtplib.SMTPResponseException as error:
        raise SinkRejected(f"{post.host}: {error.code} {error.message}") from None
    except (aiosmtplib.SMTPException, OSError) as error:
        raise SinkUnavailable(f"{post.host}: {error}") from None
