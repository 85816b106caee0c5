"""The compiled JSON kernel: plain objects in C, everything odd by the plain twin, one item at a time."""

from libc.stdint cimport int32_t, int64_t
from libc.stdlib cimport free
from libc.string cimport memchr, memset

from edge.ext._intern cimport Texts, all_texts, forget_after, free_texts, intern, text_at
from edge.ext._json_rows cimport (
    DOOR_SOURCES, DOORS, EPCS, HEXES, N_KINDS, N_TABLES, NO_MEMORY, ODD, POSE_SOURCES, POSES, ROOM_SOURCES,
    ROOMS, SEEN_QUANTITIES, SHELVES, TAG_SOURCES, TAGS, TAKEN, Cell, Kind, Outcome, Store, Table, next_row,
    take_item, width_of,
)
from edge.ext._json_scan cimport Item, after_space, scan_object

import numpy as np

from edge.columns import DoorColumns, PoseColumns, Readings, RoomColumns, TagColumns, TagMemory
from edge.ext._jsonl_py import MAX_LINE_BYTES, Malformed, objects_of, parse
from edge.types import NUMBER_QUANTITIES, DoorCount, Pose, TagRead

cdef Texts NUMBER_NAMES  # filled by the first call


# How far rows and tables are filled: what a message that turns out to be odd is taken back to.
cdef struct Mark:
    size_t rows[4]
    size_t texts[8]


def decode(bytes data not None, first_line):
    cdef Sheet sheet = Sheet()
    cdef const char* at = data
    cdef const char* start = at
    cdef const char* end = at + len(data)
    cdef Py_ssize_t line = 0
    cdef Py_ssize_t most = MAX_LINE_BYTES
    cdef Outcome outcome
    cdef list skipped = []
    while at < end:
        with nogil:
            outcome = take_lines(&sheet.store, &start, &at, end, most, &line)
        if outcome == NO_MEMORY:
            raise MemoryError
        if outcome == ODD:
            text = start[:min(at, end) - start].removesuffix(b"\n")
            if text.strip():
                _add_item(sheet, text, first_line + line - 1, skipped)
    return sheet.readings(), skipped


def decode_messages(messages):
    cdef Sheet sheet = Sheet()
    cdef const char* at
    cdef Mark mark
    cdef Outcome outcome
    cdef bytes message
    cdef list skipped = []
    for number, message in enumerate(messages, 1):
        at = message
        mark = sheet.mark()
        outcome = take_message(&sheet.store, at, at + len(message))
        if outcome == NO_MEMORY:
            raise MemoryError
        if outcome == ODD:
            sheet.take_back(&mark)
            for item in objects_of(message):
                _add_item(sheet, item, number, skipped)
    return sheet.readings(), skipped


cdef int _add_item(Sheet sheet, item, number, list skipped) except -1:
    try:
        sheet.add(parse(item))
    except Malformed as error:
        skipped.append((number, str(error)))
    return 0


cdef Outcome take_line(Store* store, const char* at, const char* end) noexcept nogil:
    cdef Item item
    at = scan_object(after_space(at, end), end, &item)
    if at == NULL or after_space(at, end) != end:
        return ODD
    return take_item(store, &item)


cdef Outcome take_lines(
    Store* store, const char** start, const char** at, const char* end, Py_ssize_t most, Py_ssize_t* n
) noexcept nogil:
    # Until the end, or behind the first line that is not taken, which begins at *start. *n counts lines.
    cdef const char* stop
    cdef Outcome outcome
    while at[0] < end:
        start[0] = at[0]
        stop = <const char*>memchr(at[0], c"\n", end - at[0])
        if stop == NULL:
            stop = end
        at[0] = stop + 1
        n[0] += 1
        if after_space(start[0], stop) == stop:
            continue
        outcome = take_line(store, start[0], stop) if stop - start[0] <= most else ODD
        if outcome != TAKEN:
            return outcome
    return TAKEN


cdef Outcome take_message(Store* store, const char* at, const char* end) noexcept nogil:
    # One plain object, or an array of them; rows and texts may be left behind where it is odd.
    cdef Item item
    cdef Outcome outcome
    cdef bint is_array
    at = after_space(at, end)
    is_array = at < end and at[0] == c"["
    if is_array:
        at = after_space(at + 1, end)
    while True:
        at = scan_object(at, end, &item)
        if at == NULL:
            return ODD
        outcome = take_item(store, &item)
        if outcome != TAKEN:
            return outcome
        at = after_space(at, end)
        if not is_array:
            return TAKEN if at == end else ODD
        if at >= end or (at[0] != c"," and at[0] != c"]"):
            return ODD
        if at[0] == c"]":
            return TAKEN if after_space(at + 1, end) == end else ODD
        at = after_space(at + 1, end)


