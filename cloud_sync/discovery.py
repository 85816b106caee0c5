"""Home Assistant discovery: one retained message that describes this node's spaces."""

import json
from collections.abc import Mapping
from typing import Final

from cloud_sync import schema
from cloud_sync.messages import Message

_STALE_AFTER_S: Final = 900


def messages(
    prefix: str, site: str, node: str, version: str, spaces: Mapping[str, schema.SpaceInfo]
) -> list[Message]:
    """One device with people and presence for each space, from the retained states."""
    device = f"library-edge-{site}-{node}"
    components: dict[str, dict[str, object]] = {}
    for space in spaces:
        topic = schema.space_topic(site, node, space)
        common = {"state_topic": topic, "expire_after": _STALE_AFTER_S, "json_attributes_topic": topic}
        components[f"{space}-people"] = {
            "p": "sensor",
            "name": f"{space} people",
            "unique_id": f"{device}-{space}-people",
            "value_template": "{{ value_json.people | round(0) | int }}",
            "state_class": "measurement",
            **common,
        }
        components[f"{space}-occupied"] = {
            "p": "binary_sensor",
            "name": f"{space} occupied",
            "unique_id": f"{device}-{space}-occupied",
            "device_class": "occupancy",
            "value_template": "{{ 'ON' if value_json.occupied >= 0.5 else 'OFF' }}",
            **common,
        }
    document = {
        "dev": {"ids": [device], "name": f"Library edge {site} {node}", "sw": version},
        "o": {"name": "library-edge", "sw": version},
        "availability_topic": schema.status_topic(site, node),
        "availability_template": "{{ 'offline' if value_json.state == 'offline' else 'online' }}",
        "cmps": components,
    }
    payload = json.dumps(document, separators=(",", ":")).encode()
    return [Message(f"{prefix}/device/{device}/config", payload, retain=True)]
