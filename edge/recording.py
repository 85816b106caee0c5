"""Recordings: readings as JSON lines, plain or gzip, in and out (the contract, clause 1)."""

import json
import math
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from operator import itemgetter
from pathlib import Path
from typing import IO, Final

import numpy as np

from edge.columns import (
    DoorColumns,
    PoseColumns,
    Readings,
    RoomColumns,
    TagColumns,
    TagMemory,
)
from edge.errors import ConfigError, why
from edge.ext.jsonl import MAX_LINE_BYTES, Skip, decode
from edge.fusion.window import Window, whole
from edge.gathered import gathered

CHUNK_BYTES: Final = 2 << 20
_PIECE_BYTES: Final = 1 << 12  # of packed text: what is lost beside a damaged place
_GZIP_WINDOW: Final = 31
_GZIP_MAGIC: Final = b"\x1f\x8b"
_SHOWN_SKIPS: Final = 1000


@dataclass(slots=True)
class Report:
    """What became of a recording's lines. `skips` holds the first thousand; `n_skipped` counts all."""

    path: str
    n_lines: int = 0
    n_skipped: int = 0
    skips: list[Skip] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)
    truncated: str | None = None

    def add(self, n_lines: int, skips: Sequence[Skip]) -> None:
        self.n_lines += n_lines
        self.n_skipped += len(skips)
        self.skips.extend(skips[: max(0, _SHOWN_SKIPS - len(self.skips))])
        self.reasons.update(skip.reason.partition(":")[0] for skip in skips)


def read(paths: Iterable[str | Path]) -> tuple[Window, list[Report]]:
    """All readings of the recordings as one window by time, and what was skipped in each.

    Raises ConfigError where a file can't be opened. A gzip that ends early gives what came before its end.
    """
    reports = [Report(str(path)) for path in paths]
    parts = (part for report in reports for part in chunks(report.path, report))
    return whole(gathered(parts)), reports


def chunks(path: str | Path, report: Report) -> Iterator[Readings]:
    """The recording piece by piece, about CHUNK_BYTES of text at a time; `report` is filled on the way."""
    for lines in _line_blocks(path, report):
        readings, skips = decode(lines, report.n_lines + 1)
        report.add(_n_lines(lines), skips)
        yield readings


def lines_of(readings: Readings) -> Iterator[bytes]:
    """The readings as JSON lines with their line feeds, in order of time."""
    lines = [
        *_tag_lines(readings.tags),
        *_pose_lines(readings.poses),
        *_door_lines(readings.doors),
        *_room_lines(readings.rooms),
    ]
    lines.sort(key=itemgetter(0))
    for _, text in lines:
        yield text.encode()


def _n_lines(text: bytes) -> int:
    """How many lines; the last may lack its line feed."""
    line_feeds = np.count_nonzero(np.frombuffer(text, np.uint8) == ord("\n"))
    return int(line_feeds) + (not text.endswith(b"\n"))


def _line_blocks(path: str | Path, report: Report) -> Iterator[bytes]:
    """Blocks of whole lines; the last may lack its line feed."""
    try:
        with open(path, "rb") as stream:
            yield from _whole_lines(_blocks(stream, report))
    except OSError as error:
        raise ConfigError(f"{path}: {why(error)}") from None


def _blocks(stream: IO[bytes], report: Report) -> Iterator[bytes]:
    """The text in pieces of up to CHUNK_BYTES, unpacked where it is packed."""
    block = stream.read(_PIECE_BYTES)
    if block.startswith(_GZIP_MAGIC):
        yield from _unpacked(stream, block, report)
        return
    while block:
        yield block
        block = stream.read(CHUNK_BYTES)


def _unpacked(stream: IO[bytes], packed: bytes, report: Report) -> Iterator[bytes]:
    """What the members of a gzip file hold, up to its end or to the first damage."""
    while packed:
        member = zlib.decompressobj(_GZIP_WINDOW)
        try:
            while packed and not member.eof:
                yield member.decompress(packed, CHUNK_BYTES)
                packed = member.unconsumed_tail or member.unused_data or stream.read(_PIECE_BYTES)
            yield member.flush()
        except zlib.error as error:
            report.truncated = f"the compressed data is damaged: {error}"
            return
        if not member.eof:
            report.truncated = "the compressed data ends early"


