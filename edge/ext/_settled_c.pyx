"""The balance filter's tape, marked and read backwards; see settled.py, and _tape.pxd for its records."""

import numpy as np

from edge.ext._tape cimport (
    BREATHED, CORRECTED, CORRECTED_HEAD, CUT, MARKED_HEAD, PASSED, TAIL, Tape, mark_people, tape_of,
)

from edge.ext._wide cimport add_rows

cdef enum:
    # states of a space in the filter (balance.py)
    PEOPLE = 0
    EXCESS = 1
    AIR = 2
    SWING = 3
    SOURCE = 4
    MAX_STATES = 256
    PLACES = 3


def mark(
    const double[:, ::1] x,          # IN
    const double[:, :, ::1] P,       # IN
    const Py_ssize_t[:, ::1] where,  # IN
    const Py_ssize_t[::1] sizes,     # IN
    double[::1] cells,               # OUT
    Py_ssize_t[::1] used,            # INOUT
    Py_ssize_t step,
):
    cdef Py_ssize_t s, b, at
    cdef Tape tape = tape_of(cells, used)
    with nogil:
        for s in range(where.shape[0]):
            b, at = where[s, 0], where[s, 1]
            mark_people(&tape, step, s, b, at, x[b, at], &P[b, at, 0], sizes[b])
    used[0] = tape.used


cdef struct Adjoint:
    double* lam
    double* Lam
    Py_ssize_t row   # how far a row of Λ is from the next
    Py_ssize_t used  # Λ is 0 from there on


def look_back(
    const double[::1] cells,    # IN
    Py_ssize_t used,
    double[:, ::1] lam,         # INOUT
    double[:, :, ::1] Lam,      # INOUT
    double[:, :, ::1] people,   # OUT
):
    """0, or -1 where a record does not fit."""
    cdef Py_ssize_t n, b, states = lam.shape[1]
    cdef int kind, wrong = 0
    cdef const double* payload
    cdef Adjoint to
    cdef Py_ssize_t[::1] extent = np.zeros(lam.shape[0], np.intp)
    if states > MAX_STATES:
        raise ValueError(f"expected at most {MAX_STATES} states a block")
    with nogil:
        for b in range(lam.shape[0]):
            extent[b] = length(&lam[b, 0], &Lam[b, 0, 0], states)
        while used >= TAIL:
            kind, b, n = <int> cells[used - 3], <Py_ssize_t> cells[used - 2], <Py_ssize_t> cells[used - 1]
            used -= n + TAIL
            if used < 0 or not 0 <= b < lam.shape[0] or n > CORRECTED_HEAD + states:
                wrong = -1
                break
            payload = &cells[used]
            to.lam, to.Lam, to.row, to.used = &lam[b, 0], &Lam[b, 0, 0], states, extent[b]
            if kind == BREATHED:
                back_through_breath(payload, &to)
            elif kind == PASSED:
                back_through_door(payload, &to)
            elif kind == CORRECTED:
                take_back(payload, n - CORRECTED_HEAD, &to)
            elif kind == CUT:
                forget(<Py_ssize_t> payload[0], &to)
            elif 0 <= payload[0] < people.shape[0] and 0 <= payload[1] < people.shape[1]:
                settle(
                    payload, n - MARKED_HEAD, &to,
                    &people[<Py_ssize_t> payload[0], <Py_ssize_t> payload[1], 0],
                )
            else:
                wrong = -1
                break
            extent[b] = to.used
    return wrong


cdef Py_ssize_t length(const double* lam, const double* Lam, Py_ssize_t states) noexcept nogil:
    """Up to where anything is not 0."""
    cdef Py_ssize_t k, n = states
    while n > 0:
        if lam[n - 1] != 0.0:
            break
        for k in range(states):
            if Lam[(n - 1) * states + k] != 0.0:
                return n
        n -= 1
    return n


cdef inline void reach(Adjoint* to, Py_ssize_t k) noexcept nogil:
    if to.used <= k:
        to.used = k + 1


cdef void back_through_breath(const double* was, Adjoint* to) noexcept nogil:
    """F' on both sides: what EXCESS came from gets its share of it."""
    cdef Py_ssize_t k, at = <Py_ssize_t> was[0], states = to.row
    cdef double decay = was[1], d_people = was[2], d_rate = was[3], d_source = was[4], keep = was[5], excess
    cdef double* row = to.Lam + (at + EXCESS) * states
    if to.used <= at:
        return
    reach(to, at + SOURCE)
    back_one(to.lam + at, decay, d_people, d_rate, d_source, keep)
    for k in range(to.used):
        excess = row[k]
        row[k - states] += d_people * excess
        row[k + states] += d_rate * excess
        row[k + 2 * states] = keep * row[k + 2 * states] + d_rate * excess
        row[k + 3 * states] += d_source * excess
        row[k] = decay * excess
    for k in range(to.used):
        back_one(to.Lam + k * states + at, decay, d_people, d_rate, d_source, keep)


