"""How many people a level speaks for; see sound.py for the arguments and _sound_py.py for the oracle."""

from libc.math cimport fmax, fmin, log, log10

from edge.ext._balance_c cimport Block, take_in
from edge.ext._tape cimport Tape, tape_of

cdef enum:
    # columns of the table of levels (sound.py)
    BASE_DB = 0
    HEAD_DB = 1
    VAR_BASE = 2
    VAR_BOTH = 3
    VAR_HEAD = 4
    AGE_H = 5
    STRAY_DB = 6
    SWAY_DB2 = 7
    # columns of the table of spaces (occupancy.py)
    COUNTED = 4
    SOUND = 17
    NONE = -1

cdef double MOST_DBA = 140.0
cdef double FIRST_BASE_BELOW_DB = 1.0
cdef double FIRST_HEAD_BELOW_DB = 9.0
cdef double FIRST_VAR_BASE = 9.0
cdef double FIRST_VAR_HEAD = 49.0
cdef double FIRST_SWAY = 1.0
cdef double LEAST_SWAY = 0.3
cdef double BASE_DRIFT = 0.04
cdef double HEAD_DRIFT = 0.01
cdef double LEAST_GAP_H = 1.0 / 3600
cdef double ASTRAY_H = 0.25
cdef double PEOPLE_ASTRAY_H = 1.0
cdef double SWAY_H = 8.0
cdef double STILL_DOUBTED = 0.5
cdef double LEAST_VARIANCE = 1e-4
cdef double MOST_PUSH_DB = 6.0
cdef double GATE = 2.5
cdef double DB = 10.0 / log(10.0)

cdef struct Loudness:
    double level
    double by_base
    double by_head
    double by_person


def listen(
    double[:, ::1] x,                # INOUT
    double[:, :, ::1] P,             # INOUT
    const Py_ssize_t[:, ::1] where,  # IN block, place of PEOPLE, by space
    const double[:, ::1] spaces,     # IN (occupancy.py)
    double[:, ::1] heard,            # INOUT
    double step_h,
    double[::1] cells,               # OUT the tape (occupancy.py)
    Py_ssize_t[::1] on_tape,         # INOUT
):
    cdef Py_ssize_t s
    cdef Tape tape = tape_of(cells, on_tape)
    cdef Block block
    block.row = block.size = block.used = x.shape[1]
    block.tape = &tape if tape.cells != NULL else NULL
    with nogil:
        for s in range(where.shape[0]):
            block.number = where[s, 0]
            block.x, block.P = &x[where[s, 0], 0], &P[where[s, 0], 0, 0]
            listen_to(
                &block, where[s, 1], spaces[s, SOUND], spaces[s, COUNTED] != 0.0, &heard[s, 0], step_h
            )
    if cells.shape[0] > 0:
        on_tape[0] = tape.used


cdef void listen_to(
    Block* block, Py_ssize_t at, double level, bint counted, double* row, double step_h
) noexcept nogil:
    row[AGE_H] += step_h
    if 0.0 < level < MOST_DBA:
        take_level(block, at, level, counted, row)


cdef void take_level(
    Block* block, Py_ssize_t at, double level, bint counted, double* row
) noexcept nogil:
    cdef double* x = block.x
    cdef double age_h, noise, nu, S
    cdef Loudness now
    if row[VAR_BASE] == 0.0:
        first(row, level)
        return
    age_h = fmin(fmax(row[AGE_H], LEAST_GAP_H), 1.0)
    row[AGE_H] = 0.0
    row[VAR_BASE] += BASE_DRIFT * age_h
    row[VAR_HEAD] += HEAD_DRIFT * age_h
    noise = row[SWAY_DB2] * fmax(2.0 * ASTRAY_H / age_h, 1.0)
    now = expected(row, fmax(x[at], 0.0))
    if counted:
        take_in(
            block, at, NONE, NONE, now.by_person, level - now.level + now.by_person * x[at],
            noise + unknown(row, &now), GATE, &nu, &S,
        )
        x[at] = fmax(x[at], 0.0)
    learn(row, level, fmax(x[at], 0.0), block.P[at * (block.row + 1)], noise, age_h)


cdef void first(double* row, double level) noexcept nogil:
    row[BASE_DB], row[HEAD_DB] = level - FIRST_BASE_BELOW_DB, level - FIRST_HEAD_BELOW_DB
    row[VAR_BASE], row[VAR_BOTH], row[VAR_HEAD] = FIRST_VAR_BASE, 0.0, FIRST_VAR_HEAD
    row[AGE_H], row[STRAY_DB], row[SWAY_DB2] = 0.0, 0.0, FIRST_SWAY


cdef Loudness expected(const double* row, double people) noexcept nogil:
    """The level, its slopes by the two levels that it is made of, and by people."""
    cdef double base = 10.0 ** (row[BASE_DB] / 10.0), head = 10.0 ** (row[HEAD_DB] / 10.0)
    cdef double total = base + people * head
    cdef Loudness found
    found.level = 10.0 * log10(total)
    found.by_base, found.by_head, found.by_person = base / total, people * head / total, DB * head / total
    return found


cdef double unknown(const double* row, const Loudness* at) noexcept nogil:
    """The level's variance by what is not known of the two levels."""
    return (
        at.by_base * at.by_base * row[VAR_BASE] + 2.0 * at.by_base * at.by_head * row[VAR_BOTH]
        + at.by_head * at.by_head * row[VAR_HEAD]
    )


cdef void learn(
    double* row, double level, double people, double variance, double noise, double age_h
) noexcept nogil:
    """What the people that all evidence tells of say of the two levels, and how far levels go astray."""
    cdef Loudness now = expected(row, people)
    cdef double doubt = now.by_person * now.by_person * fmax(variance, 0.0)
    cdef double S = unknown(row, &now) + noise + doubt * fmax(2.0 * PEOPLE_ASTRAY_H / age_h, 1.0)
    cdef double base = row[VAR_BASE] * now.by_base + row[VAR_BOTH] * now.by_head
    cdef double head = row[VAR_BOTH] * now.by_base + row[VAR_HEAD] * now.by_head
    cdef double push = fmin(fmax(level - now.level, -MOST_PUSH_DB), MOST_PUSH_DB), square
    row[BASE_DB] += base / S * push
    row[HEAD_DB] += head / S * push
    row[VAR_BASE] = fmax(row[VAR_BASE] - base * base / S, LEAST_VARIANCE)
    row[VAR_BOTH] -= base * head / S
    row[VAR_HEAD] = fmax(row[VAR_HEAD] - head * head / S, LEAST_VARIANCE)
    row[STRAY_DB] += fmin(age_h / ASTRAY_H, 1.0) * (push - row[STRAY_DB])
    square = row[STRAY_DB] * row[STRAY_DB]
    square = fmax(square - doubt, STILL_DOUBTED * square)
    row[SWAY_DB2] = fmax(row[SWAY_DB2] + fmin(age_h / SWAY_H, 1.0) * (square - row[SWAY_DB2]), LEAST_SWAY)
