"""Hypotheses among echoes compiled: places of the path side by side in columns, hypotheses along memory."""

from libc.math cimport sqrt
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy, memset

from edge.ext._logs cimport logs
from edge.ext._metric cimport add_multiplied, add_products, eliminate, stand
from edge.ext._wide cimport add_up

cdef extern from *:
    """
    /* The most likely gain of m hypotheses, squared errors that it leaves, and the determinant of
       their products. */
    static WIDE void fitted(
        const double *restrict sums, double read, double *restrict alpha, double *restrict left,
        double *restrict det, Py_ssize_t m
    ) {
        const double *vv = sums, *jj = sums + m, *vj = sums + 2 * m, *vr = sums + 3 * m, *jr = sums + 4 * m;
        for (Py_ssize_t n = 0; n < m; n++) {
            double of_v = vv[n] * jj[n] - vj[n] * vj[n];
            det[n] = of_v > 1e-300 ? of_v : 1e-300;
            double real = (jj[n] * vr[n] - vj[n] * jr[n]) / det[n];
            double imag = (vv[n] * jr[n] - vj[n] * vr[n]) / det[n];
            left[n] = read - real * vr[n] - imag * jr[n];
            alpha[2 * n] = real;
            alpha[2 * n + 1] = imag;
        }
    }
    """
    void fitted(
        const double* sums, double read, double* alpha, double* left, double* det, Py_ssize_t m
    ) noexcept nogil


def likely(
    const double[:, ::1] rows,  # IN [2m + 1, n]
    const double[:, ::1] echoes,  # IN [r, n]
    const double[::1] strengths,  # IN [s]
    double[:, ::1] log_p,  # OUT [s, m]
    double[:, :, ::1] alpha,  # OUT [s, m, 2]
    double[:, ::1] left,  # OUT [s, m]
):
    """NaN where a matrix is not positive definite."""
    cdef Py_ssize_t m = log_p.shape[1], n = rows.shape[1], r = echoes.shape[0]
    cdef const double* of_echoes = &echoes[0, 0] if r else NULL
    cdef double* work = <double*>malloc(weighing_room(m, n, r) * sizeof(double))
    if work == NULL:
        raise MemoryError
    with nogil:
        weigh(
            &rows[0, 0], m, n, of_echoes, r, &strengths[0], strengths.shape[0], work, &log_p[0, 0],
            &alpha[0, 0, 0], &left[0, 0],
        )
        free(work)


cdef Py_ssize_t weighing_room(Py_ssize_t m, Py_ssize_t n, Py_ssize_t r) noexcept nogil:
    return (n + 2 * r) * (2 * m + 1 + r) + r + 12 * m


cdef void weigh(
    const double* rows, Py_ssize_t m, Py_ssize_t n, const double* echoes, Py_ssize_t r,
    const double* strengths, Py_ssize_t many, double* work, double* log_p, double* alpha, double* left,
) noexcept nogil:
    cdef Py_ssize_t width = 2 * m + 1, wide = width + r, s, i
    cdef double half_log_det, read
    cdef double* columns = work
    cdef double* products = columns + n * wide
    cdef double* known = products + r * wide
    cdef double* weight = known + r * wide
    cdef double* all_of = weight + r
    cdef double* sums = all_of + 5 * m
    cdef double* det = sums + 5 * m
    stand(rows, width, n, columns, wide)
    if r:
        stand(echoes, r, n, columns + width, wide)
        memset(products, 0, r * wide * sizeof(double))
        add_multiplied(echoes, n, 1, r, n, columns, wide, wide, 1.0, products, wide)
    memset(all_of, 0, 5 * m * sizeof(double))
    for i in range(n):
        add_products(columns + i * wide, columns + i * wide + m, rows[2 * m * n + i], 1.0, all_of, m)
    for s in range(many):
        memcpy(known, products, r * wide * sizeof(double))
        memcpy(sums, all_of, 5 * m * sizeof(double))
        half_log_det = factored(known, strengths[s] * strengths[s], r, wide, weight)
        read = 0.0
        for i in range(n):
            read += rows[2 * m * n + i] * rows[2 * m * n + i]
        for i in range(r):
            add_products(known + i * wide, known + i * wide + m, known[i * wide + 2 * m], -1.0, sums, m)
            read -= known[i * wide + 2 * m] * known[i * wide + 2 * m]
        fitted(sums, read, alpha + 2 * s * m, left + s * m, det, m)
        logs(det, det + m, m)
        for i in range(m):
            log_p[s * m + i] = -half_log_det - 0.5 * (left[s * m + i] + det[m + i])


