"""The `[lsp]` tables of the daemon's configuration."""

from typing import Annotated

from pydantic import Field

from edge.toml_file import Strict


class LspOptions(Strict):
    """What is taken from the broker of `[mqtt]`, and which library systems are spoken to."""

    inbound: bool = True
    session_s: Annotated[int, Field(ge=0, le=0xFFFF_FFFE)] = 259_200
    max_payload_bytes: Annotated[int, Field(ge=10_000, le=64 << 20)] = 4 << 20
    max_request_bytes: Annotated[int, Field(ge=100, le=1 << 20)] = 256 << 10
