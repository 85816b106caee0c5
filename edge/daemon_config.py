"""The daemon's configuration (`edge run --config FILE`): where it delivers to, and how much it keeps.

Everything has a default that works on a bare machine: no broker, no database, a board on loopback.
"""

import os
import re
import socket
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from cloud_sync.options import HistoryOptions, InfluxOptions, MqttOptions, OutboxOptions, WorkerOptions
from edge.board.config import BoardOptions, SpaceChange
from edge.config import Hours, Id
from edge.lsp.config import LspOptions
from edge.report.config import ReportOptions
from edge.toml_file import Strict, load

Seconds = Annotated[float, Field(gt=0, le=86_400)]


class PipelineTable(Strict):
    """How long readings may come late, and how many may wait."""

    tolerance_s: Annotated[float, Field(ge=0, le=3600)] = 1.0
    capacity: Annotated[int, Field(ge=1000, le=10_000_000)] = 200_000
    window_s: Seconds = 1.0


class Place(Strict):
    """Where a fixed antenna is: the shelf whose books it hears."""

    source: Id
    antenna: Annotated[int, Field(ge=0, le=65_535)]
    shelf: Id


class Gate(Strict):
    """Two antennas of one reader, before and behind an exit."""

    source: Id
    inside_antenna: Annotated[int, Field(ge=0, le=65_535)]
    outside_antenna: Annotated[int, Field(ge=0, le=65_535)]


def default_node() -> str:
    """The host's name as an id; `edge` where nothing of it can be used."""
    name = re.sub(r"[^a-z0-9-]+", "-", socket.gethostname().partition(".")[0].lower()).strip("-")[:63]
    return name or "edge"


class Noise(Strict):
    """How loud a zone may be in some hours of the week, where that is not what it is at other times."""

    zone: Literal["silent", "quiet", "voiced", "collaborative"]
    hours: Hours
    limit_dba: Annotated[float, Field(ge=20, le=120)]


class Bookings(Strict):
    """The house's times: how long before its time a booking can be taken up, how long it is kept for who is
    late, how long somebody must stay to have come, how long they may be away, and hours that do not count."""

    before_min: Annotated[float, Field(ge=0, le=120)] = 10.0
    grace_min: Annotated[float, Field(ge=1, le=240)] = 30.0
    stay_min: Annotated[float, Field(ge=0, le=60)] = 4.0
    away_min: Annotated[float, Field(ge=1, le=240)] = 15.0
    meals: list[Hours] = []


class DaemonConfig(Strict):
    """All tables of the file."""

    node: Id = Field(default_factory=default_node)
    state_dir: str | None = None
    shelf_list: str | None = None
    mqtt: MqttOptions | None = None
    influx: InfluxOptions | None = None
    outbox: OutboxOptions = OutboxOptions()
    worker: WorkerOptions = WorkerOptions()
    history: HistoryOptions = HistoryOptions()
    board: BoardOptions = BoardOptions()
    pipeline: PipelineTable = PipelineTable()
    lsp: LspOptions = LspOptions()
    report: ReportOptions | None = None
    places: Annotated[list[Place], Field(alias="place")] = []
    gates: Annotated[list[Gate], Field(alias="gate")] = []
    noise: list[Noise] = []
    bookings: Bookings = Bookings()
    changes: Annotated[list[SpaceChange], Field(alias="change")] = []

    def state_path(self, site: str) -> Path:
        """Where the daemon keeps what must outlive it: state_dir, systemd's, or the user's own."""
        if self.state_dir:
            return Path(self.state_dir)
        if given := os.environ.get("STATE_DIRECTORY"):
            return Path(given.partition(":")[0])
        base = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local/state"
        return Path(base) / "library-edge" / site


def load_config(path: str | Path | None) -> DaemonConfig:
    """The configuration. Raises ConfigError: one line with file, line, key and what was expected."""
    return DaemonConfig() if path is None else load(path, DaemonConfig)
