# Hypotheses weighed among echoes, for the kernel that weighs places.

# How many numbers `weigh` works with.
cdef Py_ssize_t weighing_room(Py_ssize_t m, Py_ssize_t n, Py_ssize_t r) noexcept nogil

# rows [2m + 1, n], echoes [r, n], strengths [many] -> log_p, left [many, m], alpha [many, m, 2]
cdef void weigh(
    const double* rows, Py_ssize_t m, Py_ssize_t n, const double* echoes, Py_ssize_t r,
    const double* strengths, Py_ssize_t many, double* work, double* log_p, double* alpha, double* left,
) noexcept nogil
