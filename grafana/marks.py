"""Changes of spaces as annotations that every board shows: each made once, its text kept as it is told."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from grafana.client import GrafanaClient
from grafana.deploy import Change, What

TAG: Final = "change"
"""What the boards ask for; the second tag is the space."""


@dataclass(frozen=True, slots=True)
class Mark:
    """`space` was changed at `t_ms`; `text` says how."""

    space: str
    t_ms: int
    text: str


async def mark(client: GrafanaClient, marks: Iterable[Mark]) -> AsyncIterator[Change]:
    """Make the marks that are not there, and give those their text that have another. Nothing is deleted."""
    for one in marks:
        there = await _found(client, one)
        body = {"time": one.t_ms, "tags": [TAG, one.space], "text": one.text}
        if there is None:
            await client.send("POST", "/api/annotations", body)
        elif there.get("text") != one.text:
            await client.send("PATCH", f"/api/annotations/{there['id']}", {"text": one.text})
        what: What = "create" if there is None else "same" if there.get("text") == one.text else "update"
        yield Change("annotation", f"{one.space}: {one.text}", what)


async def _found(client: GrafanaClient, one: Mark) -> dict[str, Any] | None:
    asked = [("tags", TAG), ("tags", one.space), ("from", one.t_ms), ("to", one.t_ms), ("type", "annotation")]
    answer = await client.get(f"/api/annotations?{urlencode(asked)}")
    same_time = [row for row in (answer or {}).get("items", []) if row.get("time") == one.t_ms]
    return same_time[0] if same_time else None
