# Hypotheses weighed among echoes, for the kernel that weighs places.

# How many numbers `weigh` works with.
cdef Py_ssize_t weighing_room(Py_ssize_t m, Py_ssize_t n, Py_ssize_t r) noexcept nogil

# Fewer rows that say the same as `echoes` [r, n] in `out` [r, n], 0 before; how many. `left` has n numbers.
cdef Py_ssize_t few(
    const double* echoes, Py_ssize_t r, Py_ssize_t n, double least, double* left, double* out
) noexcept nogil

# rows [2m + 1, n], echoes [r, n], strengths [many] -> log_p, left [many, m], alpha [many, m, 2]
cdef void weigh(
    const double* rows, Py_ssize_t m, Py_ssize_t n, const double* echoes, Py_ssize_t r,
    const double* strengths, Py_ssize_t many, double* work, double* log_p, double* alpha, double* left,
) noexcept nogil
