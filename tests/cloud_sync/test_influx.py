"""The InfluxDB sink against a real server, and against answers that a real one gives too rarely."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from cloud_sync.influx import InfluxSink
from cloud_sync.options import InfluxOptions
from edge.clock import SystemClock
from edge.errors import SinkUnavailable
from edge.events import RoomMeasured, SensorHealthChanged
from tests.cloud_sync.records import T0_NS, measured, occupied, seen
from tests.contracts.sink import SinkContract, batch_of
from tests.real.influxd import ORG, TOKEN, Influxd
from tests.real.process import free_port


def sink_to(url: str, bucket: str, folder: Path, token: str = TOKEN, **options: object) -> InfluxSink:
    secret = folder / "token"
    secret.write_text(token)
    secret.chmod(0o600)
    said = {"url": url, "org": ORG, "bucket": bucket, "token_file": str(secret), **options}
    return InfluxSink(InfluxOptions.model_validate(said), SystemClock(), site="main", node="n1")


@pytest.mark.real
class TestContract(SinkContract):
    """What every sink promises."""

    @pytest.fixture(autouse=True)
    def _server(self, influxd: Influxd, bucket: str, tmp_path: Path) -> None:
        self.influxd, self.bucket, self.folder = influxd, bucket, tmp_path

    def new_sink(self) -> InfluxSink:
        return sink_to(self.influxd.url, self.bucket, self.folder)

    async def arrived(self) -> set[str]:
        return {row["item"] for row in self.influxd.points("item", self.bucket)}


@pytest.mark.real
async def test_a_wrong_token_keeps_everything_and_is_patient(
    influxd: Influxd, bucket: str, tmp_path: Path
) -> None:
    async with sink_to(influxd.url, bucket, tmp_path, token="wrong") as sink:
        with pytest.raises(SinkUnavailable, match="401") as told:
            await sink.write(batch_of([seen(1)]))
    assert told.value.retry_after_s == 60.0


@pytest.mark.real
async def test_a_missing_bucket_keeps_everything(influxd: Influxd, tmp_path: Path) -> None:
    async with sink_to(influxd.url, "no-such-bucket", tmp_path) as sink:
        with pytest.raises(SinkUnavailable, match="404"):
            await sink.write(batch_of([seen(1)]))


@pytest.mark.real
async def test_a_field_conflict_rejects_those_lines_alone(
    influxd: Influxd, bucket: str, tmp_path: Path
) -> None:
    # Somebody wrote `up` as text before us.
    influxd.write(f'sensor_health,site=main,node=n1,source=s9 up="yes" {T0_NS}', bucket)
    conflict = [SensorHealthChanged(T0_NS + n, "s9", "down", "silent") for n in range(3)]
    records = [*(seen(n) for n in range(20)), *conflict, *(occupied(n) for n in range(20))]
    async with sink_to(influxd.url, bucket, tmp_path) as sink:
        result = await sink.write(batch_of(records))
    assert set(result.rejected) == {20, 21, 22}
    assert len(result.accepted) == 40
    assert len(influxd.points("item", bucket)) == 20
    assert len(influxd.points("space", bucket)) == 20


@pytest.mark.real
async def test_points_before_the_retention_are_rejected_and_the_others_stored(
    influxd: Influxd, tmp_path: Path
) -> None:
    bucket = f"short-{free_port()}"
    influxd.new_bucket(bucket, retention_s=7200)
    now_ns = time.time_ns()
    old = [RoomMeasured(now_ns - (n + 10) * 86_400 * 10**9, "s", "r", "co2_ppm", 1.0) for n in range(50)]
    new = [RoomMeasured(now_ns - n * 10**9, "s", "r", "co2_ppm", 1.0) for n in range(50)]
    mixed = [record for pair in zip(old, new, strict=True) for record in pair]
    async with sink_to(influxd.url, bucket, tmp_path) as sink:
        result = await sink.write(batch_of(mixed))
    assert sorted(result.accepted) == list(range(1, 100, 2))
    assert sorted(result.rejected) == list(range(0, 100, 2))
    assert len(influxd.points("room", bucket)) == 50


@pytest.mark.real
async def test_a_restart_of_the_server_loses_nothing(tmp_path: Path) -> None:
    server = Influxd(tmp_path)
    server.start()
    server.set_up()
    try:
        async with sink_to(server.url, "edge", tmp_path) as sink:
            await sink.write(batch_of([seen(1)]))
            server.kill()
            with pytest.raises(SinkUnavailable):
                await sink.write(batch_of([seen(2)]))
            server.start()
            result = await sink.write(batch_of([seen(2)]))
        assert list(result.accepted) == [0]
        assert {row["item"] for row in server.points("item")} == {"00000001", "00000002"}
    finally:
        server.stop()


class Answers:
    """A server that gives the answers that it is told, one after the other; 204 when they are over."""

    def __init__(self) -> None:
        self.next: list[web.Response] = []
        self.bodies: list[list[str]] = []
        self.delay_s = 0.0
        self.most_lines = 1 << 30

    async def write(self, request: web.Request) -> web.Response:
        lines = (await request.text()).split("\n")
        self.bodies.append(lines)
        await asyncio.sleep(self.delay_s)
        if len(lines) > self.most_lines:
            return web.Response(status=413)
        return self.next.pop(0) if self.next else web.Response(status=204)


@asynccontextmanager
async def answering() -> AsyncIterator[tuple[str, Answers]]:
    answers, port = Answers(), free_port()
    app = web.Application(client_max_size=1 << 30)
    app.router.add_post("/api/v2/write", answers.write)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield f"http://127.0.0.1:{port}", answers
    finally:
        await runner.cleanup()


@pytest.mark.parametrize(
    ("status", "header", "wait_s"),
    [
        (503, "7", 7.0),
        (429, "0", 0.0),
        (503, None, None),
        (500, None, None),
        (502, None, None),
        (403, None, 60.0),
    ],
)
async def test_trouble_keeps_everything_and_waits_as_asked(
    tmp_path: Path, status: int, header: str | None, wait_s: float | None
) -> None:
    async with answering() as (url, answers), sink_to(url, "b", tmp_path) as sink:
        headers = {"Retry-After": header} if header is not None else {}
        answers.next = [web.Response(status=status, headers=headers, text="{}")]
        with pytest.raises(SinkUnavailable) as told:
            await sink.write(batch_of([seen(1)]))
        assert told.value.retry_after_s == wait_s
        assert len((await sink.write(batch_of([seen(1)]))).accepted) == 1


async def test_a_login_page_is_not_success(tmp_path: Path) -> None:
    async with answering() as (url, answers), sink_to(url, "b", tmp_path) as sink:
        answers.next = [web.Response(status=200, text="<html>please log in</html>")]
        with pytest.raises(SinkUnavailable):
            await sink.write(batch_of([seen(1)]))


async def test_a_redirect_is_not_followed(tmp_path: Path) -> None:
    async with answering() as (url, answers), sink_to(url, "b", tmp_path) as sink:
        answers.next = [web.Response(status=307, headers={"Location": f"{url}/api/v2/write"})]
        with pytest.raises(SinkUnavailable, match="307"):
            await sink.write(batch_of([seen(1)]))
        assert len(answers.bodies) == 1


async def test_too_large_is_sent_in_parts(tmp_path: Path) -> None:
    async with answering() as (url, answers), sink_to(url, "b", tmp_path) as sink:
        answers.most_lines = 10
        result = await sink.write(batch_of([measured(n) for n in range(35)]))
    assert sorted(result.accepted) == list(range(35))


async def test_a_line_that_is_too_large_alone_is_rejected(tmp_path: Path) -> None:
    async with answering() as (url, answers), sink_to(url, "b", tmp_path) as sink:
        answers.most_lines = 0
        result = await sink.write(batch_of([measured(1)]))
    assert list(result.rejected) == [0]


async def test_silence_is_unavailable_after_the_time_out(tmp_path: Path) -> None:
    async with answering() as (url, answers), sink_to(url, "b", tmp_path, timeout_s=0.2) as sink:
        answers.delay_s = 1.0
        with pytest.raises(SinkUnavailable):
            await sink.write(batch_of([seen(1)]))


async def test_named_lines_are_rejected_and_the_rest_is_sent_again(tmp_path: Path) -> None:
    async with answering() as (url, answers), sink_to(url, "b", tmp_path) as sink:
        await sink.write(batch_of([measured(n) for n in range(4)]))
        bad = answers.bodies[0][2]
        said = {"code": "invalid", "message": f"unable to parse '{bad}': invalid number"}
        answers.next = [web.json_response(said, status=400)]
        result = await sink.write(batch_of([measured(n) for n in range(4)]))
        assert (sorted(result.accepted), dict(result.rejected)) == ([0, 1, 3], {2: "invalid number"})
        assert answers.bodies[2] == [line for line in answers.bodies[0] if line != bad]


async def test_version_3_names_lines_by_number(tmp_path: Path) -> None:
    async with answering() as (url, answers), sink_to(url, "b", tmp_path) as sink:
        detail = {"original_line": "", "line_number": 2, "error_message": "wrong type"}
        said = {"error": "partial write of line protocol occurred", "data": [detail]}
        answers.next = [web.json_response(said, status=400)]
        result = await sink.write(batch_of([measured(n) for n in range(3)]))
    assert dict(result.rejected) == {1: "wrong type"}
    assert sorted(result.accepted) == [0, 2]


async def test_a_400_about_no_line_keeps_everything(tmp_path: Path) -> None:
    async with answering() as (url, answers), sink_to(url, "b", tmp_path) as sink:
        said = {"code": "invalid", "message": "failed to decode organization id"}
        answers.next = [web.json_response(said, status=400)]
        with pytest.raises(SinkUnavailable):
            await sink.write(batch_of([seen(1)]))


async def test_too_many_series_keeps_everything(tmp_path: Path) -> None:
    async with answering() as (url, answers), sink_to(url, "b", tmp_path) as sink:
        said = {"error": "partial write: max-series-per-database limit exceeded: (1) dropped=1"}
        answers.next = [web.json_response(said, status=400)]
        with pytest.raises(SinkUnavailable):
            await sink.write(batch_of([seen(1)]))


async def test_what_was_stored_before_the_trouble_counts(tmp_path: Path) -> None:
    async with answering() as (url, answers), sink_to(url, "b", tmp_path) as sink:
        answers.next = [web.Response(status=413), web.Response(status=204), web.Response(status=503)]
        result = await sink.write(batch_of([measured(n) for n in range(10)]))
    assert len(result.accepted) == 5
    assert not result.rejected
