"""Fields of point sources compiled: distances, waves and sums each in a loop of their own over samples."""

from libc.math cimport sqrt
from libc.stdlib cimport free, malloc

from edge.ext._waves cimport waves


def sources(
    const double[::1] path_x,  # IN [k]
    const double[::1] path_y,  # IN [k]
    const double[::1] k_rad_m,  # IN [k]
    const double[::1] x_m,  # IN [m]
    const double[::1] depth_m,  # IN [m]
    const double[:, ::1] mirrors,  # IN [i, 6]
    double[:, :, ::1] out,  # INOUT [m, k, 2]
):
    cdef Py_ssize_t k = path_x.shape[0], m, i, s
    cdef double x, depth, real, imag
    if k == 0 or x_m.shape[0] == 0:
        return
    cdef double* turn = <double*>malloc(4 * k * sizeof(double))
    if turn == NULL:
        raise MemoryError
    cdef double* size = turn + k
    cdef double* cosine = turn + 2 * k
    cdef double* sine = turn + 3 * k
    with nogil:
        for m in range(x_m.shape[0]):
            for i in range(mirrors.shape[0]):
                real, imag = mirrors[i, 0], mirrors[i, 1]
                x = mirrors[i, 2] * x_m[m] + mirrors[i, 3]
                depth = mirrors[i, 4] * depth_m[m] + mirrors[i, 5]
                spread(&path_x[0], &path_y[0], &k_rad_m[0], x, depth, turn, size, k)
                waves(turn, cosine, sine, k)
                for s in range(k):
                    out[m, s, 0] += size[s] * (real * cosine[s] + imag * sine[s])
                    out[m, s, 1] += size[s] * (imag * cosine[s] - real * sine[s])
        free(turn)


cdef inline void spread(
    const double* path_x,
    const double* path_y,
    const double* k_rad_m,
    double x,
    double depth,
    double* turn,
    double* size,
    Py_ssize_t k,
) noexcept nogil:
    cdef Py_ssize_t s
    cdef double ahead, line, d2, d
    for s in range(k):
        ahead = path_x[s] - x
        line = path_y[s] + depth
        d2 = ahead * ahead + line * line
        d = sqrt(d2)
        turn[s] = k_rad_m[s] * d
        size[s] = line * line / (d2 * d)
