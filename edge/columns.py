"""Readings as columns: what drivers yield, recordings give and kernels take.

A column set holds equally long arrays, and tables of the texts that the arrays point into, so that nothing is
done per read in Python. NaN means not known.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from edge.types import DoorCount, Pose, Reading, RoomSample, TagRead

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
Index = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class TagMemory:
    """What was read from a tag besides its EPC: upper-case hex, or None."""

    pc: str | None = None
    tid: str | None = None
    user: str | None = None
    afi: str | None = None

    def then(self, later: "TagMemory") -> "TagMemory":
        """What is known after both: of each bank what was read last."""
        return TagMemory(
            pc=later.pc or self.pc,
            tid=later.tid or self.tid,
            user=later.user or self.user,
            afi=later.afi or self.afi,
        )


def _f64() -> F64:
    return np.empty(0, np.float64)


def _i64() -> I64:
    return np.empty(0, np.int64)


def _index() -> Index:
    return np.empty(0, np.intp)


@dataclass(frozen=True, slots=True)
class TagColumns:
    """n tag reads. `source` points into `sources`, `tag` into `epcs`; `memory` is by place in `epcs`."""

    t_ns: I64 = field(default_factory=_i64)
    source: Index = field(default_factory=_index)
    antenna: Index = field(default_factory=_index)
    tag: Index = field(default_factory=_index)
    rssi_dbm: F64 = field(default_factory=_f64)
    phase_rad: F64 = field(default_factory=_f64)
    freq_mhz: F64 = field(default_factory=_f64)
    doppler_hz: F64 = field(default_factory=_f64)
    sources: tuple[str, ...] = ()
    epcs: tuple[str, ...] = ()
    memory: Mapping[int, TagMemory] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.t_ns)


@dataclass(frozen=True, slots=True)
class PoseColumns:
    """n poses. `source` points into `sources`, `shelf` into `shelves`; `z_m` may be NaN."""

    t_ns: I64 = field(default_factory=_i64)
    source: Index = field(default_factory=_index)
    shelf: Index = field(default_factory=_index)
    x_m: F64 = field(default_factory=_f64)
    y_m: F64 = field(default_factory=_f64)
    z_m: F64 = field(default_factory=_f64)
    sources: tuple[str, ...] = ()
    shelves: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.t_ns)


@dataclass(frozen=True, slots=True)
class DoorColumns:
    """n door counts. `source` points into `sources`."""

    t_ns: I64 = field(default_factory=_i64)
    source: Index = field(default_factory=_index)
    n_in: I64 = field(default_factory=_i64)
    n_out: I64 = field(default_factory=_i64)
    sources: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.t_ns)


@dataclass(frozen=True, slots=True)
class RoomColumns:
    """n room samples. `quantity` points into `quantities`; thermal frames (64 °C) are by row in `frames`."""

    t_ns: I64 = field(default_factory=_i64)
    source: Index = field(default_factory=_index)
    quantity: Index = field(default_factory=_index)
    value: F64 = field(default_factory=_f64)
    sources: tuple[str, ...] = ()
    quantities: tuple[str, ...] = ()
    frames: Mapping[int, F64] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.t_ns)


@dataclass(frozen=True, slots=True)
class Readings:
    """A batch of readings of the four kinds, each in its own columns."""

    tags: TagColumns = field(default_factory=TagColumns)
    poses: PoseColumns = field(default_factory=PoseColumns)
    doors: DoorColumns = field(default_factory=DoorColumns)
    rooms: RoomColumns = field(default_factory=RoomColumns)

    def __len__(self) -> int:
        return len(self.tags) + len(self.poses) + len(self.doors) + len(self.rooms)

    def kinds(self) -> "tuple[Columns, ...]":
        """The four column sets."""
        return self.tags, self.poses, self.doors, self.rooms


Columns = TagColumns | PoseColumns | DoorColumns | RoomColumns
C = TypeVar("C", bound=Columns)

_TABLES = {"source": "sources", "tag": "epcs", "shelf": "shelves", "quantity": "quantities"}
_BY_ROW = "frames"
_BY_TAG = "memory"


def take(columns: C, rows: Index | NDArray[np.bool_]) -> C:
    """The given rows, in the given order (indices, or a mask); the tables stay as they are."""
    index: Index = np.flatnonzero(rows) if rows.dtype == np.bool_ else rows.astype(np.intp, copy=False)
    changed: dict[str, Any] = {
        f.name: getattr(columns, f.name)[index] for f in fields(columns) if _is_array(columns, f.name)
    }
    if isinstance(columns, RoomColumns):
        changed[_BY_ROW] = _moved(columns.frames, index)
    return replace(columns, **changed)


def concat(parts: Sequence[C], kind: type[C]) -> C:
    """One column set of all parts, their tables merged, in the order given."""
    filled = [part for part in parts if len(part)]
    if len(filled) < 2:
        return filled[0] if filled else kind()
    merged: C = replace(filled[0], **_concat_fields(filled))
    return merged


def concat_readings(parts: Iterable[Readings]) -> Readings:
    """All batches as one, in the order given."""
    held = list(parts)
    return Readings(
        tags=concat([part.tags for part in held], TagColumns),
        poses=concat([part.poses for part in held], PoseColumns),
        doors=concat([part.doors for part in held], DoorColumns),
        rooms=concat([part.rooms for part in held], RoomColumns),
    )


def readings_by_time(readings: Readings) -> Readings:
    """Each kind in order of `t_ns`; equal times keep their order."""
    return Readings(
        tags=sort_by_time(readings.tags),
        poses=sort_by_time(readings.poses),
        doors=sort_by_time(readings.doors),
        rooms=sort_by_time(readings.rooms),
    )


def sort_by_time(columns: C) -> C:
    """The same rows in order of `t_ns`; equal times keep their order."""
    order = _time_order(columns.t_ns)
    return columns if order is None else take(columns, order)


def from_readings(readings: Iterable[Reading]) -> Readings:
    """Columns of single readings: for sources that are slow by nature, and for tests."""
    by_kind: dict[type, list[Reading]] = {TagRead: [], Pose: [], DoorCount: [], RoomSample: []}
    for reading in readings:
        by_kind[type(reading)].append(reading)
    return Readings(
        tags=tag_columns([r for r in by_kind[TagRead] if isinstance(r, TagRead)]),
        poses=pose_columns([r for r in by_kind[Pose] if isinstance(r, Pose)]),
        doors=door_columns([r for r in by_kind[DoorCount] if isinstance(r, DoorCount)]),
        rooms=room_columns([r for r in by_kind[RoomSample] if isinstance(r, RoomSample)]),
    )


def tag_columns(reads: Sequence[TagRead]) -> TagColumns:
    """Columns of tag reads."""
    source, sources = _intern([r.source for r in reads])
    tag, epcs = _intern([r.epc for r in reads])
    memory: dict[int, TagMemory] = {}
    for r, place in zip(reads, tag.tolist(), strict=True):
        if r.pc or r.tid or r.user or r.afi:
            memory[place] = memory.get(place, TagMemory()).then(TagMemory(r.pc, r.tid, r.user, r.afi))
    return TagColumns(
        t_ns=np.array([r.t_ns for r in reads], np.int64),
        source=source,
        antenna=np.array([r.antenna for r in reads], np.intp),
        tag=tag,
        rssi_dbm=_floats([r.rssi_dbm for r in reads]),
        phase_rad=_floats([r.phase_rad for r in reads]),
        freq_mhz=_floats([r.freq_mhz for r in reads]),
        doppler_hz=_floats([r.doppler_hz for r in reads]),
        sources=sources,
        epcs=epcs,
        memory=memory,
    )


def pose_columns(poses: Sequence[Pose]) -> PoseColumns:
    """Columns of poses."""
    source, sources = _intern([p.source for p in poses])
    shelf, shelves = _intern([p.shelf for p in poses])
    return PoseColumns(
        t_ns=np.array([p.t_ns for p in poses], np.int64),
        source=source,
        shelf=shelf,
        x_m=_floats([p.x_m for p in poses]),
        y_m=_floats([p.y_m for p in poses]),
        z_m=_floats([p.z_m for p in poses]),
        sources=sources,
        shelves=shelves,
    )


def door_columns(counts: Sequence[DoorCount]) -> DoorColumns:
    """Columns of door counts."""
    source, sources = _intern([c.source for c in counts])
    return DoorColumns(
        t_ns=np.array([c.t_ns for c in counts], np.int64),
        source=source,
        n_in=np.array([c.n_in for c in counts], np.int64),
        n_out=np.array([c.n_out for c in counts], np.int64),
        sources=sources,
    )


def room_columns(samples: Sequence[RoomSample]) -> RoomColumns:
    """Columns of room samples; a thermal frame's value is NaN and its pixels are in `frames`."""
    source, sources = _intern([s.source for s in samples])
    quantity, quantities = _intern([s.quantity for s in samples])
    return RoomColumns(
        t_ns=np.array([s.t_ns for s in samples], np.int64),
        source=source,
        quantity=quantity,
        value=_floats([None if isinstance(s.value, tuple) else s.value for s in samples]),
        sources=sources,
        quantities=quantities,
        frames={n: np.array(s.value) for n, s in enumerate(samples) if isinstance(s.value, tuple)},
    )


