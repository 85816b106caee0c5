"""The plan: rooms fill it without overlap, and those that a door joins lie side by side."""

from itertools import combinations

from edge.board.plan import Box, plan, walking_order
from edge.config import Site
from tests.edge.board.site import site


def overlap(a: Box, b: Box) -> float:
    wide = min(a.x + a.w, b.x + b.w) - max(a.x, b.x)
    high = min(a.y + a.h, b.y + b.h) - max(a.y, b.y)
    return max(0.0, wide) * max(0.0, high)


def many_rooms(n: int) -> Site:
    space = {"kind": "learning", "zone": "quiet", "capacity": 10, "open": ["mon-sun 08:00-22:00"]}
    return Site.model_validate(
        {
            "schema": 1,
            "site": {"id": "main", "timezone": "UTC"},
            "space": [{"id": f"r-{k}"} | space for k in range(n)],
            "door": [{"id": "d", "from": "outside", "to": "r-0", "source": "d"}],
        }
    )


def test_rooms_fill_the_plan_without_overlap() -> None:
    for one in (site(), many_rooms(1), many_rooms(23)):
        boxes = list(plan(one).rooms.values())
        assert len(boxes) == len(one.spaces)
        assert abs(sum(box.w * box.h for box in boxes) - 1) < 1e-9
        assert all(overlap(a, b) < 1e-9 for a, b in combinations(boxes, 2))


def test_door_is_on_the_wall_that_its_rooms_share() -> None:
    laid_out = plan(site())
    marks = {mark.door: mark for mark in laid_out.doors}
    hall = laid_out.rooms["hall"]
    assert marks["main"].x == 0.0
    assert marks["inner"].x == marks["back"].x == hall.x + hall.w
    assert marks["inner"].upright


def test_walk_begins_at_the_entrance_whichever_way_doors_are_written() -> None:
    assert walking_order(site()) == ["hall", "reading", "stacks"]


def test_bigger_room_has_the_bigger_box() -> None:
    boxes = plan(site()).rooms
    assert boxes["hall"].w * boxes["hall"].h > boxes["stacks"].w * boxes["stacks"].h


def test_site_without_rooms_has_an_empty_plan() -> None:
    empty = plan(Site.model_validate({"schema": 1, "site": {"id": "main", "timezone": "UTC"}}))
    assert empty.rooms == {}
    assert empty.doors == []
