"""The matched field compiled: one pass over a tag's samples for every place that is tried."""

from libc.math cimport cos, sin, sqrt


def matched(
    const double[:, ::1] real,  # IN [n, k]
    const double[:, ::1] imag,  # IN [n, k]
    const double[::1] x_m,  # IN [k]
    const double[:, ::1] at_m,  # IN [n, g]
    const double[::1] lines_m,  # IN [y]
    double k_rad_m,
    double[:, :, ::1] out,  # INOUT [n, y, g]
):
    cdef Py_ssize_t tag, y, g, s
    cdef double d2, d, size, c, b, a, line2, ahead, up_r, up_i, power
    with nogil:
        for tag in range(real.shape[0]):
            for y in range(lines_m.shape[0]):
                line2 = lines_m[y] * lines_m[y]
                for g in range(at_m.shape[1]):
                    up_r = 0.0
                    up_i = 0.0
                    power = 0.0
                    for s in range(x_m.shape[0]):
                        a = real[tag, s]
                        b = imag[tag, s]
                        if a == 0.0 and b == 0.0:
                            continue
                        ahead = x_m[s] - at_m[tag, g]
                        d2 = ahead * ahead + line2
                        d = sqrt(d2)
                        size = lines_m[y] / d2
                        c = cos(k_rad_m * d)
                        d = sin(k_rad_m * d)
                        # h · conj(g), with conj(g) = size·(c + j d)
                        up_r = up_r + size * (a * c - b * d)
                        up_i = up_i + size * (a * d + b * c)
                        power = power + size * size
                    if power > 0.0:
                        out[tag, y, g] = (up_r * up_r + up_i * up_i) / power
