"""Reports and GPI edges to readings: channel to frequency, turns to radians, the reader's time to ours."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from edge.clock import Clock
from edge.columns import F64, I64, Readings, TagColumns, TagMemory, from_readings, sort_by_time
from edge.ext.llrp import Reports
from edge.sensors.llrp.clock import ReaderClock
from edge.sensors.llrp.codec.answers import GpiChanged
from edge.sensors.llrp.config import Gpi, Phase
from edge.types import DoorCount, Reading, RoomSample

TURN_RAD: Final = 2 * np.pi


class Translator:
    """One connection's reports as readings of one source."""

    def __init__(self, source: str, clock: Clock, freq_mhz: Sequence[float], phase: Phase) -> None:
        self._source = source
        self._clock = clock
        # Channel 0, and any that the reader's table does not have, is not known.
        told = np.array([np.nan, *freq_mhz])
        self._freq_mhz = np.where(told > 0.0, told, np.nan)
        self._phase = phase
        self._utc = ReaderClock()
        self._uptime = ReaderClock()

    def tags(self, reports: Reports) -> TagColumns:
        """The reads by time."""
        if not len(reports):
            return TagColumns()
        n = len(reports)
        columns = TagColumns(
            t_ns=self._times(reports),
            source=np.zeros(n, np.intp),
            antenna=np.maximum(reports.antenna, 0).astype(np.intp),
            tag=reports.tag.astype(np.intp),
            rssi_dbm=reports.rssi_dbm,
            phase_rad=self._phases(reports.phase_turn),
            freq_mhz=self._frequencies(reports.channel),
            doppler_hz=reports.doppler_hz,
            sources=(self._source,),
            epcs=reports.epcs,
            memory=_memory(reports),
        )
        return sort_by_time(columns)

    def inputs(self, changes: Sequence[GpiChanged], meanings: Sequence[Gpi]) -> Readings:
        """What the edges say, by the options."""
        by_port = {meaning.port: meaning for meaning in meanings}
        found = [self._input(change, by_port[change.port]) for change in changes if change.port in by_port]
        return from_readings([reading for reading in found if reading is not None])

    def _input(self, change: GpiChanged, meaning: Gpi) -> Reading | None:
        active = change.high == (meaning.active == "high")
        t_ns = self._clock.wall_ns()
        if meaning.means in ("in", "out"):
            count = DoorCount(t_ns, meaning.source, int(meaning.means == "in"), int(meaning.means == "out"))
            return count if active else None
        return RoomSample(t_ns, meaning.source, meaning.means, float(active))

    def _times(self, reports: Reports) -> I64:
        """UTC where the reader has it, else its uptime, else when the report came; never in the future."""
        mono_ns, wall_ns = self._clock.monotonic_ns(), self._clock.wall_ns()
        reader_us, clock = reports.utc_us, self._utc
        if (reader_us < 0).all():
            reader_us, clock = reports.uptime_us, self._uptime
        known = (reader_us >= 0) & (reader_us < np.iinfo(np.int64).max // 1000)
        if not known.any():
            return np.full(len(reports), wall_ns, np.int64)
        reader_ns = np.where(known, reader_us, 0) * 1000
        offset_ns = clock.offset_ns(int(reader_ns.max()), mono_ns) + wall_ns - mono_ns
        return np.where(known, np.minimum(reader_ns + offset_ns, wall_ns), wall_ns)

    def _phases(self, turn: F64) -> F64:
        # A read of phase 0 that falls with the distance is 0 too, and not a whole turn.
        grows = turn if self._phase is Phase.GROWS else np.where(turn == 0, 0.0, 1 - turn)
        return TURN_RAD * grows

    def _frequencies(self, channel: I64) -> F64:
        known = (channel >= 0) & (channel < len(self._freq_mhz))
        return self._freq_mhz[np.where(known, channel, 0)]


def _memory(reports: Reports) -> dict[int, TagMemory]:
    """PC words and TIDs by tag: what was read last."""
    pcs = {
        tag: f"{pc:04X}" for tag, pc in zip(reports.tag.tolist(), reports.pc.tolist(), strict=True) if pc >= 0
    }
    tids = {
        tag: reports.tids[tid]
        for tag, tid in zip(reports.tag.tolist(), reports.tid.tolist(), strict=True)
        if tid >= 0
    }
    return {tag: TagMemory(pc=pcs.get(tag), tid=tids.get(tag)) for tag in pcs.keys() | tids.keys()}
