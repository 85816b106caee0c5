"""Fields of point sources compiled: distances, waves and sums each in a loop of their own."""

from libc.math cimport exp, fabs
from libc.stdlib cimport free, malloc

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
    """
    void spread(
        const double* path_x, const double* path_y, const double* k_rad_m, double x, double depth,
        double* turn, double* size, Py_ssize_t k
    ) noexcept nogil
    void add(
        const double* size, const double* cosine, const double* sine, double real, double imag, double* out,
        Py_ssize_t k
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
    cdef Py_ssize_t k = path_x.shape[0], many = x_m.shape[0], m, i
    cdef double x, depth, share
    if k == 0 or many == 0:
        return
    cdef double* turn = <double*>malloc(4 * many * k * sizeof(double))
    if turn == NULL:
        raise MemoryError
    cdef double* size = turn + many * k
    cdef double* cosine = turn + 2 * many * k
    cdef double* sine = turn + 3 * many * k
    with nogil:
        for i in range(mirrors.shape[0]):
            for m in range(many):
                x = mirrors[i, 2] * x_m[m] + mirrors[i, 3]
                depth = mirrors[i, 4] * depth_m[m] + mirrors[i, 5]
                spread(&path_x[0], &path_y[0], &k_rad_m[0], x, depth, turn + m * k, size + m * k, k)
            waves(turn, cosine, sine, many * k)
            for m in range(many):
                share = exp(-mirrors[i, 7] * fabs(x_m[m] - mirrors[i, 6]))
                add(
                    size + m * k, cosine + m * k, sine + m * k, share * mirrors[i, 0], share * mirrors[i, 1],
                    &out[m, 0, 0], k,
                )
        free(turn)