cdef inline double factored(
    double* products, double variance, Py_ssize_t r, Py_ssize_t wide, double* weight
) noexcept nogil:
    """Products of echoes of variance 1 become s·L⁻¹ times them, LLᵀ = I + s²·gram; log |L|."""
    cdef Py_ssize_t i, j, own = wide - r
    cdef double strength = sqrt(variance)
    for i in range(r):
        for j in range(own):
            products[i * wide + j] *= strength
        for j in range(own, wide):
            products[i * wide + j] *= variance
        products[i * wide + own + i] += 1.0
    return eliminate(products, r, wide, weight)


def freed(
    const double[:, ::1] rows,  # IN [w, n]
    const double[:, ::1] echoes,  # IN [r, n]
    Py_ssize_t known,
    double[:, ::1] out,  # INOUT [w, w], 0 before
):
    """NaN where a matrix is not positive definite; the first `known` rows of `out` are left over."""
    cdef Py_ssize_t w = rows.shape[0], n = rows.shape[1], r = echoes.shape[0], wide = w + r, i, j
    cdef double half_log_det = 0.0
    cdef double* columns = <double*>malloc(((n + r) * wide + r) * sizeof(double))
    if columns == NULL:
        raise MemoryError
    cdef double* along = columns + n * wide
    with nogil:
        stand(&rows[0, 0], w, n, columns, wide)
        add_multiplied(&rows[0, 0], n, 1, w, n, columns, wide, w, 1.0, &out[0, 0], w)
        if r:
            stand(&echoes[0, 0], r, n, columns + w, wide)
            memset(along, 0, r * wide * sizeof(double))
            add_multiplied(&echoes[0, 0], n, 1, r, n, columns, wide, wide, 1.0, along, wide)
            half_log_det = factored(along, 1.0, r, wide, along + r * wide)
            add_multiplied(along, 1, wide, w, r, along, wide, w, -1.0, &out[0, 0], w)
        for i in range(known):
            if out[i, i] > 0.0:  # else it says nothing new
                for j in range(i + 1, w):
                    add_up(&out[j, 0], &out[i, 0], -out[j, i] / out[i, i], w)
        free(columns)
    return half_log_det


def compressed(
    const double[:, ::1] echoes,  # IN [r, n]
    const Py_ssize_t[::1] ends,  # IN [g]
    double least,
    double[:, ::1] out,  # INOUT [r, n], 0 before
    Py_ssize_t[::1] counts,  # OUT [g]
):
    cdef Py_ssize_t n = echoes.shape[1], group, start, filled = 0
    cdef double* left = <double*>malloc(n * sizeof(double))
    if left == NULL:
        raise MemoryError
    with nogil:
        for group in range(ends.shape[0]):
            start = ends[group - 1] if group else 0
            counts[group] = 0
            if ends[group] > start:
                counts[group] = few(&echoes[start, 0], ends[group] - start, n, least, left, &out[filled, 0])
            filled += counts[group]
        free(left)


cdef Py_ssize_t few(
    const double* echoes, Py_ssize_t r, Py_ssize_t n, double least, double* left, double* out
) noexcept nogil:
    """How many rows of `out` were filled."""
    cdef Py_ssize_t count, i, j, pivot
    cdef double enough, scale
    cdef double* row
    memset(left, 0, n * sizeof(double))
    for i in range(r):
        for j in range(n):
            left[j] += echoes[i * n + j] * echoes[i * n + j]
    enough = least * total(left, n)
    for count in range(r):
        if total(left, n) <= enough:
            return count
        pivot = largest(left, n)
        row = out + count * n
        for i in range(r):
            add_up(row, echoes + i * n, echoes[i * n + pivot], n)
        for i in range(count):
            add_up(row, out + i * n, -out[i * n + pivot], n)
        scale = 1.0 / sqrt(row[pivot])
        for j in range(n):
            row[j] *= scale
            left[j] -= row[j] * row[j]
    return r


cdef inline double total(const double* row, Py_ssize_t n) noexcept nogil:
    cdef double found = 0.0
    cdef Py_ssize_t j
    for j in range(n):
        found += row[j]
    return found


cdef inline Py_ssize_t largest(const double* row, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t j, best = 0
    for j in range(1, n):
        if row[j] > row[best]:
            best = j
    return best
