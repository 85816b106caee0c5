"""Pairs of points compiled: all points are whitened at once, and all partners of one point done in a row."""

from libc.math cimport log, sqrt
from libc.stdlib cimport free, malloc
from libc.string cimport memset

from edge.ext._logs cimport logs
from edge.ext._metric cimport add_multiplied, add_products, eliminate, stand

cdef extern from *:
    """
    /* What is left of every point's two rows beside a hypothesis, and of what they were seen to hold:
       `rest` has five rows of g, `diagonal` three of their products with themselves and each other. */
    static WIDE void freed(
        const double *restrict diagonal, const double *restrict towards, const double *restrict seen,
        double a, double b, Py_ssize_t g, double *restrict rest
    ) {
        const double *p = seen, *q = seen + g, *r = seen + 2 * g, *s = seen + 3 * g;
        for (Py_ssize_t i = 0; i < g; i++) {
            rest[i] = diagonal[i] - p[i] * p[i] - r[i] * r[i];
            rest[g + i] = diagonal[g + i] - p[i] * q[i] - r[i] * s[i];
            rest[2 * g + i] = diagonal[2 * g + i] - q[i] * q[i] - s[i] * s[i];
            rest[3 * g + i] = towards[i] - a * p[i] - b * r[i];
            rest[4 * g + i] = towards[g + i] - a * q[i] - b * s[i];
        }
    }

    /* `low`, three rows of g: the strength times the inverse of each point's factor; `own`, two rows: what
       was seen, in its metric; `det`: the factor's determinant. */
    static WIDE void whitened(
        const double *restrict rest, double strength, Py_ssize_t g, double *restrict low,
        double *restrict own, double *restrict det
    ) {
        const double v = strength * strength;
        for (Py_ssize_t i = 0; i < g; i++) {
            double c00 = sqrt(1.0 + v * rest[i]), c10 = v * rest[g + i] / c00;
            double c11 = sqrt(1.0 + v * rest[2 * g + i] - c10 * c10);
            det[i] = c00 * c11;
            low[i] = strength / c00;
            low[g + i] = -strength * c10 / det[i];
            low[2 * g + i] = strength / c11;
            own[i] = low[i] * rest[3 * g + i];
            own[g + i] = low[g + i] * rest[3 * g + i] + low[2 * g + i] * rest[4 * g + i];
        }
    }

    /* What point i and partner j have together: the logarithm but for the determinant, and the inverse root
       of the determinant of what is left of their unit matrix. */
    static WIDE void beside(
        const double *restrict r0, const double *restrict i0, const double *restrict r1,
        const double *restrict i1, const double *restrict seen, const double *restrict low,
        const double *restrict own, const double *restrict one, Py_ssize_t i, Py_ssize_t g,
        double *restrict log_p, double *restrict weight
    ) {
        const double *p = seen, *q = seen + g, *r = seen + 2 * g, *s = seen + 3 * g;
        const double *a = low, *b = low + g, *c = low + 2 * g, *x = own, *y = own + g;
        const double pi = p[i], qi = q[i], ri = r[i], si = s[i], ai = a[i], bi = b[i], ci = c[i];
        const double xi = x[i], yi = y[i], alone = one[i];
        for (Py_ssize_t j = 0; j < g; j++) {
            double h00 = r0[j] - pi * p[j] - ri * r[j], h01 = i0[j] - pi * q[j] - ri * s[j];
            double h10 = r1[j] - qi * p[j] - si * r[j], h11 = i1[j] - qi * q[j] - si * s[j];
            double w00 = ai * h00, w01 = ai * h01, w10 = bi * h00 + ci * h10, w11 = bi * h01 + ci * h11;
            double y00 = w00 * a[j], y01 = w00 * b[j] + w01 * c[j];
            double y10 = w10 * a[j], y11 = w10 * b[j] + w11 * c[j];
            double d00 = 1.0 - y00 * y00 - y10 * y10, d11 = 1.0 - y01 * y01 - y11 * y11;
            double d01 = -y00 * y01 - y10 * y11;
            double e0 = x[j] - y00 * xi - y10 * yi, e1 = y[j] - y01 * xi - y11 * yi;
            double det = d00 * d11 - d01 * d01;
            weight[j] = det > 1e-12 ? det : 1e-12;
            log_p[j] = d11 * e0 * e0 + d00 * e1 * e1 - 2.0 * d01 * e0 * e1;
        }
        for (Py_ssize_t j = 0; j < g; j++) {
            weight[j] = 1.0 / sqrt(weight[j]);
            log_p[j] *= weight[j] * weight[j];
            log_p[j] = alone + one[j] + 0.5 * (log_p[j] - x[j] * x[j] - y[j] * y[j]);
        }
    }

    /* The logarithm of the sum of weight * exp(log_p), four numbers at a time; `work` has two rows of n. */
    static WIDE double log_sum(
        const double *restrict log_p, const double *restrict weight, double *restrict work, Py_ssize_t n
    ) {
        double tops[4] = {-1e300, -1e300, -1e300, -1e300}, sum[4] = {0.0, 0.0, 0.0, 0.0}, top = -1e300;
        const Py_ssize_t fours = n - n % 4;
        Py_ssize_t i;
        for (i = 0; i < fours; i += 4)
            for (int lane = 0; lane < 4; lane++)
                tops[lane] = log_p[i + lane] > tops[lane] ? log_p[i + lane] : tops[lane];
        for (; i < n; i++) top = log_p[i] > top ? log_p[i] : top;
        for (int lane = 0; lane < 4; lane++) top = tops[lane] > top ? tops[lane] : top;
        for (i = 0; i < n; i++) {
            double below = log_p[i] - top;
            work[i] = below < -600.0 ? -600.0 : below;
        }
        exps(work, work + n, n);
        for (i = 0; i < fours; i += 4)
            for (int lane = 0; lane < 4; lane++) sum[lane] += weight[i + lane] * work[n + i + lane];
        for (; i < n; i++) sum[0] += weight[i] * work[n + i];
        return top + log((sum[0] + sum[1]) + (sum[2] + sum[3]));
    }
    """
    void freed(
        const double* diagonal, const double* towards, const double* seen, double a, double b, Py_ssize_t g,
        double* rest
    ) noexcept nogil
    void whitened(
        const double* rest, double strength, Py_ssize_t g, double* low, double* own, double* det
    ) noexcept nogil
    void beside(
        const double* r0, const double* i0, const double* r1, const double* i1, const double* seen,
        const double* low, const double* own, const double* one, Py_ssize_t i, Py_ssize_t g, double* log_p,
        double* weight
    ) noexcept nogil
    double log_sum(const double* log_p, const double* weight, double* work, Py_ssize_t n) noexcept nogil


