"""Pairs of points compiled: a point's rows are whitened once, and all partners of one point done in a row."""

from libc.math cimport exp, log, sqrt
from libc.stdlib cimport free, malloc

cdef extern from *:
    """
    /* What partner j adds beside point i: half the energy explained, and the determinant of what is left of
       its unit matrix. `low` has three rows of g: the whitened point's factor; `own` two: what was seen. */
    static void beside(
        const double *restrict r0, const double *restrict i0, const double *restrict r1,
        const double *restrict i1, const double *restrict seen, const double *restrict low,
        const double *restrict own, long i, long g, double *restrict gain, double *restrict det
    ) {
        const double *p = seen, *q = seen + g, *r = seen + 2 * g, *s = seen + 3 * g;
        const double *a = low, *b = low + g, *c = low + 2 * g, *x = own, *y = own + g;
        const double pi = p[i], qi = q[i], ri = r[i], si = s[i], ai = a[i], bi = b[i], ci = c[i];
        const double xi = x[i], yi = y[i];
        for (long j = 0; j < g; j++) {
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
    """
    void beside(
        const double* r0, const double* i0, const double* r1, const double* i1, const double* seen,
        const double* low, const double* own, long i, long g, double* gain, double* det
    ) noexcept nogil

cdef double NEGLIGIBLE = 45.0  # exp(-45): below what is told from the largest


def evidence(
    const double[:, ::1] gram,  # IN [2g, 2g]
    const double[::1] towards,  # IN [2g]
    const double[:, :, ::1] seen,  # IN [m, 2, 2g]
    const double[:, ::1] known,  # IN [m, 2]
    const double[:, ::1] log_prior,  # IN [m, g]
    const double[::1] strengths,  # IN [s]
    Py_ssize_t firsts,
    double[:, :, ::1] out,  # OUT [m, s, 2]
):
    cdef Py_ssize_t g = towards.shape[0] // 2, n, t, i
    cdef double least
    cdef double* low = <double*>malloc(9 * g * sizeof(double))
    if low == NULL:
        raise MemoryError
    cdef double* own = low + 3 * g
    cdef double* one = low + 5 * g
    cdef double* gain = low + 6 * g
    cdef double* det = low + 7 * g
    cdef double* rest = low + 8 * g
    cdef Sum alone, both
    with nogil:
        for n in range(seen.shape[0]):
            for t in range(strengths.shape[0]):
                alone.top = both.top = -1e300
                alone.total = both.total = 0.0
                for i in range(g):
                    one[i] = whitened(gram, towards, seen, known, n, i, g, strengths[t], low, own)
                    one[i] += log_prior[n, i]
                    put(&alone, one[i], 1.0)
                least = largest(one, rest, g, firsts)
                for i in range(g):
                    if one[i] >= least:
                        beside(
                            &gram[i, 0], &gram[i, g], &gram[g + i, 0], &gram[g + i, g],
                            &seen[n, 0, 0], low, own, i, g, gain, det,
                        )
                        partners(&both, one, gain, det, i, g, least)
                out[n, t, 0] = alone.top + log(alone.total)
                out[n, t, 1] = both.top + log(2.0 * both.total) if both.total > 0.0 else -1e300
        free(low)


cdef struct Sum:
    double top
    double total


cdef inline void put(Sum* into, double log_p, double factor) noexcept nogil:
    """Adds factor·exp(log_p)."""
    if log_p > into.top:
        into.total = into.total * exp(into.top - log_p) + factor
        into.top = log_p
    elif log_p > into.top - NEGLIGIBLE:
        into.total += factor * exp(log_p - into.top)


cdef inline double whitened(
    const double[:, ::1] gram,
    const double[::1] towards,
    const double[:, :, ::1] seen,
    const double[:, ::1] known,
    Py_ssize_t n,
    Py_ssize_t i,
    Py_ssize_t g,
    double strength,
    double* low,
    double* own,
) noexcept nogil:
    """Column i of `low`, the strength times the inverse of its factor, and of `own`; its log evidence."""
    cdef double v = strength * strength, p = seen[n, 0, i], q = seen[n, 0, g + i]
    cdef double r = seen[n, 1, i], s = seen[n, 1, g + i]
    cdef double c00 = sqrt(1.0 + v * (gram[i, i] - p * p - r * r))
    cdef double c10 = v * (gram[i, g + i] - p * q - r * s) / c00
    cdef double c11 = sqrt(1.0 + v * (gram[g + i, g + i] - q * q - s * s) - c10 * c10)
    low[i] = strength / c00
    low[g + i] = -strength * c10 / (c00 * c11)
    low[2 * g + i] = strength / c11
    own[i] = low[i] * (towards[i] - p * known[n, 0] - r * known[n, 1])
    own[g + i] = (strength * (towards[g + i] - q * known[n, 0] - s * known[n, 1]) - c10 * own[i]) / c11
    return 0.5 * (own[i] * own[i] + own[g + i] * own[g + i]) - log(c00 * c11)


cdef inline double largest(const double* one, double* rest, Py_ssize_t g, Py_ssize_t firsts) noexcept nogil:
    """The `firsts`-th largest of `one`."""
    cdef Py_ssize_t n, i, best
    cdef double kept
    for i in range(g):
        rest[i] = one[i]
    for n in range(min(firsts, g)):
        best = n
        for i in range(n + 1, g):
            if rest[i] > rest[best]:
                best = i
        kept = rest[best]
        rest[best] = rest[n]
        rest[n] = kept
    return rest[min(firsts, g) - 1]


cdef inline void partners(
    Sum* both,
    const double* one,
    const double* gain,
    const double* det,
    Py_ssize_t i,
    Py_ssize_t g,
    double least,
) noexcept nogil:
    """Point i beside every other; a pair of two that are both among the firsts is counted once."""
    cdef Py_ssize_t j
    for j in range(g):
        if j > i or (j < i and one[j] < least):
            put(both, one[i] + one[j] + gain[j], 1.0 / sqrt(det[j]))
