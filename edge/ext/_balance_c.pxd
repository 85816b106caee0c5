# The balance filter's steps on one block, for the kernels that take many evidences in at once.

from edge.ext._tape cimport Tape

cdef struct Block:
    double* x
    double* P
    Py_ssize_t row   # how far a row of P is from the next: the states of the largest block
    Py_ssize_t size  # the states that this block has
    Py_ssize_t used  # of them up to where any goes together with another: gauges may never be heard
    Py_ssize_t number
    Tape* tape       # what is done is put down on it; NULL: nowhere

cdef void breathe(Block* block, Py_ssize_t at, double dt_h, double keep) noexcept nogil

cdef void pass_through(
    Block* block, Py_ssize_t target, Py_ssize_t origin, Py_ssize_t missed,
    double n_in, double n_out, double noise,
) noexcept nogil

cdef void take_in(
    Block* block, Py_ssize_t state, Py_ssize_t gain, Py_ssize_t offset,
    double scale, double value, double variance, double gate, double* innovation, double* spread,
) noexcept nogil

cdef void keep_above(Block* block, Py_ssize_t at, double share) noexcept nogil