cdef struct Products:  # in the metric of what echoes explain; g points, m hypotheses
    double* gram  # [2g, 2g], of points
    double* diagonal  # [3, g], of each point's two rows: first, both, second
    double* seen  # [2m, 2g], of hypotheses and points
    double* towards  # [2g], of points and what was read
    double* own  # [5, m], of hypotheses: vv, jj, vj, vr, jr
    double read
    double half_log_det


def evidence(
    const double[:, ::1] rows,  # IN [2m + 1, n]
    const double[:, ::1] points,  # IN [2g, n]
    const double[:, ::1] echoes,  # IN [r, n]
    const double[:, ::1] log_prior,  # IN [m, g]
    const double[::1] strengths,  # IN [s]
    Py_ssize_t firsts,
    double[:, ::1] out,  # OUT [1 + 2s, m]
):
    """NaN where a matrix is not positive definite."""
    cdef Py_ssize_t m = out.shape[1], g = points.shape[0] // 2, r = echoes.shape[0], n
    cdef Py_ssize_t wide = 2 * (g + m) + 1 + r, kept = g * (4 * g + 4 * m + 5) + 5 * m
    cdef double* work = <double*>malloc(
        (kept + max((rows.shape[1] + r) * wide + r, g * (4 * g + 17))) * sizeof(double)
    )
    if work == NULL:
        raise MemoryError
    cdef Products found
    found.gram = work
    found.diagonal = found.gram + 4 * g * g
    found.seen = found.diagonal + 3 * g
    found.towards = found.seen + 4 * m * g
    found.own = found.towards + 2 * g
    with nogil:
        memset(work, 0, kept * sizeof(double))
        multiplied(rows, points, echoes, work + kept, &found)
        for n in range(m):
            beside_one(&found, n, m, log_prior, strengths, firsts, work + kept, out)
        free(work)


