"""Recordings: readings as JSON lines, plain or gzip, in and out (the contract, clause 1)."""

import gzip
import json
import math
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

from edge.columns import Readings, concat_readings
from edge.errors import ConfigError
from edge.ext.jsonl import Skip, decode
from edge.fusion.window import Window, whole

CHUNK_BYTES: Final = 1 << 20
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
    parts: list[Readings] = []
    reports: list[Report] = []
    for path in paths:
        reports.append(Report(str(path)))
        parts.extend(chunks(path, reports[-1]))
    return whole(concat_readings(parts)), reports


def chunks(path: str | Path, report: Report) -> Iterator[Readings]:
    """The recording piece by piece, about a MiB of text at a time; `report` is filled on the way."""
    for lines in _line_blocks(path, report):
        readings, skips = decode(lines, report.n_lines + 1)
        report.add(lines.count(b"\n") + (not lines.endswith(b"\n")), skips)
        yield readings


def lines_of(readings: Readings) -> Iterator[bytes]:
    """The readings as JSON lines with their line feeds, in order of time."""
    rows = [*_tag_rows(readings), *_pose_rows(readings), *_door_rows(readings), *_room_rows(readings)]
    rows.sort(key=_t_ns)
    for row in rows:
        known = {key: value for key, value in row.items() if value is not None}
        yield json.dumps(known, separators=(",", ":"), allow_nan=False).encode() + b"\n"


def _line_blocks(path: str | Path, report: Report) -> Iterator[bytes]:
    """Blocks of whole lines; the last may lack its line feed."""
    try:
        with _open(path) as stream:
            yield from _split(stream, report)
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror or error}") from None


def _open(path: str | Path) -> IO[bytes]:
    raw = open(path, "rb")  # noqa: SIM115 - handed on
    magic = raw.peek(2)[:2]
    return gzip.GzipFile(fileobj=raw) if magic == _GZIP_MAGIC else raw  # type: ignore[return-value]


def _split(stream: IO[bytes], report: Report) -> Iterator[bytes]:
    rest = b""
    while True:
        try:
            block = stream.read(CHUNK_BYTES)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            report.truncated = f"the compressed data is damaged: {error}"
            break
        if not block:
            break
        whole_lines, line_feed, tail = block.rpartition(b"\n")
        if not line_feed:
            rest += block
            continue
        yield rest + whole_lines + line_feed
        rest = tail
    if rest:
        yield rest


def _t_ns(row: dict[str, Any]) -> int:
    return int(row["t_ns"])


def _known(value: float) -> float | None:
    return None if math.isnan(value) else float(value)


def _tag_rows(readings: Readings) -> Iterator[dict[str, object]]:
    c = readings.tags
    for n in range(len(c)):
        memory = c.memory.get(int(c.tag[n]))
        yield {
            "kind": "tag",
            "t_ns": int(c.t_ns[n]),
            "source": c.sources[c.source[n]],
            "antenna": int(c.antenna[n]),
            "epc": c.epcs[c.tag[n]],
            "rssi_dbm": _known(c.rssi_dbm[n]),
            "phase_rad": _known(c.phase_rad[n]),
            "freq_mhz": _known(c.freq_mhz[n]),
            "doppler_hz": _known(c.doppler_hz[n]),
            "pc": memory and memory.pc,
            "tid": memory and memory.tid,
            "user": memory and memory.user,
            "afi": memory and memory.afi,
        }


def _pose_rows(readings: Readings) -> Iterator[dict[str, object]]:
    c = readings.poses
    for n in range(len(c)):
        yield {
            "kind": "pose",
            "t_ns": int(c.t_ns[n]),
            "source": c.sources[c.source[n]],
            "shelf": c.shelves[c.shelf[n]],
            "x_m": float(c.x_m[n]),
            "y_m": float(c.y_m[n]),
            "z_m": _known(c.z_m[n]),
        }


def _door_rows(readings: Readings) -> Iterator[dict[str, object]]:
    c = readings.doors
    for n in range(len(c)):
        yield {
            "kind": "door",
            "t_ns": int(c.t_ns[n]),
            "source": c.sources[c.source[n]],
            "in": int(c.n_in[n]),
            "out": int(c.n_out[n]),
        }


def _room_rows(readings: Readings) -> Iterator[dict[str, object]]:
    c = readings.rooms
    for n in range(len(c)):
        frame = c.frames.get(n)
        yield {
            "kind": "room",
            "t_ns": int(c.t_ns[n]),
            "source": c.sources[c.source[n]],
            "quantity": c.quantities[c.quantity[n]],
            "value": float(c.value[n]) if frame is None else [float(v) for v in frame],
        }
