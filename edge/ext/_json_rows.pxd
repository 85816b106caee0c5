# Plain objects to rows. A row is a stretch of cells, whole numbers and places in tables first, then numbers;
# a number that is not known is NaN, a place that is not known is -1. The order of the cells:
#
#   TAGS   t_ns source antenna tag pc tid user afi | rssi_dbm phase_rad freq_mhz doppler_hz
#   POSES  t_ns source shelf | x_m y_m z_m
#   DOORS  t_ns source in out
#   ROOMS  t_ns source quantity | value

from libc.math cimport NAN, fmod
from libc.stdint cimport INT64_MAX, int32_t, int64_t
from libc.stdlib cimport realloc

from edge.ext._intern cimport Texts, find, intern, text_hash
from edge.ext._json_scan cimport (
    AFI, ANTENNA, COUNT_IN, COUNT_OUT, DOPPLER, EPC, FALSE, FREQ, INTEGER, KIND, NOTHING, PC, PHASE, QUANTITY,
    REAL, RSSI, SHELF, SOURCE, STRING, T_NS, TID, TRUE, USER, VALUE, X, Y, Z, Item, Key, Value, text_is,
)

cdef extern from *:
    """
    static const double MOST = 1e12, MOST_DBM = 200.0, MOST_M = 1e4;
    static const double LEAST_MHZ = 0.1, MOST_MHZ = 1e5;
    """
    const double MOST, MOST_DBM, MOST_M, LEAST_MHZ, MOST_MHZ

cdef enum:
    ID_BYTES = 63
    EPC_DIGITS = 124
    HEX_DIGITS = 4096


cdef enum Kind:
    TAGS
    POSES
    DOORS
    ROOMS
    N_KINDS


cdef enum Table:
    TAG_SOURCES
    EPCS
    HEXES
    POSE_SOURCES
    SHELVES
    DOOR_SOURCES
    ROOM_SOURCES
    SEEN_QUANTITIES
    N_TABLES


cdef enum Outcome:
    TAKEN
    ODD
    NO_MEMORY


cdef union Cell:
    int64_t whole
    double real


cdef struct Rows:
    Cell* cells
    size_t n
    size_t room


cdef struct Store:
    Rows rows[4]
    Texts texts[8]
    const Texts* quantities  # those that have one number


cdef inline size_t width_of(int kind) noexcept nogil:
    if kind == TAGS:
        return 12
    if kind == POSES:
        return 6
    return 4


cdef inline Cell* next_row(Store* store, Kind kind) noexcept nogil:
    cdef Rows* rows = &store.rows[<int>kind]
    cdef size_t width = width_of(kind)
    cdef size_t room
    cdef void* moved
    if rows.n == rows.room:
        room = 2 * rows.room + 64
        moved = realloc(rows.cells, room * width * sizeof(Cell))
        if moved == NULL:
            return NULL
        rows.cells = <Cell*>moved
        rows.room = room
    rows.n += 1
    return rows.cells + (rows.n - 1) * width


cdef inline bint has(const Item* item, Key key) noexcept nogil:
    return (item.seen >> <int>key) & 1


cdef inline bint known(const Item* item, Key key) noexcept nogil:
    return has(item, key) and item.values[<int>key].token != NOTHING


cdef inline bint get_number(const Item* item, Key key, double low, double high, Cell* out) noexcept nogil:
    cdef const Value* value = &item.values[<int>key]
    if not has(item, key):
        return False
    if value.token == INTEGER:
        out.real = <double>value.integer
    elif value.token == REAL:
        out.real = value.real
    else:
        return False
    return low <= out.real <= high


cdef inline bint get_optional(const Item* item, Key key, double low, double high, Cell* out) noexcept nogil:
    if known(item, key):
        return get_number(item, key, low, high, out)
    out.real = NAN
    return True


cdef inline bint get_whole(const Item* item, Key key, int64_t low, int64_t high, Cell* out) noexcept nogil:
    if not has(item, key) or item.values[<int>key].token != INTEGER:
        return False
    out.whole = item.values[<int>key].integer
    return low <= out.whole <= high


cdef inline bint is_id(const Item* item, Key key) noexcept nogil:
    # [a-z0-9][a-z0-9-]{0,62}
    cdef const Value* value = &item.values[<int>key]
    cdef size_t n
    cdef char c
    if not has(item, key) or value.token != STRING or not 0 < value.size <= ID_BYTES or value.at[0] == c"-":
        return False
    for n in range(value.size):
        c = value.at[n]
        if not (c"a" <= c <= c"z" or c"0" <= c <= c"9" or c == c"-"):
            return False
    return True


cdef inline bint put_text(const Item* item, Key key, Texts* table, Cell* out) noexcept nogil:
    # False where memory is out.
    out.whole = intern(table, item.values[<int>key].at, item.values[<int>key].size)
    return out.whole >= 0


cdef inline bint put_hex(const Item* item, Key key, size_t most, Texts* table, Cell* out) noexcept nogil:
    # False where it is not hex; the place is -1 where memory is out.
    cdef const Value* value = &item.values[<int>key]
    cdef char upper[HEX_DIGITS]
    cdef size_t n
    cdef char c
    if not has(item, key) or value.token != STRING or not 0 < value.size <= most or value.size & 1:
        return False
    for n in range(value.size):
        c = value.at[n]
        if c"a" <= c <= c"f":
            c -= 32
        elif not (c"0" <= c <= c"9" or c"A" <= c <= c"F"):
            return False
        upper[n] = c
    out.whole = intern(table, upper, value.size)
    return True


