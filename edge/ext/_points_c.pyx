"""Pairs of points compiled: all points are whitened at once, and all partners of one point done in a row."""

from libc.math cimport exp, log, sqrt
from libc.stdlib cimport free, malloc
from libc.string cimport memset

from edge.ext._logs cimport logs
from edge.ext._metric cimport add_products, eliminate, multiply, stand
from edge.ext._wide cimport add_rows

cdef extern from *:
    """
    /* What is left of every point's two rows beside a hypothesis, and of what they were seen to hold:
       `rest` has five rows of g. */
    static WIDE void freed(
        const double *restrict gram, const double *restrict towards, const double *restrict seen,
        double a, double b, Py_ssize_t g, double *restrict rest
    ) {
        const double *p = seen, *q = seen + g, *r = seen + 2 * g, *s = seen + 3 * g;
        for (Py_ssize_t i = 0; i < g; i++) {
            rest[i] = gram[i * (2 * g + 1)] - p[i] * p[i] - r[i] * r[i];
            rest[g + i] = gram[i * (2 * g + 1) + g] - p[i] * q[i] - r[i] * s[i];
            rest[2 * g + i] = gram[(g + i) * (2 * g + 1)] - q[i] * q[i] - s[i] * s[i];
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

    /* What partner j adds beside point i: half the energy explained, and the determinant of what is left of
       its unit matrix. */
    static WIDE void beside(
        const double *restrict r0, const double *restrict i0, const double *restrict r1,
        const double *restrict i1, const double *restrict seen, const double *restrict low,
        const double *restrict own, Py_ssize_t i, Py_ssize_t g, double *restrict gain, double *restrict det
    ) {
        const double *p = seen, *q = seen + g, *r = seen + 2 * g, *s = seen + 3 * g;
        const double *a = low, *b = low + g, *c = low + 2 * g, *x = own, *y = own + g;
        const double pi = p[i], qi = q[i], ri = r[i], si = s[i], ai = a[i], bi = b[i], ci = c[i];
        const double xi = x[i], yi = y[i];
        for (Py_ssize_t j = 0; j < g; j++) {
            double h00 = r0[j] - pi * p[j] - ri * r[j], h01 = i0[j] - pi * q[j] - ri * s[j];
            double h10 = r1[j] - qi * p[j] - si * r[j], h11 = i1[j] - qi * q[j] - si * s[j];
            double w00 = ai * h00, w01 = ai * h01, w10 = bi * h00 + ci * h10, w11 = bi * h01 + ci * h11;
            double y00 = w00 * a[j], y01 = w00 * b[j] + w01 * c[j];
            double y10 = w10 * a[j], y11 = w10 * b[j] + w11 * c[j];
            double d00 = 1.0 - y00 * y00 - y10 * y10, d11 = 1.0 - y01 * y01 - y11 * y11;
            double d01 = -y00 * y01 - y10 * y11;
            double e0 = x[j] - y00 * xi - y10 * yi, e1 = y[j] - y01 * xi - y11 * yi;
            double own_det = d00 * d11 - d01 * d01;
            det[j] = own_det > 1e-12 ? own_det : 1e-12;
            gain[j] = 0.5 * ((d11 * e0 * e0 + d00 * e1 * e1 - 2.0 * d01 * e0 * e1) / det[j]
                             - x[j] * x[j] - y[j] * y[j]);
        }
    }

    /* The sum of exp(log_p - top)/sqrt(det), four numbers at a time; `work` has two rows of g. */
    static WIDE double total(
        const double *restrict log_p, double top, const double *restrict det, double *restrict work,
        Py_ssize_t g
    ) {
        double sum[4] = {0.0, 0.0, 0.0, 0.0};
        Py_ssize_t i;
        for (i = 0; i < g; i++) {
            double below = log_p[i] - top;
            work[i] = below < -600.0 ? -600.0 : below;
        }
        exps(work, work + g, g);
        for (i = 0; i < g; i++) work[i] = work[g + i] / sqrt(det[i]);
        for (i = 0; i + 4 <= g; i += 4)
            for (int lane = 0; lane < 4; lane++) sum[lane] += work[i + lane];
        for (; i < g; i++) sum[0] += work[i];
        return (sum[0] + sum[1]) + (sum[2] + sum[3]);
    }
    """
    void freed(
        const double* gram, const double* towards, const double* seen, double a, double b, Py_ssize_t g,
        double* rest
    ) noexcept nogil
    void whitened(
        const double* rest, double strength, Py_ssize_t g, double* low, double* own, double* det
    ) noexcept nogil
    void beside(
        const double* r0, const double* i0, const double* r1, const double* i1, const double* seen,
        const double* low, const double* own, Py_ssize_t i, Py_ssize_t g, double* gain, double* det
    ) noexcept nogil
    double total(
        const double* log_p, double top, const double* det, double* work, Py_ssize_t g
    ) noexcept nogil


cdef struct Sum:
    double top
    double total


cdef struct Products:  # in the metric of what echoes explain; g points, m hypotheses
    double* gram  # [2g, 2g], of points
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
    cdef Py_ssize_t m = out.shape[1], g = points.shape[0] // 2, r = echoes.shape[0], wide
    wide = 2 * (g + m) + 1 + r
    cdef double* work = <double*>malloc(
        ((rows.shape[1] + r) * wide + r + 2 * g * (2 * g + 2 * m + 1) + 5 * m + 19 * g) * sizeof(double)
    )
    if work == NULL:
        raise MemoryError
    cdef Products found
    found.gram = work
    found.seen = found.gram + 4 * g * g
    found.towards = found.seen + 4 * m * g
    found.own = found.towards + 2 * g
    cdef double* rest = found.own + 5 * m
    with nogil:
        multiplied(rows, points, echoes, rest + 19 * g, &found)
        for n in range(m):
            beside_one(&found, n, m, log_prior, strengths, firsts, rest, out)
        free(work)


