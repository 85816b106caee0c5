# Exponentials and logarithms of many numbers at once, without branches: compilers do several in one step.

cimport edge.ext._wide

cdef extern from *:
    """
    #include <stdint.h>
    #include <string.h>

    /* -700 <= x <= 700. Doublings are taken off in two parts (Cody and Waite 1980); adding 1.5*2^52 rounds,
       and leaves the whole number in the lowest bits. Then Taylor's series on [-log(2)/2, log(2)/2], whose
       terms left out are below 1e-14. */
    static WIDE void exps(const double *restrict x, double *restrict out, Py_ssize_t n) {
        const double ROUND = 6755399441055744.0, PER_DOUBLING = 1.44269504088896340736;
        const double HIGH = 0.693147180369123816490, LOW = 1.90821492927058770002e-10;
        for (Py_ssize_t i = 0; i < n; i++) {
            double doublings = (x[i] * PER_DOUBLING + ROUND) - ROUND;
            double r = (x[i] - doublings * HIGH) - doublings * LOW;
            double shifted = doublings + (ROUND + 1023.0), scale;
            uint64_t bits;
            memcpy(&bits, &shifted, 8);
            bits <<= 52;
            memcpy(&scale, &bits, 8);
            out[i] = scale * (1.0 + r * (1.0 + r * (1.0 / 2 + r * (1.0 / 6 + r * (1.0 / 24 + r * (1.0 / 120
                + r * (1.0 / 720 + r * (1.0 / 5040 + r * (1.0 / 40320 + r * (1.0 / 362880
                + r * (1.0 / 3628800 + r * (1.0 / 39916800))))))))))));
        }
    }

    /* Normal x > 0. The mantissa is brought to [sqrt(1/2), sqrt(2)], where log(m) = 2 artanh((m-1)/(m+1))
       is a short series, to 1e-15. Exponents become numbers in the lowest bits of 2^52. */
    static WIDE void logs(const double *restrict x, double *restrict out, Py_ssize_t n) {
        const double LOG_2 = 0.693147180559945309417, WHOLE = 4503599627370496.0;
        const uint64_t ONE = 0x3FF0000000000000u, LEAST = 0x3FE6A09E667F3BCDu, MANTISSA = 0x000FFFFFFFFFFFFFu;
        for (Py_ssize_t i = 0; i < n; i++) {
            uint64_t bits, above, below;
            double m, whole;
            memcpy(&bits, &x[i], 8);
            bits += ONE - LEAST;
            above = (bits >> 52) | 0x4330000000000000u;
            below = (bits & MANTISSA) + LEAST;
            memcpy(&whole, &above, 8);
            memcpy(&m, &below, 8);
            double s = (m - 1.0) / (m + 1.0), t = s * s;
            double series = 1.0 + t * (1.0 / 3 + t * (1.0 / 5 + t * (1.0 / 7 + t * (1.0 / 9 + t * (1.0 / 11
                + t * (1.0 / 13 + t * (1.0 / 15 + t * (1.0 / 17))))))));
            out[i] = (whole - (WHOLE + 1023.0)) * LOG_2 + 2.0 * s * series;
        }
    }
    """
    void exps(const double* x, double* out, Py_ssize_t n) noexcept nogil
    void logs(const double* x, double* out, Py_ssize_t n) noexcept nogil
