"""Runs of samples compiled: sums over blocks are kept in one table, and looked at run by run."""

from libc.math cimport cos, hypot, pi, sin, sqrt
from libc.stdlib cimport free, malloc

from edge.ext._wide cimport add_rows, add_up

ctypedef double complex wave

cdef struct Turn:
    double saved
    Py_ssize_t first
    Py_ssize_t end
    wave by


def costs(
    const wave[:, ::1] sent,  # IN [s, k]
    const wave[::1] h,  # IN [k]
    const double[::1] sd,  # IN [k]
    wave[:, ::1] out,  # OUT [k, k]
):
    """By sources: (D + BᵀB̄)⁻¹ = D⁻¹ - YᴴY with LY = B̄D⁻¹ and LLᴴ = I + B̄D⁻¹Bᵀ (Woodbury)."""
    cdef Py_ssize_t s = sent.shape[0], k = h.shape[0], n, i, j
    cdef double* real = <double*>malloc((2 * s * k + 2 * s * s + 2 * s + 2 * k) * sizeof(double))
    if real == NULL:
        raise MemoryError
    cdef double* imag = real + s * k
    cdef double* low = imag + s * k
    cdef double* weight = low + 2 * s * s
    cdef double* row = weight + 2 * s
    cdef wave one
    with nogil:
        for n in range(s):
            for j in range(k):
                one = sent[n, j] / (h[j] * sd[j])
                real[n * k + j], imag[n * k + j] = one.real, -one.imag
        factor(real, imag, low, s, k)
        for n in range(s):
            for i in range(n):
                take(real, imag, n, i, low[2 * (n * s + i)], low[2 * (n * s + i) + 1], k)
            for j in range(k):
                real[n * k + j] /= low[2 * (n * s + n)]
                imag[n * k + j] /= low[2 * (n * s + n)]
        for n in range(s):
            for j in range(k):
                real[n * k + j] /= sd[j]
                imag[n * k + j] /= sd[j]
        for i in range(k):
            for n in range(s):
                weight[n], weight[s + n] = -real[n * k + i], -imag[n * k + i]
            for j in range(2 * k):
                row[j] = 0.0
            add_rows(row, weight, s, real, k, k)
            add_rows(row, weight + s, s, imag, k, k)
            add_rows(row + k, weight, s, imag, k, k)
            for n in range(s):
                weight[s + n] = -weight[s + n]
            add_rows(row + k, weight + s, s, real, k, k)
            for j in range(k):
                out[i, j].real, out[i, j].imag = row[j], row[k + j]
            out[i, i].real += 1.0 / (sd[i] * sd[i])
        free(real)


cdef void factor(
    const double* real, const double* imag, double* low, Py_ssize_t s, Py_ssize_t k
) noexcept nogil:
    """Cholesky's factor of I and the products of all rows, complex numbers side by side."""
    cdef Py_ssize_t a, b, n
    cdef double along, across
    cdef const double *x
    cdef const double *y
    for a in range(s):
        for b in range(a + 1):
            along, across = 1.0 if a == b else 0.0, 0.0
            for n in range(k):
                along += real[a * k + n] * real[b * k + n] + imag[a * k + n] * imag[b * k + n]
                across += imag[a * k + n] * real[b * k + n] - real[a * k + n] * imag[b * k + n]
            x, y = low + 2 * a * s, low + 2 * b * s
            for n in range(b):
                along -= x[2 * n] * y[2 * n] + x[2 * n + 1] * y[2 * n + 1]
                across -= x[2 * n + 1] * y[2 * n] - x[2 * n] * y[2 * n + 1]
            if a == b:
                low[2 * (a * s + a)], low[2 * (a * s + a) + 1] = sqrt(along), 0.0
            else:
                low[2 * (a * s + b)] = along / y[2 * b]
                low[2 * (a * s + b) + 1] = across / y[2 * b]


cdef inline void take(
    double* real, double* imag, Py_ssize_t n, Py_ssize_t i, double along, double across, Py_ssize_t k
) noexcept nogil:
    """Row n less a complex number of times row i."""
    add_up(real + n * k, real + i * k, -along, k)
    add_up(real + n * k, imag + i * k, across, k)
    add_up(imag + n * k, imag + i * k, -along, k)
    add_up(imag + n * k, real + i * k, -across, k)


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
