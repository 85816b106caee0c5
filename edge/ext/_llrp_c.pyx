"""The compiled LLRP kernel: messages are walked and reports decoded with no Python object per report."""

from libc.math cimport NAN
from libc.stdint cimport int8_t, int16_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport free, realloc
from libc.string cimport memset

from edge.ext._intern cimport Texts, free_texts, intern, text_start

import numpy as np

cdef enum:
    HEAD = 10
    RO_ACCESS_REPORT = 61
    TAG_REPORT_DATA = 240
    EPC_DATA = 241
    CUSTOM = 1023
    IMPINJ = 25882
    ZEBRA = 161
    MAX_EPC_BYTES = 62


cdef struct Row:
    int64_t utc_us
    int64_t uptime_us
    int64_t antenna
    int64_t channel
    int64_t pc
    int64_t tag
    int64_t tid
    double rssi_dbm
    double phase_turn
    double doppler_hz


# A report while it is read: the row, and what is put into a table or decided at its end.
cdef struct Report:
    Row row
    const uint8_t* epc
    size_t epc_bytes
    const uint8_t* tid
    size_t tid_bytes
    int64_t last_utc_us
    int64_t last_uptime_us
    double impinj_rssi_dbm


cdef struct Rows:
    Row* at
    size_t n
    size_t room
    size_t n_malformed
    Texts epcs
    Texts tids


cdef inline uint16_t u16(const uint8_t* at) noexcept nogil:
    return <uint16_t>(at[0] << 8 | at[1])


cdef inline uint32_t u32(const uint8_t* at) noexcept nogil:
    return <uint32_t>u16(at) << 16 | u16(at + 2)


cdef inline int64_t time_us(const uint8_t* at) noexcept nogil:
    # 2^63 µs and more is no time: as if it were not there.
    cdef uint64_t found = <uint64_t>u32(at) << 32 | u32(at + 4)
    return -1 if found >> 63 else <int64_t>found


cdef inline int tv_bytes(int kind) noexcept nogil:
    # The size of a TV parameter's value; -1 where nobody knows.
    if 2 <= kind <= 5:
        return 8
    if kind == 13:
        return 12
    if kind == 9 or kind == 16 or kind == 18:
        return 4
    if kind == 6:
        return 1
    if 1 <= kind <= 20 and kind != 15:
        return 2
    return -1


cdef inline void take_tv(Report* report, int kind, const uint8_t* at) noexcept nogil:
    if kind == 13:
        report.epc = at
        report.epc_bytes = 12
    elif kind == 1:
        report.row.antenna = u16(at)
    elif kind == 2:
        report.row.utc_us = time_us(at)
    elif kind == 3:
        report.row.uptime_us = time_us(at)
    elif kind == 4:
        report.last_utc_us = time_us(at)
    elif kind == 5:
        report.last_uptime_us = time_us(at)
    elif kind == 6:
        report.row.rssi_dbm = <int8_t>at[0]
    elif kind == 7:
        report.row.channel = u16(at)
    elif kind == 12:
        report.row.pc = u16(at)


cdef inline bint take_impinj(Report* report, uint32_t subtype, const uint8_t* at, size_t size) noexcept nogil:
    if not 55 <= subtype <= 57 and subtype != 68:
        return True
    if size < 2:
        return False
    if subtype == 56:
        report.row.phase_turn = (u16(at) & 4095) / 4096.0
    elif subtype == 57:
        report.impinj_rssi_dbm = <int16_t>u16(at) / 100.0
    elif subtype == 68:
        report.row.doppler_hz = <int16_t>u16(at) / 16.0
    elif <size_t>2 + 2 * u16(at) > size:
        return False
    else:
        report.tid = at + 2
        report.tid_bytes = 2 * u16(at)
    return True


cdef inline bint take_tlv(Report* report, int kind, const uint8_t* at, size_t size) noexcept nogil:
    # `at` is behind the parameter's head, `size` what is left of it.
    cdef size_t bits
    if kind == EPC_DATA:
        if size < 2:
            return False
        bits = u16(at)
        report.epc = at + 2
        report.epc_bytes = (bits + 7) // 8
        return report.epc_bytes <= size - 2
    if kind != CUSTOM:
        return True
    if size < 8:
        return False
    if u32(at) == IMPINJ:
        return take_impinj(report, u32(at + 4), at + 8, size - 8)
    if u32(at) == ZEBRA and u32(at + 4) == 709:
        if size < 10:
            return False
        report.row.phase_turn = u16(at + 8) / 65536.0
    return True


cdef inline bint scan_report(Report* report, const uint8_t* at, const uint8_t* end) noexcept nogil:
    # Every parameter of one report; False where a size or a type can't be.
    cdef int size
    cdef int kind
    while at < end:
        if at[0] & 0x80:
            kind = at[0] & 0x7F
            size = tv_bytes(kind)
            if size < 0 or end - at < size + 1:
                return False
            take_tv(report, kind, at + 1)
            at += size + 1
            continue
        if end - at < 4:
            return False
        size = u16(at + 2)
        if size < 4 or size > end - at:
            return False
        if not take_tlv(report, u16(at) & 1023, at + 4, size - 4):
            return False
        at += size
    return True


