"""The tests' own Grafana, which decodes every request with Grafana's published models (Go)."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.real.built import built
from tests.real.process import Server

TOKEN = "glsa_a-token-for-tests"


class GrafanaDouble(Server):
    """`control` is what happens behind the API's back; `ask` is a bare request to the API."""

    name = "grafana-double"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._path = built("grafana_double.sh", "the Grafana double")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def command(self) -> list[str]:
        return [self._path, "-port", str(self.port), "-token", TOKEN]

    def writes(self) -> list[str]:
        """Every request that was not a question, oldest first."""
        asked: list[str] = self.ask("GET", "/double/requests")[1]
        return [request for request in asked or [] if not request.startswith("GET")]

    def ask(
        self, method: str, path: str, body: object = None, headers: dict[str, str] | None = None
    ) -> tuple[int, Any]:
        """Status and answer."""
        data = None if body is None else json.dumps(body).encode()
        sent = {"Authorization": f"Bearer {TOKEN}", **(headers or {})}
        request = urllib.request.Request(self.url + path, data, sent, method=method)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)


@pytest.fixture
def grafana_double(tmp_path: Path) -> Iterator[GrafanaDouble]:
    server = GrafanaDouble(tmp_path)
    server.start()
    yield server
    server.stop()
