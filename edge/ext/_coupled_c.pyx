"""The coupled row's inner loops; see coupled.py for the arguments and _coupled_py.py for the oracle."""

from libc.math cimport cos, exp, log, sin, sqrt
from libc.stdlib cimport free, malloc

from edge.ext._waves cimport waves

cdef enum:
    MAX_ROOTS = 4

cdef double PI = 3.141592653589793


def direct(
    const double[::1] path_m,    # IN
    const double[::1] places_m,  # IN
    const double[::1] lines_m,   # IN
    double k_rad_m,
    double beam,
    double[:, :, ::1] out,       # INOUT
):
    cdef Py_ssize_t i, j, k = path_m.shape[0]
    cdef double y, ahead, d, shade, size, g_r, g_i, pull, along_r, along_i
    cdef double* turn = <double*>malloc((3 * k + 1) * sizeof(double))
    if turn == NULL:
        raise MemoryError
    with nogil:
        for i in range(places_m.shape[0]):
            y = lines_m[i]
            for j in range(k):
                ahead = path_m[j] - places_m[i]
                turn[j] = k_rad_m * sqrt(ahead * ahead + y * y)
            waves(turn, turn + k, turn + 2 * k, k)
            for j in range(k):
                ahead = path_m[j] - places_m[i]
                d = sqrt(ahead * ahead + y * y)
                shade = log(y / d)
                size = exp(beam * shade) / d
                g_r = size * turn[k + j]
                g_i = -size * turn[2 * k + j]
                pull = (1.0 + beam) / d
                along_r = k_rad_m * g_i - pull * g_r
                along_i = -k_rad_m * g_r - pull * g_i
                out[0, i, 2 * j] = g_r
                out[0, i, 2 * j + 1] = g_i
                out[1, i, 2 * j] = -along_r * ahead / d
                out[1, i, 2 * j + 1] = -along_i * ahead / d
                out[2, i, 2 * j] = along_r * y / d + g_r * beam / y
                out[2, i, 2 * j + 1] = along_i * y / d + g_i * beam / y
                out[3, i, 2 * j] = g_r * shade
                out[3, i, 2 * j + 1] = g_i * shade
    free(turn)


cdef struct Roots:
    int count
    double flip
    double[MAX_ROOTS] re
    double[MAX_ROOTS] im
    double[MAX_ROOTS][MAX_ROOTS] apart


cdef void set_roots(Roots* roots, int count, double flip) noexcept nogil:
    cdef int a, b
    cdef double u, v
    roots.count = count
    roots.flip = flip
    for a in range(count):
        roots.re[a] = cos(2.0 * PI / count * a)
        roots.im[a] = sin(2.0 * PI / count * a)
    for a in range(count):
        for b in range(count):
            u = roots.re[a] - roots.re[b]
            v = roots.im[a] - roots.im[b]
            roots.apart[a][b] = flip * (u * u + v * v) / 4.0


cdef inline double smaller(double a, double b) noexcept nogil:
    return a if a < b else b


cdef double fit(
    const double* h, const double* seen, const double* model, Py_ssize_t k, const Roots* roots, int passes,
    unsigned char* back, Py_ssize_t* chosen, double* cost
) noexcept nogil:
    """Roots into `chosen`, what their changes cost into `cost`; gives what is left, that cost included."""
    cdef Py_ssize_t j, last
    cdef int turn, a, b, best
    cdef double total = 0.0, power = 0.0, gain_r, gain_i, weak, low, reach, m_r, m_i, u, v
    cdef double[MAX_ROOTS] now
    cdef double[MAX_ROOTS] then
    cost[0] = 0.0
    for j in range(k):
        chosen[j] = 0
        if seen[j] > 0.0:
            total += h[2 * j] * h[2 * j] + h[2 * j + 1] * h[2 * j + 1]
            power += model[2 * j] * model[2 * j] + model[2 * j + 1] * model[2 * j + 1]
    if power <= 0.0:
        return total
    for turn in range(passes + 1):
        gain_r = 0.0
        gain_i = 0.0
        for j in range(k):
            if seen[j] > 0.0:
                a = <int>chosen[j]
                u = h[2 * j] * roots.re[a] - h[2 * j + 1] * roots.im[a]
                v = h[2 * j] * roots.im[a] + h[2 * j + 1] * roots.re[a]
                gain_r += u * model[2 * j] + v * model[2 * j + 1]
                gain_i += v * model[2 * j] - u * model[2 * j + 1]
        gain_r /= power
        gain_i /= power
        if turn == passes:
            break
        last = -1
        for j in range(k):
            if not seen[j] > 0.0:
                continue
            m_r = gain_r * model[2 * j] - gain_i * model[2 * j + 1]
            m_i = gain_r * model[2 * j + 1] + gain_i * model[2 * j]
            if last >= 0:
                weak = smaller(
                    h[2 * j] * h[2 * j] + h[2 * j + 1] * h[2 * j + 1],
                    h[2 * last] * h[2 * last] + h[2 * last + 1] * h[2 * last + 1],
                )
            for b in range(roots.count):
                u = h[2 * j] * roots.re[b] - h[2 * j + 1] * roots.im[b] - m_r
                v = h[2 * j] * roots.im[b] + h[2 * j + 1] * roots.re[b] - m_i
                low = 0.0
                if last >= 0:
                    best = 0
                    low = now[0] + weak * roots.apart[0][b]
                    for a in range(1, roots.count):
                        reach = now[a] + weak * roots.apart[a][b]
                        if reach < low:
                            low = reach
                            best = a
                    back[j * MAX_ROOTS + b] = <unsigned char>best
                then[b] = low + u * u + v * v
            for b in range(roots.count):
                now[b] = then[b]
            last = j
        best = 0
        for b in range(1, roots.count):
            if now[b] < now[best]:
                best = b
        for j in range(k - 1, -1, -1):
            if seen[j] > 0.0:
                chosen[j] = best
                best = back[j * MAX_ROOTS + best]
    last = -1
    for j in range(k):
        if seen[j] > 0.0:
            if last >= 0:
                cost[0] += roots.apart[chosen[last]][chosen[j]] * smaller(
                    h[2 * j] * h[2 * j] + h[2 * j + 1] * h[2 * j + 1],
                    h[2 * last] * h[2 * last] + h[2 * last + 1] * h[2 * last + 1],
                )
            last = j
    return total - (gain_r * gain_r + gain_i * gain_i) * power + cost[0]


