"""The `[report]` table of the daemon's configuration: letters about stock-takes."""

from datetime import time
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from edge.toml_file import Strict

Address = Annotated[
    str, StringConstraints(min_length=3, max_length=254, pattern=r"^[^\s@,;<>]+@[^\s@,;<>]+$")
]
Clock = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]


class ReportOptions(Strict):
    """To whom, by which server, and when: at times of day by the site's clock, and after each stock-take.

    `smtp` is as for `edge inventory --smtp`; the password: in `password_file`, or in EDGE_SMTP_PASSWORD.
    """

    smtp: Annotated[str, StringConstraints(min_length=1, max_length=500)]
    to: Annotated[list[Address], Field(min_length=1, max_length=50)]
    from_: Annotated[Address, Field(alias="from")] = "library-edge@localhost"
    password_file: str | None = None
    ca_file: str | None = None
    at: Annotated[list[Clock], Field(max_length=24)] = []
    after: Literal["stock-take", "off"] = "off"
    language: Literal["en", "zh"] = "en"

    def times(self) -> list[time]:
        """`at` as times of day."""
        return sorted(time.fromisoformat(one) for one in self.at)
