"""The board's state: records in, JSON out; every row knows at which revision it changed last."""

import asyncio
import secrets
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from edge.board.config import SpaceChange
from edge.board.document import MS_NS, Object, Section
from edge.board.doors import Doors
from edge.board.plan import plan
from edge.board.rooms import Rooms
from edge.board.sensors import Sensors
from edge.board.shelves import Shelves
from edge.board.todo import todo, walk
from edge.clock import Clock
from edge.config import Site
from edge.events import Record
from edge.library.shelf_list import ShelfList

STALE_AFTER_S: Final = 180.0
MOST_ROWS: Final = 60
"""So many boards come with their books at once; of the others a page asks for those that are looked at."""


class BoardState:
    """What the board shows. One event loop's; `apply` costs microseconds, JSON is made when a page asks."""

    def __init__(
        self,
        site: Site,
        clock: Clock,
        books: ShelfList | None = None,
        stale_after_s: float = STALE_AFTER_S,
        *,
        is_simulated: bool = False,
        changes: Sequence[SpaceChange] = (),
    ) -> None:
        self.boot = secrets.token_hex(8)
        self.revision = 0
        self._site, self._clock = site, clock
        self._fixed = _fixed(site, stale_after_s, is_simulated)
        self._rooms, self._doors = Rooms(site, changes), Doors(site)
        self._shelves, self._sensors = Shelves(site, books), Sensors(site)
        self._sections: Mapping[str, Section] = {
            "rooms": self._rooms,
            "doors": self._doors,
            "shelves": self._shelves,
            "sensors": self._sensors,
        }
        self._way = walk(site, list(plan(site).rooms))
        self._changed_at: dict[tuple[str, str], int] = {}
        self._news = asyncio.Event()

    def apply(self, record: Record) -> None:
        """Take one record, as it goes into the outbox or comes from history."""
        for name, section in self._sections.items():
            row_id = section.apply(record)
            if row_id is not None:
                self._touch(name, row_id)

    def preload(self, records: Iterable[Record]) -> None:
        """Take what history has, so that the board is not empty after a restart."""
        for record in records:
            self.apply(record)

    def remember(self, curves: Mapping[str, Sequence[tuple[int, float]]]) -> None:
        """Take curves of people from history: (t_ns, people) by space, oldest first."""
        for space, points in curves.items():
            self._rooms.remember(space, points)

    def touch_books(self) -> None:
        """Show all boards again: the shelf list has changed."""
        for shelf in self._shelves.ids():
            self._touch("shelves", shelf)

    def snapshot(self) -> dict[str, object]:
        """Everything."""
        rows = {name: _rows(section, section.ids()) for name, section in self._sections.items()}
        rows["shelves"] = self._shelves.rows(MOST_ROWS)
        return self._head() | self._fixed | rows | {"todo": self._todo()}

    def shelf(self, shelf: str) -> Object | None:
        """One board with all its books; None where the site has no such board."""
        return self._shelves.row(shelf) if shelf in self._shelves.shelves else None

    def since(self, revision: int) -> dict[str, object]:
        """What has changed after `revision`: rows by section, and the tasks if any row has."""
        changed = [key for key, at in self._changed_at.items() if at > revision]
        patch: dict[str, object] = {
            name: _rows(section, [row_id for of, row_id in changed if of == name])
            for name, section in self._sections.items()
            if any(of == name for of, _ in changed)
        }
        if changed:
            patch["todo"] = self._todo()
        return self._head() | patch

    async def news(self, revision: int, timeout_s: float) -> bool:
        """Wait until something is newer than `revision`; False where nothing was in that time."""
        if self.revision > revision:
            return True
        try:
            await asyncio.wait_for(self._news.wait(), timeout_s)
        except TimeoutError:
            return False
        return True

    def _touch(self, section: str, row_id: str) -> None:
        self.revision += 1
        self._changed_at[section, row_id] = self.revision
        # Whoever waits wakes up; the next wait is on a new event.
        self._news.set()
        self._news = asyncio.Event()

    def _head(self) -> dict[str, object]:
        return {"boot": self.boot, "revision": self.revision, "now": self._clock.wall_ns() // MS_NS}

    def _todo(self) -> list[Object]:
        return todo(self._way, self._rooms, self._shelves, self._sensors)


def _rows(section: Section, ids: Iterable[str]) -> dict[str, Object]:
    return {row_id: section.row(row_id) for row_id in ids}


def _fixed(site: Site, stale_after_s: float, is_simulated: bool) -> dict[str, object]:
    laid_out = plan(site)
    return {
        "site": {
            "id": site.site.id,
            "name": site.site.name,
            "timezone": site.site.timezone,
            "stale_after_s": stale_after_s,
            "simulated": is_simulated,
        },
        "plan": {
            "rooms": {
                space: [round(100 * share, 3) for share in (box.x, box.y, box.w, box.h)]
                for space, box in laid_out.rooms.items()
            },
            "doors": [
                {
                    "door": mark.door,
                    "x": round(100 * mark.x, 3),
                    "y": round(100 * mark.y, 3),
                    "upright": mark.upright,
                }
                for mark in laid_out.doors
            ],
        },
    }
