"""A plan of the rooms from the site file alone: sized by area or capacity, joined where a door joins them.

The entrance is on the left. A room is a strip at the left of its region; the rooms behind its doors are
stacked to the right of it, so that each touches it. It is a diagram, not a survey: sizes are evened out, so
that a study room beside a hall can still be read.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from edge.config import OUTSIDE, Site, Space

_M2_PER_PERSON: Final = 3.0
_EVEN: Final = 0.6
_LEAST_SHARE: Final = 0.6
_STRIP: Final = (0.28, 0.55)
_MOST_STACKED: Final = 5
_TOUCHING: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in shares of the plan: 0…1 from the left and from the top."""

    x: float
    y: float
    w: float
    h: float


@dataclass(frozen=True, slots=True)
class DoorMark:
    """Where a door is drawn: on a wall that goes up and down, or on one that goes across."""

    door: str
    x: float
    y: float
    upright: bool


@dataclass(slots=True)
class _Node:
    space: Space
    weight: float
    children: "list[_Node]" = field(default_factory=list)

    @property
    def total(self) -> float:
        return self.weight + sum(child.total for child in self.children)


@dataclass(frozen=True, slots=True)
class Plan:
    """Boxes of the rooms in walking order, and the doors that can be drawn."""

    rooms: dict[str, Box]
    doors: list[DoorMark]


def plan(site: Site) -> Plan:
    """Lay out all spaces of the site."""
    boxes: dict[str, Box] = {}
    _stack(_forest(site), Box(0.0, 0.0, 1.0, 1.0), boxes)
    return Plan({space: boxes[space] for space in walking_order(site)}, _marks(site, boxes))


def walking_order(site: Site) -> list[str]:
    """Spaces as one gets to them from outside, each wing to its end before the next."""
    order: list[str] = []

    def visit(nodes: Sequence[_Node]) -> None:
        for node in nodes:
            order.append(node.space.id)
            visit(node.children)

    visit(_forest(site))
    return order


def _forest(site: Site) -> list[_Node]:
    """Spaces by the shortest way from outside; those that no door leads to stand by themselves."""
    nodes = {space.id: _Node(space, _weight(space)) for space in site.spaces}
    beside: dict[str, list[str]] = {}
    for door in site.doors:
        beside.setdefault(door.from_, []).append(door.to)
        beside.setdefault(door.to, []).append(door.from_)
    roots: list[_Node] = []
    seen, queue = {OUTSIDE}, [OUTSIDE]
    for start in [OUTSIDE, *nodes]:
        if start not in seen:
            seen.add(start)
            roots.append(nodes[start])
            queue.append(start)
        while queue:
            here = queue.pop(0)
            for near in beside.get(here, []):
                if near not in seen:
                    seen.add(near)
                    (roots if here == OUTSIDE else nodes[here].children).append(nodes[near])
                    queue.append(near)
    return roots


def _weight(space: Space) -> float:
    area: float = (space.area_m2 or space.capacity * _M2_PER_PERSON) ** _EVEN
    return area


def _stack(nodes: Sequence[_Node], box: Box, boxes: dict[str, Box]) -> None:
    """Put the nodes' regions one above the other; more than a few in columns."""
    columns = -(-len(nodes) // _MOST_STACKED)
    per_column = -(-len(nodes) // max(1, columns))
    for column in range(columns):
        part = nodes[column * per_column : (column + 1) * per_column]
        left = box.x + box.w * column / columns
        top = box.y
        for node, share in zip(part, _shares(part), strict=True):
            _place(node, Box(left, top, box.w / columns, box.h * share), boxes)
            top += box.h * share


def _shares(nodes: Sequence[_Node]) -> list[float]:
    mean = sum(node.total for node in nodes) / len(nodes)
    weights = [max(node.total, _LEAST_SHARE * mean) for node in nodes]
    return [weight / sum(weights) for weight in weights]


def _place(node: _Node, box: Box, boxes: dict[str, Box]) -> None:
    if not node.children:
        boxes[node.space.id] = box
        return
    strip = min(max(node.weight / node.total, _STRIP[0]), _STRIP[1])
    boxes[node.space.id] = Box(box.x, box.y, box.w * strip, box.h)
    _stack(node.children, Box(box.x + box.w * strip, box.y, box.w * (1 - strip), box.h), boxes)


def _marks(site: Site, boxes: dict[str, Box]) -> list[DoorMark]:
    walls: dict[frozenset[str], list[str]] = {}
    for door in site.doors:
        walls.setdefault(frozenset((door.from_, door.to)), []).append(door.id)
    marks: list[DoorMark] = []
    for ends, doors in walls.items():
        wall = _wall(sorted(ends), boxes)
        if wall is not None:
            x, y, length, upright = wall
            for n, door_id in enumerate(doors):
                along = length * (n + 1) / (len(doors) + 1)
                dx, dy = (0.0, along) if upright else (along, 0.0)
                marks.append(DoorMark(door_id, x + dx, y + dy, upright))
    return marks


def _wall(ends: Sequence[str], boxes: dict[str, Box]) -> tuple[float, float, float, bool] | None:
    """The wall that two spaces share: where it begins, its length, whether it goes up and down."""
    inside = [boxes[end] for end in ends if end != OUTSIDE]
    if len(inside) == 1:
        box = inside[0]
        return (box.x, box.y, box.h, True) if box.x < _TOUCHING else None
    if len(inside) != 2:
        return None
    a, b = sorted(inside, key=lambda box: (box.x, box.y))
    top, bottom = max(a.y, b.y), min(a.y + a.h, b.y + b.h)
    left, right = max(a.x, b.x), min(a.x + a.w, b.x + b.w)
    if abs(a.x + a.w - b.x) < _TOUCHING and bottom - top > _TOUCHING:
        return b.x, top, bottom - top, True
    if abs(a.y + a.h - b.y) < _TOUCHING and right - left > _TOUCHING:
        return left, b.y, right - left, False
    return None
