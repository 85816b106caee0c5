"""Events and states: what fusion found out (the contract, clause 5). Standard library only.

Each class names its type on the wire, and its worth: when the outbox is full, the least worthy goes first.
"""

from typing import Final

from edge.events.books import (
    Finding,
    GateAlarm,
    InventoryFinished,
    ItemFound,
    ItemMisplaced,
    ItemMissing,
    ItemMoved,
    ItemReturned,
    ItemSeen,
    ItemTaken,
    ItemWrongStatus,
    MissingApproved,
    ShelfState,
    Spine,
    TagUnknown,
)
from edge.events.health import (
    LspMeasured,
    NodeMeasured,
    SensorHealthChanged,
    SinkMeasured,
    SourceCounted,
)
from edge.events.record import (
    Record,
    Worth,
    record_id,
)
from edge.events.spaces import (
    DoorFlowed,
    RoomMeasured,
    SpaceAirChanged,
    SpaceBookingChanged,
    SpaceCapacityChanged,
    SpaceNoiseChanged,
    SpaceOccupied,
    SpaceUsed,
    SpaceUsedAfterHours,
)

__all__ = [
    "RECORD_TYPES",
    "DoorFlowed",
    "Finding",
    "GateAlarm",
    "InventoryFinished",
    "ItemFound",
    "ItemMisplaced",
    "ItemMissing",
    "ItemMoved",
    "ItemReturned",
    "ItemSeen",
    "ItemTaken",
    "ItemWrongStatus",
    "LspMeasured",
    "MissingApproved",
    "NodeMeasured",
    "Record",
    "RoomMeasured",
    "SensorHealthChanged",
    "ShelfState",
    "SinkMeasured",
    "SourceCounted",
    "SpaceAirChanged",
    "SpaceBookingChanged",
    "SpaceCapacityChanged",
    "SpaceNoiseChanged",
    "SpaceOccupied",
    "SpaceUsed",
    "SpaceUsedAfterHours",
    "Spine",
    "TagUnknown",
    "Worth",
    "record_id",
]

RECORD_TYPES: Final[dict[str, type[Record]]] = {
    kind.TYPE: kind
    for kind in (
        ItemSeen,
        ItemMoved,
        ItemMisplaced,
        ItemMissing,
        ItemFound,
        ItemTaken,
        ItemReturned,
        ItemWrongStatus,
        TagUnknown,
        GateAlarm,
        DoorFlowed,
        SpaceOccupied,
        SpaceCapacityChanged,
        SpaceNoiseChanged,
        SpaceAirChanged,
        SpaceUsedAfterHours,
        SpaceBookingChanged,
        SensorHealthChanged,
        InventoryFinished,
        ShelfState,
        RoomMeasured,
        SourceCounted,
        SpaceUsed,
        NodeMeasured,
        SinkMeasured,
        LspMeasured,
        MissingApproved,
    )
}