cdef void multiplied(
    const double[:, ::1] rows, const double[:, ::1] points, const double[:, ::1] echoes, double* work,
    Products* to,
) noexcept nogil:
    """Fills `to`; columns of all rows stand side by side: points, hypotheses, what was read, echoes."""
    cdef Py_ssize_t many = points.shape[0], width = rows.shape[0], n = rows.shape[1], r = echoes.shape[0], i
    cdef Py_ssize_t wide = many + width + r, m = width // 2
    cdef double* known = work + n * wide
    cdef double* weight = known + r * wide
    stand(&points[0, 0], many, n, work, wide)
    stand(&rows[0, 0], width, n, work + many, wide)
    to.half_log_det, to.read = 0.0, 0.0
    if r:
        stand(&echoes[0, 0], r, n, work + many + width, wide)
        memset(known, 0, r * wide * sizeof(double))
        add_multiplied(&echoes[0, 0], n, 1, r, n, work, wide, wide, 1.0, known, wide)
        for i in range(r):
            known[i * wide + many + width + i] += 1.0
        to.half_log_det = eliminate(known, r, wide, weight)
    for i in range(n):
        with_hypotheses(work + i * wide + many, 1.0, m, to)
    for i in range(r):
        with_hypotheses(known + i * wide + many, -1.0, m, to)
    add_multiplied(&points[0, 0], n, 1, many, n, work, wide, many, 1.0, to.gram, many)
    add_multiplied(known, 1, wide, many, r, known, wide, many, -1.0, to.gram, many)
    # `towards` follows `seen` as what was read follows the hypotheses
    add_multiplied(&rows[0, 0], n, 1, width, n, work, wide, many, 1.0, to.seen, many)
    add_multiplied(known + many, 1, wide, width, r, known, wide, many, -1.0, to.seen, many)
    for i in range(many // 2):
        to.diagonal[i] = to.gram[i * (many + 1)]
        to.diagonal[many // 2 + i] = to.gram[i * (many + 1) + many // 2]
        to.diagonal[many + i] = to.gram[(many // 2 + i) * (many + 1)]


cdef inline void with_hypotheses(
    const double* row, double factor, Py_ssize_t m, Products* to
) noexcept nogil:
    add_products(row, row + m, row[2 * m], factor, to.own, m)
    to.read += factor * row[2 * m] * row[2 * m]


cdef void beside_one(
    Products* of, Py_ssize_t n, Py_ssize_t m, const double[:, ::1] log_prior, const double[::1] strengths,
    Py_ssize_t firsts, double* rest, double[:, ::1] out,
) noexcept nogil:
    """Fills column n of `out`: a hypothesis beside no point, one and two of each strength."""
    cdef Py_ssize_t g = log_prior.shape[1], many = strengths.shape[0], t, i
    cdef double* low = rest + 5 * g
    cdef double* own = rest + 8 * g
    cdef double* one = rest + 10 * g
    cdef double* det = rest + 11 * g
    cdef double* seen = rest + 12 * g
    cdef double* pairs = rest + 16 * g
    cdef double size, along, width, first, second, none
    size = sqrt(of.own[n])
    along = of.own[2 * m + n] / size
    width = sqrt(of.own[m + n] - along * along)
    first = of.own[3 * m + n] / size
    second = (of.own[4 * m + n] - along * first) / width
    for i in range(2 * g):
        seen[i] = of.seen[n * 2 * g + i] / size
        seen[2 * g + i] = (of.seen[(m + n) * 2 * g + i] - along * seen[i]) / width
    none = 0.5 * (first * first + second * second - of.read) - log(size * width) - of.half_log_det
    out[0, n] = none
    freed(of.diagonal, of.towards, seen, first, second, g, rest)
    for t in range(many):
        whitened(rest, strengths[t], g, low, own, det)
        logs(det, one, g)
        for i in range(g):
            one[i] = 0.5 * (own[i] * own[i] + own[g + i] * own[g + i]) - one[i] + log_prior[n, i]
            det[i] = 1.0
        out[1 + t, n] = none + log_sum(one, det, pairs, g)
        out[1 + many + t, n] = none + log(2.0) + of_pairs(of.gram, seen, low, own, one, firsts, g, pairs)


cdef inline double of_pairs(
    const double* gram, const double* seen, const double* low, const double* own, const double* one,
    Py_ssize_t firsts, Py_ssize_t g, double* work,
) noexcept nogil:
    """Log evidence of the pairs that hold one of the `firsts`; a pair of two of these counts once."""
    cdef Py_ssize_t i, j, many = 0
    cdef double least = largest(one, work, g, firsts)
    cdef double* log_p = work
    cdef double* weight = work + g * g
    for i in range(g):
        if one[i] < least:
            continue
        beside(
            gram + i * 2 * g, gram + i * 2 * g + g, gram + (g + i) * 2 * g, gram + (g + i) * 2 * g + g,
            seen, low, own, one, i, g, log_p + many * g, weight + many * g,
        )
        for j in range(i + 1):
            if j == i or one[j] >= least:
                log_p[many * g + j], weight[many * g + j] = -1e300, 0.0
        many += 1
    return log_sum(log_p, weight, work + 2 * g * g, many * g)


cdef double largest(const double* one, double* rest, Py_ssize_t g, Py_ssize_t firsts) noexcept nogil:
    """The `firsts`-th largest of `one`: `rest` holds the largest so far, in order."""
    cdef Py_ssize_t i, n, many = 0
    for i in range(g):
        if many < firsts:
            many += 1
        elif not one[i] > rest[many - 1]:
            continue
        n = many - 1
        while n > 0 and rest[n - 1] < one[i]:
            rest[n] = rest[n - 1]
            n -= 1
        rest[n] = one[i]
    return rest[many - 1]
