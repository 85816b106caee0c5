"""The page in a real browser: what it shows, in both languages, sizes and lights, live, stale and alone.

Pictures are kept in artifacts/ for people to look at.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from edge.board.config import BoardOptions
from edge.board.server import board_app, serve
from edge.board.state import BoardState
from edge.clock import ManualClock, SystemClock
from edge.events import (
    DoorFlowed,
    ItemMissing,
    RoomMeasured,
    SensorHealthChanged,
    ShelfState,
    SpaceOccupied,
    Spine,
    TagUnknown,
)
from tests.conftest import ROOT, missing
from tests.edge.board.chromium import Page, browse, chromium
from tests.edge.board.site import HOSTILE, MINUTE_NS, books, site, vitals
from tests.edge.board.test_state import misplaced

ARTIFACTS = ROOT / "artifacts"
DESKTOP, PHONE = (1440, 900), (390, 844)
SHOWN = "document.querySelectorAll('.room').length === 3 && document.querySelector('#site-name').textContent"

pytestmark = [pytest.mark.real, pytest.mark.timeout(120)]


def fill(state: BoardState, now_ns: int) -> None:
    """An hour of people, two boards with something wrong on them, a sensor that is gone."""
    for minute in range(60, -1, -1):
        t_ns = now_ns - minute * MINUTE_NS
        state.apply(SpaceOccupied(t_ns, "hall", 70 - minute / 2, 2.5, 1.0, "doors"))
        state.apply(SpaceOccupied(t_ns, "reading", 17.0, 1.0, 1.0, "doors, co2"))
        state.apply(DoorFlowed(t_ns, t_ns - MINUTE_NS, "main", 3, 2, 3.0, 2.1))
    state.apply(SpaceOccupied(now_ns, "stacks", 2.0, 0.6, 0.95, "presence"))
    state.apply(RoomMeasured(now_ns, "co2-hall", "hall", "co2_ppm", 812.0))
    state.apply(SensorHealthChanged(now_ns, "co2-hall", "stuck", "612 ppm for two hours"))
    spines = [Spine(f"AA{n:02d}", f"b{n}", 0.06 + 0.03 * n, 0.006, 0.9 - 0.1 * n, n == 2) for n in range(4)]
    spines.append(Spine("BB00", None, 0.2, 0.01, 0.8))
    state.apply(ShelfState(now_ns, "a-1", tuple(spines), 0.83))
    state.apply(ShelfState(now_ns, "a-2", (Spine("AA04", "b4", 0.1, 0.004, 0.97),), 1.0))
    state.apply(TagUnknown(now_ns, "BB00", "a-1", 0.2))
    state.apply(misplaced(2, 0.12))
    state.apply(ItemMissing(now_ns, "b5", "a-2", 0.98))


@asynccontextmanager
async def board(*, old_ns: int = 0) -> AsyncIterator[tuple[str, BoardState, web.AppRunner]]:
    """A board that listens, with records that are so old."""
    now_ns = SystemClock().wall_ns()
    state = BoardState(site(), ManualClock(now_ns), books())
    fill(state, now_ns - old_ns)
    runner, url = await serve(board_app(state, vitals), BoardOptions(port=0))
    try:
        yield url, state, runner
    finally:
        await runner.cleanup()


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    if chromium() is None:
        missing("chromium")
    async with browse() as found:
        yield found


async def keep(page: Page, name: str) -> None:
    """A picture for people."""
    ARTIFACTS.mkdir(exist_ok=True)
    (ARTIFACTS / f"board-{name}.png").write_bytes(await page.picture())


async def text(page: Page, selector: str) -> str:
    return str(await page.js(f"document.querySelector({selector!r})?.innerText ?? ''"))


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_page_shows_rooms_books_and_tasks(
    page: Page, language: str, size: tuple[int, int], dark: bool
) -> None:
    async with board() as (url, _, _):
        await page.open(f"{url}?lang={language}", width=size[0], height=size[1], dark=dark)
        await page.wait(SHOWN)
        await page.wait("document.body.dataset.link === 'live'")
        kind = f"{language}-{'desktop' if size == DESKTOP else 'phone'}-{'dark' if dark else 'light'}"
        await keep(page, kind)
        words = ("nearly full", "Move", "Look for") if language == "en" else ("接近满员", "移架", "查找")
        body = await text(page, "body")
        assert all(word in body for word in words)
        assert await page.js("document.documentElement.lang") == ("en" if language == "en" else "zh-Hans")
        assert await page.js("document.documentElement.scrollWidth <= innerWidth")
        assert page.problems == []
        assert all(one.startswith(url) for one in page.requests)


async def test_markup_in_names_titles_and_ids_is_only_text(page: Page) -> None:
    async with board() as (url, _, _):
        await page.open(f"{url}?lang=en", width=1440, height=900)
        await page.wait(SHOWN)
        assert HOSTILE in await text(page, "#plan")
        assert await page.js("document.querySelectorAll('img').length") == 0
        assert await page.js("document.title") == "Main library · Live board"
        assert page.problems == []


async def test_change_is_on_the_page_within_a_second_or_two(page: Page) -> None:
    async with board() as (url, state, _):
        await page.open(f"{url}?lang=en", width=1440, height=900)
        await page.wait(SHOWN)
        now_ns = SystemClock().wall_ns()
        state.apply(SpaceOccupied(now_ns, "hall", 99.0, 1.0, 1.0, "doors"))
        await page.wait("document.querySelector('#room-hall .figure').innerText === '99'", seconds=3)


async def test_arrow_keys_go_from_book_to_book(page: Page) -> None:
    async with board() as (url, _, _):
        await page.open(f"{url}?lang=en", width=1440, height=900)
        await page.wait("document.querySelectorAll('#shelf-a-1 [role=option]').length === 5")
        await page.js("document.querySelector('#shelf-a-1 [role=option]').focus()")
        for key in ("ArrowRight", "ArrowRight"):
            await page.press(key)
        assert "Databases" in await text(page, "#shelf-a-1 .chosen")
        assert "belongs on shelf a-2, after TP4/1" in await text(page, "#shelf-a-1 .chosen")
        assert await page.js("document.activeElement.getAttribute('aria-selected')") == "true"
        await page.press("End")
        assert "Tag in no list: BB00" in await text(page, "#shelf-a-1 .chosen")


async def test_task_leads_to_its_book(page: Page) -> None:
    async with board() as (url, _, _):
        await page.open(f"{url}?lang=en", width=1440, height=900)
        await page.wait("document.querySelector('.is-misplaced a')")
        await page.js("document.querySelector('.is-misplaced a').click()")
        assert await page.js("document.activeElement.dataset.tag") == "AA02"


async def test_language_is_switched_and_remembered(page: Page) -> None:
    async with board() as (url, _, _):
        await page.open(f"{url}?lang=en", width=1440, height=900)
        await page.wait(SHOWN)
        await page.js("document.querySelector('[data-lang=zh]').click()")
        assert await text(page, "h1") == "总馆"
        await page.open(url, width=1440, height=900)
        await page.wait(f"{SHOWN} === '总馆'")


async def test_old_data_is_called_old(page: Page) -> None:
    async with board(old_ns=15 * MINUTE_NS) as (url, _, _):
        await page.open(f"{url}?lang=en", width=1440, height=900)
        await page.wait("document.body.dataset.link === 'stale'")
        assert "No room has been counted since" in await text(page, "#banner")
        assert "15 min ago" in await text(page, "#banner")
        assert await page.js("document.querySelectorAll('.room.stale').length") == 3
        await keep(page, "stale")


async def test_page_says_that_the_daemon_is_gone(page: Page) -> None:
    async with board() as (url, _, runner):
        await page.open(f"{url}?lang=en", width=390, height=844)
        await page.wait(SHOWN)
        await runner.cleanup()
        await page.wait("document.body.dataset.link === 'lost'", seconds=30)
        assert "The daemon does not answer" in await text(page, "#banner")
        await keep(page, "lost")


async def test_public_page_shows_rooms_and_no_more(page: Page) -> None:
    async with board() as (url, _, _):
        await page.open(f"{url}?public=1&lang=en", width=1440, height=900)
        await page.wait(SHOWN)
        body = await text(page, "body")
        assert "few people" in body
        assert "Databases" not in body
        assert "b2" not in body
        assert not await page.js(
            "[...document.querySelectorAll('#todo-section, #shelves-section')].some(e => !e.hidden)"
        )
        await keep(page, "public")
        assert page.problems == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_text_stands_out_from_its_ground(page: Page, dark: bool) -> None:
    """WCAG 2.2 AA: contrast of at least 4.5 to 1, 3 to 1 for large text."""
    script = (Path(__file__).parent / "contrast.js").read_text()
    async with board() as (url, _, _):
        await page.open(f"{url}?lang=en", width=1440, height=900, dark=dark)
        await page.wait(SHOWN)
        assert await page.js(script) == []


class Nearing:
    """A search whose book comes nearer."""

    def __init__(self, barcode: str) -> None:
        self._barcode, self._n = barcode, 0

    def now(self) -> dict[str, object]:
        self._n += 1
        bearing = {"t_ns": 1, "rssi_dbm": -60.0 + self._n, "level": 0.8, "trend": "warmer", "reads": 3}
        return {"barcode": self._barcode, "call_number": "TP311", "title": HOSTILE, "bearing": bearing}

    def close(self) -> None:
        pass


@pytest.mark.parametrize(("language", "word"), [("en", "Warmer"), ("zh", "更近")])
async def test_find_page_leads_to_a_book(page: Page, language: str, word: str) -> None:
    now_ns = SystemClock().wall_ns()
    app = board_app(BoardState(site(), ManualClock(now_ns), books()), vitals, begin_search=Nearing)
    runner, url = await serve(app, BoardOptions(port=0))
    try:
        await page.open(f"{url}find?barcode=0001&lang={language}", width=PHONE[0], height=PHONE[1])
        await page.wait(f"document.querySelector('#trend').textContent.includes({word!r})")
        await page.wait("document.querySelector('#level').value === 0.8")
        await keep(page, f"find-{language}")
        assert HOSTILE in await text(page, "#book")
        assert await page.js("document.documentElement.scrollWidth <= innerWidth")
        assert page.problems == []
        assert all(one.startswith(url) for one in page.requests)
    finally:
        await runner.cleanup()
