"""A real mosquitto."""

import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.conftest import missing
from tests.real.process import Server


def mosquitto_path() -> str | None:
    """Debian keeps it in /usr/sbin, which is not on everybody's PATH."""
    return shutil.which("mosquitto", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


class Mosquitto(Server):
    """`settings` are lines of its configuration besides the listener."""

    name = "mosquitto"

    def __init__(self, folder: Path, settings: Sequence[str] = ("allow_anonymous true",)) -> None:
        path = mosquitto_path()
        if path is None:
            missing("mosquitto")
        super().__init__(folder)
        self._path = path
        self.settings = list(settings)

    def command(self) -> list[str]:
        lines = [
            f"listener {self.port} 127.0.0.1",
            "set_tcp_nodelay true",
            # Not 0: mosquitto 2.0.11 then closes the connection after every publish that it refuses.
            "max_queued_messages 1000000",
            # Also what it tells us as its Receive Maximum; 20 as shipped.
            "max_inflight_messages 1000",
            f"persistence_location {self.folder}/",
            # Started by root it would become another user, who may not read the test's folder.
            "user root" if os.geteuid() == 0 else "",
            *self.settings,
        ]
        config = self.folder / "mosquitto.conf"
        config.write_text("\n".join(lines) + "\n")
        return [self._path, "-c", str(config)]


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Mosquitto]:
    """A broker on loopback that lets everybody in."""
    server = Mosquitto(tmp_path)
    server.start()
    yield server
    server.stop()
