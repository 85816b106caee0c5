"""The hologram compiled: cosines of the model once for all tags, then two multiplications a sample."""

import numpy as np

from libc.math cimport cos, sin, sqrt

from edge.ext._waves cimport waves


def hologram(
    const double[:, ::1] phase,  # IN [n, k]
    const double[:, ::1] weight,  # IN [n, k]
    const double[::1] x_m,  # IN [k]
    const double[::1] grid_m,  # IN [g]
    const double[::1] lines_m,  # IN [y]
    double k_rad_m,
    Py_ssize_t lag,
    double[:, :, ::1] out,  # INOUT [n, y, g]
):
    cdef Py_ssize_t n = phase.shape[0], size = phase.shape[1] - lag
    cdef Py_ssize_t tag, y, g, s, m
    cdef double line2, a, b, total
    if size <= 0 or n == 0:
        return
    cdef double[:, ::1] cosine = np.zeros((n, size))
    cdef double[:, ::1] sine = np.zeros((n, size))
    cdef Py_ssize_t[:, ::1] where = np.zeros((n, size), np.intp)
    cdef Py_ssize_t[::1] used = np.zeros(n, np.intp)
    cdef double[::1] model_cos = np.zeros(size)
    cdef double[::1] model_sin = np.zeros(size)
    cdef double[::1] d = np.zeros(size + lag)
    cdef double[::1] turn = np.zeros(size)
    with nogil:
        for tag in range(n):
            m = 0
            for s in range(size):
                a = min(weight[tag, s], weight[tag, s + lag])
                if a > 0.0:
                    b = phase[tag, s + lag] - phase[tag, s]
                    cosine[tag, m] = a * cos(b)
                    sine[tag, m] = a * sin(b)
                    where[tag, m] = s
                    m += 1
            used[tag] = m
        for y in range(lines_m.shape[0]):
            line2 = lines_m[y] * lines_m[y]
            for g in range(grid_m.shape[0]):
                for s in range(size + lag):
                    d[s] = sqrt((x_m[s] - grid_m[g]) * (x_m[s] - grid_m[g]) + line2)
                for s in range(size):
                    turn[s] = k_rad_m * (d[s + lag] - d[s])
                waves(&turn[0], &model_cos[0], &model_sin[0], size)
                for tag in range(n):
                    total = 0.0
                    for m in range(used[tag]):
                        s = where[tag, m]
                        total = total + cosine[tag, m] * model_cos[s] + sine[tag, m] * model_sin[s]
                    out[tag, y, g] += total
