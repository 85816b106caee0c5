"""Runs of samples compiled: sums over blocks are kept in one table, and looked at run by run."""

from libc.math cimport cos, hypot, pi, sin, sqrt
from libc.stdlib cimport free, malloc
from libc.string cimport memset

from edge.ext._sources_c cimport Samples, add_sources
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
    cdef Py_ssize_t s = sent.shape[0], k = h.shape[0]
    cdef const wave* of_sources = &sent[0, 0] if s else NULL
    cdef double* work = <double*>malloc(costs_room(s, k) * sizeof(double))
    if work == NULL:
        raise MemoryError
    with nogil:
        fill_costs(of_sources, &h[0], &sd[0], s, k, work, &out[0, 0])
        free(work)


cdef Py_ssize_t costs_room(Py_ssize_t s, Py_ssize_t k) noexcept nogil:
    return 2 * s * k + 2 * s * s + 2 * s + 2 * k


cdef void fill_costs(
    const wave* sent, const wave* h, const double* sd, Py_ssize_t s, Py_ssize_t k, double* work, wave* out
) noexcept nogil:
    """By sources: (D + BᵀB̄)⁻¹ = D⁻¹ - YᴴY with LY = B̄D⁻¹ and LLᴴ = I + B̄D⁻¹Bᵀ (Woodbury)."""
    cdef Py_ssize_t n, i, j
    cdef double* real = work
    cdef double* imag = real + s * k
    cdef double* low = imag + s * k
    cdef double* weight = low + 2 * s * s
    cdef double* row = weight + 2 * s
    cdef wave one
    for n in range(s):
        for j in range(k):
            one = sent[n * k + j] / (h[j] * sd[j])
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
            out[i * k + j].real, out[i * k + j].imag = row[j], row[k + j]
        out[i * k + i].real += 1.0 / (sd[i] * sd[i])


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