cdef inline Row* next_row(Rows* rows) noexcept nogil:
    cdef size_t room
    cdef void* moved
    if rows.n == rows.room:
        room = 2 * rows.room + 64
        moved = realloc(rows.at, room * sizeof(Row))
        if moved == NULL:
            return NULL
        rows.at = <Row*>moved
        rows.room = room
    rows.n += 1
    return rows.at + rows.n - 1


cdef inline bint take_report(Rows* rows, const uint8_t* at, const uint8_t* end) noexcept nogil:
    # False where memory is out.
    cdef Report report
    cdef Row* place
    memset(&report, 0, sizeof(Report))
    report.row.utc_us = report.row.uptime_us = report.last_utc_us = report.last_uptime_us = -1
    report.row.antenna = report.row.channel = report.row.pc = report.row.tid = -1
    report.row.rssi_dbm = report.row.phase_turn = report.row.doppler_hz = report.impinj_rssi_dbm = NAN
    if not scan_report(&report, at, end) or not 0 < report.epc_bytes <= MAX_EPC_BYTES:
        rows.n_malformed += 1
        return True
    if report.row.utc_us < 0:
        report.row.utc_us = report.last_utc_us
    if report.row.uptime_us < 0:
        report.row.uptime_us = report.last_uptime_us
    if report.impinj_rssi_dbm == report.impinj_rssi_dbm:
        report.row.rssi_dbm = report.impinj_rssi_dbm
    report.row.tag = intern(&rows.epcs, <const char*>report.epc, report.epc_bytes)
    if report.tid_bytes:
        report.row.tid = intern(&rows.tids, <const char*>report.tid, report.tid_bytes)
    place = next_row(rows)
    if place == NULL or report.row.tag < 0 or (report.tid_bytes and report.row.tid < 0):
        return False
    place[0] = report.row
    return True


cdef inline bint take_reports(Rows* rows, const uint8_t* at, const uint8_t* end) noexcept nogil:
    # The body of one RO_ACCESS_REPORT. False where memory is out.
    cdef size_t size
    while at < end:
        size = u16(at + 2) if end - at >= 4 else 0
        if at[0] & 0x80 or size < 4 or size > <size_t>(end - at):
            rows.n_malformed += 1
            return True
        if u16(at) & 1023 == TAG_REPORT_DATA and not take_report(rows, at + 4, at + size):
            return False
        at += size
    return True


cdef Py_ssize_t next_other(
    Rows* rows, const uint8_t* data, Py_ssize_t at, Py_ssize_t end, uint32_t most
) noexcept nogil:
    # The place of the first message that is not a report, or is not whole, or has no length that can be;
    # -1 where memory is out.
    cdef uint32_t size
    while end - at >= HEAD:
        size = u32(data + at + 2)
        if size < HEAD or size > most or <Py_ssize_t>size > end - at:
            return at
        if u16(data + at) & 1023 != RO_ACCESS_REPORT:
            return at
        if not take_reports(rows, data + at + HEAD, data + at + size):
            return -1
        at += size
    return at


def read_messages(bytes data not None, uint32_t most):
    cdef const uint8_t* raw = data
    cdef Py_ssize_t at = 0
    cdef Py_ssize_t end = len(data)
    cdef uint32_t size
    cdef Rows rows
    cdef list others = []
    memset(&rows, 0, sizeof(Rows))
    try:
        while True:
            with nogil:
                at = next_other(&rows, raw, at, end, most)
            if at < 0:
                raise MemoryError
            if end - at < HEAD:
                break
            size = u32(raw + at + 2)
            if size < HEAD or size > most:
                at = at if at else -1
                break
            if <Py_ssize_t>size > end - at:
                break
            others.append((u16(raw + at) & 1023, u32(raw + at + 6), data[at + HEAD:at + size]))
            at += size
        whole, real = _columns(&rows)
        return whole, real, _hexes(&rows.epcs), _hexes(&rows.tids), rows.n_malformed, others, at
    finally:
        free(rows.at)
        free_texts(&rows.epcs)
        free_texts(&rows.tids)


cdef tuple _columns(const Rows* rows):
    """The rows as columns: whole numbers (7, n), numbers (3, n)."""
    cdef size_t n
    cdef const Row* row
    cdef int64_t[:, ::1] whole = np.empty((7, rows.n), np.int64)
    cdef double[:, ::1] real = np.empty((3, rows.n))
    for n in range(rows.n):
        row = rows.at + n
        whole[0, n] = row.utc_us
        whole[1, n] = row.uptime_us
        whole[2, n] = row.antenna
        whole[3, n] = row.channel
        whole[4, n] = row.pc
        whole[5, n] = row.tag
        whole[6, n] = row.tid
        real[0, n] = row.rssi_dbm
        real[1, n] = row.phase_turn
        real[2, n] = row.doppler_hz
    return whole.base, real.base


cdef tuple _hexes(const Texts* texts):
    return tuple([texts.arena[text_start(texts, n):texts.ends[n]].hex().upper() for n in range(texts.n)])
