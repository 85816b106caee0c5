"""Letters over TLS, of both kinds, to a server that demands it and a login."""

import ssl
from email.message import EmailMessage
from pathlib import Path

import pytest

from edge.errors import SinkRejected, SinkUnavailable
from edge.report.post import Post, send
from tests.edge.report.mail import Inbox, mail_server
from tests.fakes.certificates import server_tls


def a_letter() -> EmailMessage:
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = "清点", "edge@example.org", "staff@example.org"
    message.set_content("错架 2 册\n")
    return message


@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
async def test_a_letter_goes_over_tls_with_a_login(tmp_path: Path, scheme: str) -> None:
    tls, cert = server_tls(tmp_path)
    inbox = Inbox()
    async with mail_server(inbox, tls, implicit=scheme == "smtps") as port:
        post = Post(scheme, "127.0.0.1", port, "edge", "secret", 5.0)
        await send(a_letter(), post, ssl.create_default_context(cafile=cert))
    assert inbox.over_tls == [True]
    assert inbox.logins == [(b"edge", b"secret")]
    assert inbox.messages[0]["Subject"] == "清点"


@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
async def test_a_server_that_nobody_vouches_for_gets_neither_letter_nor_password(
    tmp_path: Path, scheme: str
) -> None:
    tls, _ = server_tls(tmp_path)
    inbox = Inbox()
    async with mail_server(inbox, tls, implicit=scheme == "smtps") as port:
        with pytest.raises(SinkUnavailable):
            await send(a_letter(), Post(scheme, "127.0.0.1", port, "edge", "secret", 5.0))
    assert (inbox.messages, inbox.logins) == ([], [])


async def test_a_wrong_password_is_refused_and_not_repeated_in_the_error(tmp_path: Path) -> None:
    tls, cert = server_tls(tmp_path)
    inbox = Inbox()
    async with mail_server(inbox, tls) as port:
        post = Post("smtp+starttls", "127.0.0.1", port, "edge", "not-the-password", 5.0)
        with pytest.raises(SinkRejected) as refused:
            await send(a_letter(), post, ssl.create_default_context(cafile=cert))
    assert "not-the-password" not in str(refused.value)
    assert inbox.messages == []
