"""What the public may see: how busy rooms are. Few people are 'few', more are rounded; nothing of books."""

from collections.abc import Mapping
from typing import Final

FEW: Final = 5
"""Below so many people the number is not told: in a small room it would tell of a person."""

_ROOM_KEYS: Final = ("name", "kind", "zone", "capacity", "seats", "open", "quality", "as_of", "band", "trend")
_KEPT: Final = ("boot", "revision", "now", "site", "plan")


def public_view(document: Mapping[str, object]) -> dict[str, object]:
    """The document as the public page gets it; takes a snapshot as well as a patch of one.

    Doors, shelves, sensors, tasks, deviations and history are left out: each would tell what is withheld.
    """
    view: dict[str, object] = {key: document[key] for key in _KEPT if key in document}
    plan = view.get("plan")
    if isinstance(plan, Mapping):
        view["plan"] = {"rooms": plan["rooms"], "doors": []}
    rooms = document.get("rooms")
    if isinstance(rooms, Mapping):
        view["rooms"] = {space: _room(room) for space, room in rooms.items()}
    return view | {"public": True}


def _room(room: Mapping[str, object]) -> dict[str, object]:
    people = room.get("people")
    shown = {key: room[key] for key in _ROOM_KEYS}
    if isinstance(people, float | int):
        few = people < FEW
        shown |= {"people": None if few else FEW * round(people / FEW), "few": few}
        # 'empty' against 'quiet' is a count of none, and a trend in a room of few is a person.
        if few:
            shown |= {"band": "few", "trend": "steady"}
    return shown
