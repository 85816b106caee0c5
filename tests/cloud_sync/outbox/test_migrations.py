"""Every older version of the store is brought to the newest, with all that was in it."""

import sqlite3
from pathlib import Path

import pytest

from cloud_sync.outbox.migrations import MIGRATIONS
from cloud_sync.outbox.store import Store, StoreDamaged
from tests.cloud_sync.outbox.test_outbox import drained, outbox
from tests.cloud_sync.records import measured, misplaced, seen

VERSIONS = Path(__file__).parent / "versions"
SAVED = sorted(VERSIONS.glob("v*.sql"))


def restored(saved: Path, path: Path) -> None:
    """The database whose dump stands in `saved`."""
    db = sqlite3.connect(path)
    db.executescript(saved.read_text())
    db.execute(f"PRAGMA user_version = {int(saved.stem[1:])}")
    db.close()


def test_there_is_a_dump_of_every_version() -> None:
    assert [saved.stem for saved in SAVED] == [f"v{n}" for n in range(1, len(MIGRATIONS) + 1)]


@pytest.mark.parametrize("saved", SAVED, ids=lambda saved: saved.stem)
async def test_an_older_outbox_is_opened_with_all_that_was_in_it(tmp_path: Path, saved: Path) -> None:
    restored(saved, tmp_path / "outbox.db")
    async with outbox(tmp_path) as box:
        stats = box.stats().sinks
        assert (stats["a"].delivered, stats["a"].dead, stats["a"].depth) == (2, 1, 3)
        assert await drained(box, "a") == [seen(3), measured(4), misplaced(5)]
        assert await drained(box, "b") == [seen(0), seen(1), seen(2), seen(3), measured(4), misplaced(5)]
        assert not box.stats().set_aside


@pytest.mark.parametrize("saved", SAVED, ids=lambda saved: saved.stem)
def test_an_older_outbox_ends_at_the_newest_version(tmp_path: Path, saved: Path) -> None:
    restored(saved, tmp_path / "outbox.db")
    Store(tmp_path / "outbox.db", 1 << 20).close()
    db = sqlite3.connect(tmp_path / "outbox.db")
    assert db.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
    db.close()


def test_a_file_of_somebody_else_is_not_migrated(tmp_path: Path) -> None:
    db = sqlite3.connect(tmp_path / "outbox.db")
    db.execute("CREATE TABLE event (something INTEGER)")
    db.close()
    with pytest.raises(StoreDamaged):
        Store(tmp_path / "outbox.db", 1 << 20)
