# What a level of sound says of one space, for the kernel that takes all evidence in.

from edge.ext._balance_c cimport Block

cdef void listen_to(
    Block* block, Py_ssize_t at, double level, bint counted, double* row, double step_h
) noexcept nogil
