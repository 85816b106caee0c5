"""Settings of the live board."""

from datetime import date
from typing import Annotated

from pydantic import Field, StringConstraints

from edge.config import Id
from edge.toml_file import Strict

HostName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9.:_-]{1,253}$")]


class BoardOptions(Strict):
    """Where the board listens, which names it answers to besides its addresses, who may see what."""

    enabled: bool = True
    host: HostName = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8420
    hosts: list[HostName] = []
    public_only: bool = False
    stale_after_s: Annotated[float, Field(gt=0, le=86_400)] = 180.0


class SpaceChange(Strict):
    """On that day a space was altered: boards mark it, and `edge spaces compare` asks whether it helped."""

    space: Id
    date: date
    text: Annotated[str, Field(min_length=1, max_length=200)]
