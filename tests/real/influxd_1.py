"""A real InfluxDB v1.8, which knows v2's write endpoint: the one that .ci/influxd_1.sh builds and keeps."""

import json
import urllib.parse
import urllib.request
from pathlib import Path

from tests.real.built import program
from tests.real.process import Server, free_port

USER = "edge"
PASSWORD = "a-password"
TOKEN = f"{USER}:{PASSWORD}"
WHO = f"u={USER}&p={PASSWORD}"
DATABASE = "library"
BUCKET = f"{DATABASE}/autogen"
CONFIG = """reporting-disabled = true
bind-address = "127.0.0.1:{rpc_port}"
[meta]
dir = "{folder}/meta"
[data]
dir = "{folder}/data"
wal-dir = "{folder}/wal"
[http]
bind-address = "127.0.0.1:{port}"
auth-enabled = true
log-enabled = false
[monitor]
store-enabled = false
"""


class InfluxdOne(Server):
    """One database, one user, who may do everything."""

    name = "influxd-1"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._path = program("influxd-1.8", "influxd_1.sh")
        text = CONFIG.format(port=self.port, rpc_port=free_port(), folder=folder)
        (folder / "influxdb.conf").write_text(text)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def command(self) -> list[str]:
        return [self._path, "run", "-config", str(self.folder / "influxdb.conf")]

    def set_up(self) -> None:
        """What a new server needs once."""
        self.query(f"CREATE USER {USER} WITH PASSWORD '{PASSWORD}' WITH ALL PRIVILEGES")
        self.query(f"CREATE DATABASE {DATABASE}")

    def query(self, influxql: str) -> list[dict[str, object]]:
        """The rows that one statement gives."""
        said = urllib.parse.urlencode({"q": influxql, "db": DATABASE, "epoch": "ns"}).encode()
        with urllib.request.urlopen(f"{self.url}/query?{WHO}", said) as answer:
            (result,) = json.load(answer)["results"]
        assert "error" not in result, result
        return [
            dict(zip(series["columns"], row, strict=True))
            for series in result.get("series", ())
            for row in series["values"]
        ]

    def write(self, lines: str) -> None:
        """A bare write, by v1's own endpoint."""
        path = f"{self.url}/write?db={DATABASE}&{WHO}"
        urllib.request.urlopen(path, lines.encode()).close()
