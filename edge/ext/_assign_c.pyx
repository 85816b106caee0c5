"""The assignment by shortest augmenting paths; see assign.py, and _assign_py.py for another way."""

from libc.stdlib cimport free, malloc


def assign(
    const double[:, ::1] cost,  # IN
    Py_ssize_t[::1] slot,       # INOUT
):
    cdef Py_ssize_t n = cost.shape[0]
    cdef double* price = <double*>malloc(3 * (n + 1) * sizeof(double))
    cdef Py_ssize_t* index = <Py_ssize_t*>malloc(3 * (n + 1) * sizeof(Py_ssize_t))
    if price == NULL or index == NULL:
        free(price)
        free(index)
        raise MemoryError
    with nogil:
        solve(cost, slot, n, price, index)
    free(price)
    free(index)


cdef void solve(
    const double[:, ::1] cost, Py_ssize_t[::1] slot, Py_ssize_t n, double* price, Py_ssize_t* index
) noexcept nogil:
    """Slots and tags count from 1 here; 0 is the tag's own start."""
    cdef double* of_tag = price
    cdef double* of_slot = price + (n + 1)
    cdef double* least = price + 2 * (n + 1)
    cdef Py_ssize_t* owner = index
    cdef Py_ssize_t* before = index + (n + 1)
    cdef Py_ssize_t* used = index + 2 * (n + 1)
    cdef Py_ssize_t tag, at, j, following
    cdef double step, here
    for j in range(n + 1):
        of_tag[j] = 0.0
        of_slot[j] = 0.0
        owner[j] = 0
    for tag in range(1, n + 1):
        owner[0] = tag
        at = 0
        for j in range(n + 1):
            least[j] = 1e300
            used[j] = 0
        while True:
            used[at] = 1
            step = 1e300
            following = 0
            for j in range(1, n + 1):
                if used[j]:
                    continue
                here = cost[owner[at] - 1, j - 1] - of_tag[owner[at]] - of_slot[j]
                if here < least[j]:
                    least[j] = here
                    before[j] = at
                if least[j] < step:
                    step = least[j]
                    following = j
            for j in range(n + 1):
                if used[j]:
                    of_tag[owner[j]] += step
                    of_slot[j] -= step
                else:
                    least[j] -= step
            at = following
            if owner[at] == 0:
                break
        while at != 0:
            owner[at] = owner[before[at]]
            at = before[at]
    for j in range(1, n + 1):
        slot[owner[j] - 1] = j - 1