cdef class Sheet:
    """The rows and tables of one call."""

    cdef Store store
    cdef dict frames

    def __cinit__(self):
        memset(&self.store, 0, sizeof(Store))
        self.frames = {}
        if NUMBER_NAMES.n == 0:
            for name in NUMBER_QUANTITIES:
                _interned(&NUMBER_NAMES, name)
        self.store.quantities = &NUMBER_NAMES

    def __dealloc__(self):
        cdef int n
        for n in range(<int>N_KINDS):
            free(self.store.rows[n].cells)
        for n in range(<int>N_TABLES):
            free_texts(&self.store.texts[n])

    cdef Mark mark(self):
        cdef Mark mark
        cdef int n
        for n in range(<int>N_KINDS):
            mark.rows[n] = self.store.rows[n].n
        for n in range(<int>N_TABLES):
            mark.texts[n] = self.store.texts[n].n
        return mark

    cdef void take_back(self, const Mark* mark):
        cdef int n
        for n in range(<int>N_KINDS):
            self.store.rows[n].n = mark.rows[n]
        for n in range(<int>N_TABLES):
            forget_after(&self.store.texts[n], mark.texts[n])

    cdef int add(self, r) except -1:
        """A reading from the twin: `mark`s and texts in the order of the cells."""
        if isinstance(r, TagRead):
            memory = [self.place(HEXES, text) for text in (r.pc, r.tid, r.user, r.afi)]
            whole = [r.t_ns, self.place(TAG_SOURCES, r.source), r.antenna, self.place(EPCS, r.epc), *memory]
            return self.put(TAGS, whole, [r.rssi_dbm, r.phase_rad, r.freq_mhz, r.doppler_hz])
        if isinstance(r, Pose):
            whole = [r.t_ns, self.place(POSE_SOURCES, r.source), self.place(SHELVES, r.shelf)]
            return self.put(POSES, whole, [r.x_m, r.y_m, r.z_m])
        if isinstance(r, DoorCount):
            return self.put(DOORS, [r.t_ns, self.place(DOOR_SOURCES, r.source), r.n_in, r.n_out], [])
        whole = [r.t_ns, self.place(ROOM_SOURCES, r.source), self.place(SEEN_QUANTITIES, r.quantity)]
        if not isinstance(r.value, tuple):
            return self.put(ROOMS, whole, [r.value])
        self.frames[self.store.rows[<int>ROOMS].n] = np.array(r.value)
        return self.put(ROOMS, whole, [None])

    cdef int32_t place(self, Table table, text) except -2:
        return _interned(&self.store.texts[<int>table], text) if text else -1

    cdef int put(self, Kind kind, list whole, list real) except -1:
        cdef Cell* row = next_row(&self.store, kind)
        cdef size_t n = 0
        if row == NULL:
            raise MemoryError
        for value in whole:
            row[n].whole = value
            n += 1
        for value in real:
            row[n].real = np.nan if value is None else value
            n += 1
        return 0

    cdef readings(self):
        return Readings(
            tags=self.tags() if self.store.rows[<int>TAGS].n else TagColumns(),
            poses=self.poses() if self.store.rows[<int>POSES].n else PoseColumns(),
            doors=self.doors() if self.store.rows[<int>DOORS].n else DoorColumns(),
            rooms=self.rooms() if self.store.rows[<int>ROOMS].n else RoomColumns(),
        )

    cdef cells(self, Kind kind):
        """The rows of a kind as int64, a cell a column, where they are: valid as long as this sheet."""
        cdef Py_ssize_t n = self.store.rows[<int>kind].n
        cdef Py_ssize_t width = width_of(kind)
        return np.asarray(<int64_t[:n, :width]> <int64_t*> self.store.rows[<int>kind].cells)

    cdef tuple texts(self, Table table):
        return all_texts(&self.store.texts[<int>table])

    cdef tags(self):
        cells = self.cells(TAGS)
        return TagColumns(
            *_whole(cells, 0, 1), *_places(cells, 1, 4), *_real(cells, 8, 12),
            self.texts(TAG_SOURCES), self.texts(EPCS), self.memory(),
        )

    cdef poses(self):
        cells = self.cells(POSES)
        return PoseColumns(
            *_whole(cells, 0, 1), *_places(cells, 1, 3), *_real(cells, 3, 6),
            self.texts(POSE_SOURCES), self.texts(SHELVES),
        )

    cdef doors(self):
        cells = self.cells(DOORS)
        return DoorColumns(
            *_whole(cells, 0, 1), *_places(cells, 1, 2), *_whole(cells, 2, 4), self.texts(DOOR_SOURCES)
        )

    cdef rooms(self):
        cells = self.cells(ROOMS)
        return RoomColumns(
            *_whole(cells, 0, 1), *_places(cells, 1, 3), *_real(cells, 3, 4),
            self.texts(ROOM_SOURCES), self.texts(SEEN_QUANTITIES), self.frames,
        )

    cdef dict memory(self):
        """What is known of each tag: of each field what was said last."""
        cdef const Cell* row = self.store.rows[<int>TAGS].cells
        cdef const Texts* hexes = &self.store.texts[<int>HEXES]
        cdef size_t _n
        cdef int k
        cdef dict found = {}
        if hexes.n == 0:
            return found
        for _n in range(self.store.rows[<int>TAGS].n):
            for k in range(4):
                if row[4 + k].whole >= 0:
                    found.setdefault(row[3].whole, [None] * 4)[k] = row[4 + k].whole
            row += width_of(TAGS)
        return {
            tag: TagMemory(*[None if place is None else text_at(hexes, place) for place in fields])
            for tag, fields in found.items()
        }


cdef int32_t _interned(Texts* table, str text) except -1:
    cdef bytes raw = text.encode()
    cdef int32_t place = intern(table, raw, len(raw))
    if place < 0:
        raise MemoryError
    return place


cdef list _whole(cells, int first, int end):
    return [cells[:, n].copy() for n in range(first, end)]


cdef list _places(cells, int first, int end):
    return [cells[:, n].astype(np.intp) for n in range(first, end)]


cdef list _real(cells, int first, int end):
    return [cells[:, n].copy().view(np.float64) for n in range(first, end)]
