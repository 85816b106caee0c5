"""SIP2: item information alone, against another's server, and against one that answers badly."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

import anyio
import pytest
from anyio.abc import SocketAttribute
from hypothesis import given
from hypothesis import strategies as st
from pysip2 import (
    ITEM_INFORMATION,
    LOGIN,
    ItemInformationRequest,
    ItemInformationResponse,
    LoginRequest,
    LoginResponse,
    RequestContext,
    SIP2Server,
)
from pysip2.codec import calculate_checksum

from edge.errors import BadFrame, SinkRejected, SinkUnavailable
from edge.library.shelf_list import Status
from edge.lsp.calls import CallMeter
from edge.lsp.config import Sip2Options
from edge.lsp.sip2 import Sip2
from edge.lsp.sip2_codec import checksum, decode, encode, item_information

ITEMS = {"a": "03", "b": "04", "c": "13", "d": "10", "e": "08", "0001": "09"}


def pysip2_server(asked: list[str]) -> SIP2Server:
    """A server by other hands."""
    server = SIP2Server(institution_id="main", login_required=True)

    @server.route(LOGIN)
    async def log_in(request: LoginRequest, context: RequestContext) -> LoginResponse:
        asked.append("93")
        good = (request.login_user_id, request.login_password) == ("edge", "secret")
        return LoginResponse(ok="1" if good else "0")

    @server.route(ITEM_INFORMATION)
    async def item(request: ItemInformationRequest, context: RequestContext) -> ItemInformationResponse:
        asked.append("17")
        known = ITEMS.get(request.item_identifier)
        return ItemInformationResponse(
            circulation_status=known or "01",
            security_marker="00",
            fee_type="01",
            transaction_date=context.now_18(),
            item_identifier=request.item_identifier,
            title_identifier="Ein Übungsbuch" if known else "",
        )

    return server


@asynccontextmanager
async def serving(server: SIP2Server) -> AsyncIterator[int]:
    """Its port. As its own `start`, which leaves its listening socket to the garbage collector."""
    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    async with listener, anyio.create_task_group() as tasks:
        tasks.start_soon(listener.serve, server._handle_connection)
        yield listener.extra(SocketAttribute.local_port)
        tasks.cancel_scope.cancel()


def client_to(port: int, **more: object) -> tuple[Sip2, CallMeter]:
    meter = CallMeter("sip2")
    options = {"host": "127.0.0.1", "port": port, "institution": "main", "timeout_s": 2.0, **more}
    return Sip2(Sip2Options.model_validate(options), meter), meter


async def test_statuses_of_anothers_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDGE_SIP2_PASSWORD", "secret")
    asked: list[str] = []
    async with serving(pysip2_server(asked)) as port:
        client, _ = client_to(port, username="edge")
        found = {code: await client.status(code) for code in (*ITEMS, "nobody")}
        await client.close()
    assert found == {
        "a": Status.AVAILABLE,
        "b": Status.ON_LOAN,
        "c": Status.MISSING,
        "d": Status.IN_TRANSIT,
        "e": Status.ON_HOLD,
        "0001": Status.AVAILABLE,
        "nobody": None,
    }
    assert asked == ["93", *["17"] * 7]


async def test_a_refused_login_waits_for_a_person(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDGE_SIP2_PASSWORD", "wrong")
    async with serving(pysip2_server([])) as port:
        client, meter = client_to(port, username="edge")
        with pytest.raises(SinkUnavailable, match="login"):
            await client.status("a")
        assert meter.failed == 1


@asynccontextmanager
async def scripted(*answers: bytes) -> AsyncIterator[tuple[int, list[bytes]]]:
    """A server that says what it is told to; then it hangs up."""
    heard: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for answer in answers:
            heard.append(await reader.readuntil(b"\r"))
            writer.write(answer)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], heard


def an_18(code: str = "03", barcode: str = "a", sequence: int = 1) -> bytes:
    return encode(f"18{code}000120260921    120000AB{barcode}|AJTitle|", sequence, "cp850")


async def test_a_damaged_answer_and_a_request_to_resend_are_asked_again() -> None:
    async with scripted(an_18()[:-3] + b"00\r", encode("96", 1, "cp850"), an_18()) as (port, heard):
        client, _ = client_to(port)
        assert await client.status("a") is Status.AVAILABLE
        await client.close()
    assert len(set(heard)) == 1
    assert len(heard) == 3


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\r",
        b"9999999999\r",
        an_18(sequence=5),
        b"x" * 20_000 + b"\r",
        encode("101YNN20260921    120000AOmain|ABa|", 1, "cp850"),
    ],
)
async def test_what_is_no_answer_is_a_server_that_is_away(answer: bytes) -> None:
    async with scripted(answer, answer, answer) as (port, _):
        client, meter = client_to(port, timeout_s=0.5)
        with pytest.raises(SinkUnavailable):
            await client.status("a")
        assert (meter.calls, meter.failed) == (1, 1)


async def test_an_answer_about_another_book_says_nothing() -> None:
    async with scripted(an_18(barcode="b")) as (port, _):
        client, _ = client_to(port)
        assert await client.status("a") is None
        await client.close()


async def test_a_barcode_that_would_end_the_field_is_refused() -> None:
    client, _ = client_to(1)
    for barcode in ("a|ABb", "a\r17", "书"):
        with pytest.raises(SinkRejected):
            await client.status(barcode)


@given(st.binary(max_size=60))
def test_the_checksum_is_anothers_too(body: bytes) -> None:
    assert checksum(body).decode() == calculate_checksum(body)
    assert (sum(body) + int(checksum(body), 16)) & 0xFFFF == 0


@given(st.binary(max_size=200))
def test_any_bytes_are_an_answer_or_damaged(frame: bytes) -> None:
    try:
        answer = decode(frame, "cp850")
    except BadFrame:
        return
    assert answer.kind.isdigit()


def test_a_message_is_written_as_the_standard_has_it() -> None:
    now = datetime(2026, 9, 21, 12, 30, 5)
    assert item_information("main", "0001", now) == "1720260921    123005AOmain|AB0001|"