def leftovers(
    const double[:, ::1] h,      # IN
    const double[:, ::1] seen,   # IN
    const double[:, ::1] model,  # IN
    int count,
    double flip,
    int passes,
    double[:, ::1] out,          # INOUT
):
    cdef Py_ssize_t i, j, k = seen.shape[1]
    cdef double cost
    cdef Roots roots
    cdef unsigned char* back = <unsigned char*>malloc(k * MAX_ROOTS + 1)
    cdef Py_ssize_t* chosen = <Py_ssize_t*>malloc((k + 1) * sizeof(Py_ssize_t))
    if back == NULL or chosen == NULL:
        free(back)
        free(chosen)
        raise MemoryError
    with nogil:
        set_roots(&roots, count, flip)
        for i in range(out.shape[0] if k else 0):
            for j in range(out.shape[1]):
                out[i, j] = fit(
                    &h[i, 0], &seen[i, 0], &model[j, 0], k, &roots, passes, back, chosen, &cost
                )
    free(back)
    free(chosen)


def follow(
    const double[:, ::1] h,      # IN
    const double[:, ::1] seen,   # IN
    const double[:, ::1] model,  # IN
    int count,
    double flip,
    int passes,
    Py_ssize_t[:, ::1] out,      # INOUT
    double[::1] cost,            # INOUT
):
    cdef Py_ssize_t i, k = seen.shape[1]
    cdef Roots roots
    cdef unsigned char* back = <unsigned char*>malloc(k * MAX_ROOTS + 1)
    if back == NULL:
        raise MemoryError
    with nogil:
        set_roots(&roots, count, flip)
        for i in range(out.shape[0] if k else 0):
            fit(&h[i, 0], &seen[i, 0], &model[i, 0], k, &roots, passes, back, &out[i, 0], &cost[i])
    free(back)


def normal_equations(
    const double[:, ::1] mix,        # IN
    const double[:, :, ::1] slopes,  # IN
    const double[:, ::1] sway,       # IN
    const double[:, ::1] s,          # IN
    const double[:, ::1] residual,   # IN
    const double[::1] gain,          # IN
    const double[:, ::1] seen,       # IN
    const double[::1] weight,        # IN
    double[:, ::1] work,             # INOUT, 2 k + 2 rows: real parts, then imaginary
    double[:, ::1] hessian,          # INOUT
    double[::1] slope,               # INOUT
):
    cdef Py_ssize_t tag, p, q, n = seen.shape[0]
    with nogil:
        for tag in range(n):
            jacobian(mix, slopes, sway, s, seen, gain, tag, work)
            gather(residual, seen, tag, weight[tag], work, hessian, slope)
        for p in range(4 * n + 4):
            for q in range(p):
                hessian[q, p] = hessian[p, q]


