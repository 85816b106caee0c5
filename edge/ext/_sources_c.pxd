# Fields of sources, and the errors that they would be, for the kernel that weighs places.

cdef struct Samples:
    const double* x  # [n] each: the antenna's place, and wavenumbers
    const double* y
    const double* k
    const double* h  # [n, 2]
    const double* amplitude_sd  # [n] each
    const double* phase_sd
    Py_ssize_t n

# [many, n, 2]; `work` has 4 * many * n numbers
cdef void add_sources(
    const Samples* at, const double* x_m, const double* depth_m, Py_ssize_t many,
    const double[:, ::1] mirrors, double* work, double* out,
) noexcept nogil

# [2 * many + 1, 2n]; `work` has (6 * many + 4) * n numbers
cdef void fill_errors(
    const Samples* at, const double* x_m, const double* depth_m, Py_ssize_t many,
    const double[:, ::1] mirrors, double* work, double* out,
) noexcept nogil
