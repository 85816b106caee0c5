"""The LLRP driver against an emulated reader on loopback."""

import asyncio
from collections.abc import AsyncIterator, Callable

import numpy as np
import pytest
from llrpkit.emulator.core import LLRPEmulator
from llrpkit.protocol import messages

from edge.clock import SystemClock
from edge.columns import Readings, concat_readings
from edge.counters import Counters
from edge.errors import DeviceUnavailable
from edge.sensors.driver import Context, Driver
from edge.sensors.llrp.config import Gpi, Options, Phase
from edge.sensors.llrp.driver import open_driver
from edge.supervise import BackOff, supervise
from tests.contracts.driver import DriverContract
from tests.edge.ext.llrp_bytes import message, report_message, tlv
from tests.edge.sensors.llrp.emulator import reader


@pytest.fixture
async def emulator() -> AsyncIterator[LLRPEmulator]:
    async with reader() as found:
        yield found


def options(port: int, **more: object) -> Options:
    return Options.model_validate(
        {"host": "127.0.0.1", "port": port, "connect_s": 2.0, "batch_s": 0.02} | more
    )


def opened(port: int, counters: Counters | None = None, **more: object) -> Driver:
    return open_driver(Context("cart-1", SystemClock(), counters or Counters()), options(port, **more))


async def some_of(driver: Driver, n: int) -> Readings:
    parts: list[Readings] = []
    async with asyncio.timeout(10), driver:
        async for readings in driver:
            parts.append(readings)
            if sum(map(len, parts)) >= n:
                break
    return concat_readings(parts)


class TestLlrp(DriverContract):
    name = "llrp"

    @pytest.fixture
    def driver(self, emulator: LLRPEmulator) -> Driver:
        return opened(emulator.port)


async def test_impinj_reads_have_phase_frequency_and_our_time(emulator: LLRPEmulator) -> None:
    before_ns = SystemClock().wall_ns()
    tags = (await some_of(opened(emulator.port), 200)).tags
    assert tags.sources == ("cart-1",)
    assert set(tags.epcs) <= {tag.epc.hex().upper() for tag in emulator.tags}
    np.testing.assert_allclose(tags.phase_rad, np.pi / 2)
    assert np.all((tags.freq_mhz >= 902.75) & (tags.freq_mhz <= 927.25))
    assert np.all(tags.rssi_dbm % 1 != 0) or len(np.unique(tags.rssi_dbm)) > 20
    assert not np.isnan(tags.doppler_hz).any()
    assert np.all(tags.antenna >= 1)
    assert before_ns <= tags.t_ns[0] <= tags.t_ns[-1] <= SystemClock().wall_ns()
    assert np.all(np.diff(tags.t_ns) >= 0)


async def test_phase_that_falls_is_turned_round(emulator: LLRPEmulator) -> None:
    tags = (await some_of(opened(emulator.port, phase=Phase.FALLS), 10)).tags
    np.testing.assert_allclose(tags.phase_rad, 3 * np.pi / 2)


async def test_only_wanted_antennas_read(emulator: LLRPEmulator) -> None:
    tags = (await some_of(opened(emulator.port, antennas=[2, 3], power_dbm=27.5, session=0, mode=2), 50)).tags
    assert set(tags.antenna) <= {2, 3}


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"antennas": [9]}, "antenna 9: the reader has 4"),
        ({"mode": 77}, "mode 77: the reader has 0, 1, 2"),
        ({"power_dbm": 5.0}, "power 5 dBm: the reader's least is 10 dBm"),
    ],
)
async def test_what_the_reader_can_not_do_is_said(
    emulator: LLRPEmulator, more: dict[str, object], said: str
) -> None:
    with pytest.raises(DeviceUnavailable, match=said):
        await some_of(opened(emulator.port, **more), 1)


