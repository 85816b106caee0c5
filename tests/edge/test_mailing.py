"""Letters of the daemon: at the set time, after a stock-take, once each."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from edge.compose import build
from edge.daemon import Daemon
from edge.daemon_config import DaemonConfig
from edge.errors import ConfigError
from edge.events import InventoryFinished
from edge.fusion.inventory import take_stock
from edge.mailing import KEPT, SENT, Mailing, next_ns
from edge.report.config import ReportOptions
from tests.edge.fusion.inventory.scenes import scene
from tests.edge.lsp.test_office import site
from tests.edge.report.mail import Inbox, mail_server
from tests.real.process import free_port

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
S = 1_000_000_000


def ns(text: str, zone: ZoneInfo) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()) * S


@pytest.mark.parametrize(
    ("now", "wanted", "zone"),
    [
        ("2026-03-04T06:00", "2026-03-04T07:30", SHANGHAI),
        ("2026-03-04T07:30", "2026-03-04T18:00", SHANGHAI),
        ("2026-03-04T18:00", "2026-03-05T07:30", SHANGHAI),
        ("2026-12-31T23:59", "2027-01-01T07:30", BERLIN),
        ("2026-03-28T19:00", "2026-03-29T07:30", BERLIN),
        ("2026-10-24T19:00", "2026-10-25T07:30", BERLIN),
    ],
)
def test_the_next_time_is_by_the_sites_clock(now: str, wanted: str, zone: ZoneInfo) -> None:
    times = [time(7, 30), time(18)]
    assert next_ns(times, zone, ns(now, zone)) == ns(wanted, zone)


def test_a_time_that_summer_leaves_out_comes_that_day_all_the_same() -> None:
    found = next_ns([time(2, 30)], BERLIN, ns("2026-03-29T01:00", BERLIN))
    assert found == ns("2026-03-29T03:30", BERLIN)
    assert next_ns([], BERLIN, 0) is None


def daemon_of(state: Path, port: int, **report: object) -> Daemon:
    said = {"smtp": f"smtp://127.0.0.1:{port}", "to": ["staff@example.org"], **report}
    config = DaemonConfig.model_validate({"node": "n1", "state_dir": str(state), "report": said})
    made = scene()
    made.take_away("a1", 15)
    daemon = build(site(), config, [], books=made.shelf_list)
    daemon.live.shelves.keep_last(take_stock(made.evidence(), made.shelf_list, made.boards))
    return daemon


async def test_a_stock_take_that_ends_is_sent_once(tmp_path: Path) -> None:
    inbox, stop = Inbox(), asyncio.Event()
    async with mail_server(inbox) as port:
        daemon = daemon_of(tmp_path, port, after="stock-take", language="zh")
        running = asyncio.create_task(daemon.run(stop))
        await asyncio.sleep(0.3)
        for _ in range(2):
            daemon.publish([InventoryFinished(S, "night", ("a1",), 30, 29, 0, 1)])
            async with asyncio.timeout(5):
                while not inbox.messages:
                    await asyncio.sleep(0.02)
            await asyncio.sleep(0.2)
        stop.set()
        await running
    (message,) = inbox.messages
    text = message.get_body(("plain",))
    assert text is not None
    assert "缺失" in text.get_content()


async def test_at_the_set_time_the_last_stock_take_is_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox, stop = Inbox(), asyncio.Event()
    async with mail_server(inbox) as port:
        daemon = daemon_of(tmp_path, port, at=["07:30"])
        wall_ns = daemon.clock.wall_ns
        shift_ns = ns("2026-03-04T07:29", SHANGHAI) + 59 * S - wall_ns()
        monkeypatch.setattr(daemon.clock, "wall_ns", lambda: wall_ns() + shift_ns)
        running = asyncio.create_task(daemon.run(stop))
        async with asyncio.timeout(8):
            while not inbox.messages:
                await asyncio.sleep(0.05)
        stop.set()
        await running
    assert "2026-03-04 07:30" in str(inbox.messages[0]["Subject"])


@asynccontextmanager
async def running(daemon: Daemon) -> AsyncIterator[None]:
    stop = asyncio.Event()
    task = asyncio.create_task(daemon.run(stop))
    await asyncio.sleep(0.3)
    try:
        yield
    finally:
        stop.set()
        await task


async def test_a_letter_that_could_not_be_sent_is_sent_after_a_restart_and_once(tmp_path: Path) -> None:
    inbox = Inbox()
    away = daemon_of(tmp_path, free_port(), after="stock-take")
    async with running(away):
        away.publish([InventoryFinished(S, "night", ("a1",), 30, 29, 0, 1)])
        async with asyncio.timeout(5):
            while not await away.outbox.kept(KEPT):
                await asyncio.sleep(0.02)
    async with mail_server(inbox) as port:
        for _ in range(2):
            again = daemon_of(tmp_path, port, after="stock-take")
            again.live.shelves.last = None
            async with running(again), asyncio.timeout(5):
                while not inbox.messages or await again.outbox.kept(KEPT):
                    await asyncio.sleep(0.02)
    (message,) = inbox.messages
    assert message.get_body(("plain",)) is not None


async def test_a_stock_take_is_not_sent_again_after_a_restart(tmp_path: Path) -> None:
    inbox = Inbox()
    async with mail_server(inbox) as port:
        for _ in range(2):
            daemon = daemon_of(tmp_path, port, after="stock-take")
            async with running(daemon), asyncio.timeout(5):
                daemon.publish([InventoryFinished(S, "night", ("a1",), 30, 29, 0, 1)])
                while not await daemon.outbox.kept(SENT):
                    await asyncio.sleep(0.02)
                await asyncio.sleep(0.2)
    assert len(inbox.messages) == 1


async def test_without_a_stock_take_nothing_is_sent(tmp_path: Path) -> None:
    daemon = daemon_of(tmp_path, 9)
    daemon.live.shelves.last = None
    options = ReportOptions.model_validate({"smtp": "smtp://127.0.0.1:9", "to": ["a@b.c"]})
    assert not await Mailing(options).send_last(daemon)


def test_settings_that_cannot_be_right_are_told_at_once() -> None:
    for wrong in ({"at": ["25:00"]}, {"to": ["a@b.c, d@e.f"]}, {"to": []}, {"from": "x\r\nBcc: y@z.w"}):
        with pytest.raises(ValidationError):
            ReportOptions.model_validate({"smtp": "smtps://mail.example.org", "to": ["a@b.c"], **wrong})
    with pytest.raises(ConfigError):
        Mailing(ReportOptions.model_validate({"smtp": "smtps://a:secret@mail.example.org", "to": ["a@b.c"]}))
