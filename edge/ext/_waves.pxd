# Cosines and sines of many angles at once, without branches, so that compilers do several in one step.

cimport edge.ext._wide

cdef extern from *:
    """
    /* |turn| < 1e6. Half turns are taken off in two parts (Cody and Waite 1980): the first has 33 bits, so
       that its multiples are exact. Adding and taking off 1.5*2^52 rounds. Then Taylor's series on
       [-pi/2, pi/2]: the terms left out are below 1e-13. */
    static WIDE void waves(
        const double *restrict turn, double *restrict cosine, double *restrict sine, long n
    ) {
        const double ROUND = 6755399441055744.0, PER_HALF_TURN = 0.31830988618379067154;
        const double HIGH = 3.14159265346825122833, LOW = 1.21542010130123852e-10;
        for (long i = 0; i < n; i++) {
            double halves = (turn[i] * PER_HALF_TURN + ROUND) - ROUND;
            double r = (turn[i] - halves * HIGH) - halves * LOW, r2 = r * r;
            double odd = 0.5 * halves - ((0.5 * halves + ROUND) - ROUND);
            double sign = 1.0 - 8.0 * odd * odd;
            double s = 1.0 + r2 * (-1.0 / 6 + r2 * (1.0 / 120 + r2 * (-1.0 / 5040 + r2 * (1.0 / 362880
                + r2 * (-1.0 / 39916800 + r2 * (1.0 / 6227020800.0 + r2 * (-1.0 / 1307674368000.0
                + r2 * (1.0 / 355687428096000.0))))))));
            double c = 1.0 + r2 * (-0.5 + r2 * (1.0 / 24 + r2 * (-1.0 / 720 + r2 * (1.0 / 40320
                + r2 * (-1.0 / 3628800 + r2 * (1.0 / 479001600 + r2 * (-1.0 / 87178291200.0
                + r2 * (1.0 / 20922789888000.0 + r2 * (-1.0 / 6402373705728000.0)))))))));
            cosine[i] = sign * c;
            sine[i] = sign * r * s;
        }
    }
    """
    void waves(const double *turn, double *cosine, double *sine, long n) noexcept nogil
