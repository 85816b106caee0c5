# The tape of what the balance filter did, written by the kernels that move it on, read back by `settled`.
# A record is its payload, then KIND, BLOCK and the payload's length, so that it is found from its end:
#
#     BREATHED   place of the space, decay, d_people, d_rate, d_source, keep      (the Jacobian of `breathe`)
#     PASSED     target, origin, place of the shares missed, n_in, n_out
#     CORRECTED  push, shrink, three places of H (-1: none) and its values there, PH
#     CUT        the state that was set apart
#     MARKED     step, space, place of PEOPLE, its mean, its row of P as far as the block has states
#
# Corrections: x += PH·push, P −= PH·PH'·shrink.

cdef enum:
    BREATHED = 0
    PASSED = 1
    CORRECTED = 2
    CUT = 3
    MARKED = 4
    TAIL = 3
    CORRECTED_HEAD = 8
    MARKED_HEAD = 4

cdef struct Tape:
    double* cells
    Py_ssize_t room
    Py_ssize_t used


cdef inline Tape tape_of(double[::1] cells, const Py_ssize_t[::1] used) noexcept:
    """No cells: nothing is written."""
    cdef Tape found
    found.cells, found.room, found.used = NULL, cells.shape[0], 0
    if found.room > 0:
        found.cells, found.used = &cells[0], used[0]
    return found


cdef inline double* begin(Tape* tape, int kind, Py_ssize_t block, Py_ssize_t n) noexcept nogil:
    """Room for the n numbers of a record, its tail already written; NULL where none is wanted."""
    cdef double* payload
    if tape == NULL or tape.cells == NULL or tape.used + n + TAIL > tape.room:
        return NULL
    payload = tape.cells + tape.used
    payload[n], payload[n + 1], payload[n + 2] = <double> kind, <double> block, <double> n
    tape.used += n + TAIL
    return payload


cdef inline void mark_people(
    Tape* tape, Py_ssize_t step, Py_ssize_t space, Py_ssize_t block, Py_ssize_t at,
    double mean, const double* row, Py_ssize_t n,
) noexcept nogil:
    """Put down what is known of a space's people: their mean, and the n numbers of their row of P."""
    cdef Py_ssize_t k
    cdef double* payload = begin(tape, MARKED, block, MARKED_HEAD + n)
    if payload == NULL:
        return
    payload[0], payload[1], payload[2], payload[3] = <double> step, <double> space, <double> at, mean
    for k in range(n):
        payload[MARKED_HEAD + k] = row[k]
