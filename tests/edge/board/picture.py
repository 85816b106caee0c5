"""The README's picture of the live board: `python -m tests.edge.board.picture` while `edge demo` runs."""

import asyncio
import sys

from tests.conftest import ROOT
from tests.edge.board.chromium import browse

URL = "http://127.0.0.1:8420/?lang=en"
WIDTH, HEIGHT = 1280, 1050


async def take(url: str) -> bytes:
    """The top of the page at `url` when it is live, as a PNG."""
    async with browse() as page:
        await page.open(url, width=WIDTH, height=HEIGHT)
        await page.wait("document.body.dataset.link === 'live' && document.querySelector('.spine')", 60)
        return await page.picture(whole=False)


if __name__ == "__main__":
    (ROOT / "docs" / "live-board.png").write_bytes(asyncio.run(take(*sys.argv[1:] or [URL])))
