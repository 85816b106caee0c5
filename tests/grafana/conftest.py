"""One influxd with the scene in it for all tests of the boards."""

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.grafana import scene
from tests.grafana.frames import View
from tests.real.influxd import Influxd
from tests.real.influxd import influxd as influxd

BUCKET = "boards"
CHOSEN = {
    "datasource": "any",
    "timezone": "Asia/Shanghai",
    "site": ".*",
    "node": ".*",
    "space": ".*",
    "door": ".*",
    "source": ".*",
    "shelf": "a01-1",
    "item": "00000014",
}


@dataclass(frozen=True)
class World:
    """The database, and the moment at which the scene ends."""

    influxd: Influxd
    bucket: str
    now_s: float

    def view(self, dashboard: dict[str, object]) -> View:
        change = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.now_s - 10 * 86_400))
        return View.of(dashboard, self.now_s, {**CHOSEN, "change": change})


@pytest.fixture(scope="session")
def world(influxd: Influxd, tmp_path_factory: pytest.TempPathFactory) -> World:
    influxd.new_bucket(BUCKET)
    token = tmp_path_factory.mktemp("secrets") / "token"
    token.write_text(scene.token_text())
    token.chmod(0o600)
    now_s = int(time.time())
    asyncio.run(scene.write(influxd, BUCKET, str(Path(token)), now_s * scene.S))
    return World(influxd, BUCKET, float(now_s))
