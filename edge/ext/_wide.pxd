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

    /* the rows of P += factor * (PH * PH'), four at a time */
    static WIDE void add_square(
        double *restrict P, Py_ssize_t row, const double *restrict PH, double factor, Py_ssize_t n
    ) {
        Py_ssize_t k = 0;
        for (; k + 4 <= n; k += 4) {
            const double a = PH[k] * factor, b = PH[k + 1] * factor, c = PH[k + 2] * factor;
            const double d = PH[k + 3] * factor;
            double *p = P + k * row;
            if (a == 0.0 && b == 0.0 && c == 0.0 && d == 0.0) continue;
            #pragma GCC ivdep
            for (Py_ssize_t j = 0; j < n; j++) {
                p[j] += a * PH[j];
                p[row + j] += b * PH[j];
                p[2 * row + j] += c * PH[j];
                p[3 * row + j] += d * PH[j];
            }
        }
        for (; k < n; k++) {
            const double weight = PH[k] * factor;
            for (Py_ssize_t j = 0; j < n; j++) P[k * row + j] += weight * PH[j];
        }
    }

    /* to += the sum of weight[j] * (row j), over n rows of `long_` numbers: four rows at a time */
    static WIDE void add_rows(
        double *restrict to, const double *restrict weight, Py_ssize_t n,
        const double *restrict rows, Py_ssize_t row, Py_ssize_t long_
    ) {
        Py_ssize_t j = 0;
        for (; j + 4 <= n; j += 4) {
            const double a = weight[j], b = weight[j + 1], c = weight[j + 2], d = weight[j + 3];
            const double *r = rows + j * row;
            if (a == 0.0 && b == 0.0 && c == 0.0 && d == 0.0) continue;
            for (Py_ssize_t k = 0; k < long_; k++)
                to[k] = to[k] + a * r[k] + b * r[row + k] + c * r[2 * row + k] + d * r[3 * row + k];
        }
        for (; j < n; j++)
            for (Py_ssize_t k = 0; k < long_; k++) to[k] += weight[j] * rows[j * row + k];
    }
    """
    void add_up(double* to, const double* row, double factor, Py_ssize_t n) noexcept nogil
    void add_square(double* P, Py_ssize_t row, const double* PH, double factor, Py_ssize_t n) noexcept nogil
    void add_rows(
        double* to, const double* weight, Py_ssize_t n, const double* rows, Py_ssize_t row, Py_ssize_t long_
    ) noexcept nogil
