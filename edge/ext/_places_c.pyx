"""Places of a board's tags compiled: all that one tag needs is worked out before the next one's turn."""

from libc.stdlib cimport free, malloc
from libc.string cimport memcpy

from edge.ext._echoes_c cimport few, weigh, weighing_room
from edge.ext._sources_c cimport Samples, fill_errors


def places(
    const double[:, ::1] path,  # IN [3, all samples]: x, y, wavenumber
    const double[:, ::1] h,  # IN [all samples, 2]
    const double[:, ::1] sd,  # IN [2, all samples]
    const Py_ssize_t[::1] start,  # IN [n + 1]
    const double[::1] x_m,  # IN [n]
    const double[::1] ahead_m,  # IN [m]
    const double[::1] depth_m,  # IN [m]
    const double[:, ::1] mirrors,  # IN [i, 8]
    const double[::1] echoes,  # IN, rows of all tags
    const Py_ssize_t[::1] many,  # IN [n], rows of each
    const double[:, ::1] strengths,  # IN [n, s]
    double[:, :, ::1] log_p,  # OUT [n, s, m]
    double[:, :, :, ::1] alpha,  # OUT [n, s, m, 2]
    double[:, :, ::1] left,  # OUT [n, s, m]
):
    """NaN where a matrix is not positive definite."""
    cdef Py_ssize_t m = ahead_m.shape[0], most = 0, room = 0, tag, k, n
    cdef Samples at
    for tag in range(x_m.shape[0]):
        k = start[tag + 1] - start[tag]
        most, room = max(most, k), max(room, weighing_room(m, 2 * k, many[tag]))
    cdef double* there = <double*>malloc((m + 2 * most * (2 * m + 1) + max((6 * m + 4) * most, room)) * 8)
    if there == NULL:
        raise MemoryError
    cdef const double* of_tag = &echoes[0] if echoes.shape[0] else NULL
    cdef double* rows = there + m
    cdef double* work = rows + 2 * most * (2 * m + 1)
    with nogil:
        for tag in range(x_m.shape[0]):
            k = start[tag]
            at.x, at.y, at.k, at.n = &path[0, k], &path[1, k], &path[2, k], start[tag + 1] - k
            at.h, at.amplitude_sd, at.phase_sd = &h[k, 0], &sd[0, k], &sd[1, k]
            for n in range(m):
                there[n] = x_m[tag] + ahead_m[n]
            fill_errors(&at, there, &depth_m[0], m, mirrors, work, rows)
            weigh(
                rows, m, 2 * at.n, of_tag, many[tag], &strengths[tag, 0], strengths.shape[1], work,
                &log_p[tag, 0, 0], &alpha[tag, 0, 0, 0], &left[tag, 0, 0],
            )
            of_tag += 2 * at.n * many[tag]
        free(there)


def surroundings(
    const double[:, ::1] path,  # IN [3, all samples]: x, y, wavenumber
    const double[:, ::1] h,  # IN [all samples, 2]
    const double[:, ::1] sd,  # IN [2, all samples]
    const Py_ssize_t[::1] start,  # IN [n + 1]
    const double[::1] x_m,  # IN [n]
    const double[::1] ahead_m,  # IN [m]
    const double[::1] depth_m,  # IN [m]
    const double[:, ::1] mirrors,  # IN [i, 8]
    const double[::1] strength,  # IN [m]
    const Py_ssize_t[::1] ends,  # IN [g]
    double least,
    double[::1] out,  # INOUT, 0 before: 4 * m numbers a sample
    Py_ssize_t[:, ::1] counts,  # OUT [n, g]
):
    cdef Py_ssize_t m = ahead_m.shape[0], most = 0, tag, k, n, j, group, first, used, wide
    cdef Samples at
    for tag in range(x_m.shape[0]):
        most = max(most, start[tag + 1] - start[tag])
    cdef double* there = <double*>malloc((m + most * (14 * m + 8)) * sizeof(double))
    if there == NULL:
        raise MemoryError
    cdef double* rows = there + m
    cdef double* scaled = rows + 2 * most * (2 * m + 1)
    cdef double* work = scaled + 4 * m * most
    with nogil:
        for tag in range(x_m.shape[0]):
            k, used, first = start[tag], 0, 0
            at.x, at.y, at.k, at.n = &path[0, k], &path[1, k], &path[2, k], start[tag + 1] - k
            at.h, at.amplitude_sd, at.phase_sd = &h[k, 0], &sd[0, k], &sd[1, k]
            for n in range(m):
                there[n] = x_m[tag] + ahead_m[n]
            fill_errors(&at, there, &depth_m[0], m, mirrors, work, rows)
            wide = 2 * at.n
            for n in range(m):
                for j in range(wide):
                    rows[n * wide + j] *= strength[n]
                    rows[(m + n) * wide + j] *= strength[n]
            for group in range(ends.shape[0]):
                n = ends[group] - first
                memcpy(scaled, rows + first * wide, n * wide * sizeof(double))
                memcpy(scaled + n * wide, rows + (m + first) * wide, n * wide * sizeof(double))
                counts[tag, group] = few(scaled, 2 * n, wide, least, work, &out[4 * m * k + used * wide])
                used += counts[tag, group]
                first = ends[group]
        free(there)
