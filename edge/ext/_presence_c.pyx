"""SMURF's step for many tags at once; arguments: presence.py; the oracle: _presence_py.py."""

from libc.math cimport ceil, log, sqrt
from libc.stdint cimport int32_t, uint8_t, uint64_t

cdef extern from *:
    """
    static inline int popcount64(unsigned long long bits) { return __builtin_popcountll(bits); }
    """
    int popcount64(unsigned long long bits) noexcept nogil

cdef int MAX_WINDOW = 64
cdef double RATE_GAIN = 0.1
cdef double MIN_RATE = 0.05


def step(
    uint64_t[::1] history,      # INOUT
    int32_t[::1] window,        # INOUT
    double[::1] rate,           # INOUT
    uint8_t[::1] present,       # INOUT
    const uint8_t[::1] seen,    # IN
    double delta,
):
    cdef Py_ssize_t n
    cdef double need = log(1.0 / delta)
    with nogil:
        for n in range(history.shape[0]):
            history[n] = (history[n] << 1) | (seen[n] != 0)
            if present[n]:
                rate[n] += RATE_GAIN * ((seen[n] != 0) - rate[n])
            window[n] = resize(history[n], window[n], max(rate[n], MIN_RATE), need)
            present[n] = seen[n] != 0 or (present[n] and recent(history[n], window[n]) > 0)


cdef inline int recent(uint64_t bits, int epochs) noexcept nogil:
    cdef uint64_t mask = ~<uint64_t>0 if epochs >= 64 else (<uint64_t>1 << epochs) - 1
    return popcount64(bits & mask)


cdef inline int resize(uint64_t bits, int size, double p, double need) noexcept nogil:
    cdef int complete = <int>min(max(ceil(need / p), 1.0), <double>MAX_WINDOW)
    cdef int half = max(size // 2, 1)
    cdef double missed = half * p - recent(bits, half)
    if size > 1 and missed > 2.0 * sqrt(half * p * (1.0 - p)):
        return max(min(half, complete), 1)
    return min(size + 2, complete) if complete > size else complete
