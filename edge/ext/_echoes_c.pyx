"""Hypotheses among echoes compiled: own Cholesky factor, and every loop along memory."""

from libc.math cimport NAN, log, sqrt
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy

from edge.ext._wide cimport add_up


def against(
    const double[:, :, ::1] sent,  # IN [m, k, 2]
    const double[:, ::1] h,  # IN [k, 2]
    const double[:, ::1] sd,  # IN [2, k]
    double[:, ::1] rows,  # OUT [2m + 1, 2k]
    double[:, ::1] aa,  # OUT [3, m]
):
    cdef Py_ssize_t m = sent.shape[0], k = h.shape[0], n, s
    cdef double over, real, imag, vv, jj, vj
    cdef double* factor = <double*>malloc(4 * k * sizeof(double))
    if factor == NULL:
        raise MemoryError
    with nogil:
        for s in range(k):  # 1/h over the deviations: real and imaginary part of each
            over = 1.0 / (h[s, 0] * h[s, 0] + h[s, 1] * h[s, 1])
            factor[s] = h[s, 0] * over / sd[0, s]
            factor[k + s] = -h[s, 1] * over / sd[0, s]
            factor[2 * k + s] = h[s, 0] * over / sd[1, s]
            factor[3 * k + s] = -h[s, 1] * over / sd[1, s]
            rows[2 * m, s] = 1.0 / sd[0, s]
            rows[2 * m, k + s] = 0.0
        for n in range(m):
            turned(&sent[n, 0, 0], factor, &rows[n, 0], &rows[m + n, 0], k)
            vv = jj = vj = 0.0
            for s in range(2 * k):
                real, imag = rows[n, s], rows[m + n, s]
                vv += real * real
                jj += imag * imag
                vj += real * imag
            aa[0, n], aa[1, n], aa[2, n] = vv, jj, vj
        free(factor)


cdef inline void turned(
    const double* sent, const double* factor, double* v, double* jv, Py_ssize_t k
) noexcept nogil:
    cdef Py_ssize_t s
    cdef double real, imag
    for s in range(k):
        real, imag = sent[2 * s], sent[2 * s + 1]
        v[s] = real * factor[s] - imag * factor[k + s]
        jv[s] = -(real * factor[k + s] + imag * factor[s])
        v[k + s] = real * factor[3 * k + s] + imag * factor[2 * k + s]
        jv[k + s] = real * factor[2 * k + s] - imag * factor[3 * k + s]


def compressed(
    const double[:, ::1] echoes,  # IN [r, n]
    double least,
    double[:, ::1] out,  # INOUT [r, n], 0 before
):
    """How many rows were filled."""
    cdef Py_ssize_t r = echoes.shape[0], n = echoes.shape[1], count, i, j, pivot
    cdef double enough, scale_
    cdef double* left = <double*>malloc(n * sizeof(double))
    if left == NULL:
        raise MemoryError
    with nogil:
        for j in range(n):
            left[j] = 0.0
        for i in range(r):
            for j in range(n):
                left[j] += echoes[i, j] * echoes[i, j]
        enough = least * total(left, n)
        for count in range(r):
            if total(left, n) <= enough:
                break
            pivot = largest(left, n)
            for i in range(r):
                add_up(&out[count, 0], &echoes[i, 0], echoes[i, pivot], n)
            for i in range(count):
                add_up(&out[count, 0], &out[i, 0], -out[i, pivot], n)
            scale_ = 1.0 / sqrt(out[count, pivot])
            for j in range(n):
                out[count, j] *= scale_
                left[j] -= out[count, j] * out[count, j]
        else:
            count = r
        free(left)
    return count


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


def without(
    const double[:, ::1] products,  # IN [r, 2m + 1]
    const double[:, ::1] gram,  # IN [r, r]
    double strength,
    double[:, ::1] aa,  # INOUT [3, m], 0 before
    double[:, ::1] ab,  # INOUT [3, m], 0 before
):
    """NaN where the matrix is not positive definite."""
    cdef Py_ssize_t r = products.shape[0], width = products.shape[1], m = aa.shape[1], i, j
    cdef double half_log_det = 0.0, own, read
    if r == 0:
        return 0.0
    cdef double* low = <double*>malloc((r * r + r * width) * sizeof(double))
    if low == NULL:
        raise MemoryError
    cdef double* known = low + r * r
    with nogil:
        memcpy(known, &products[0, 0], r * width * sizeof(double))
        for i in range(r):
            own = factor_row(low, &gram[i, 0], strength * strength, i, r)
            if not own > 0.0:
                half_log_det = NAN
                break
            half_log_det += log(own)
            for j in range(i):
                axpy(-low[i * r + j], known + j * width, known + i * width, width)
            scale(1.0 / own, known + i * width, width)
        else:
            for i in range(r):
                read = strength * strength * known[i * width + 2 * m]
                gather(known + i * width, strength * strength, read, aa, ab)
        free(low)
    return half_log_det


cdef inline double factor_row(
    double* low, const double* gram, double variance, Py_ssize_t i, Py_ssize_t r
) noexcept nogil:
    """Row i of the Cholesky factor of I + variance·gram; its diagonal, or 0 where there is none."""
    cdef Py_ssize_t j, n
    cdef double left
    for j in range(i + 1):
        left = variance * gram[j] + (i == j)
        for n in range(j):
            left -= low[i * r + n] * low[j * r + n]
        if j < i:
            low[i * r + j] = left / low[j * r + j]
        else:
            low[i * r + i] = sqrt(left) if left > 0.0 else 0.0
    return low[i * r + i]


cdef inline void axpy(double a, const double* x, double* y, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        y[i] += a * x[i]


cdef inline void scale(double a, double* x, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        x[i] *= a


cdef inline void gather(
    const double* known, double variance, double read, double[:, ::1] aa, double[:, ::1] ab
) noexcept nogil:
    cdef Py_ssize_t m = aa.shape[1], n
    cdef const double* v = known
    cdef const double* jv = known + m
    for n in range(m):
        aa[0, n] += variance * v[n] * v[n]
        aa[1, n] += variance * jv[n] * jv[n]
        aa[2, n] += variance * v[n] * jv[n]
        ab[0, n] += read * v[n]
        ab[1, n] += read * jv[n]
        ab[2, n] += read * known[2 * m]
