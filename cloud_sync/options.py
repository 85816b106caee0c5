"""Settings of the outbox and of each sink, as they stand in the daemon's configuration."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from edge.tls import TlsFiles
from edge.toml_file import Strict

Seconds = Annotated[float, Field(gt=0, le=3.2e7)]
Bytes = Annotated[int, Field(ge=0, le=1 << 44)]
Count = Annotated[int, Field(ge=1, le=10_000_000)]
Port = Annotated[int, Field(ge=1, le=65535)]
Host = Annotated[str, StringConstraints(min_length=1, max_length=253, pattern=r"^[^\s/]+$")]


class OutboxOptions(Strict):
    """Bounds of the store and the price of a commit."""

    max_bytes: Annotated[int, Field(ge=1 << 19, le=1 << 44)] = 1 << 30
    max_age_s: Seconds = 30 * 86_400.0
    min_free_bytes: Bytes = 64 << 20
    ballast_bytes: Bytes = 1 << 20
    commit_interval_s: Seconds = 0.25
    telemetry_interval_s: Seconds = 1.0
    replay_window_s: Seconds = 86_400.0
    late_after_s: Seconds = 10.0
    max_buffered: Count = 50_000
    max_dead_letters: Count = 10_000


class WorkerOptions(Strict):
    """How a sink is tried again, and how fast a backlog may follow."""

    first_retry_s: Seconds = 0.5
    longest_retry_s: Seconds = 60.0
    backlog_per_s: Annotated[float, Field(gt=0, le=1e7)] = 5_000.0
    tries_before_dead: Annotated[int, Field(ge=1, le=100)] = 3


class MqttOptions(Strict):
    """The broker that events and states go to."""

    host: Host = "127.0.0.1"
    port: Port = 1883
    username: str | None = None
    password_file: str | None = None
    client_id: str | None = None
    tls: TlsFiles | None = None
    protocol: Literal["auto", "5", "3.1.1"] = "auto"
    keepalive_s: Annotated[int, Field(ge=2, le=3600)] = 15
    window: Annotated[int, Field(ge=1, le=10_000)] = 100
    ack_timeout_s: Seconds = 2.0
    connect_timeout_s: Seconds = 10.0
    space_state_expiry_s: Annotated[int, Field(ge=0, le=0xFFFF_FFFE)] = 900
    occupancy_every_s: Seconds = 300.0
    discovery: bool = False
    discovery_prefix: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")] = "homeassistant"


class InfluxOptions(Strict):
    """The database that series go to: v2, or the v2 write endpoint of v1.8 and v3."""

    url: Annotated[str, StringConstraints(pattern=r"^https?://[^\s?#]+$")]
    org: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    bucket: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    token_file: str | None = None
    ca_file: str | None = None
    batch_lines: Annotated[int, Field(ge=1, le=100_000)] = 5_000
    gzip_level: Annotated[int, Field(ge=0, le=9)] = 1
    timeout_s: Seconds = 10.0


class HistoryOptions(Strict):
    """The local store that the live board reads."""

    retention_days: Annotated[int, Field(ge=1, le=10_000)] = 30
    max_events: Count = 500_000
