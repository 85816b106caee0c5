"""A real toxiproxy: a link that can be slow, cut, half-open or chopped."""

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.real.built import program
from tests.real.process import Server, free_port


class Toxiproxy(Server):
    """`link` makes a proxy to a port; toxics are put on it by name."""

    name = "toxiproxy"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._path = program("toxiproxy-server", "toxiproxy.sh")

    def command(self) -> list[str]:
        return [self._path, "-host", "127.0.0.1", "-port", str(self.port)]

    def link(self, name: str, upstream_port: int) -> int:
        """The port of a new proxy to `upstream_port`."""
        port = free_port()
        body = {"name": name, "listen": f"127.0.0.1:{port}", "upstream": f"127.0.0.1:{upstream_port}"}
        self._call("POST", "/proxies", body)
        return port

    def poison(self, name: str, kind: str, stream: str = "downstream", **attributes: float) -> None:
        """A toxic of a kind: latency, bandwidth, timeout, reset_peer, slicer, limit_data, slow_close."""
        toxic = {"name": f"{kind}-{stream}", "type": kind, "stream": stream, "attributes": attributes}
        self._call("POST", f"/proxies/{name}/toxics", toxic)

    def cure(self, name: str) -> None:
        """No toxics, and the link up."""
        for toxic in self._call("GET", f"/proxies/{name}/toxics"):
            self._call("DELETE", f"/proxies/{name}/toxics/{toxic['name']}")
        self.cut(name, up=True)

    def cut(self, name: str, *, up: bool = False) -> None:
        """All connections end, and new ones are refused; with `up` it works again."""
        self._call("POST", f"/proxies/{name}", {"enabled": up})

    def _call(self, method: str, path: str, body: object = None) -> list[dict[str, str]]:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data, method=method)
        with urllib.request.urlopen(request, timeout=5) as answer:
            text = answer.read()
        found = json.loads(text) if text else []
        return found if isinstance(found, list) else [found]


@pytest.fixture
def toxiproxy(tmp_path: Path) -> Iterator[Toxiproxy]:
    server = Toxiproxy(tmp_path)
    server.start()
    yield server
    server.stop()