cdef void multiplied(
    const double[:, ::1] rows, const double[:, ::1] points, const double[:, ::1] echoes, double* work,
    Products* to,
) noexcept nogil:
    """Fills `to`; columns of all rows stand side by side: points, hypotheses, what was read, echoes."""
    cdef Py_ssize_t many = points.shape[0], width = rows.shape[0], n = rows.shape[1], r = echoes.shape[0], i
    cdef Py_ssize_t wide = many + width + r, m = width // 2, last = many + width - 1
    cdef double* known = work + n * wide
    cdef double* weight = known + r * wide
    stand(&points[0, 0], many, n, work, wide)
    stand(&rows[0, 0], width, n, work + many, wide)
    to.half_log_det, to.read = 0.0, 0.0
    if r:
        stand(&echoes[0, 0], r, n, work + many + width, wide)
        multiply(&echoes[0, 0], r, n, work, wide, known)
        for i in range(r):
            known[i * wide + many + width + i] += 1.0
        to.half_log_det = eliminate(known, r, wide, weight)
    memset(to.own, 0, 5 * m * sizeof(double))
    for i in range(n):
        with_hypotheses(work + i * wide + many, 1.0, m, to)
    for i in range(r):
        with_hypotheses(known + i * wide + many, -1.0, m, to)
    for i in range(many):
        with_points(&points[i, 0], i, work, known, weight, n, r, wide, many, to.gram + i * many)
    for i in range(2 * m):
        with_points(&rows[i, 0], many + i, work, known, weight, n, r, wide, many, to.seen + i * many)
    with_points(&rows[2 * m, 0], last, work, known, weight, n, r, wide, many, to.towards)


cdef inline void with_hypotheses(
    const double* row, double factor, Py_ssize_t m, Products* to
) noexcept nogil:
    add_products(row, row + m, row[2 * m], factor, to.own, m)
    to.read += factor * row[2 * m] * row[2 * m]


cdef inline void with_points(
    const double* row, Py_ssize_t column, const double* columns, const double* known, double* weight,
    Py_ssize_t n, Py_ssize_t r, Py_ssize_t wide, Py_ssize_t many, double* out,
) noexcept nogil:
    """Products of one row, which is that column, with all points."""
    cdef Py_ssize_t i
    memset(out, 0, many * sizeof(double))
    add_rows(out, row, n, columns, wide, many)
    for i in range(r):
        weight[i] = -known[i * wide + column]
    add_rows(out, weight, r, known, wide, many)


cdef void beside_one(
    Products* of, Py_ssize_t n, Py_ssize_t m, const double[:, ::1] log_prior, const double[::1] strengths,
    Py_ssize_t firsts, double* rest, double[:, ::1] out,
) noexcept nogil:
    """Fills column n of `out`: a hypothesis beside no point, one and two of each strength."""
    cdef Py_ssize_t g = log_prior.shape[1], many = strengths.shape[0], t, i
    cdef double* low = rest + 5 * g
    cdef double* own = rest + 8 * g
    cdef double* one = rest + 10 * g
    cdef double* work = rest + 11 * g
    cdef double* gain = rest + 13 * g
    cdef double* det = rest + 14 * g
    cdef double* seen = rest + 15 * g
    cdef double least, none, size, along, width, first, second
    cdef Sum alone, both
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
    freed(of.gram, of.towards, seen, first, second, g, rest)
    for t in range(many):
        whitened(rest, strengths[t], g, low, own, det)
        logs(det, one, g)
        for i in range(g):
            one[i] = 0.5 * (own[i] * own[i] + own[g + i] * own[g + i]) - one[i] + log_prior[n, i]
            det[i] = 1.0
        alone.top = both.top = -1e300
        alone.total = both.total = 0.0
        add(&alone, one, det, work, g)
        least = largest(one, work, g, firsts)
        for i in range(g):
            if one[i] >= least:
                beside(
                    of.gram + i * 2 * g, of.gram + i * 2 * g + g, of.gram + (g + i) * 2 * g,
                    of.gram + (g + i) * 2 * g + g, seen, low, own, i, g, gain, det,
                )
                pairs(one, gain, i, g, least)
                add(&both, gain, det, work, g)
        out[1 + t, n] = none + alone.top + log(alone.total)
        out[1 + many + t, n] = none + (both.top + log(2.0 * both.total) if both.total > 0.0 else -1e300)


cdef inline void pairs(
    const double* one, double* gain, Py_ssize_t i, Py_ssize_t g, double least
) noexcept nogil:
    """What pairs of point i have, in place of what they add; a pair of two of the firsts is counted once."""
    cdef Py_ssize_t j
    for j in range(g):
        gain[j] = one[i] + one[j] + gain[j] if j > i or (j < i and one[j] < least) else -1e300


cdef void add(Sum* into, const double* log_p, const double* det, double* work, Py_ssize_t g) noexcept nogil:
    """Adds exp(log_p)/sqrt(det)."""
    cdef double top = into.top
    cdef Py_ssize_t j
    for j in range(g):
        if log_p[j] > top:
            top = log_p[j]
    into.total = into.total * exp(into.top - top) + total(log_p, top, det, work, g)
    into.top = top


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
