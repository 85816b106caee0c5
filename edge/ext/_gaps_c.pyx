"""Draws of a row compiled: one walk along the neighbours a tag and sweep."""

from libc.math cimport exp
from libc.stdlib cimport free, malloc
from libc.string cimport memmove


def draws(
    const double[:, ::1] log_p,  # IN [n, m]
    const Py_ssize_t[::1] first,  # IN [n]
    const double[::1] log_gap,  # IN [g]
    const double[:, ::1] chance,  # IN [s, 2n]
    Py_ssize_t[:, ::1] out,  # OUT [s, n]
):
    cdef Py_ssize_t n = log_p.shape[0], m = log_p.shape[1], tag, cell, best, sweep
    cdef Py_ssize_t* order = <Py_ssize_t*>malloc(2 * n * sizeof(Py_ssize_t))
    cdef double* weight = <double*>malloc(m * sizeof(double))
    if order == NULL or weight == NULL:
        free(order)
        free(weight)
        raise MemoryError
    cdef Py_ssize_t* at = order + n
    with nogil:
        for tag in range(n):
            best = 0
            for cell in range(1, m):
                if log_p[tag, cell] > log_p[tag, best]:
                    best = cell
            at[tag] = first[tag] + best
            put_in(order, at, tag, tag, True)
        for sweep in range(chance.shape[0]):
            for tag in range(n):
                take_out(order, n, tag)
                at[tag] = drawn(log_p, first, log_gap, chance[sweep, tag], order, at, tag, weight)
                put_in(order, at, n - 1, tag, False)
            for tag in range(n - 1):
                change(log_p, first, chance[sweep, n + tag], order, at, tag)
            for tag in range(n):
                out[sweep, tag] = at[tag]
    free(order)
    free(weight)


cdef void take_out(Py_ssize_t* order, Py_ssize_t n, Py_ssize_t tag) noexcept nogil:
    cdef Py_ssize_t k = 0
    while order[k] != tag:
        k += 1
    memmove(order + k, order + k + 1, (n - 1 - k) * sizeof(Py_ssize_t))


cdef void put_in(
    Py_ssize_t* order, const Py_ssize_t* at, Py_ssize_t n, Py_ssize_t tag, bint after
) noexcept nogil:
    """Into the n in order, before (or after) those at the same cell."""
    cdef Py_ssize_t k = 0
    while k < n and (at[order[k]] < at[tag] or (after and at[order[k]] == at[tag])):
        k += 1
    memmove(order + k + 1, order + k, (n - k) * sizeof(Py_ssize_t))
    order[k] = tag


cdef Py_ssize_t drawn(
    const double[:, ::1] log_p, const Py_ssize_t[::1] first, const double[::1] log_gap, double chance,
    const Py_ssize_t* order, const Py_ssize_t* at, Py_ssize_t tag, double* weight,
) noexcept nogil:
    """The tag's cell, given the others in order."""
    cdef Py_ssize_t m = log_p.shape[1], others = log_p.shape[0] - 1, last = log_gap.shape[0] - 1
    cdef Py_ssize_t cell, here, k = 0
    cdef double found, top = -1e300, sum_ = 0.0
    for cell in range(m):
        here = first[tag] + cell
        while k < others and at[order[k]] < here:
            k += 1
        found = log_p[tag, cell]
        if k > 0:
            found += log_gap[min(here - at[order[k - 1]], last)]
        if k < others:
            found += log_gap[min(at[order[k]] - here, last)]
        if 0 < k < others:
            found -= log_gap[min(at[order[k]] - at[order[k - 1]], last)]
        weight[cell] = found
        top = max(top, found)
    for cell in range(m):
        sum_ += exp(weight[cell] - top)
        weight[cell] = sum_
    cell = 0
    while cell < m - 1 and weight[cell] <= chance * sum_:
        cell += 1
    return first[tag] + cell


cdef void change(
    const double[:, ::1] log_p, const Py_ssize_t[::1] first, double chance, Py_ssize_t* order, Py_ssize_t* at,
    Py_ssize_t k,
) noexcept nogil:
    """The k-th of the row and the next change places, where that is likely enough."""
    cdef Py_ssize_t m = log_p.shape[1], a = order[k], b = order[k + 1]
    cdef Py_ssize_t there = at[b] - first[a], back = at[a] - first[b], own
    cdef double gain
    if not (0 <= there < m and 0 <= back < m):
        return
    gain = log_p[a, there] + log_p[b, back] - log_p[a, at[a] - first[a]] - log_p[b, at[b] - first[b]]
    if chance < exp(min(0.0, gain)):
        own = at[a]
        at[a], at[b] = at[b], own
        order[k], order[k + 1] = b, a
