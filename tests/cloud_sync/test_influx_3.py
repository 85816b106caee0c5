"""The InfluxDB sink and version 3, of which no server can be run: a strict double of what its pages say."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cloud_sync.influx import InfluxSink
from edge.errors import SinkUnavailable
from edge.events import SensorHealthChanged
from tests.cloud_sync.records import T0_NS, measured, occupied, seen
from tests.cloud_sync.test_influx import sink_to
from tests.contracts.sink import SinkContract, batch_of
from tests.fakes.influxdb import BUCKET, TOKEN, InfluxDouble


class TestContract(SinkContract):
    """What every sink promises, and what this server differs in."""

    @pytest.fixture(autouse=True)
    async def _server(self, tmp_path: Path) -> AsyncIterator[None]:
        self.double = InfluxDouble()
        self.folder = tmp_path
        async with self.double.listening() as self.url:
            yield
        assert not self.double.faults

    def new_sink(self, token: str = TOKEN) -> InfluxSink:
        return sink_to(self.url, BUCKET, self.folder, token)

    async def arrived(self) -> set[str]:
        found = (re.search(r",item=(\w+)", series) for series, _ in self.double.points)
        return {match[1] for match in found if match}

    async def test_a_conflict_of_types_rejects_those_lines_alone(self) -> None:
        self.double.types["space", "people"] = "string"
        async with self.new_sink() as sink:
            result = await sink.write(batch_of([*(seen(n) for n in range(9)), occupied(9), measured(10)]))
        assert set(result.accepted) == {*range(9), 10}
        assert set(result.rejected) == {9}
        assert "conflict" in result.rejected[9]

    async def test_every_special_character_is_one_line(self) -> None:
        reason = 'a "quote", a \\ and = and\na new line'
        async with self.new_sink() as sink:
            result = await sink.write(batch_of([SensorHealthChanged(T0_NS, "co2-1", "silent", reason)]))
        assert len(result.accepted) == 1
        assert len(self.double.points) == 1

    async def test_a_wrong_token_keeps_everything(self) -> None:
        async with self.new_sink(token="wrong") as sink:
            with pytest.raises(SinkUnavailable, match="401"):
                await sink.write(batch_of([seen(1)]))

    async def test_a_large_batch_goes_compressed(self) -> None:
        async with self.new_sink() as sink:
            assert len((await sink.write(batch_of([seen(n) for n in range(3_000)]))).accepted) == 3_000
        assert self.double.asked[0].headers["Content-Encoding"] == "gzip"
        assert len(self.double.points) == 3_000
