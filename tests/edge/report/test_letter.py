"""Letters, and a real mail server on loopback that takes them."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from edge.errors import ConfigError, SinkRejected, SinkUnavailable
from edge.fusion.inventory import Stocktake, take_stock
from edge.report.letter import letter
from edge.report.post import Post, parse_post, send
from edge.report.words import Language
from tests.edge.fusion.inventory.scenes import scene

WHEN = datetime(2026, 3, 4, 5, 6, tzinfo=UTC)
TO = ["staff@example.org"]


class Inbox:
    """Keeps what it is sent; refuses one receiver."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []

    async def handle_RCPT(  # noqa: N802 - the server's name for it
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address.startswith("nobody"):
            return "550 no such reader"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.content
        assert isinstance(content, bytes)
        message = message_from_bytes(content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.messages.append(message)
        return "250 taken"


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
async def server(inbox: Inbox) -> AsyncIterator[asyncio.Server]:
    loop = asyncio.get_running_loop()
    listening = await loop.create_server(lambda: SMTP(inbox, hostname="mail"), "127.0.0.1", 0)
    yield listening
    listening.close()
    await listening.wait_closed()


def post_to(server: asyncio.Server, scheme: str = "smtp") -> Post:
    return Post(scheme, "127.0.0.1", server.sockets[0].getsockname()[1])


def made_letter(language: Language = Language.EN, to: list[str] = TO) -> EmailMessage:
    made = scene()
    made.change("a1", 8, title="<script>alert(1)</script>\r\nBcc: x@example.org")
    made.move("a1", 8, "a2", 20)
    made.take_away("a1", 15)
    found = take_stock(made.evidence(), made.shelf_list, made.boards)
    return letter(found, made.shelf_list, language, "edge@example.org", to, WHEN)


@pytest.mark.parametrize(("language", "word"), [(Language.EN, "missing"), (Language.ZH, "缺失")])
async def test_letter_arrives_as_text_and_html(
    server: asyncio.Server, inbox: Inbox, language: Language, word: str
) -> None:
    await send(made_letter(language), post_to(server))
    [message] = inbox.messages
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/alternative", "text/plain", "text/html",
    ]  # fmt: skip
    for part in message.iter_parts():
        assert isinstance(part, EmailMessage)
        assert word in part.get_content()


def test_html_is_escaped_and_no_header_is_smuggled_in() -> None:
    message = made_letter()
    html = message.get_body(("html",))
    assert html is not None
    assert "<script>" not in html.get_content()
    assert "&lt;script&gt;" in html.get_content()
    assert message["Bcc"] is None


def test_stocktake_without_findings_says_so() -> None:
    made = scene()
    message = letter(Stocktake(), made.shelf_list, Language.EN, "a@b.c", TO, WHEN)
    text = message.get_body(("plain",))
    assert text is not None
    assert "Nothing." in text.get_content()


async def test_refused_letter_is_rejected_for_good(server: asyncio.Server) -> None:
    with pytest.raises(SinkRejected, match="no such reader"):
        await send(made_letter(to=["nobody@example.org"]), post_to(server))


async def test_server_without_tls_gets_no_letter_that_asks_for_it(
    server: asyncio.Server, inbox: Inbox
) -> None:
    with pytest.raises(SinkUnavailable):
        await send(made_letter(), post_to(server, "smtp+starttls"), ssl.create_default_context())
    assert inbox.messages == []


async def test_absent_server_is_unavailable() -> None:
    with pytest.raises(SinkUnavailable):
        await send(made_letter(), Post("smtp", "127.0.0.1", 9, timeout_s=2))


def test_url_of_the_server() -> None:
    assert parse_post("smtps://a%40b@mail.example.org", "secret") == Post(
        "smtps", "mail.example.org", 465, "a@b", "secret"
    )


@pytest.mark.parametrize(
    "url", ["mail.example.org", "http://x", "smtp://", "smtps://a:b@x", "smtp://x:99999"]
)
def test_bad_url_is_refused(url: str) -> None:
    with pytest.raises(ConfigError):
        parse_post(url)
