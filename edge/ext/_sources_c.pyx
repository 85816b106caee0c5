"""Fields of point sources compiled: distances, waves and sums each in a loop of their own."""

from libc.math cimport exp, fabs
from libc.stdlib cimport free, malloc
from libc.string cimport memset

from edge.ext._waves cimport waves

cdef extern from *:
    """
    /* Phase and size of what k places of the path see of a source. */
    static WIDE void spread(
        const double *restrict path_x, const double *restrict path_y, const double *restrict k_rad_m,
        double x, double depth, double *restrict turn, double *restrict size, Py_ssize_t k
    ) {
        for (Py_ssize_t s = 0; s < k; s++) {
            double ahead = path_x[s] - x, line = path_y[s] + depth;
            double d2 = ahead * ahead + line * line, d = sqrt(d2);
            turn[s] = k_rad_m[s] * d;
            size[s] = line * line / (d2 * d);
        }
    }

    static WIDE void add(
        const double *restrict size, const double *restrict cosine, const double *restrict sine, double real,
        double imag, double *restrict out, Py_ssize_t k
    ) {
        for (Py_ssize_t s = 0; s < k; s++) {
            out[2 * s] += size[s] * (real * cosine[s] + imag * sine[s]);
            out[2 * s + 1] += size[s] * (imag * cosine[s] - real * sine[s]);
        }
    }

    /* Errors of log-amplitude and phase that a field would be, and of the field a quarter of a turn on. */
    static WIDE void relative(
        const double *restrict sent, const double *restrict factor, double *restrict v, double *restrict jv,
        Py_ssize_t k
    ) {
        const double *a = factor, *b = factor + k, *c = factor + 2 * k, *d = factor + 3 * k;
        for (Py_ssize_t s = 0; s < k; s++) {
            const double real = sent[2 * s], imag = sent[2 * s + 1];
            v[s] = real * a[s] - imag * b[s];
            jv[s] = -(real * b[s] + imag * a[s]);
            v[k + s] = real * d[s] + imag * c[s];
            jv[k + s] = real * c[s] - imag * d[s];
        }
    }
    """
    void spread(
        const double* path_x, const double* path_y, const double* k_rad_m, double x, double depth,
        double* turn, double* size, Py_ssize_t k
    ) noexcept nogil
    void add(
        const double* size, const double* cosine, const double* sine, double real, double imag, double* out,
        Py_ssize_t k
    ) noexcept nogil
    void relative(
        const double* sent, const double* factor, double* v, double* jv, Py_ssize_t k
    ) noexcept nogil


def sources(
    const double[::1] path_x,  # IN [k]
    const double[::1] path_y,  # IN [k]
    const double[::1] k_rad_m,  # IN [k]
    const double[::1] x_m,  # IN [m]
    const double[::1] depth_m,  # IN [m]
    const double[:, ::1] mirrors,  # IN [i, 8]
    double[:, :, ::1] out,  # INOUT [m, k, 2]
):
    cdef Py_ssize_t k = path_x.shape[0], m = x_m.shape[0]
    if k == 0 or m == 0:
        return
    cdef double* work = <double*>malloc(4 * m * k * sizeof(double))
    if work == NULL:
        raise MemoryError
    cdef Samples at
    at.x, at.y, at.k, at.n = &path_x[0], &path_y[0], &k_rad_m[0], k
    with nogil:
        add_sources(&at, &x_m[0], &depth_m[0], m, mirrors, work, &out[0, 0, 0])
        free(work)


def errors(
    const double[::1] path_x,  # IN [k]
    const double[::1] path_y,  # IN [k]
    const double[::1] k_rad_m,  # IN [k]
    const double[:, ::1] h,  # IN [k, 2]
    const double[:, ::1] sd,  # IN [2, k]
    const double[::1] x_m,  # IN [m]
    const double[::1] depth_m,  # IN [m]
    const double[:, ::1] mirrors,  # IN [i, 8]
    double[:, ::1] out,  # OUT [2m + 1, 2k]
):
    cdef Py_ssize_t k = path_x.shape[0], m = x_m.shape[0]
    if k == 0:
        return
    cdef const double* places = &x_m[0] if m else NULL
    cdef const double* depths = &depth_m[0] if m else NULL
    cdef double* work = <double*>malloc((6 * m + 4) * k * sizeof(double))
    if work == NULL:
        raise MemoryError
    cdef Samples at
    at.x, at.y, at.k, at.n = &path_x[0], &path_y[0], &k_rad_m[0], k
    at.h, at.amplitude_sd, at.phase_sd = &h[0, 0], &sd[0, 0], &sd[1, 0]
    with nogil:
        fill_errors(&at, places, depths, m, mirrors, work, &out[0, 0])
        free(work)


cdef void fill_errors(
    const Samples* at, const double* x_m, const double* depth_m, Py_ssize_t many,
    const double[:, ::1] mirrors, double* work, double* out,
) noexcept nogil:
    cdef Py_ssize_t k = at.n, n, s
    cdef double over
    cdef const double* h = at.h
    cdef double* read = out + 4 * many * k
    cdef double* sent = work + 4 * many * k
    cdef double* factor = sent + 2 * many * k
    memset(sent, 0, 2 * many * k * sizeof(double))
    add_sources(at, x_m, depth_m, many, mirrors, work, sent)
    for s in range(k):  # 1/h over the deviations: real and imaginary part of each
        over = 1.0 / (h[2 * s] * h[2 * s] + h[2 * s + 1] * h[2 * s + 1])
        factor[s] = h[2 * s] * over / at.amplitude_sd[s]
        factor[k + s] = -h[2 * s + 1] * over / at.amplitude_sd[s]
        factor[2 * k + s] = h[2 * s] * over / at.phase_sd[s]
        factor[3 * k + s] = -h[2 * s + 1] * over / at.phase_sd[s]
        read[s], read[k + s] = 1.0 / at.amplitude_sd[s], 0.0
    for n in range(many):
        relative(sent + 2 * n * k, factor, out + 2 * n * k, out + 2 * (many + n) * k, k)


cdef void add_sources(
    const Samples* at, const double* x_m, const double* depth_m, Py_ssize_t many,
    const double[:, ::1] mirrors, double* work, double* out,
) noexcept nogil:
    cdef Py_ssize_t k = at.n, m, i
    cdef double x, depth, share
    cdef double* size = work + many * k
    cdef double* cosine = work + 2 * many * k
    cdef double* sine = work + 3 * many * k
    for i in range(mirrors.shape[0]):
        for m in range(many):
            x = mirrors[i, 2] * x_m[m] + mirrors[i, 3]
            depth = mirrors[i, 4] * depth_m[m] + mirrors[i, 5]
            spread(at.x, at.y, at.k, x, depth, work + m * k, size + m * k, k)
        waves(work, cosine, sine, many * k)
        for m in range(many):
            share = exp(-mirrors[i, 7] * fabs(x_m[m] - mirrors[i, 6]))
            add(
                size + m * k, cosine + m * k, sine + m * k, share * mirrors[i, 0], share * mirrors[i, 1],
                out + 2 * m * k, k,
            )
