# Products in the metric of (I + EᵀE)⁻¹, E rows of echoes: those of L⁻¹E with LLᵀ = I + EEᵀ are taken off
# (Woodbury).

from libc.math cimport NAN, log, sqrt
from libc.string cimport memset

from edge.ext._wide cimport add_rows

cdef extern from *:
    """
    /* Five rows of m += factor * (vv, jj, vj, vr, jr): one number of m hypotheses v, of jv, and of what was
       read. */
    static WIDE void add_products(
        const double *restrict v, const double *restrict jv, double read, double factor,
        double *restrict to, Py_ssize_t m
    ) {
        for (Py_ssize_t n = 0; n < m; n++) {
            const double a = factor * v[n], b = factor * jv[n];
            to[n] += a * v[n];
            to[m + n] += b * jv[n];
            to[2 * m + n] += a * jv[n];
            to[3 * m + n] += a * read;
            to[4 * m + n] += b * read;
        }
    }
    """
    void add_products(
        const double* v, const double* jv, double read, double factor, double* to, Py_ssize_t m
    ) noexcept nogil


cdef inline void stand(
    const double* rows, Py_ssize_t many, Py_ssize_t n, double* columns, Py_ssize_t wide
) noexcept nogil:
    """Rows [many, n] as columns of a table whose rows are `wide`."""
    cdef Py_ssize_t i, s
    for i in range(many):
        for s in range(n):
            columns[s * wide + i] = rows[i * n + s]


cdef inline void multiply(
    const double* rows, Py_ssize_t many, Py_ssize_t n, const double* columns, Py_ssize_t wide, double* out
) noexcept nogil:
    """`out` [many, wide] is rows [many, n] times columns [n, wide]."""
    cdef Py_ssize_t i
    memset(out, 0, many * wide * sizeof(double))
    for i in range(many):
        add_rows(out + i * wide, rows + i * n, n, columns, wide, wide)


cdef inline double eliminate(double* rows, Py_ssize_t r, Py_ssize_t wide, double* weight) noexcept nogil:
    """Rows [r, wide], the last r columns LLᵀ, become L⁻¹ times them; log |L|, NaN where there is none."""
    cdef Py_ssize_t own = wide - r, i, j
    cdef double half_log_det = 0.0, pivot
    for i in range(r):
        for j in range(i):
            weight[j] = -rows[j * wide + own + i]
        add_rows(rows + i * wide, weight, i, rows, wide, wide)
        pivot = rows[i * wide + own + i]
        if not pivot > 0.0:
            return NAN
        half_log_det += 0.5 * log(pivot)
        pivot = 1.0 / sqrt(pivot)
        for j in range(wide):
            rows[i * wide + j] *= pivot
    return half_log_det
