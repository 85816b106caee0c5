"""The InfluxDB sink: v2, and the v2 write endpoint of v1.8 and v3."""

import asyncio
import gzip
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Final, Self

from cloud_sync.influx_answers import Answer, Kind, read_answer
from cloud_sync.influx_transport import Reply, Transport
from cloud_sync.line_protocol import Lines, SiteFacts
from cloud_sync.options import InfluxOptions
from cloud_sync.sink import Batch, WriteResult
from edge.clock import Clock
from edge.errors import SinkRejected, SinkUnavailable
from edge.secrets import read_secret

_MOST_POSTS: Final = 400
"""So many requests are spent on one batch to find which of its lines are refused."""
_GZIP_FROM_BYTES: Final = 1_000

_REFUSED: Final = 300

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
        self._transport: Transport | None = None
        self._thread: ThreadPoolExecutor | None = None
        self.limit = options.batch_lines

    async def __aenter__(self) -> Self:
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, thread_name_prefix="influx")
        self._transport = await asyncio.get_running_loop().run_in_executor(self._thread, self._open)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        transport, self._transport = self._transport, None
        thread, self._thread = self._thread, None
        if transport is not None and thread is not None:
            await asyncio.get_running_loop().run_in_executor(thread, transport.close)
            thread.shutdown(wait=False)

    async def write(self, batch: Batch) -> WriteResult:
        """As the sink protocol says; refused lines are found one by one, and rejected."""
        if self._transport is None or self._thread is None:
            raise SinkUnavailable("influx: not open")
        items: list[Item] = []
        rejected: dict[int, str] = {}
        for index, entry in enumerate(batch.entries):
            try:
                items.append((index, self._lines.line(entry.record)))
            except SinkRejected as error:
                rejected[index] = str(error)
        delivery = _Delivery(self._transport, self._options, self._clock)
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

    def _open(self) -> Transport:
        token = read_secret(self._options.token_file) if self._options.token_file else ""
        return Transport(self._options, token)


class _Delivery:
    """One batch on its way, in the sink's thread: sends, and looks for the lines that the server refuses."""

    def __init__(self, transport: Transport, options: InfluxOptions, clock: Clock) -> None:
        self._transport = transport
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
        self._n_posts += 1
        lines = [line for _, line in group]
        try:
            reply = self._send("\n".join(lines).encode("utf-8", "replace"))
        except (OSError, UnicodeDecodeError) as error:
            return Answer(Kind.UNAVAILABLE, str(error)[:300])
        return read_answer(reply.status, reply.headers, reply.text, lines, self._clock.wall_ns() / 1e9)

    def _send(self, body: bytes) -> Reply:
        options = self._options
        headers = {"Content-Type": "text/plain; charset=utf-8"}
        if len(body) >= _GZIP_FROM_BYTES and options.gzip_level:
            body = gzip.compress(body, options.gzip_level, mtime=0)
            headers["Content-Encoding"] = "gzip"
        query = {"org": options.org, "bucket": options.bucket, "precision": "ns"}
        reply = self._transport.post("/api/v2/write", query, headers, body)
        if reply.status < _REFUSED:
            self.clock_skew_s = _skew_s(reply.headers.get("Date"), self._clock.wall_ns())
        return reply


def _skew_s(date: str | None, wall_ns: int) -> float | None:
    """How far the server's clock is ahead of ours. Its `Date` has whole seconds, cut off."""
    if date is None:
        return None
    try:
        return round(parsedate_to_datetime(date).timestamp() + 0.5 - wall_ns / 1e9, 1)
    except ValueError:
        return None