cdef inline bint put_memory(Store* store, const Item* item, Key key, Cell* out) noexcept nogil:
    cdef const Value* value = &item.values[<int>key]
    out.whole = -1
    if not known(item, key) or (value.token == STRING and value.size == 0):
        return True
    return put_hex(item, key, HEX_DIGITS, &store.texts[<int>HEXES], out) and out.whole >= 0


cdef inline double folded(double phase_rad) noexcept nogil:
    # Into [0, 2π), as Python's % and the twin do.
    cdef double turn_rad = 6.283185307179586
    phase_rad = fmod(phase_rad, turn_rad)
    if phase_rad < 0:
        phase_rad += turn_rad
    if phase_rad == 0 or phase_rad >= turn_rad:
        return 0.0
    return phase_rad


cdef inline Outcome keep(Store* store, Kind kind, bint enough, const Cell* row) noexcept nogil:
    cdef Cell* place = next_row(store, kind) if enough else NULL
    cdef size_t n
    if place == NULL:
        return NO_MEMORY
    for n in range(width_of(kind)):
        place[n] = row[n]
    return TAKEN


cdef inline Outcome take_tag(Store* store, const Item* item) noexcept nogil:
    # What may fail comes before what is kept: a table holds no text of an odd object.
    cdef Cell row[12]
    cdef bint enough
    if not (
        get_whole(item, T_NS, 0, INT64_MAX, &row[0])
        and get_whole(item, ANTENNA, 0, 65_535, &row[2])
        and get_optional(item, RSSI, -MOST_DBM, MOST_DBM, &row[8])
        and get_optional(item, PHASE, -MOST, MOST, &row[9])
        and get_optional(item, FREQ, LEAST_MHZ, MOST_MHZ, &row[10])
        and get_optional(item, DOPPLER, -MOST, MOST, &row[11])
        and put_memory(store, item, PC, &row[4])
        and put_memory(store, item, TID, &row[5])
        and put_memory(store, item, USER, &row[6])
        and put_memory(store, item, AFI, &row[7])
        and is_id(item, SOURCE)
        and put_hex(item, EPC, EPC_DIGITS, &store.texts[<int>EPCS], &row[3])
    ):
        return ODD
    row[9].real = folded(row[9].real)
    enough = row[3].whole >= 0 and put_text(item, SOURCE, &store.texts[<int>TAG_SOURCES], &row[1])
    return keep(store, TAGS, enough, row)


cdef inline Outcome take_pose(Store* store, const Item* item) noexcept nogil:
    cdef Cell row[6]
    cdef bint enough
    if not (
        get_whole(item, T_NS, 0, INT64_MAX, &row[0])
        and get_number(item, X, -MOST_M, MOST_M, &row[3])
        and get_number(item, Y, -MOST_M, MOST_M, &row[4])
        and get_optional(item, Z, -MOST_M, MOST_M, &row[5])
        and is_id(item, SOURCE)
        and is_id(item, SHELF)
    ):
        return ODD
    enough = put_text(item, SOURCE, &store.texts[<int>POSE_SOURCES], &row[1]) and put_text(
        item, SHELF, &store.texts[<int>SHELVES], &row[2]
    )
    return keep(store, POSES, enough, row)


cdef inline Outcome take_door(Store* store, const Item* item) noexcept nogil:
    cdef Cell row[4]
    cdef int64_t most = <int64_t>1 << 53
    if not (
        get_whole(item, T_NS, 0, INT64_MAX, &row[0])
        and get_whole(item, COUNT_IN, -most, most, &row[2])
        and get_whole(item, COUNT_OUT, -most, most, &row[3])
        and is_id(item, SOURCE)
    ):
        return ODD
    return keep(store, DOORS, put_text(item, SOURCE, &store.texts[<int>DOOR_SOURCES], &row[1]), row)


cdef inline bint get_room_value(const Item* item, Cell* out) noexcept nogil:
    if has(item, VALUE) and item.values[<int>VALUE].token in (TRUE, FALSE):
        out.real = 1.0 if item.values[<int>VALUE].token == TRUE else 0.0
        return True
    return get_number(item, VALUE, -MOST, MOST, out)


cdef inline Outcome take_room(Store* store, const Item* item) noexcept nogil:
    # A quantity that has not one number (a thermal frame) is odd, as is one that nobody knows.
    cdef Cell row[4]
    cdef bint enough
    cdef const Value* name = &item.values[<int>QUANTITY]
    if not (
        get_whole(item, T_NS, 0, INT64_MAX, &row[0])
        and has(item, QUANTITY)
        and name.token == STRING
        and find(store.quantities, name.at, name.size, text_hash(name.at, name.size)) >= 0
        and get_room_value(item, &row[3])
        and is_id(item, SOURCE)
    ):
        return ODD
    enough = put_text(item, SOURCE, &store.texts[<int>ROOM_SOURCES], &row[1]) and put_text(
        item, QUANTITY, &store.texts[<int>SEEN_QUANTITIES], &row[2]
    )
    return keep(store, ROOMS, enough, row)


cdef inline Outcome take_item(Store* store, const Item* item) noexcept nogil:
    cdef const Value* kind = &item.values[<int>KIND]
    if not has(item, KIND) or kind.token != STRING:
        return ODD
    if kind.size == 3 and text_is(kind.at, "tag", 3):
        return take_tag(store, item)
    if kind.size == 4 and text_is(kind.at, "pose", 4):
        return take_pose(store, item)
    if kind.size == 4 and text_is(kind.at, "door", 4):
        return take_door(store, item)
    if kind.size == 4 and text_is(kind.at, "room", 4):
        return take_room(store, item)
    return ODD
