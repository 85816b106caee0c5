"""The matched field compiled: a tag's samples close together, their waves at once, then one sum."""

from libc.math cimport sqrt
from libc.stdlib cimport free, malloc

from edge.ext._waves cimport waves


def matched(
    const double[:, ::1] real,  # IN [n, k]
    const double[:, ::1] imag,  # IN [n, k]
    const double[::1] x_m,  # IN [k]
    const double[:, ::1] at_m,  # IN [n, g]
    const double[::1] lines_m,  # IN [y]
    double k_rad_m,
    double[:, :, ::1] out,  # INOUT [n, y, g]
):
    cdef Py_ssize_t k = x_m.shape[0], tag, y, g, s, seen
    if k == 0:
        return
    cdef double* work = <double*>malloc(7 * k * sizeof(double))
    if work == NULL:
        raise MemoryError
    cdef double* a = work + 4 * k
    cdef double* b = work + 5 * k
    cdef double* x = work + 6 * k
    with nogil:
        for tag in range(real.shape[0]):
            seen = 0
            for s in range(k):
                if real[tag, s] != 0.0 or imag[tag, s] != 0.0:
                    a[seen], b[seen], x[seen] = real[tag, s], imag[tag, s], x_m[s]
                    seen += 1
            for y in range(lines_m.shape[0]):
                for g in range(at_m.shape[1]):
                    out[tag, y, g] = share(a, b, x, at_m[tag, g], lines_m[y], k_rad_m, work, seen, k)
        free(work)


cdef inline double share(
    const double* a,
    const double* b,
    const double* x_m,
    double at_m,
    double line_m,
    double k_rad_m,
    double* work,
    Py_ssize_t seen,
    Py_ssize_t k,
) noexcept nogil:
    """|Σ h·conj(g)|² / Σ|g|²; 0 where nothing was read."""
    cdef double* turn = work
    cdef double* size = work + k
    cdef double* c = work + 2 * k
    cdef double* d = work + 3 * k
    cdef double ahead, d2, up_r = 0.0, up_i = 0.0, power = 0.0
    cdef Py_ssize_t s
    for s in range(seen):
        ahead = x_m[s] - at_m
        d2 = ahead * ahead + line_m * line_m
        size[s] = line_m / d2
        turn[s] = k_rad_m * sqrt(d2)
    waves(turn, c, d, seen)
    for s in range(seen):  # h · conj(g), with conj(g) = size·(c + j d)
        up_r += size[s] * (a[s] * c[s] - b[s] * d[s])
        up_i += size[s] * (a[s] * d[s] + b[s] * c[s])
        power += size[s] * size[s]
    return (up_r * up_r + up_i * up_i) / power if power > 0.0 else 0.0
