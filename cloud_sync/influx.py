"""The InfluxDB sink: v2, and the v2 write endpoint of v1.8 and v3. The client library is transport only."""

import asyncio
import gzip
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

from cloud_sync.influx_answers import Answer, Kind, read_answer
from cloud_sync.line_protocol import Lines, SiteFacts
from cloud_sync.options import InfluxOptions
from cloud_sync.sink import Batch, WriteResult
from edge.clock import Clock
from edge.errors import SinkRejected, SinkUnavailable
from edge.secrets import read_secret

if TYPE_CHECKING:
    from influxdb_client import InfluxDBClient

_MOST_POSTS: Final = 400
"""So many requests are spent on one batch to find which of its lines are refused."""
_GZIP_FROM_BYTES: Final = 1_000

Item = tuple[int, str]
"""Index into the batch, and its line."""


class InfluxSink:
    """Series to a bucket. Writing a point again changes nothing: series and time make it the same."""

    name = "influx"
    linger_s = 1.0

    def __init__(
        self, options: InfluxOptions, clock: Clock, *, site: str, node: str, facts: SiteFacts | None = None
    ) -> None:
        self._options = options
        self._clock = clock
        self._lines = Lines(site, node, facts)
        self._client: InfluxDBClient | None = None
        self._thread: ThreadPoolExecutor | None = None
        self.limit = options.batch_lines

    async def __aenter__(self) -> Self:
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, thread_name_prefix="influx")
        self._client = await asyncio.get_running_loop().run_in_executor(self._thread, self._open)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        client, self._client = self._client, None
        thread, self._thread = self._thread, None
        if client is not None and thread is not None:
            await asyncio.get_running_loop().run_in_executor(thread, client.close)
            thread.shutdown(wait=False)

    async def write(self, batch: Batch) -> WriteResult:
        """As the sink protocol says; refused lines are found one by one, and rejected."""
        if self._client is None or self._thread is None:
            raise SinkUnavailable("influx: not open")
        items: list[Item] = []
        rejected: dict[int, str] = {}
        for index, entry in enumerate(batch.entries):
            try:
                items.append((index, self._lines.line(entry.record)))
            except SinkRejected as error:
                rejected[index] = str(error)
        delivery = _Delivery(self._client, self._options, self._clock)
        await asyncio.get_running_loop().run_in_executor(self._thread, delivery.run, items)
        rejected.update(delivery.rejected)
        if delivery.trouble is not None and not (delivery.accepted or rejected):
            raise SinkUnavailable(
                f"influx: {delivery.trouble.message}", retry_after_s=delivery.trouble.retry_after_s
            )
        return WriteResult(delivery.accepted, rejected, clock_skew_s=delivery.clock_skew_s)

    async def lost(self) -> None:
        """There is no connection to lose."""
        await asyncio.get_running_loop().create_future()

    def _open(self) -> "InfluxDBClient":
        from influxdb_client import InfluxDBClient  # 13 MB: only who has a database pays for it

        token = read_secret(self._options.token_file) if self._options.token_file else ""
        return InfluxDBClient(
            self._options.url,
            token,
            org=self._options.org,
            timeout=int(self._options.timeout_s * 1000),
            ssl_ca_cert=self._options.ca_file,
            enable_gzip=False,
        )


class _Delivery:
    """One batch on its way, in the sink's thread: sends, and looks for the lines that the server refuses."""

    def __init__(self, client: "InfluxDBClient", options: InfluxOptions, clock: Clock) -> None:
        self._api: Any = client.api_client
        self._options = options
        self._clock = clock
        self._n_posts = 0
        self.accepted: list[int] = []
        self.rejected: dict[int, str] = {}
        self.trouble: Answer | None = None
        self.clock_skew_s: float | None = None

    def run(self, items: Sequence[Item]) -> None:
        """Work off groups until none is left, or the server is in trouble."""
        groups = [list(items)] if items else []
        while groups and self.trouble is None:
            group = groups.pop()
            answer = self._post(group)
            match answer.kind:
                case Kind.STORED:
                    self.accepted += [index for index, _ in group]
                case Kind.UNAVAILABLE:
                    self.trouble = answer
                case _:
                    groups += self._divided(group, answer)

    def _divided(self, group: list[Item], answer: Answer) -> list[list[Item]]:
        """What to send next after some of the group were refused."""
        if answer.named:
            self.rejected.update({group[n][0]: why for n, why in answer.named.items()})
            rest = [item for n, item in enumerate(group) if n not in answer.named]
            return [rest] if rest else []
        if len(group) == 1 or self._given_up(group, answer):
            self.rejected.update({index: answer.message for index, _ in group})
            return []
        if answer.kind is Kind.TOO_OLD:
            group.sort(key=lambda item: int(item[1].rpartition(" ")[2]))
        half = len(group) // 2
        return [group[:half], group[half:]]

    def _given_up(self, group: list[Item], answer: Answer) -> bool:
        """Whether the whole group goes to the dead letters: the good ones of a partial write are stored."""
        if answer.kind is Kind.TOO_OLD:
            newest = max(group, key=lambda item: int(item[1].rpartition(" ")[2]))
            return self._post([newest]).kind is Kind.TOO_OLD
        return answer.kind is Kind.PARTIAL and self._n_posts > _MOST_POSTS

    def _post(self, group: Sequence[Item]) -> Answer:
        from influxdb_client.rest import ApiException
        from urllib3.exceptions import HTTPError

        self._n_posts += 1
        lines = [line for _, line in group]
        headers: dict[str, str] = {}
        body = ""
        try:
            status = self._send("\n".join(lines).encode("utf-8", "replace"))
        except ApiException as error:
            status, headers, body = _parts(error)
        except (HTTPError, OSError, UnicodeDecodeError) as error:
            return Answer(Kind.UNAVAILABLE, f"{type(error).__name__}: {error}"[:300])
        return read_answer(status, headers, body, lines, self._clock.wall_ns() / 1e9)

    def _send(self, body: bytes) -> int:
        headers = {"Content-Type": "text/plain; charset=utf-8", "Accept": "application/json"}
        if len(body) >= _GZIP_FROM_BYTES and self._options.gzip_level:
            body = gzip.compress(body, self._options.gzip_level, mtime=0)
            headers["Content-Encoding"] = "gzip"
        _, status, told = self._api.call_api(
            "/api/v2/write",
            "POST",
            query_params={"org": self._options.org, "bucket": self._options.bucket, "precision": "ns"},
            header_params=headers,
            body=body,
            auth_settings=[],
            _request_timeout=int(self._options.timeout_s * 1000),
            urlopen_kw={"redirect": False, "retries": False},
        )
        self.clock_skew_s = _skew_s(told.get("Date"), self._clock.wall_ns())
        return int(status)


def _skew_s(date: str | None, wall_ns: int) -> float | None:
    """How far the server's clock is ahead of ours. Its `Date` has whole seconds, cut off."""
    if date is None:
        return None
    try:
        return round(parsedate_to_datetime(date).timestamp() + 0.5 - wall_ns / 1e9, 1)
    except ValueError:
        return None


def _parts(error: Any) -> tuple[int, dict[str, str], str]:
    """Status, headers and text of the library's exception; status 0 is its word for TLS trouble."""
    headers = {str(k).title(): str(v) for k, v in (error.headers or {}).items()}
    body = error.body if isinstance(error.body, str) else (error.body or b"").decode("utf-8", "replace")
    return int(error.status or 0), headers, body or str(error.reason)