cdef inline void back_one(
    double* space, double decay, double d_people, double d_rate, double d_source, double keep
) noexcept nogil:
    """The same of one column."""
    cdef double excess = space[EXCESS]
    space[PEOPLE] += d_people * excess
    space[AIR] += d_rate * excess
    space[SWING] = keep * space[SWING] + d_rate * excess
    space[SOURCE] += d_source * excess
    space[EXCESS] = decay * excess


cdef void back_through_door(const double* was, Adjoint* to) noexcept nogil:
    """The shares missed get what the people they moved have."""
    cdef Py_ssize_t target = <Py_ssize_t> was[0], origin = <Py_ssize_t> was[1], missed = <Py_ssize_t> was[2]
    cdef Py_ssize_t k, states = to.row
    cdef double n_in = was[3], n_out = was[4], moved
    cdef double* lam = to.lam
    cdef double* Lam = to.Lam
    reach(to, missed + 1)
    moved = (lam[target] if target >= 0 else 0.0) - (lam[origin] if origin >= 0 else 0.0)
    lam[missed] += n_in * moved
    lam[missed + 1] -= n_out * moved
    for k in range(to.used):
        moved = 0.0
        if target >= 0:
            moved += Lam[target * states + k]
        if origin >= 0:
            moved -= Lam[origin * states + k]
        Lam[missed * states + k] += n_in * moved
        Lam[(missed + 1) * states + k] -= n_out * moved
    for k in range(to.used):
        moved = 0.0
        if target >= 0:
            moved += Lam[k * states + target]
        if origin >= 0:
            moved -= Lam[k * states + origin]
        Lam[k * states + missed] += n_in * moved
        Lam[k * states + missed + 1] -= n_out * moved


cdef void spread(const double* row, Py_ssize_t n, const Adjoint* to, double* out) noexcept nogil:
    """Λ·row, by the rows of Λ, which is symmetric."""
    cdef Py_ssize_t k
    for k in range(to.used):
        out[k] = 0.0
    add_rows(out, row, n if n < to.used else to.used, to.Lam, to.row, to.used)


cdef void take_back(const double* was, Py_ssize_t n, Adjoint* to) noexcept nogil:
    cdef double[MAX_STATES] seen
    cdef const double* PH = was + CORRECTED_HEAD
    cdef double push = was[0], shrink = was[1], along = 0.0, square = 0.0, weight
    cdef Py_ssize_t i, j, k, at, states = to.row
    for i in range(PLACES):
        if was[2 + i] >= 0.0:
            reach(to, <Py_ssize_t> was[2 + i])
    n = n if n < to.used else to.used
    spread(PH, n, to, seen)
    for k in range(n):
        along += PH[k] * to.lam[k]
        square += PH[k] * seen[k]
    for i in range(PLACES):
        at = <Py_ssize_t> was[2 + i]
        if at < 0:
            continue
        to.lam[at] -= was[5 + i] * (push + shrink * along)
        weight = shrink * was[5 + i]
        for k in range(to.used):
            to.Lam[at * states + k] -= weight * seen[k]
        for k in range(to.used):
            to.Lam[k * states + at] -= weight * seen[k]
    for i in range(PLACES):
        for j in range(PLACES):
            if was[2 + i] >= 0.0 and was[2 + j] >= 0.0:
                at = <Py_ssize_t> was[2 + i] * states + <Py_ssize_t> was[2 + j]
                to.Lam[at] += shrink * (1.0 + shrink * square) * was[5 + i] * was[5 + j]


cdef void forget(Py_ssize_t at, Adjoint* to) noexcept nogil:
    cdef Py_ssize_t k
    to.lam[at] = 0.0
    for k in range(to.used):
        to.Lam[at * to.row + k] = 0.0
        to.Lam[k * to.row + at] = 0.0


cdef void settle(const double* was, Py_ssize_t n, const Adjoint* to, double* out) noexcept nogil:
    cdef double[MAX_STATES] seen
    cdef const double* row = was + MARKED_HEAD
    cdef Py_ssize_t k
    out[0], out[1] = was[3], row[<Py_ssize_t> was[2]]
    n = n if n < to.used else to.used
    spread(row, n, to, seen)
    for k in range(n):
        out[0] -= row[k] * to.lam[k]
        out[1] -= row[k] * seen[k]
