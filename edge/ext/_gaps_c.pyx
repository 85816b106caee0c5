"""Draws of a row compiled: exponentials beforehand, then one walk along the neighbours a tag and sweep."""

from libc.math cimport exp
from libc.stdlib cimport free, malloc
from libc.string cimport memmove

cdef double IMPOSSIBLE = -200.0  # beside the likeliest: three of them multiplied are still no 0

cdef struct Gaps:
    double* one  # [m], 1
    double* growing  # [longest + 1], of gaps of so many cells; beyond the last they count as it
    double* falling  # the same backwards
    Py_ssize_t last
    Py_ssize_t longest


def draws(
    const double[:, ::1] log_p,  # IN [n, m]
    const Py_ssize_t[::1] first,  # IN [n]
    const double[::1] log_gap,  # IN [g]
    const double[:, ::1] chance,  # IN [s, 2n]
    Py_ssize_t[:, ::1] out,  # OUT [s, n]
):
    cdef Py_ssize_t n = log_p.shape[0], m = log_p.shape[1], g = log_gap.shape[0], tag, sweep
    cdef Py_ssize_t* order = <Py_ssize_t*>malloc(2 * n * sizeof(Py_ssize_t))
    cdef double* own = <double*>malloc(((n + 4) * m + 3 * g) * sizeof(double))
    if order == NULL or own == NULL:
        free(order)
        free(own)
        raise MemoryError
    cdef Py_ssize_t* at = order + n
    cdef double* grown = own + n * m
    cdef Gaps gaps
    gaps.one, gaps.last, gaps.longest = grown + m, g - 1, g - 1 + m
    gaps.growing = gaps.one + m
    gaps.falling = gaps.growing + g + m
    with nogil:
        fill(&gaps, &log_gap[0], m)
        for tag in range(n):
            at[tag] = first[tag] + relative(&log_p[tag, 0], own + tag * m, m)
            put_in(order, at, tag, tag, True)
        for sweep in range(chance.shape[0]):
            for tag in range(n):
                take_out(order, n, tag)
                weigh(own + tag * m, &gaps, order, at, n - 1, first[tag], grown, m)
                at[tag] = first[tag] + drawn(grown, chance[sweep, tag], m)
                put_in(order, at, n - 1, tag, False)
            for tag in range(n - 1):
                change(log_p, first, chance[sweep, n + tag], order, at, tag)
            for tag in range(n):
                out[sweep, tag] = at[tag]
    free(order)
    free(own)


cdef Py_ssize_t relative(const double* log_p, double* p, Py_ssize_t m) noexcept nogil:
    """Fills `p` [m], 1 where it is likeliest; where that is."""
    cdef Py_ssize_t cell, best = 0
    for cell in range(1, m):
        if log_p[cell] > log_p[best]:
            best = cell
    for cell in range(m):
        p[cell] = exp(max(log_p[cell] - log_p[best], IMPOSSIBLE))
    return best


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


cdef void fill(Gaps* gaps, const double* log_gap, Py_ssize_t m) noexcept nogil:
    cdef Py_ssize_t cell
    relative(log_gap, gaps.growing, gaps.last + 1)
    for cell in range(m):
        gaps.one[cell] = 1.0
        gaps.growing[gaps.last + 1 + cell] = gaps.growing[gaps.last]
    for cell in range(gaps.longest + 1):
        gaps.falling[cell] = gaps.growing[gaps.longest - cell]


cdef void weigh(
    const double* own, const Gaps* gaps, const Py_ssize_t* order, const Py_ssize_t* at, Py_ssize_t others,
    Py_ssize_t first, double* grown, Py_ssize_t m,
) noexcept nogil:
    """Fills `grown` [m]: how likely a tag's cells are up to each, between the others in order."""
    cdef Py_ssize_t start = 0, end, cell, left, right, k = 0
    cdef double joint, sum_ = 0.0
    cdef const double* before
    cdef const double* after
    while start < m:
        while k < others and at[order[k]] < first + start:
            k += 1
        end = min(m, at[order[k]] - first + 1) if k < others else m
        left, right = at[order[k - 1]] if k > 0 else 0, at[order[k]] if k < others else 0
        joint = 1.0 / gaps.growing[min(right - left, gaps.last)] if 0 < k < others else 1.0
        before = gaps.growing + min(first + start - left, gaps.last) if k > 0 else gaps.one
        after = gaps.one
        if k < others:
            after = gaps.falling + gaps.longest - min(right - first - start, gaps.longest)
        for cell in range(end - start):
            sum_ += own[start + cell] * joint * before[cell] * after[cell]
            grown[start + cell] = sum_
        start = end


cdef Py_ssize_t drawn(const double* grown, double chance, Py_ssize_t m) noexcept nogil:
    """The first cell up to which more than that chance has grown."""
    cdef Py_ssize_t low = 0, high = m - 1, middle
    cdef double asked = chance * grown[m - 1]
    while low < high:
        middle = (low + high) // 2
        if grown[middle] <= asked:
            low = middle + 1
        else:
            high = middle
    return low


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
