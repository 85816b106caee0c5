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
    with nogil:
        add_sources(path_x, path_y, k_rad_m, x_m, depth_m, mirrors, work, &out[0, 0, 0])
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
    cdef Py_ssize_t k = path_x.shape[0], m = x_m.shape[0], n, s
    cdef double over
    if k == 0:
        return
    cdef double* work = <double*>malloc((6 * m + 4) * k * sizeof(double))
    if work == NULL:
        raise MemoryError
    cdef double* sent = work + 4 * m * k
    cdef double* factor = sent + 2 * m * k
    with nogil:
        memset(sent, 0, 2 * m * k * sizeof(double))
        add_sources(path_x, path_y, k_rad_m, x_m, depth_m, mirrors, work, sent)
        for s in range(k):  # 1/h over the deviations: real and imaginary part of each
            over = 1.0 / (h[s, 0] * h[s, 0] + h[s, 1] * h[s, 1])
            factor[s] = h[s, 0] * over / sd[0, s]
            factor[k + s] = -h[s, 1] * over / sd[0, s]
            factor[2 * k + s] = h[s, 0] * over / sd[1, s]
            factor[3 * k + s] = -h[s, 1] * over / sd[1, s]
            out[2 * m, s], out[2 * m, k + s] = 1.0 / sd[0, s], 0.0
        for n in range(m):
            relative(sent + 2 * n * k, factor, &out[n, 0], &out[m + n, 0], k)
        free(work)


cdef void add_sources(
    const double[::1] path_x, const double[::1] path_y, const double[::1] k_rad_m, const double[::1] x_m,
    const double[::1] depth_m, const double[:, ::1] mirrors,
    double* work,  # [4, m, k]
    double* out,  # [m, k, 2]
) noexcept nogil:
    cdef Py_ssize_t k = path_x.shape[0], many = x_m.shape[0], m, i
    cdef double x, depth, share
    cdef double* size = work + many * k
    cdef double* cosine = work + 2 * many * k
    cdef double* sine = work + 3 * many * k
    for i in range(mirrors.shape[0]):
        for m in range(many):
            x = mirrors[i, 2] * x_m[m] + mirrors[i, 3]
            depth = mirrors[i, 4] * depth_m[m] + mirrors[i, 5]
            spread(&path_x[0], &path_y[0], &k_rad_m[0], x, depth, work + m * k, size + m * k, k)
        waves(work, cosine, sine, many * k)
        for m in range(many):
            share = exp(-mirrors[i, 7] * fabs(x_m[m] - mirrors[i, 6]))
            add(
                size + m * k, cosine + m * k, sine + m * k, share * mirrors[i, 0], share * mirrors[i, 1],
                out + 2 * m * k, k,
            )
