"""The local history: written by the sink, read by the board."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cloud_sync.history import HistorySink
from cloud_sync.history_reader import HistoryReader
from cloud_sync.options import HistoryOptions
from edge.events import DoorFlowed, ItemSeen, Record, RoomMeasured, ShelfState, SpaceOccupied, Spine
from tests.cloud_sync.records import T0_NS, any_record, measured, misplaced, occupied, seen
from tests.contracts.sink import SinkContract, batch_of

DAY_NS = 86_400 * 10**9


def sink_at(folder: Path, **options: int) -> HistorySink:
    said = HistoryOptions.model_validate(options)
    return HistorySink(folder / "history.db", said, site="main", node="n1")


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[HistoryReader]:
    found = HistoryReader(tmp_path / "history.db")
    yield found
    found.close()


class TestContract(SinkContract):
    """What every sink promises."""

    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path) -> None:
        self.folder = tmp_path

    def new_sink(self) -> HistorySink:
        return sink_at(self.folder)

    async def arrived(self) -> set[str]:
        reader = HistoryReader(self.folder / "history.db")
        found = [record for _, record in reader.events([ItemSeen], limit=10_000)]
        reader.close()
        return {record.barcode or "" for record in found if isinstance(record, ItemSeen)}


async def test_latest_is_the_newest_by_its_own_time(tmp_path: Path, reader: HistoryReader) -> None:
    async with sink_at(tmp_path) as sink:
        await sink.write(
            batch_of([occupied(5, people=5.0), occupied(9, people=9.0), occupied(7, people=7.0)])
        )
    assert reader.latest(SpaceOccupied) == {"reading": occupied(9, people=9.0)}


async def test_series_come_in_order_and_in_means(tmp_path: Path, reader: HistoryReader) -> None:
    records = [RoomMeasured(T0_NS + n * 10**9, "co2-1", None, "co2_ppm", 400.0 + n) for n in range(10)]
    async with sink_at(tmp_path) as sink:
        await sink.write(batch_of(records[::-1]))
    span = (T0_NS, T0_NS + 10**10)
    assert [v for _, v in reader.series("room.co2_ppm", "co2-1", *span)] == [400.0 + n for n in range(10)]
    assert [v for _, v in reader.series("room.co2_ppm", "co2-1", *span, 5 * 10**9)] == [402.0, 407.0]


async def test_door_totals_are_sums(tmp_path: Path, reader: HistoryReader) -> None:
    flows = [DoorFlowed(T0_NS + n, T0_NS + n - 1, "main", 1, 0, 1.5, 0.0) for n in range(4)]
    async with sink_at(tmp_path) as sink:
        await sink.write(batch_of([*flows, *flows]))
    assert reader.total("door.in", "main", T0_NS, T0_NS + 100) == 6.0


async def test_rows_of_spines_come_back(tmp_path: Path, reader: HistoryReader) -> None:
    shelf = ShelfState(
        T0_NS, "a1", (Spine("E2", "1", 0.1, 0.01, 0.9), Spine("E3", None, 0.2, 0.01, 0.9)), 0.98
    )
    async with sink_at(tmp_path) as sink:
        await sink.write(batch_of([shelf]))
    assert reader.latest(ShelfState) == {"a1": shelf}
    assert reader.states() == [shelf]


async def test_events_are_newest_first(tmp_path: Path, reader: HistoryReader) -> None:
    async with sink_at(tmp_path) as sink:
        await sink.write(batch_of([seen(1), misplaced(3), seen(2)]))
    assert [record for _, record in reader.events()] == [misplaced(3), seen(2), seen(1)]
    assert [record for _, record in reader.events([type(seen(1))], limit=1)] == [seen(2)]


async def test_old_days_go(tmp_path: Path, reader: HistoryReader) -> None:
    days = [RoomMeasured(T0_NS + n * DAY_NS, "s", None, "co2_ppm", float(n)) for n in range(10)]
    async with sink_at(tmp_path, retention_days=3) as sink:
        await sink.write(batch_of(days))
        sink._until_prune = 0
        await sink.write(batch_of([seen(0)]))
    kept = [value for _, value in reader.series("room.co2_ppm", "s", 0, T0_NS + 99 * DAY_NS)]
    assert kept == [7.0, 8.0, 9.0]


async def test_a_clock_ten_years_ahead_costs_a_day_not_everything(
    tmp_path: Path, reader: HistoryReader
) -> None:
    days = [RoomMeasured(T0_NS + n * DAY_NS, "s", None, "co2_ppm", float(n)) for n in (0, 1, 2, 3650)]
    async with sink_at(tmp_path, retention_days=3) as sink:
        for day in days:
            sink._until_prune = 0
            await sink.write(batch_of([day]))
    kept = [value for _, value in reader.series("room.co2_ppm", "s", 0, T0_NS + 9999 * DAY_NS)]
    assert kept == [1.0, 2.0, 3650.0]


async def test_a_damaged_file_is_set_aside(tmp_path: Path, reader: HistoryReader) -> None:
    (tmp_path / "history.db").write_bytes(b"no database at all" * 1000)
    async with sink_at(tmp_path) as sink:
        result = await sink.write(batch_of([seen(1)]))
    assert len(result.accepted) == 1
    assert (tmp_path / "history.db.damaged-1").exists()
    assert len(reader.events()) == 1


def test_no_history_yet_is_no_error(reader: HistoryReader) -> None:
    assert reader.events() == []
    assert reader.latest(SpaceOccupied) == {}


@given(st.lists(any_record(), min_size=1, max_size=5))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_any_records_are_accepted_or_rejected(tmp_path: Path, records: list[Record]) -> None:
    async with sink_at(tmp_path) as sink:
        result = await sink.write(batch_of(records))
    assert set(result.accepted) | set(result.rejected) == set(range(len(records)))


async def test_what_sqlite_cannot_hold_is_rejected_alone(tmp_path: Path) -> None:
    nan = RoomMeasured(T0_NS, "s", None, "co2_ppm", float("nan"))
    far = RoomMeasured(1 << 70, "s", None, "co2_ppm", 1.0)
    async with sink_at(tmp_path) as sink:
        result = await sink.write(batch_of([measured(1), nan, far, measured(2)]))
    assert sorted(result.accepted) == [0, 3]
    assert sorted(result.rejected) == [1, 2]
