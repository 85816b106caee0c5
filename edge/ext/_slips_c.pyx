"""Runs of samples compiled: sums over blocks are kept in one table, and looked at run by run."""

from libc.math cimport cos, hypot, pi, sin
from libc.stdlib cimport free, malloc

ctypedef double complex wave

cdef struct Turn:
    double saved
    Py_ssize_t first
    Py_ssize_t end
    wave by


def settle(
    wave[:, ::1] cost,  # INOUT [k, k], Hermitian
    const Py_ssize_t[::1] samples,  # IN
    const Py_ssize_t[::1] ends,  # IN, of every line in `samples`
    const Py_ssize_t[::1] roots,  # IN
    double least,
    Py_ssize_t most,
    wave[::1] turned,  # INOUT [k]
):
    cdef Py_ssize_t line, start, n, longest = 0, _round
    cdef Turn best, one
    for line in range(ends.shape[0]):
        longest = max(longest, ends[line] - (ends[line - 1] if line else 0))
    cdef wave* within = <wave*>malloc((longest + 1) * (longest + 2) * sizeof(wave))
    if within == NULL:
        raise MemoryError
    with nogil:
        for _round in range(most):
            best.saved, best.first, best.end = 0.0, 0, 0
            for line in range(ends.shape[0]):
                start = ends[line - 1] if line else 0
                n = ends[line] - start
                if n == 0:
                    continue
                if roots[line] == 0:
                    one = whole(cost, samples, start, n)
                else:
                    one = of_line(cost, samples, start, n, roots[line], within)
                if one.saved > best.saved:
                    best = one
            if best.end == 0 or best.saved < least:
                break
            turn(cost, samples, best, turned)
        free(within)


cdef Turn whole(
    const wave[:, ::1] cost, const Py_ssize_t[::1] samples, Py_ssize_t start, Py_ssize_t n
) noexcept nogil:
    """The best angle of all samples of a line together."""
    cdef Turn found
    cdef wave across = 0.0
    cdef Py_ssize_t i, j
    cdef double size
    for i in range(start, start + n):
        for j in range(cost.shape[1]):
            across = across + cost[samples[i], j]
        for j in range(start, start + n):
            across = across - cost[samples[i], samples[j]]
    size = max(hypot(across.real, across.imag), 1e-300)
    found.saved = 2.0 * (across.real + size)
    found.first, found.end = start, start + n
    found.by = -across / size
    return found


cdef Turn of_line(
    const wave[:, ::1] cost, const Py_ssize_t[::1] samples, Py_ssize_t start, Py_ssize_t n, Py_ssize_t roots,
    wave* within,  # [n + 2, n + 1]: sums over the first i rows and j columns, then over whole rows
) noexcept nogil:
    """The best run of a line and its turn."""
    cdef Turn found
    cdef wave along, across
    cdef Py_ssize_t i, j, root, wide = n + 1
    cdef wave* total = within + (n + 1) * wide
    cdef double saved, c, s
    for j in range(wide):
        within[j] = 0.0
    total[0] = 0.0
    for i in range(n):
        within[(i + 1) * wide] = along = 0.0
        for j in range(n):
            along = along + cost[samples[start + i], samples[start + j]]
            within[(i + 1) * wide + j + 1] = within[i * wide + j + 1] + along
        along = 0.0
        for j in range(cost.shape[1]):
            along = along + cost[samples[start + i], j]
        total[i + 1] = total[i] + along
    found.saved, found.first, found.end, found.by = 0.0, 0, 0, 1.0
    for root in range(1, roots):
        c, s = cos(2.0 * pi * root / roots), sin(2.0 * pi * root / roots)
        for i in range(n):
            for j in range(i + 1, n + 1):
                across = total[j] - total[i] - (
                    within[j * wide + j] - within[i * wide + j] - within[j * wide + i] + within[i * wide + i]
                )
                saved = 2.0 * ((1.0 - c) * across.real - s * across.imag)
                if saved > found.saved:
                    found.saved, found.first, found.end = saved, start + i, start + j
                    found.by.real, found.by.imag = c, s
    return found


cdef void turn(
    wave[:, ::1] cost, const Py_ssize_t[::1] samples, Turn best, wave[::1] turned
) noexcept nogil:
    cdef Py_ssize_t i, j
    cdef wave back = best.by.real - 1j * best.by.imag
    for i in range(best.first, best.end):
        turned[samples[i]] = turned[samples[i]] * best.by
        for j in range(cost.shape[1]):
            cost[samples[i], j] = cost[samples[i], j] * back
            cost[j, samples[i]] = cost[j, samples[i]] * best.by
