"""A real InfluxDB v2: the one on PATH, or the one that .ci/influxd.sh builds and keeps."""

import csv
import io
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.real.built import program
from tests.real.process import Server, free_port

ORG = "library"
BUCKET = "edge"
TOKEN = "a-token-for-tests"


class Influxd(Server):
    """One organisation, one bucket, one token."""

    name = "influxd"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._path = program("influxd", "influxd.sh")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def command(self) -> list[str]:
        data = self.folder / "influx"
        return [
            self._path,
            f"--http-bind-address=127.0.0.1:{self.port}",
            f"--bolt-path={data}/bolt",
            f"--sqlite-path={data}/sqlite",
            f"--engine-path={data}/engine",
            "--reporting-disabled",
            "--log-level=error",
        ]

    def set_up(self) -> None:
        """What a new server needs once."""
        said = {"username": "admin", "password": "a-password", "org": ORG, "bucket": BUCKET, "token": TOKEN}
        self.call("/api/v2/setup", said)

    def new_bucket(self, name: str, retention_s: int = 0) -> None:
        org = self.call(f"/api/v2/orgs?org={ORG}")["orgs"][0]["id"]
        rules = [{"type": "expire", "everySeconds": retention_s}] if retention_s else []
        self.call("/api/v2/buckets", {"orgID": org, "name": name, "retentionRules": rules})

    def call(self, path: str, body: object = None) -> dict:
        """One request to the API, JSON both ways."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Token {TOKEN}", "Content-Type": "application/json"}
        with urllib.request.urlopen(urllib.request.Request(self.url + path, data, headers)) as answer:
            said = json.load(answer)
        assert isinstance(said, dict)
        return said

    def write(self, lines: str, bucket: str = BUCKET) -> int:
        """The status of a bare write."""
        path = f"{self.url}/api/v2/write?org={ORG}&bucket={bucket}&precision=ns"
        headers = {"Authorization": f"Token {TOKEN}"}
        try:
            with urllib.request.urlopen(urllib.request.Request(path, lines.encode(), headers)) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code

    def query(self, flux: str) -> list[dict[str, str]]:
        """The rows of a Flux query."""
        headers = {
            "Authorization": f"Token {TOKEN}",
            "Content-Type": "application/vnd.flux",
            "Accept": "application/csv",
        }
        request = urllib.request.Request(f"{self.url}/api/v2/query?org={ORG}", flux.encode(), headers)
        with urllib.request.urlopen(request) as answer:
            text = answer.read().decode()
        rows: list[dict[str, str]] = []
        for table in text.replace("\r\n", "\n").split("\n\n"):
            rows += csv.DictReader(io.StringIO(table))
        return rows

    def points(self, measurement: str, bucket: str = BUCKET) -> list[dict[str, str]]:
        """All points of a measurement, one row a point with its tags and fields."""
        return self.query(
            f'from(bucket: "{bucket}") |> range(start: 1970-01-02T00:00:00Z, stop: 2200-01-01T00:00:00Z)'
            f' |> filter(fn: (r) => r._measurement == "{measurement}")'
            ' |> pivot(rowKey: ["_time"], columnKey: ["_field"], valueColumn: "_value")'
        )


@pytest.fixture(scope="session")
def influxd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Influxd]:
    """One server for all tests; each takes a bucket of its own."""
    server = Influxd(tmp_path_factory.mktemp("influxd"))
    server.start()
    server.set_up()
    yield server
    server.stop()


@pytest.fixture
def bucket(influxd: Influxd) -> str:
    """A new bucket's name."""
    name = f"bucket-{free_port()}"
    influxd.new_bucket(name)
    return name
