# Rows of numbers, in wide registers where the processor has them: the same operations in the same order.

cdef extern from *:
    """
    #if defined(__x86_64__) && defined(__gnu_linux__) && defined(__GNUC__) && !defined(__clang__)
    #define WIDE __attribute__((target_clones("avx2", "default"), unused))
    #elif defined(__GNUC__)
    #define WIDE __attribute__((unused))
    #else
    #define WIDE
    #endif

    /* to += factor * row */
    static WIDE void add_up(double *restrict to, const double *restrict row, double factor, Py_ssize_t n) {
        for (Py_ssize_t k = 0; k < n; k++) to[k] += factor * row[k];
    }

    /* the rows of P += factor * (PH * PH') */
    static WIDE void add_square(
        double *restrict P, Py_ssize_t row, const double *restrict PH, double factor, Py_ssize_t n
    ) {
        for (Py_ssize_t k = 0; k < n; k++) {
            const double weight = PH[k] * factor;
            if (weight != 0.0)
                for (Py_ssize_t j = 0; j < n; j++) P[k * row + j] += weight * PH[j];
        }
    }

    /* to += the sum of weight[j] * (row j), over n rows of `long_` numbers */
    static WIDE void add_rows(
        double *restrict to, const double *restrict weight, Py_ssize_t n,
        const double *restrict rows, Py_ssize_t row, Py_ssize_t long_
    ) {
        for (Py_ssize_t j = 0; j < n; j++)
            if (weight[j] != 0.0)
                for (Py_ssize_t k = 0; k < long_; k++) to[k] += weight[j] * rows[j * row + k];
    }
    """
    void add_up(double* to, const double* row, double factor, Py_ssize_t n) noexcept nogil
    void add_square(double* P, Py_ssize_t row, const double* PH, double factor, Py_ssize_t n) noexcept nogil
    void add_rows(
        double* to, const double* weight, Py_ssize_t n, const double* rows, Py_ssize_t row, Py_ssize_t long_
    ) noexcept nogil
