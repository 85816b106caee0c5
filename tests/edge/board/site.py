"""A small site for the board's tests, with names that try to break out of the page."""

from edge.clock import ManualClock
from edge.config import Site
from edge.library.shelf_list import Book, Scheme, ShelfList, Status
from edge.vitals import SinkVitals, SourceVitals, Vitals

HOSTILE = "<img src=x onerror=\"document.title='broken'\">&quot;</script>"
NOON_NS = 1_763_697_600_000_000_000  # 2025-11-21 12:00 in Shanghai
MINUTE_NS = 60_000_000_000


def site() -> Site:
    """A hall with a reading room and a stack room behind it, two boards, three sources."""
    space = {"kind": "learning", "zone": "quiet", "open": ["mon-sun 00:00-24:00"]}
    return Site.model_validate(
        {
            "schema": 1,
            "site": {"id": "main", "timezone": "Asia/Shanghai", "name": {"en": "Main library", "zh": "总馆"}},
            "space": [
                {"id": "hall", "capacity": 100, "area_m2": 300.0, "name": {"en": "Hall", "zh": "大厅"}}
                | space,
                {"id": "reading", "capacity": 20, "name": {"en": HOSTILE, "zh": HOSTILE}} | space,
                {"id": "stacks", "capacity": 10} | space,
            ],
            "door": [
                {"id": "main", "from": "outside", "to": "hall", "source": "door-main"},
                {"id": "inner", "from": "hall", "to": "reading", "source": "door-inner"},
                {"id": "back", "from": "stacks", "to": "hall", "source": "door-back"},
            ],
            "shelf": [
                {"id": "a-2", "space": "stacks", "length_m": 0.9},
                {"id": "a-1", "space": "stacks", "length_m": 0.9, "next": "a-2"},
            ],
            "source": [
                {"id": "cart", "driver": "simulate", "space": "stacks"},
                {"id": "co2-hall", "driver": "simulate", "space": "hall"},
                {"id": "door-main", "driver": "simulate"},
            ],
        }
    )


def books() -> ShelfList:
    """Six books; one has a title that is markup."""
    titles = ["Sensors", HOSTILE, "Databases", "Algorithms", "Compilers", "Networks"]
    return ShelfList(
        Book(f"b{n}", f"AA{n:02d}", f"TP{n}/1", Scheme.CLC, title, "a-1", None, Status.AVAILABLE)
        for n, title in enumerate(titles)
    )


def clock() -> ManualClock:
    """Noon."""
    return ManualClock(NOON_NS)


def vitals(silent_s: float | None = 1.0) -> Vitals:
    """A daemon whose cart spoke so long ago."""
    source = SourceVitals(1000, 990, 3, 7, 3, silent_s, running=True)
    sink = SinkVitals(2, 0.1, 0.3, 0, None)
    return Vitals(
        "main", "node", "0.1.0", "boot", 3600.0, 50_000_000, 12.5, 600, 1.5, 86_400.0, 4096, 0,
        {"cart": source}, {"history": sink},
    )  # fmt: skip
