"""The HTTP transport of influxdb-client, alone: to import that package loads 500 modules of models, 13 MB.

Its transport needs none of them. So the two packages on the way to it are empty while it is loaded, and are
forgotten afterwards: who imports influxdb_client gets all of it, as ever.
"""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from types import ModuleType
from typing import Any, Final, NamedTuple

from cloud_sync.options import InfluxOptions

_PACKAGE: Final = "influxdb_client"
_LOADING: Final = Lock()


class Reply(NamedTuple):
    """What the server said. Names of headers begin with a capital letter."""

    status: int
    headers: Mapping[str, str]
    text: str


class Transport:
    """Posts to one server. For one thread at a time; `post` raises OSError where there is no answer."""

    def __init__(self, options: InfluxOptions, token: str) -> None:
        with _alone():
            rest = import_module(f"{_PACKAGE}._sync.rest")
            configuration = import_module(f"{_PACKAGE}.configuration").Configuration()
        configuration.ssl_ca_cert = options.ca_file
        self._rest: Any = rest.RESTClientObject(configuration)
        self._refused: type[Exception] = rest.ApiException
        self._unreachable: type[Exception] = rest.urllib3.exceptions.HTTPError
        self._url = options.url.rstrip("/")
        self._timeout_ms = int(options.timeout_s * 1000)
        self._headers = {"Authorization": f"Token {token}", "Accept": "application/json"}

    def post(self, path: str, query: Mapping[str, str], headers: Mapping[str, str], body: bytes) -> Reply:
        """The answer, whatever its status; 0 is for TLS that failed."""
        try:
            told = self._rest.POST(
                self._url + path,
                query_params=query,
                headers={**self._headers, **headers},
                body=body,
                _request_timeout=self._timeout_ms,
                redirect=False,
            )
        except self._unreachable as error:
            raise OSError(f"{type(error).__name__}: {error}") from None
        except self._refused as error:
            return _refusal(error)
        return Reply(told.status, _titled(told.getheaders()), "")

    def close(self) -> None:
        """Close the connections."""
        self._rest.pool_manager.clear()


@contextmanager
def _alone() -> Iterator[None]:
    """Meanwhile the package, and its `client`, have nothing in them but what is asked for by name."""
    with _LOADING:
        whole = _forgotten()
        spec = find_spec(_PACKAGE)
        places = spec.submodule_search_locations or [] if spec else []
        for name, folder in ((_PACKAGE, ""), (f"{_PACKAGE}.client", "client")):
            hollow = ModuleType(name)
            hollow.__path__ = [str(Path(place, folder)) for place in places]
            sys.modules[name] = hollow
        try:
            yield
        finally:
            _forgotten()
            sys.modules.update(whole)


def _forgotten() -> dict[str, ModuleType]:
    """The package's modules, taken out of those that are loaded."""
    names = [name for name in sys.modules if name == _PACKAGE or name.startswith(f"{_PACKAGE}.")]
    return {name: sys.modules.pop(name) for name in names}


def _refusal(error: Any) -> Reply:
    body = error.body if isinstance(error.body, str) else (error.body or b"").decode("utf-8", "replace")
    return Reply(int(error.status or 0), _titled(error.headers), body or str(error.reason))


def _titled(headers: Any) -> dict[str, str]:
    return {str(name).title(): str(value) for name, value in (headers or {}).items()}
