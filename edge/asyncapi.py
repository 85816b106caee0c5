"""The AsyncAPI 3 document: every topic that the daemon sends to or takes from, from the code's own models.

Schemas are written in JSON Schema draft 7, which is what AsyncAPI's own schema object is.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from cloud_sync import schema
from edge import __version__
from edge.documents import RecordingLine
from edge.events import RECORD_TYPES
from edge.lsp import wire

Object = dict[str, Any]
_NODE: Final = f"{schema.PREFIX}/{{site}}/{{node}}"
_LSP: Final = f"{schema.PREFIX}/{{site}}/lsp"
_ABOUT: Final = {
    "site": "The site's id, as in the site file.",
    "node": "The daemon's id, as in its configuration.",
    "space": "A space of the site file.",
    "shelf": "A shelf of the site file.",
    "part": "Which part of the list; as in the payload.",
    "prefix": "Home Assistant's discovery prefix; `homeassistant` unless it is configured.",
    "device": "`library-edge-{site}-{node}`.",
}
_IN_MODELS: Final[dict[str, type[BaseModel]]] = {
    "ShelfListPart": wire.ShelfListPart,
    "ItemRow": wire.ItemRow,
    "ItemChanges": wire.ItemChanges,
    "BookingRow": wire.BookingRow,
    "BookingChanges": wire.BookingChanges,
    "RecordingLine": RecordingLine,
    **{model.__name__: model for model in wire.REQUESTS.values()},
}
_OUT_MODELS: Final[tuple[type[BaseModel], ...]] = (
    schema.Status,
    schema.CloudEvent,
    schema.SpaceStateWire,
    schema.ShelfStateWire,
    wire.Answer,
)


def document() -> Object:
    """The whole document."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "library-edge",
            "version": __version__,
            "description": "What the daemon says over MQTT, and what it takes. QoS 1 for events and states. "
            "Topics hold ids only: no tag, no barcode, no patron.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": schema.JSON_TYPE,
        "servers": {
            "broker": {
                "host": "{host}:{port}",
                "protocol": "mqtt",
                "protocolVersion": "5",
                "description": "The broker of `[mqtt]`; MQTT 3.1.1 without answers to requests.",
                "variables": {"host": {"default": "127.0.0.1"}, "port": {"default": "1883"}},
            }
        },
        "channels": dict(_channels()),
        "operations": dict(_operations()),
        "components": {"messages": _messages(), "schemas": _schemas()},
    }


def _channels() -> Iterator[tuple[str, Object]]:
    yield "status", _channel(f"{_NODE}/status", "Status", "How the daemon is; also its last will.")
    yield "state-space", _channel(f"{_NODE}/state/space/{{space}}", "SpaceState", "People in a space.")
    yield "state-shelf", _channel(f"{_NODE}/state/shelf/{{shelf}}", "ShelfState", "A shelf's books in order.")
    for kind in schema.EVENT_TYPES:
        text = _first_line(RECORD_TYPES[kind].__doc__)
        yield f"event-{kind}", _channel(f"{_NODE}/event/{kind}", _event_name(kind), text)
    yield (
        "discovery",
        _channel("{prefix}/device/{device}/config", "Discovery", "This node's spaces, for Home Assistant."),
    )
    yield (
        "lsp-shelf-list",
        _channel(f"{_LSP}/shelf-list/{{part}}", "ShelfListPart", "The shelf list in retained parts."),
    )
    yield "lsp-items", _channel(f"{_LSP}/items", "ItemChanges", "Changes of books.")
    yield "lsp-bookings", _channel(f"{_LSP}/bookings", "BookingChanges", "Bookings of spaces.")
    for verb, model in wire.REQUESTS.items():
        text = _first_line(model.__doc__)
        yield f"request-{verb}", _channel(f"{_NODE}/request/{verb}", model.__name__, text)
    yield (
        "answer",
        {
            "address": None,
            "description": "The response topic of a request (MQTT 5), wherever it asks to be answered.",
            "messages": {"Answer": {"$ref": "#/components/messages/Answer"}},
        },
    )
    yield (
        "readings",
        {
            "address": None,
            "description": "Topics that the site file gives to sources with the driver `mqtt`.",
            "messages": {"RecordingLine": {"$ref": "#/components/messages/RecordingLine"}},
        },
    )


def _channel(address: str, message: str, description: str) -> Object:
    names = [part[1:-1] for part in address.split("/") if part.startswith("{")]
    return {
        "address": address,
        "description": description,
        "parameters": {name: {"description": _ABOUT[name]} for name in names},
        "messages": {message: {"$ref": f"#/components/messages/{message}"}},
    }


