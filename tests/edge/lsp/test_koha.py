"""Koha by its published REST API: exact match, one changed field, tokens; the server takes no more."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from pydantic import ValidationError

from edge.errors import SinkRejected, SinkUnavailable
from edge.library.shelf_list import Status
from edge.lsp.calls import CallMeter
from edge.lsp.config import KohaOptions
from edge.lsp.koha import Koha
from tests.fakes.koha import FakeKoha

NOON_NS = 1_790_000_000_000_000_000


@pytest.fixture(autouse=True)
def _secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDGE_KOHA_SECRET", "secret")


@asynccontextmanager
async def koha_at(there: FakeKoha, **more: object) -> AsyncIterator[Koha]:
    async with there.listening() as url:
        said: dict[str, object] = {"url": f"{url}/api/v1", "client_id": "edge", **more}
        koha = Koha(KohaOptions.model_validate(said), CallMeter("koha"))
        yield koha
        await koha.close()
    assert there.faults == []


async def test_a_barcode_finds_no_other_that_contains_it() -> None:
    there = FakeKoha()
    there.put(1, "30803", lost_status=4)
    async with koha_at(there) as koha:
        assert await koha.status("0803") is None
        assert await koha.status("30803") is Status.MISSING


async def test_statuses() -> None:
    there = FakeKoha()
    there.put(1, "a")
    there.put(2, "b", checked_out_date="2026-09-01")
    there.put(3, "c", withdrawn=1)
    there.put(4, "d", lost_status=1)
    async with koha_at(there, client_id=None, username="edge") as koha:
        found = [await koha.status(code) for code in "abcd"]
    assert found == [Status.AVAILABLE, Status.ON_LOAN, Status.WITHDRAWN, Status.MISSING]
    assert there.tokens == []


async def test_marking_missing_writes_one_field_once() -> None:
    there = FakeKoha()
    there.put(1, "a")
    async with koha_at(there) as koha:
        await koha.mark_missing("a")
        await koha.mark_missing("a")
    assert there.written == [{"lost_status": 4}]


@pytest.mark.parametrize("more", [{"checked_out_date": "2026-09-01"}, {"withdrawn": 1}])
async def test_what_is_on_loan_or_withdrawn_is_left_alone(more: dict[str, object]) -> None:
    there = FakeKoha()
    there.put(1, "a", **more)
    async with koha_at(there) as koha:
        with pytest.raises(SinkRejected):
            await koha.mark_missing("a")
        with pytest.raises(SinkRejected):
            await koha.mark_missing("b")
    assert there.written == []


async def test_last_seen_goes_only_forward() -> None:
    there = FakeKoha()
    there.put(1, "a")
    async with koha_at(there, last_seen=True) as koha:
        await koha.note_seen("a", NOON_NS)
        await koha.note_seen("a", NOON_NS - 10**12)
        await koha.note_seen("a", NOON_NS + 10**12)
    assert [one["last_seen_date"] for one in there.written] == [
        "2026-09-21T14:13:20Z",
        "2026-09-21T14:30:00Z",
    ]


async def test_a_token_that_ends_is_renewed_and_one_that_is_refused_waits() -> None:
    there = FakeKoha()
    there.put(1, "a")
    async with koha_at(there) as koha:
        await koha.status("a")
        there.tokens.append("another: ours has ended")
        assert await koha.status("a") is Status.AVAILABLE
    assert len(there.tokens) == 3


async def test_a_wrong_secret_waits_for_a_person(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDGE_KOHA_SECRET", "no")
    async with koha_at(FakeKoha()) as koha:
        with pytest.raises(SinkUnavailable, match="403"):
            await koha.status("a")


def test_a_koha_is_spoken_to_as_one_and_not_with_a_password_in_its_address() -> None:
    wrong = [
        {"url": f"{url}/api"} for url in ("https://a:b@koha", "http://koha", "http://127.0.0.1.evil.org")
    ]
    two = [{"client_id": "a", "username": "b"}, {"client_id": None}]
    for said in wrong + two:
        with pytest.raises(ValidationError):
            KohaOptions.model_validate({"url": "https://koha.example.org/api/v1", "client_id": "a", **said})
