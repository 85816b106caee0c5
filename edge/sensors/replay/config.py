"""Options of the `replay` driver."""

from typing import Annotated

from pydantic import Field

from edge.toml_file import Strict


class Options(Strict):
    """Which recordings, how fast, and with which times. No recordings: the source is silent."""

    recordings: list[str] = []
    speed: Annotated[float, Field(ge=0, le=10_000)] = 1.0
    loop: bool = False
    rebase: bool = False
