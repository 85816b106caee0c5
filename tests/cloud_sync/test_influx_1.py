"""The InfluxDB sink against a real v1.8, by v2's write endpoint."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cloud_sync.influx import InfluxSink
from edge.errors import SinkUnavailable
from edge.events import SensorHealthChanged
from tests.cloud_sync.records import T0_NS, measured, occupied, seen
from tests.cloud_sync.test_influx import sink_to
from tests.contracts.sink import SinkContract, batch_of
from tests.real.influxd_1 import BUCKET, TOKEN, InfluxdOne

pytestmark = pytest.mark.real


@pytest.fixture
def server(tmp_path: Path) -> Iterator[InfluxdOne]:
    found = InfluxdOne(tmp_path)
    found.start()
    try:
        found.set_up()
        yield found
    finally:
        found.stop()


class TestContract(SinkContract):
    """What every sink promises, and what this server says in its own way."""

    @pytest.fixture(autouse=True)
    def _server(self, server: InfluxdOne, tmp_path: Path) -> None:
        self.server, self.folder = server, tmp_path

    def new_sink(self, token: str = TOKEN, bucket: str = BUCKET) -> InfluxSink:
        return sink_to(self.server.url, bucket, self.folder, token)

    async def arrived(self) -> set[str]:
        return {str(row["item"]) for row in self.server.query("SELECT * FROM item")}

    async def test_a_conflict_of_types_rejects_those_lines_alone(self) -> None:
        # Somebody wrote `up` as text before us.
        self.server.write(f'sensor_health,site=main,node=n1,source=s9 up="yes" {T0_NS}')
        conflict = [SensorHealthChanged(T0_NS + n, "s9", "down", "silent") for n in range(3)]
        records = [*(seen(n) for n in range(9)), *conflict, *(occupied(n) for n in range(9))]
        async with self.new_sink() as sink:
            result = await sink.write(batch_of(records))
        assert set(result.rejected) == {9, 10, 11}
        assert len(result.accepted) == 18
        assert len(await self.arrived()) == 9
        assert len(self.server.query("SELECT * FROM space")) == 9

    async def test_every_special_character_is_one_point(self) -> None:
        reason = 'a "quote", a \\ and = and\na new line'
        async with self.new_sink() as sink:
            result = await sink.write(batch_of([SensorHealthChanged(T0_NS, "co2-1", "silent", reason)]))
        assert len(result.accepted) == 1
        assert len(self.server.query("SELECT * FROM sensor_health")) == 1

    async def test_a_wrong_password_keeps_everything(self) -> None:
        async with self.new_sink(token="edge:wrong") as sink:
            with pytest.raises(SinkUnavailable, match="401"):
                await sink.write(batch_of([seen(1)]))

    async def test_a_database_that_nobody_made_keeps_everything(self) -> None:
        async with self.new_sink(bucket="other/autogen") as sink:
            with pytest.raises(SinkUnavailable, match="404"):
                await sink.write(batch_of([seen(1)]))

    async def test_a_large_batch_arrives_whole(self) -> None:
        async with self.new_sink() as sink:
            assert len((await sink.write(batch_of([measured(n) for n in range(5_000)]))).accepted) == 5_000
        (row,) = self.server.query("SELECT count(*) FROM room")
        assert 5_000 in row.values()

    async def test_a_restart_of_the_server_loses_nothing(self) -> None:
        async with self.new_sink() as sink:
            await sink.write(batch_of([seen(1)]))
            self.server.kill()
            with pytest.raises(SinkUnavailable):
                await sink.write(batch_of([seen(2)]))
            self.server.start()
            result = await sink.write(batch_of([seen(2)]))
        assert list(result.accepted) == [0]
        assert await self.arrived() == {"00000001", "00000002"}