cdef void jacobian(
    const double[:, ::1] mix, const double[:, :, ::1] slopes, const double[:, ::1] sway,
    const double[:, ::1] s, const double[:, ::1] seen, const double[::1] gain, Py_ssize_t tag,
    double[:, ::1] work,
) noexcept nogil:
    """∂(gain·s_tag)/∂(all unknowns) with its part along s_tag taken out, into `work`."""
    cdef Py_ssize_t j, t, n = seen.shape[0], k = seen.shape[1], m = 4 * n
    cdef double c_r, c_i, a_r, a_i, s_r, s_i, u, v, g_r = gain[2 * tag], g_i = gain[2 * tag + 1]
    cdef double power = 0.0
    cdef double* re
    cdef double* im
    cdef double* by = &work[2 * k, 0]  # everything is multiplied by the tag's gain at once
    for t in range(n):
        by[4 * t] = g_r * mix[tag, 2 * t] - g_i * mix[tag, 2 * t + 1]
        by[4 * t + 1] = g_r * mix[tag, 2 * t + 1] + g_i * mix[tag, 2 * t]
        by[4 * t + 2] = g_r * sway[tag, 2 * t] - g_i * sway[tag, 2 * t + 1]
        by[4 * t + 3] = g_r * sway[tag, 2 * t + 1] + g_i * sway[tag, 2 * t]
    for j in range(k):
        if not seen[tag, j] > 0.0:
            continue
        re = &work[j, 0]
        im = &work[k + j, 0]
        for t in range(m, m + 4):
            re[t] = 0.0
            im[t] = 0.0
        for t in range(n):
            c_r, c_i, a_r, a_i = by[4 * t], by[4 * t + 1], by[4 * t + 2], by[4 * t + 3]
            s_r = s[t, 2 * j]
            s_i = s[t, 2 * j + 1]
            u = slopes[0, t, 2 * j]
            v = slopes[0, t, 2 * j + 1]
            re[t] = c_r * u - c_i * v - a_r * s_r + a_i * s_i
            im[t] = c_r * v + c_i * u - a_r * s_i - a_i * s_r
            u = slopes[1, t, 2 * j]
            v = slopes[1, t, 2 * j + 1]
            re[n + t] = c_r * u - c_i * v
            im[n + t] = c_r * v + c_i * u
            re[m] += re[n + t]
            im[m] += im[n + t]
            re[2 * n + t] = c_i * s_i - c_r * s_r
            im[2 * n + t] = -c_r * s_i - c_i * s_r
            re[3 * n + t] = -im[2 * n + t]
            im[3 * n + t] = re[2 * n + t]
            re[m + 1] += re[2 * n + t]
            im[m + 1] += im[2 * n + t]
            re[m + 2] -= im[2 * n + t]
            im[m + 2] += re[2 * n + t]
            u = slopes[2, t, 2 * j]
            v = slopes[2, t, 2 * j + 1]
            re[m + 3] += c_r * u - c_i * v
            im[m + 3] += c_r * v + c_i * u
    for j in range(k):
        if seen[tag, j] > 0.0:
            power += s[tag, 2 * j] * s[tag, 2 * j] + s[tag, 2 * j + 1] * s[tag, 2 * j + 1]
    project(s, seen, tag, power if power > 1e-300 else 1e-300, work)


cdef void project(
    const double[:, ::1] s, const double[:, ::1] seen, Py_ssize_t tag, double power, double[:, ::1] work
) noexcept nogil:
    """The last two rows of `work` take the parts along s_tag, which then are taken out of all others."""
    cdef Py_ssize_t j, t, k = seen.shape[1], m = work.shape[1]
    cdef double s_r, s_i
    cdef double* re
    cdef double* im
    cdef double* a_r = &work[2 * k, 0]
    cdef double* a_i = &work[2 * k + 1, 0]
    for t in range(m):
        a_r[t] = 0.0
        a_i[t] = 0.0
    for j in range(k):
        if seen[tag, j] > 0.0:
            re = &work[j, 0]
            im = &work[k + j, 0]
            s_r = s[tag, 2 * j] / power
            s_i = s[tag, 2 * j + 1] / power
            for t in range(m):
                a_r[t] += re[t] * s_r + im[t] * s_i
                a_i[t] += im[t] * s_r - re[t] * s_i
    for j in range(k):
        if seen[tag, j] > 0.0:
            re = &work[j, 0]
            im = &work[k + j, 0]
            s_r = s[tag, 2 * j]
            s_i = s[tag, 2 * j + 1]
            for t in range(m):
                re[t] -= a_r[t] * s_r - a_i[t] * s_i
                im[t] -= a_r[t] * s_i + a_i[t] * s_r


cdef void gather(
    const double[:, ::1] residual, const double[:, ::1] seen, Py_ssize_t tag, double weight,
    double[:, ::1] work, double[:, ::1] hessian, double[::1] slope,
) noexcept nogil:
    """Rows of `work` as outer products into the lower half of the Hessian, and times the residual.

    Rows go in fours: the Hessian is read and written a quarter as often.
    """
    cdef Py_ssize_t j, p, q, k = seen.shape[1], m = work.shape[1]
    cdef int many = 0
    cdef double left, a, b, c, d
    cdef double* into
    cdef double *row[4]
    for j in range(2 * k):
        if not seen[tag, j if j < k else j - k] > 0.0:
            continue
        row[many] = &work[j, 0]
        left = weight * (residual[tag, 2 * j] if j < k else residual[tag, 2 * (j - k) + 1])
        for p in range(m):
            slope[p] += left * row[many][p]
        many += 1
        if many == 4:
            for p in range(m):
                a, b, c, d = weight * row[0][p], weight * row[1][p], weight * row[2][p], weight * row[3][p]
                into = &hessian[p, 0]
                for q in range(p + 1):
                    into[q] += a * row[0][q] + b * row[1][q] + c * row[2][q] + d * row[3][q]
            many = 0
    for j in range(many):
        for p in range(m):
            a = weight * row[j][p]
            into = &hessian[p, 0]
            for q in range(p + 1):
                into[q] += a * row[j][q]
