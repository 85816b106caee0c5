# Products in the metric of (I + EᵀE)⁻¹, E rows of echoes: those of L⁻¹E with LLᵀ = I + EEᵀ are taken off
# (Woodbury).

from libc.math cimport NAN, log, sqrt

from edge.ext._wide cimport add_rows

cdef extern from *:
    """
    typedef double wide_t __attribute__((vector_size(32), aligned(8)));

    /* out [many, long_] += sign * (weights times columns [n, long_]): four rows by eight columns stay in
       registers. Weight s of row i is at i * row + s * term; rows of `columns` and `out` are `wide` and
       `out_row` apart. */
    static WIDE void add_multiplied(
        const double *restrict weights, Py_ssize_t row, Py_ssize_t term, Py_ssize_t many, Py_ssize_t n,
        const double *restrict columns, Py_ssize_t wide, Py_ssize_t long_, double sign, double *restrict out,
        Py_ssize_t out_row
    ) {
        const Py_ssize_t whole = long_ - long_ % 8, fours = many - many % 4;
        for (Py_ssize_t k = 0; k < whole; k += 8)
            for (Py_ssize_t i = 0; i < fours; i += 4) {
                const double *w = weights + i * row;
                wide_t sum[8] = {{0}};
                for (Py_ssize_t s = 0; s < n; s++, w += term) {
                    const wide_t a = *(const wide_t *)(columns + s * wide + k);
                    const wide_t b = *(const wide_t *)(columns + s * wide + k + 4);
                    sum[0] += w[0] * a; sum[1] += w[0] * b;
                    sum[2] += w[row] * a; sum[3] += w[row] * b;
                    sum[4] += w[2 * row] * a; sum[5] += w[2 * row] * b;
                    sum[6] += w[3 * row] * a; sum[7] += w[3 * row] * b;
                }
                for (int r = 0; r < 4; r++) {
                    double *to = out + (i + r) * out_row + k;
                    *(wide_t *)to += sign * sum[2 * r];
                    *(wide_t *)(to + 4) += sign * sum[2 * r + 1];
                }
            }
        for (Py_ssize_t i = 0; i < many; i++)
            for (Py_ssize_t s = 0; s < n; s++) {
                const double w = sign * weights[i * row + s * term];
                for (Py_ssize_t k = i < fours ? whole : 0; k < long_; k++)
                    out[i * out_row + k] += w * columns[s * wide + k];
            }
    }

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
    void add_multiplied(
        const double* weights, Py_ssize_t row, Py_ssize_t term, Py_ssize_t many, Py_ssize_t n,
        const double* columns, Py_ssize_t wide, Py_ssize_t long_, double sign, double* out, Py_ssize_t out_row
    ) noexcept nogil
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
