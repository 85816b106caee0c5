"""Estimates as JSON text; see estimates.py for the arguments and _estimates_py.py for the oracle."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.math cimport rint
from libc.stdint cimport int64_t
from libc.string cimport memcpy

cdef enum:
    ROOM = 160  # bytes of a row at most, without its two texts
    MOST_DIGITS = 24


def rows(int64_t t_ns, const double[:, ::1] numbers, list spaces, list qualities):
    cdef Py_ssize_t s, n = numbers.shape[0], room = 0
    cdef bytes text, at = b"%d" % t_ns
    cdef char* out
    for text in spaces:
        room += PyBytes_GET_SIZE(text) + ROOM
    for text in qualities:
        room += PyBytes_GET_SIZE(text)
    cdef bytes whole = PyBytes_FromStringAndSize(NULL, room)
    out = PyBytes_AS_STRING(whole)
    for s in range(n):
        out = add(out, b", " if s else b"")
        out = add(add(out, b'{"space": '), spaces[s])
        out = add(add(out, b', "t_ns": '), at)
        out = decimal(add(out, b', "people": '), numbers[s, 0], 2)
        out = decimal(add(out, b', "people_sd": '), numbers[s, 1], 2)
        out = decimal(add(out, b', "occupied": '), numbers[s, 2], 4)
        out = add(add(add(out, b', "quality": '), qualities[s]), b"}")
    return whole[:out - PyBytes_AS_STRING(whole)]


cdef inline char* add(char* out, bytes text) noexcept:
    memcpy(out, PyBytes_AS_STRING(text), PyBytes_GET_SIZE(text))
    return out + PyBytes_GET_SIZE(text)


cdef char* decimal(char* out, double value, int digits) noexcept nogil:
    """The value with up to so many decimals, and one at least."""
    cdef char[MOST_DIGITS] behind
    cdef int64_t whole = <int64_t> rint(value * (100.0 if digits == 2 else 10000.0))
    cdef int k = 0, zeros = 0
    if whole < 0:
        out[0] = c"-"
        out += 1
        whole = -whole
    while k <= digits or whole > 0:  # from the last digit on, and one before the point at least
        behind[k] = <char> (c"0" + whole % 10)
        whole //= 10
        k += 1
    while zeros < digits - 1 and behind[zeros] == c"0":
        zeros += 1
    while k > zeros:
        k -= 1
        out[0] = behind[k]
        out += 1
        if k == digits:
            out[0] = c"."
            out += 1
    return out
