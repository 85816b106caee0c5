"""The hologram compiled: waves of the model once for all tags, then a few multiplications a difference.

The bins of most differences are `lag` apart, and the model's turn between these is worked out once for all
tags; differences across bins where a tag was not read are its own.
"""

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
    bint across,
    double[:, :, ::1] out,  # INOUT [n, y, g]
):
    cdef Py_ssize_t n = phase.shape[0], k = phase.shape[1]
    cdef Py_ssize_t tag, y, g, s, m
    cdef double line2, along, beside, total
    cdef double *re
    cdef double *im
    if k <= lag or n == 0:
        return
    cdef double[:, ::1] cosine = np.zeros((n, k))
    cdef double[:, ::1] sine = np.zeros((n, k))
    cdef Py_ssize_t[:, :, ::1] ends = np.zeros((n, k, 2), np.intp)
    cdef Py_ssize_t[:, ::1] used = np.zeros((n, 2), np.intp)  # differences that are `lag` apart, and all
    cdef double[:, ::1] wave = np.zeros((2, k))
    cdef double[:, ::1] step = np.zeros((2, k))
    cdef double[::1] turn = np.zeros(k)
    with nogil:
        for tag in range(n):
            _differences(&phase[tag, 0], &weight[tag, 0], k, lag, across, &cosine[tag, 0],
                         &sine[tag, 0], &ends[tag, 0, 0], &used[tag, 0])
        re, im = &wave[0, 0], &wave[1, 0]
        for y in range(lines_m.shape[0]):
            line2 = lines_m[y] * lines_m[y]
            for g in range(grid_m.shape[0]):
                for s in range(k):
                    turn[s] = k_rad_m * sqrt((x_m[s] - grid_m[g]) * (x_m[s] - grid_m[g]) + line2)
                waves(&turn[0], re, im, k)
                for s in range(k - lag):
                    step[0, s] = re[s] * re[s + lag] + im[s] * im[s + lag]
                    step[1, s] = re[s] * im[s + lag] - im[s] * re[s + lag]
                for tag in range(n):
                    total = 0.0
                    for m in range(used[tag, 0]):
                        s = ends[tag, m, 0]
                        total = total + cosine[tag, m] * step[0, s] + sine[tag, m] * step[1, s]
                    for m in range(used[tag, 0], used[tag, 1]):
                        along = cosine[tag, m] * re[ends[tag, m, 0]] - sine[tag, m] * im[ends[tag, m, 0]]
                        beside = cosine[tag, m] * im[ends[tag, m, 0]] + sine[tag, m] * re[ends[tag, m, 0]]
                        total = total + along * re[ends[tag, m, 1]] + beside * im[ends[tag, m, 1]]
                    out[tag, y, g] += total


cdef void _differences(
    const double *phase,
    const double *weight,
    Py_ssize_t k,
    Py_ssize_t lag,
    bint across,
    double *cosine,  # OUT
    double *sine,  # OUT
    Py_ssize_t *ends,  # OUT [k, 2]
    Py_ssize_t *used,  # OUT [2]
) noexcept nogil:
    """From every bin that was read to the first that was, `lag` or more on: those at `lag` first."""
    cdef Py_ssize_t a, b, m = 0, longer
    cdef double share, turn
    for longer in range(1 + across):
        b = 0
        for a in range(k):
            if weight[a] <= 0.0:
                continue
            b = max(b, a + lag)
            while b < k and weight[b] <= 0.0:
                b += 1
            if b >= k:
                break
            if (b > a + lag) != longer:
                continue
            share, turn = min(weight[a], weight[b]), phase[b] - phase[a]
            cosine[m], sine[m] = share * cos(turn), share * sin(turn)
            ends[2 * m], ends[2 * m + 1] = a, b
            m += 1
        used[longer] = m
    used[1] = m