def _whole_lines(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The same text about CHUNK_BYTES at a time, cut behind line feeds.

    Of a line that is too long for a reading only the beginning is kept.
    """
    held: list[bytes] = []
    n_held = 0
    for block in blocks:
        held.append(block)
        n_held += len(block)
        if n_held >= CHUNK_BYTES:
            *before, last = held if b"\n" in block else [b"".join(held)]
            end = last.rfind(b"\n") + 1
            if end:
                yield b"".join((*before, memoryview(last)[:end]))
            held = [last[end:] if end else last[: MAX_LINE_BYTES + 1]]
            n_held = len(held[0])
    if n_held:
        yield b"".join(held)


Line = tuple[int, str]


def _tag_lines(c: TagColumns) -> Iterator[Line]:
    sources, epcs = _quoted(c.sources), _quoted(c.epcs)
    memory = [_memory(c.memory.get(n)) for n in range(len(epcs))]
    numbers = (c.rssi_dbm, c.phase_rad, c.freq_mhz, c.doppler_hz)
    rows = zip(*(column.tolist() for column in (c.t_ns, c.source, c.antenna, c.tag, *numbers)), strict=True)
    for t_ns, source, antenna, tag, rssi_dbm, phase_rad, freq_mhz, doppler_hz in rows:
        yield (
            t_ns,
            f'{{"kind":"tag","t_ns":{t_ns},"source":{sources[source]},"antenna":{antenna},"epc":{epcs[tag]}'
            f"{_known('rssi_dbm', rssi_dbm)}{_known('phase_rad', phase_rad)}{_known('freq_mhz', freq_mhz)}"
            f"{_known('doppler_hz', doppler_hz)}{memory[tag]}}}\n",
        )


def _pose_lines(c: PoseColumns) -> Iterator[Line]:
    sources, shelves = _quoted(c.sources), _quoted(c.shelves)
    columns = (c.t_ns, c.source, c.shelf, c.x_m, c.y_m, c.z_m)
    for t_ns, source, shelf, x_m, y_m, z_m in zip(*(col.tolist() for col in columns), strict=True):
        yield (
            t_ns,
            f'{{"kind":"pose","t_ns":{t_ns},"source":{sources[source]},"shelf":{shelves[shelf]}'
            f"{_known('x_m', x_m)}{_known('y_m', y_m)}{_known('z_m', z_m)}}}\n",
        )


def _door_lines(c: DoorColumns) -> Iterator[Line]:
    sources = _quoted(c.sources)
    columns = (c.t_ns, c.source, c.n_in, c.n_out)
    for t_ns, source, n_in, n_out in zip(*(col.tolist() for col in columns), strict=True):
        head = f'{{"kind":"door","t_ns":{t_ns},"source":{sources[source]}'
        yield t_ns, f'{head},"in":{n_in},"out":{n_out}}}\n'


def _room_lines(c: RoomColumns) -> Iterator[Line]:
    sources, quantities = _quoted(c.sources), _quoted(c.quantities)
    columns = (c.t_ns, c.source, c.quantity, c.value)
    rows = zip(*(col.tolist() for col in columns), strict=True)
    for n, (t_ns, source, quantity, value) in enumerate(rows):
        head = f'{{"kind":"room","t_ns":{t_ns},"source":{sources[source]},"quantity":{quantities[quantity]}'
        frame = f',"value":{json.dumps(c.frames[n].tolist())}' if n in c.frames else _known("value", value)
        yield t_ns, f"{head}{frame}}}\n"


def _quoted(texts: Sequence[str]) -> list[str]:
    return [json.dumps(text) for text in texts]


def _known(key: str, value: float) -> str:
    return f',"{key}":{value!r}' if math.isfinite(value) else ""


def _memory(memory: TagMemory | None) -> str:
    banks = {} if memory is None else asdict(memory)
    return "".join(f',"{bank}":{json.dumps(text)}' for bank, text in banks.items() if text)