def _is_array(columns: C, name: str) -> bool:
    return isinstance(getattr(columns, name), np.ndarray)


def _floats(values: Sequence[float | None]) -> F64:
    return np.array([np.nan if v is None else v for v in values], np.float64)


def _intern(texts: Sequence[str]) -> tuple[Index, tuple[str, ...]]:
    table: dict[str, int] = {}
    index = np.array([table.setdefault(text, len(table)) for text in texts], np.intp)
    return index, tuple(table)


def _merge_tables(tables: Sequence[tuple[str, ...]]) -> tuple[tuple[str, ...], list[Index]]:
    merged: dict[str, int] = {}
    maps = [np.array([merged.setdefault(text, len(merged)) for text in table], np.intp) for table in tables]
    return tuple(merged), maps


def _time_order(t_ns: I64) -> Index | None:
    """The rows by time, or None where they are in order already."""
    in_order = bool(np.all(t_ns[1:] >= t_ns[:-1]))
    return None if in_order else np.argsort(t_ns, kind="stable")


def _concat_fields(parts: Sequence[C]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    maps: dict[str, list[Index]] = {}
    names = [f.name for f in fields(parts[0])]
    for name in set(names) & _TABLES.keys():
        table = _TABLES[name]
        out[table], maps[name] = _merge_tables([getattr(part, table) for part in parts])
    if "tag" in maps:
        out[_BY_TAG] = _merge_memory(parts, maps["tag"])
    if isinstance(parts[0], RoomColumns):
        out[_BY_ROW] = _merge_frames(parts)
    for name in names:
        if _is_array(parts[0], name):
            columns = [getattr(part, name) for part in parts]
            if name in maps:
                columns = [m[column] for m, column in zip(maps[name], columns, strict=True)]
            out[name] = np.concatenate(columns)
    return out


def _moved(frames: Mapping[int, F64], order: Index) -> dict[int, F64]:
    """The frames by their rows' new places."""
    place = {int(row): n for n, row in enumerate(order)} if frames else {}
    return {place[row]: frame for row, frame in frames.items() if row in place}


def _merge_memory(parts: Sequence[C], maps: Sequence[Index]) -> dict[int, TagMemory]:
    merged: dict[int, TagMemory] = {}
    for part, to_merged in zip(parts, maps, strict=True):
        if isinstance(part, TagColumns):
            for tag, memory in part.memory.items():
                place = int(to_merged[tag])
                merged[place] = merged.get(place, TagMemory()).then(memory)
    return merged


def _merge_frames(parts: Sequence[C]) -> dict[int, F64]:
    merged: dict[int, F64] = {}
    start = 0
    for part in parts:
        if isinstance(part, RoomColumns):
            merged.update({start + row: frame for row, frame in part.frames.items()})
        start += len(part)
    return merged