async def test_gpi_edges_are_door_counts_and_room_readings(emulator: LLRPEmulator) -> None:
    gpi = [
        Gpi(port=1, source="door-1", means="in"),
        Gpi(port=2, source="seat-1", means="seat_taken", active="low"),
    ]
    async with asyncio.timeout(10), opened(emulator.port, gpi=gpi) as driver:
        parts = []
        for port, high in ((1, True), (2, True), (1, False), (2, False), (3, True)):
            await emulator.set_gpi(port, high)
        async for readings in driver:
            parts.append(readings)
            if sum(len(part.rooms) for part in parts) >= 2:
                break
    found = concat_readings(parts)
    assert (found.doors.sources, found.doors.n_in.tolist(), found.doors.n_out.tolist()) == (
        ("door-1",),
        [1],
        [0],
    )
    assert found.rooms.value.tolist() == [0.0, 1.0]


async def test_keepalives_are_acknowledged(emulator: LLRPEmulator) -> None:
    emulator.reads_per_sec = 20.0
    async with asyncio.timeout(10), opened(emulator.port, keepalive_s=0.1) as driver:
        async for _ in driver:
            if emulator.keepalive_acks >= 3:
                break


async def test_second_client_is_told_that_the_reader_is_taken(emulator: LLRPEmulator) -> None:
    async with opened(emulator.port):
        with pytest.raises(DeviceUnavailable, match="serves someone else"):
            await some_of(opened(emulator.port), 1)


async def test_request_without_answer_gives_up(emulator: LLRPEmulator) -> None:
    emulator.drop_next(messages.ADD_ROSPEC)
    with pytest.raises(DeviceUnavailable, match="does not answer ADD_ROSPEC"):
        await some_of(opened(emulator.port, connect_s=0.3), 1)


async def test_reader_that_is_not_there_is_unavailable() -> None:
    with pytest.raises(DeviceUnavailable, match="Connection refused"):
        await some_of(opened(1), 1)


async def test_killed_and_restarted_reader_is_read_again() -> None:
    taken: list[Readings] = []
    emulator = reader()
    await emulator.start()
    port = emulator.port

    async def take(readings: Readings) -> None:
        taken.append(readings)

    back_off = BackOff(first_s=0.05, longest_s=0.2)
    task = asyncio.create_task(supervise("cart-1", lambda: opened(port), take, back_off=back_off))
    async with asyncio.timeout(20):
        await _until(lambda: len(taken) > 2)
        await emulator.stop()
        await asyncio.sleep(0.3)
        n_before = len(taken)
        async with reader(port):
            await _until(lambda: len(taken) > n_before + 2)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def test_silent_reader_is_given_up() -> None:
    async with asyncio.timeout(10), fake_reader(b"") as port:
        with pytest.raises(DeviceUnavailable, match=r"silent for 0\.3 s"):
            await some_of(opened(port, keepalive_s=0.1), 1)


async def test_broken_reports_are_counted() -> None:
    counters = Counters()
    broken = report_message(tlv(240, b"\xff"), tlv(240, b"\x8d" + bytes(12)))
    async with asyncio.timeout(10), fake_reader(broken[:7], broken[7:]) as port:
        assert len(await some_of(opened(port, counters), 1)) == 1
    assert (counters.received, counters.malformed) == (1, 1)


async def test_length_that_can_not_be_gives_the_connection_up() -> None:
    async with asyncio.timeout(10), fake_reader(b"\x04\x3d\xff\xff\xff\xff\0\0\0\0") as port:
        with pytest.raises(DeviceUnavailable, match="a message of 4294967295 bytes"):
            await some_of(opened(port), 1)


async def _until(true: Callable[[], bool]) -> None:
    while not true():
        await asyncio.sleep(0.01)


class fake_reader:  # noqa: N801 - used like a function
    """A reader without extensions that says yes to everything, and then sends `sent`, chunk by chunk."""

    def __init__(self, *sent: bytes) -> None:
        self._sent = sent

    async def __aenter__(self) -> int:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    async def _serve(self, stream: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(message(63, tlv(246, tlv(128, bytes(8)), tlv(256, b"\0\0"))))
        try:
            while True:
                head = await stream.readexactly(10)
                await stream.readexactly(int.from_bytes(head[2:6]) - 10)
                kind = int.from_bytes(head[:2]) & 1023
                writer.write(message(kind + 10, tlv(287, bytes(4)), int.from_bytes(head[6:])))
                if kind == 22:
                    for chunk in self._sent:
                        writer.write(chunk)
                        await asyncio.sleep(0.05)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()