def settled(
    const double[:, ::1] path,  # IN [3, all samples]: x, y, wavenumber
    const wave[::1] h,  # IN [all samples]
    const double[::1] sd,  # IN [all samples]
    const Py_ssize_t[::1] leg,  # IN [all samples], rising in each tag
    const Py_ssize_t[::1] start,  # IN [n + 1]
    const double[::1] x_m,  # IN [n]
    const double[:, ::1] around,  # IN [a, 3]: ahead, depth, strength
    const double[:, ::1] direct,  # IN [d, 3]: the same of direct paths
    const double[:, ::1] itself,  # IN [1, 8]
    const double[:, ::1] mirrors,  # IN [i, 8], of direct paths
    const Py_ssize_t[::1] roots,  # IN [legs]
    double least,
    Py_ssize_t most,
    wave[::1] turned,  # INOUT [all samples], 1 before
):
    cdef Py_ssize_t a = around.shape[0], s = a + direct.shape[0], tag, k = 0, n, j, lines
    cdef double gain
    for tag in range(x_m.shape[0]):
        k = max(k, start[tag + 1] - start[tag])
    cdef wave* sent = <wave*>malloc((s * k + k * k + (k + 1) * (k + 2)) * sizeof(wave))
    cdef double* there = <double*>malloc((2 * s + max(4 * s * k, costs_room(s, k))) * sizeof(double))
    cdef Py_ssize_t* samples = <Py_ssize_t*>malloc((7 * k + 2) * sizeof(Py_ssize_t))
    if sent == NULL or there == NULL or samples == NULL:
        free(sent)
        free(there)
        free(samples)
        raise MemoryError
    cdef Py_ssize_t* ends = samples + 3 * k
    cdef Py_ssize_t* of_line = ends + 2 * k + 1
    cdef wave* cost = sent + s * k
    cdef wave* within = cost + k * k
    cdef double* work = there + 2 * s
    cdef Samples at
    with nogil:
        for tag in range(x_m.shape[0]):
            j = start[tag]
            k = start[tag + 1] - j
            if k == 0:
                continue
            at.x, at.y, at.k, at.n = &path[0, j], &path[1, j], &path[2, j], k
            for n in range(s):
                there[n] = x_m[tag] + (around[n, 0] if n < a else direct[n - a, 0])
                there[s + n] = around[n, 1] if n < a else direct[n - a, 1]
            memset(sent, 0, s * k * sizeof(wave))
            add_sources(&at, there, there + s, a, itself, work, <double*>sent)
            add_sources(&at, there + a, there + s + a, s - a, mirrors, work, <double*>(sent + a * k))
            gain = middle_share(&h[j], sent + (a + (s - a) // 2) * k, k, work)
            for n in range(s):
                scale(sent + n * k, gain * (around[n, 2] if n < a else direct[n - a, 2]), k)
            fill_costs(sent, &h[j], &sd[j], s, k, work, cost)
            lines = lines_of(&leg[j], &path[0, j], &roots[0], k, samples, ends, of_line)
            descend(cost, k, samples, ends, of_line, lines, least, most, within, &turned[j])
    free(sent)
    free(there)
    free(samples)


cdef double middle_share(const wave* h, const wave* sent, Py_ssize_t k, double* work) noexcept nogil:
    """The median of |h| over what is sent."""
    cdef Py_ssize_t i, n
    cdef double share
    for i in range(k):
        share = hypot(h[i].real, h[i].imag) / hypot(sent[i].real, sent[i].imag)
        n = i
        while n > 0 and work[n - 1] > share:
            work[n] = work[n - 1]
            n -= 1
        work[n] = share
    return 0.5 * (work[k // 2] + work[(k - 1) // 2])


cdef inline void scale(wave* row, double by, Py_ssize_t k) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(k):
        row[i] = row[i] * by


cdef Py_ssize_t lines_of(
    const Py_ssize_t* leg, const double* x_m, const Py_ssize_t* roots, Py_ssize_t k,
    Py_ssize_t* samples,  # OUT [3k]
    Py_ssize_t* ends,  # OUT [2k + 1]
    Py_ssize_t* of_line,  # OUT [2k + 1]
) noexcept nogil:
    """Each leg's runs, each leg as a whole, and runs of all legs together; how many lines these are."""
    cdef Py_ssize_t i, n, first = 0, used = 0, lines = 0, fewest = roots[leg[0]]
    cdef bint several = leg[k - 1] != leg[0]
    for i in range(k):
        fewest = min(fewest, roots[leg[i]])
        if i + 1 < k and leg[i + 1] == leg[i]:
            continue
        for _twice in range(1 + several):
            for n in range(first, i + 1):
                samples[used + n - first] = n
            used += i + 1 - first
            ends[lines], of_line[lines] = used, 0 if _twice else roots[leg[i]]
            lines += 1
        first = i + 1
    if several:
        for i in range(k):
            n = used + i
            while n > used and x_m[samples[n - 1]] > x_m[i]:
                samples[n] = samples[n - 1]
                n -= 1
            samples[n] = i
        ends[lines], of_line[lines] = used + k, fewest
        lines += 1
    return lines


def settle(
    wave[:, ::1] cost,  # INOUT [k, k], Hermitian
    const Py_ssize_t[::1] samples,  # IN
    const Py_ssize_t[::1] ends,  # IN, of every line in `samples`
    const Py_ssize_t[::1] roots,  # IN
    double least,
    Py_ssize_t most,
    wave[::1] turned,  # INOUT [k]
):
    cdef Py_ssize_t k = cost.shape[0], n = ends.shape[0], longest = samples.shape[0]
    if k == 0 or n == 0 or longest == 0:
        return
    cdef wave* within = <wave*>malloc((longest + 1) * (longest + 2) * sizeof(wave))
    if within == NULL:
        raise MemoryError
    with nogil:
        descend(&cost[0, 0], k, &samples[0], &ends[0], &roots[0], n, least, most, within, &turned[0])
        free(within)


cdef void descend(
    wave* cost, Py_ssize_t k, const Py_ssize_t* samples, const Py_ssize_t* ends, const Py_ssize_t* roots,
    Py_ssize_t lines, double least, Py_ssize_t most,
    wave* within,  # [n + 1, n + 2] for the longest line
    wave* turned,
) noexcept nogil:
    cdef Py_ssize_t line, start, n, _round
    cdef Turn best, one
    for _round in range(most):
        best.saved, best.first, best.end = 0.0, 0, 0
        for line in range(lines):
            start = ends[line - 1] if line else 0
            n = ends[line] - start
            if n == 0:
                continue
            if roots[line] == 0:
                one = whole(cost, k, samples, start, n)
            else:
                one = of_line(cost, k, samples, start, n, roots[line], within)
            if one.saved > best.saved:
                best = one
        if best.end == 0 or best.saved < least:
            break
        turn(cost, k, samples, best, turned)


cdef Turn whole(
    const wave* cost, Py_ssize_t k, const Py_ssize_t* samples, Py_ssize_t start, Py_ssize_t n
) noexcept nogil:
    """The best angle of all samples of a line together."""
    cdef Turn found
    cdef wave across = 0.0
    cdef Py_ssize_t i, j
    cdef double size
    for i in range(start, start + n):
        for j in range(k):
            across = across + cost[samples[i] * k + j]
        for j in range(start, start + n):
            across = across - cost[samples[i] * k + samples[j]]
    size = max(hypot(across.real, across.imag), 1e-300)
    found.saved = 2.0 * (across.real + size)
    found.first, found.end = start, start + n
    found.by = -across / size
    return found


cdef Turn of_line(
    const wave* cost, Py_ssize_t k, const Py_ssize_t* samples, Py_ssize_t start, Py_ssize_t n,
    Py_ssize_t roots,
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
            along = along + cost[samples[start + i] * k + samples[start + j]]
            within[(i + 1) * wide + j + 1] = within[i * wide + j + 1] + along
        along = 0.0
        for j in range(k):
            along = along + cost[samples[start + i] * k + j]
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
    wave* cost, Py_ssize_t k, const Py_ssize_t* samples, Turn best, wave* turned
) noexcept nogil:
    cdef Py_ssize_t i, j
    cdef wave back = best.by.real - 1j * best.by.imag
    for i in range(best.first, best.end):
        turned[samples[i]] = turned[samples[i]] * best.by
        for j in range(k):
            cost[samples[i] * k + j] = cost[samples[i] * k + j] * back
            cost[j * k + samples[i]] = cost[j * k + samples[i]] * best.by
