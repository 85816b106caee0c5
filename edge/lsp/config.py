"""The `[lsp]` tables of the daemon's configuration."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from edge.toml_file import Strict

_HERE = r"http://(127\.0\.0\.1|localhost|\[::1\])(:\d+)?(/[^\s?#@]*)?"
Url = Annotated[str, StringConstraints(pattern=rf"^(https://[^\s?#@]+|{_HERE})$", max_length=500)]
"""With TLS; without it to this machine alone, where a proxy may stand."""
Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Seconds = Annotated[float, Field(gt=0, le=600)]


class FolioOptions(Strict):
    """A FOLIO by Okapi or Kong. The password: in `password_file`, or in EDGE_FOLIO_PASSWORD.

    `mark`: whether what staff approve is marked missing by the inventory or by remote storage, or not at all.
    """

    url: Url
    tenant: Name
    username: Name
    password_file: str | None = None
    ca_file: str | None = None
    timeout_s: Seconds = 15.0
    look_up: bool = True
    mark: Literal["inventory", "remote-storage", "off"] = "inventory"


class KohaOptions(Strict):
    """A Koha's REST API, such as https://koha.example.org/api/v1: by OAuth 2 client, or by name and password.

    The secret: in `secret_file`, or in EDGE_KOHA_SECRET. `lost_status` is the authorised value that means
    missing. `last_seen` writes to an item once a day when it is read: see the manual before turning it on.
    """

    url: Url
    client_id: Name | None = None
    username: Name | None = None
    secret_file: str | None = None
    ca_file: str | None = None
    timeout_s: Seconds = 15.0
    look_up: bool = True
    mark: Literal["lost-status", "off"] = "lost-status"
    lost_status: Annotated[int, Field(ge=1, le=999)] = 4
    last_seen: bool = False

    @model_validator(mode="after")
    def _is_somebody(self) -> Self:
        if (self.client_id is None) == (self.username is None):
            raise PydanticCustomError("value_error", "expected either client_id or username")
        return self


class Sip2Options(Strict):
    """A SIP2 server, for what it knows of an item (messages 17 and 18) and for nothing else.

    The password: in `password_file`, or in EDGE_SIP2_PASSWORD.
    """

    host: Annotated[str, StringConstraints(min_length=1, max_length=253, pattern=r"^[^\s/]+$")]
    port: Annotated[int, Field(ge=1, le=65_535)] = 6001
    tls: bool = False
    ca_file: str | None = None
    institution: Annotated[str, StringConstraints(max_length=100)] = ""
    username: Name | None = None
    password_file: str | None = None
    location: Annotated[str, StringConstraints(max_length=100)] = ""
    encoding: Literal["cp850", "utf-8", "iso-8859-1", "ascii"] = "cp850"
    timeout_s: Seconds = 10.0


class LspOptions(Strict):
    """What is taken from the broker of `[mqtt]`, and which library systems are spoken to."""

    inbound: bool = True
    session_s: Annotated[int, Field(ge=0, le=0xFFFF_FFFE)] = 259_200
    max_payload_bytes: Annotated[int, Field(ge=10_000, le=64 << 20)] = 4 << 20
    max_request_bytes: Annotated[int, Field(ge=100, le=1 << 20)] = 256 << 10
    folio: FolioOptions | None = None
    koha: KohaOptions | None = None
    sip2: Sip2Options | None = None
