"""FOLIO by its published interfaces: look-up, mark-missing, tokens; the server takes no other call."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest
from aiohttp import web

from edge.errors import SinkRejected, SinkUnavailable
from edge.library.shelf_list import Status
from edge.lsp.calls import CallMeter
from edge.lsp.config import FolioOptions
from edge.lsp.folio import Folio
from tests.fakes.folio import TENANT, FakeFolio


@pytest.fixture(autouse=True)
def _password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDGE_FOLIO_PASSWORD", "secret")


def server(**items: str) -> FakeFolio:
    """Barcode → status."""
    return FakeFolio(items={str(uuid4()): (barcode, status) for barcode, status in items.items()})


@asynccontextmanager
async def folio_at(there: FakeFolio, **more: object) -> AsyncIterator[Folio]:
    async with there.listening() as url:
        options = FolioOptions.model_validate({"url": url, "tenant": TENANT, "username": "edge", **more})
        folio = Folio(options, CallMeter("folio"))
        yield folio
        await folio.close()
    assert there.faults == []


async def test_statuses_by_barcode() -> None:
    there = server(A1="Available", A2="Checked out", A3="Long missing", A4="Restricted")
    async with folio_at(there) as folio:
        found = [await folio.status(code) for code in ("A1", "A2", "A3", "A4", "A5")]
    wanted = [Status.AVAILABLE, Status.ON_LOAN, Status.MISSING, Status.UNKNOWN, None]
    assert found == wanted
    assert there.paths().count("POST /authn/login-with-expiry") == 1


async def test_a_barcode_with_signs_of_the_query_language_is_found_and_finds_no_other() -> None:
    there = server(**{'A*"\\?^': "Available", "AB": "Missing"})
    async with folio_at(there) as folio:
        assert await folio.status('A*"\\?^') is Status.AVAILABLE
        assert await folio.status("A*") is None


@pytest.mark.parametrize("mark", ["inventory", "remote-storage"])
async def test_marking_missing_is_done_once(mark: str) -> None:
    there = server(A1="Available")
    async with folio_at(there, mark=mark) as folio:
        await folio.mark_missing("A1")
        await folio.mark_missing("A1")
    assert [status for _, status in there.items.values()] == ["Missing"]
    posts = [path for path in there.paths() if path.startswith("POST") and "authn" not in path]
    assert len(posts) == 1
    assert ("remote-storage" in posts[0]) == (mark == "remote-storage")


@pytest.mark.parametrize(("status", "said"), [("Checked out", "Checked out"), ("Order closed", "422")])
async def test_what_folio_will_not_mark_is_refused_with_its_reason(status: str, said: str) -> None:
    there = server(A1=status)
    async with folio_at(there) as folio:
        with pytest.raises(SinkRejected, match=said):
            await folio.mark_missing("A1")
    assert [now for _, now in there.items.values()] == [status]


async def test_a_book_that_folio_does_not_have_is_refused() -> None:
    async with folio_at(server()) as folio:
        with pytest.raises(SinkRejected, match="no item"):
            await folio.mark_missing("A9")


async def test_two_items_of_one_barcode_are_a_persons_matter() -> None:
    there = FakeFolio(items={str(uuid4()): ("A1", "Available") for _ in range(2)})
    async with folio_at(there) as folio:
        with pytest.raises(SinkRejected, match="2 items"):
            await folio.mark_missing("A1")


async def test_a_token_that_ends_is_renewed_and_an_old_folio_is_logged_in_to() -> None:
    there = server(A1="Available")
    async with folio_at(there) as folio:
        await folio.status("A1")
        there.tokens.append("another: ours is not valid any more")
        assert await folio.status("A1") is Status.AVAILABLE
    old = FakeFolio(items=there.items, old_login=True)
    async with folio_at(old) as folio:
        assert await folio.status("A1") is Status.AVAILABLE


async def test_a_wrong_password_waits_for_a_person_and_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDGE_FOLIO_PASSWORD", "wrong-password")
    async with folio_at(server(A1="Available")) as folio:
        with pytest.raises(SinkUnavailable) as refused:
            await folio.mark_missing("A1")
    assert refused.value.retry_after_s == 60.0
    assert "wrong-password" not in str(refused.value)


@pytest.mark.parametrize("status", [429, 502, 503, 504])
async def test_a_server_that_is_away_says_when_to_come_again(status: int) -> None:
    there = server(A1="Available")
    there.ahead.append(web.Response(status=status, headers={"Retry-After": "17"}))
    async with folio_at(there) as folio:
        with pytest.raises(SinkUnavailable) as away:
            await folio.status("A1")
    assert away.value.retry_after_s == 17.0


async def test_a_redirect_does_not_get_the_password() -> None:
    there = server(A1="Available")
    there.ahead.append(web.Response(status=307, headers={"Location": "/elsewhere"}))
    async with folio_at(there) as folio:
        with pytest.raises(SinkUnavailable, match="elsewhere"):
            await folio.status("A1")
    assert there.paths() == ["POST /authn/login-with-expiry"]


async def test_an_accession_is_what_a_person_says() -> None:
    there = server(A1="Available")
    async with folio_at(there) as folio:
        await folio.accession("A1", str(uuid4()))
    assert there.asked[-1].body["itemBarcode"] == "A1"
