"""Fields of point sources compiled: one sine and one cosine a source and sample."""

from libc.math cimport cos, sin, sqrt


def sources(
    const double[::1] path_x,  # IN [k]
    const double[::1] path_y,  # IN [k]
    const double[::1] k_rad_m,  # IN [k]
    const double[::1] x_m,  # IN [m]
    const double[::1] depth_m,  # IN [m]
    double[:, :, ::1] out,  # OUT [m, k, 2]
):
    cdef Py_ssize_t m, s
    cdef double ahead, line, d2, d, size, turn
    with nogil:
        for m in range(x_m.shape[0]):
            for s in range(path_x.shape[0]):
                ahead = path_x[s] - x_m[m]
                line = path_y[s] + depth_m[m]
                d2 = ahead * ahead + line * line
                d = sqrt(d2)
                size = line * line / (d2 * d)
                turn = k_rad_m[s] * d
                out[m, s, 0] = size * cos(turn)
                out[m, s, 1] = -size * sin(turn)