def _operations() -> Iterator[tuple[str, Object]]:
    retained = {"status", "state-space", "state-shelf", "discovery"}
    sent = [*retained, *(f"event-{kind}" for kind in schema.EVENT_TYPES)]
    for name in sorted(sent):
        yield f"send-{name}", _operation("send", name, retain=name in retained)
    yield "receive-lsp-shelf-list", _operation("receive", "lsp-shelf-list", retain=True)
    for name in ("lsp-items", "lsp-bookings", "readings"):
        yield f"receive-{name}", _operation("receive", name)
    for verb in wire.REQUESTS:
        asked = _operation("receive", f"request-{verb}", qos=0)
        yield f"receive-request-{verb}", asked | {"reply": _reply()}


def _operation(action: str, channel: str, *, qos: int = 1, retain: bool = False) -> Object:
    mqtt = {"qos": qos, "retain": retain, "bindingVersion": "0.2.0"}
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{channel}"},
        "bindings": {"mqtt": mqtt},
    }


def _reply() -> Object:
    where = "The response topic; the answer has the request's correlation data."
    return {
        "address": {"location": "$message.header#/responseTopic", "description": where},
        "channel": {"$ref": "#/channels/answer"},
        "messages": [{"$ref": "#/channels/answer/messages/Answer"}],
    }


def _messages() -> Object:
    named = {
        "Status": "Status",
        "SpaceState": "SpaceStateWire",
        "ShelfState": "ShelfStateWire",
        "ShelfListPart": "ShelfListPart",
        "Answer": "Answer",
        "RecordingLine": "RecordingLine",
        "Discovery": "Discovery",
        "ItemChanges": "AnyItemChanges",
        "BookingChanges": "AnyBookingChanges",
        **{model.__name__: model.__name__ for model in wire.REQUESTS.values()},
    }
    found = {name: _message(name, _reference(target)) for name, target in named.items()}
    for model in wire.REQUESTS.values():
        found[model.__name__]["headers"] = {
            "type": "object",
            "description": "MQTT 5 properties of the PUBLISH.",
            "properties": {"responseTopic": {"type": "string"}, "correlationData": {"type": "string"}},
        }
    for kind in schema.EVENT_TYPES:
        name = _event_name(kind)
        of_kind = {"properties": {"type": {"const": kind}, "data": _reference(f"{name}Data")}}
        payload = {"allOf": [_reference("CloudEvent"), of_kind]}
        found[name] = _message(name, payload) | {"contentType": "application/cloudevents+json"}
    return found


def _message(name: str, payload: Object) -> Object:
    return {"name": name, "payload": payload}


def _schemas() -> Object:
    taken = [(model, "validation") for model in _IN_MODELS.values()]
    given = [(model, "serialization") for model in _OUT_MODELS]
    _, found = models_json_schema([*taken, *given], ref_template="#/components/schemas/{model}")  # type: ignore[list-item]
    schemas: Object = dict(found["$defs"])
    for kind in schema.EVENT_TYPES:
        data = schema.data_schema(RECORD_TYPES[kind])
        schemas |= data.pop("$defs", {})
        schemas[f"{_event_name(kind)}Data"] = data | {"additionalProperties": False}
    schemas["ShelfListPart"]["properties"]["items"]["items"] = _reference("ItemRow")
    schemas["ItemChanges"]["properties"]["items"]["items"] = _reference("ItemRow")
    schemas["BookingChanges"]["properties"]["bookings"]["items"] = _reference("BookingRow")
    schemas["AnyItemChanges"] = _whole_list_or_row("ItemChanges", "ItemRow")
    schemas["AnyBookingChanges"] = _whole_list_or_row("BookingChanges", "BookingRow")
    schemas["Discovery"] = {"type": "object", "required": ["dev", "o", "cmps"]}
    return {name: _draft_7(one) for name, one in sorted(schemas.items())}


def _whole_list_or_row(whole: str, row: str) -> Object:
    of_row = _reference(row)
    return {"anyOf": [_reference(whole), {"type": "array", "items": of_row}, of_row]}


def _reference(name: str) -> Object:
    return {"$ref": f"#/components/schemas/{name}"}


def _draft_7(node: Any) -> Any:
    """`prefixItems` of 2020-12 is a list of `items` in draft 7; references lead to the components."""
    if isinstance(node, list):
        return [_draft_7(one) for one in node]
    if not isinstance(node, Mapping):
        return node
    found = {key: _draft_7(value) for key, value in node.items()}
    if "prefixItems" in found:
        found["items"] = found.pop("prefixItems")
    if isinstance(reference := found.get("$ref"), str):
        found["$ref"] = reference.replace("#/$defs/", "#/components/schemas/")
    return found


def _event_name(kind: str) -> str:
    return RECORD_TYPES[kind].__name__


def _first_line(text: str | None) -> str:
    return (text or "").strip().partition("\n")[0]
