"""What sensors said in some steps; see hearing.py for the arguments and _hearing_py.py for the oracle."""

from libc.math cimport NAN, fmax, fmin, isnan
from libc.stdint cimport int64_t

cdef enum:
    # columns of the table of channels, of their stamps and places
    VALUE = 0
    MEAN = 1
    GAP_NS = 2
    LONGEST_NS = 3
    STUCK_AFTER_NS = 4
    HEARD = 5
    STUCK = 6
    SUM = 7
    BEFORE = 8
    BEFORE_NS = 9
    BEYOND = 10
    LAST_NS = 0
    SINCE_NS = 1
    SPACE = 0
    KIND = 1
    BIT = 2
    # kinds of channels; the first five are means by space
    MEANS = 5
    SEAT = 5
    SIGN = 6
    # columns of what is said of a space
    SEAT_SHARE = 5
    SEAT_SENSORS = 6
    SEEN = 7
    # columns of the table of doors
    N_IN = 0
    N_OUT = 1
    DOOR_HEARD = 2
    DOOR_GAP_NS = 3
    RATE_H = 4
    TOTAL = 5
    SILENT = 6
    FLIPPED = 7
    JUMPED = 8
    MOVED_IN = 9
    MOVED_OUT = 10
    REAL_IN = 11
    REAL_OUT = 12
    # columns of the table of spaces
    LISTENED = 11
    LEFT = 12

cdef double LATE_NS = 900e9
cdef double LATE_GAPS = 3.0
cdef double STUCK_FACTOR = 4.0
cdef double BEYOND_IN_A_ROW = 3.0
cdef double HOUR_NS = 3.6e12
cdef double AT_ONCE = 200.0
cdef double MOST_A_S = 2.0
cdef double MOST_FOR_LONG_A_S = 0.5
cdef double SILENT_GAPS = 3.0
cdef double RATE_TIME_H = 1.0
cdef double LEAST_RHYTHM_H = 1.0 / 60
cdef double HEARD_ONCE_H = 25.0  # a counter may tell its sum once a day
cdef double LEAST_STEP_H = 1e-6


def known(
    const Py_ssize_t[::1] source,      # IN
    const Py_ssize_t[::1] quantity,    # IN
    const Py_ssize_t[:, ::1] channel,  # IN
):
    """How many readings come before the first of a pair without a channel; -1 where an index is wrong."""
    cdef Py_ssize_t r, n = source.shape[0]
    with nogil:
        for r in range(source.shape[0]):
            if not (0 <= source[r] < channel.shape[0] and 0 <= quantity[r] < channel.shape[1]):
                n = -1
                break
            if r < n and channel[source[r], quantity[r]] < 0:
                n = r
    return n


def hear(
    const Py_ssize_t[::1] source,      # IN
    const Py_ssize_t[::1] quantity,    # IN
    const double[::1] value,           # IN
    const int64_t[::1] t_ns,           # IN
    const Py_ssize_t[:, ::1] channel,  # IN
    const double[:, ::1] possible,     # IN
    const Py_ssize_t[::1] before,    # IN how many readings there are before each step's end
    const int64_t[::1] ends_ns,      # IN
    double[:, ::1] told,             # INOUT
    int64_t[:, ::1] stamps,          # INOUT
    const Py_ssize_t[:, ::1] place,  # IN
    double[:, :, :] said,            # OUT
    Py_ssize_t[:, ::1] heard,        # OUT
    Py_ssize_t[:, ::1] alive,        # OUT
    unsigned char[:, ::1] stuck,     # OUT
    unsigned char[:, ::1] beyond,    # OUT
):
    cdef Py_ssize_t t, r, q, c, begin = 0
    with nogil:
        for t in range(ends_ns.shape[0]):
            for c in range(told.shape[0]):
                told[c, HEARD] = 0.0
            for r in range(begin, before[t]):
                q = quantity[r]
                c = channel[source[r], q]
                if value[r] < possible[0, q] or value[r] > possible[1, q]:
                    told[c, BEYOND] += 1.0
                else:
                    told[c, BEYOND] = 0.0
                    if not isnan(value[r]):
                        sum_up(&told[c, 0], &stamps[c, 0], value[r], t_ns[r])
            begin = before[t]
            for c in range(told.shape[0]):
                if told[c, HEARD] > 0.0:
                    follow(&told[c, 0], &stamps[c, 0])
                stuck[t, c] = stamps[c, LAST_NS] - stamps[c, SINCE_NS] > fmax(
                    told[c, STUCK_AFTER_NS], STUCK_FACTOR * told[c, LONGEST_NS]
                )
                told[c, STUCK] = stuck[t, c]
                beyond[t, c] = told[c, BEYOND] >= BEYOND_IN_A_ROW
            say(told, stamps, place, said[t], heard, alive[t], ends_ns[t])


cdef void say(
    const double[:, ::1] told, const int64_t[:, ::1] stamps, const Py_ssize_t[:, ::1] place,
    double[:, :] said, Py_ssize_t[:, ::1] heard, Py_ssize_t[::1] alive, int64_t end_ns,
) noexcept nogil:
    """All channels of a step together, by space."""
    cdef Py_ssize_t c, s
    for s in range(said.shape[0]):
        alive[s] = 0
        for c in range(said.shape[1]):
            said[s, c] = 0.0
            heard[s, c] = 0
    for c in range(told.shape[0]):
        s = place[c, SPACE]
        if s >= 0:
            add(&told[c, 0], place[c, KIND], &said[s, 0], &heard[s, 0])
            if is_alive(&told[c, 0], end_ns - stamps[c, LAST_NS]):
                alive[s] |= place[c, BIT]
    for s in range(said.shape[0]):
        tell(&said[s, 0], &heard[s, 0])


cdef void sum_up(double* told, int64_t* stamps, double value, int64_t t_ns) noexcept nogil:
    """Add a reading to the step's; the first one puts by what was known before."""
    if told[HEARD] == 0.0:
        told[BEFORE], told[BEFORE_NS], told[SUM] = told[VALUE], <double> stamps[LAST_NS], 0.0
    told[HEARD] += 1.0
    told[SUM] += value
    if t_ns >= stamps[LAST_NS]:
        told[VALUE] = value
        stamps[LAST_NS] = t_ns


cdef void follow(double* told, int64_t* stamps) noexcept nogil:
    """The step's mean, the usual gap between readings, and how long the value has stood."""
    cdef double gap
    told[MEAN] = told[SUM] / told[HEARD]
    gap = (<double> stamps[LAST_NS] - told[BEFORE_NS]) / told[HEARD]
    if told[BEFORE_NS] == 0.0:
        told[GAP_NS] = NAN
    elif isnan(told[GAP_NS]):
        told[GAP_NS] = gap
    else:
        told[GAP_NS] += 0.1 * (fmin(gap, 3.0 * told[GAP_NS]) - told[GAP_NS])
    if told[VALUE] != told[BEFORE] or told[MEAN] != told[BEFORE]:
        if stamps[SINCE_NS] > 0:
            told[LONGEST_NS] = fmax(told[LONGEST_NS], <double> (stamps[LAST_NS] - stamps[SINCE_NS]))
        stamps[SINCE_NS] = stamps[LAST_NS]


cdef bint is_alive(const double* told, int64_t age_ns) noexcept nogil:
    cdef double late_ns = LATE_NS
    if LATE_GAPS * told[GAP_NS] > late_ns:  # never where the gap is not known
        late_ns = LATE_GAPS * told[GAP_NS]
    return age_ns <= late_ns and told[STUCK] == 0.0


cdef void add(const double* told, Py_ssize_t kind, double* said, Py_ssize_t* heard) noexcept nogil:
    """Seats speak as long as they work, all others in the steps in which they are heard."""
    if kind == SEAT:
        if told[STUCK] == 0.0 and not isnan(told[VALUE]):
            said[SEAT_SHARE] += told[VALUE] > 0.0
            heard[SEAT_SHARE] += 1
    elif kind == SIGN:
        if told[HEARD] > 0.0:
            said[SEEN] += told[MEAN] > 0.0
            heard[SEEN] += 1
    elif kind < MEANS and told[HEARD] > 0.0 and told[STUCK] == 0.0:
        said[kind] += told[MEAN]
        heard[kind] += 1


cdef void tell(double* said, const Py_ssize_t* heard) noexcept nogil:
    """Sums become means, NaN where nothing was heard."""
    cdef Py_ssize_t kind
    for kind in range(SEAT_SHARE + 1):
        said[kind] = said[kind] / heard[kind] if heard[kind] else NAN
    said[SEAT_SENSORS] = <double> heard[SEAT_SHARE]
    said[SEEN] = (1.0 if said[SEEN] > 0.0 else 0.0) if heard[SEEN] else NAN


def count(
    const Py_ssize_t[::1] source,        # IN
    const int64_t[::1] n_in,             # IN
    const int64_t[::1] n_out,            # IN
    const Py_ssize_t[::1] before,        # IN how many readings there are before each step's end
    const int64_t[::1] ends_ns,          # IN
    const double[::1] step_h,            # IN
    const Py_ssize_t[:, ::1] of_source,  # IN
    const Py_ssize_t[::1] first,         # IN where the rows of each source begin in it, and where they end
    double[:, :, ::1] doors,             # INOUT before the first step, then after each
    int64_t[:, ::1] last_ns,             # INOUT the same
    const Py_ssize_t[:, ::1] sides,      # IN
    double[:, :, ::1] spaces,            # INOUT
    Py_ssize_t[:, ::1] alive,            # INOUT
    Py_ssize_t bit,
):
    cdef Py_ssize_t t, begin = 0
    with nogil:
        for t in range(ends_ns.shape[0]):
            begin_step(doors[t], doors[t + 1], last_ns[t], last_ns[t + 1], spaces[t + 1])
            add_counts(
                source[begin:before[t]], n_in[begin:before[t]], n_out[begin:before[t]], of_source, first,
                doors[t + 1], last_ns[t], ends_ns[t],
            )
            begin = before[t]
            listen_at_doors(
                doors[t + 1], last_ns[t + 1], sides, spaces[t + 1], alive[t], bit, ends_ns[t], step_h[t]
            )


cdef void begin_step(
    const double[:, ::1] doors, double[:, ::1] now, const int64_t[::1] last_ns, int64_t[::1] last_now_ns,
    double[:, ::1] spaces,
) noexcept nogil:
    cdef Py_ssize_t d, s, k
    for s in range(spaces.shape[0]):
        spaces[s, LISTENED], spaces[s, LEFT] = 0.0, 0.0
    for d in range(doors.shape[0]):
        last_now_ns[d] = last_ns[d]
        for k in range(doors.shape[1]):
            now[d, k] = doors[d, k]
        now[d, N_IN], now[d, N_OUT], now[d, DOOR_HEARD], now[d, JUMPED] = 0.0, 0.0, 0.0, 0.0


cdef void add_counts(
    const Py_ssize_t[:] source, const int64_t[:] n_in, const int64_t[:] n_out,
    const Py_ssize_t[:, ::1] of_source, const Py_ssize_t[::1] first, double[:, ::1] doors,
    const int64_t[::1] last_ns, int64_t end_ns,
) noexcept nogil:
    cdef Py_ssize_t r, p, d
    for r in range(source.shape[0]):
        for p in range(first[source[r]], first[source[r] + 1]):
            d = of_source[p, 1]
            pass_by(&doors[d, 0], <double> n_in[r], <double> n_out[r], most_since(last_ns[d], end_ns))


cdef void listen_at_doors(
    double[:, ::1] doors, int64_t[::1] last_ns, const Py_ssize_t[:, ::1] sides, double[:, ::1] spaces,
    Py_ssize_t[::1] alive, Py_ssize_t bit, int64_t end_ns, double step_h,
) noexcept nogil:
    cdef Py_ssize_t d, s, side
    for d in range(doors.shape[0]):
        listen(&doors[d, 0], &last_ns[d], end_ns, step_h)
        for side in range(2):
            s = sides[d, side]
            if s < 0:
                continue
            if doors[d, DOOR_HEARD] != 0.0:
                spaces[s, LISTENED] = 1.0
                spaces[s, LEFT] += doors[d, N_OUT if side else N_IN]
            if last_ns[d] > 0 and doors[d, SILENT] == 0.0:
                alive[s] |= bit


cdef double most_since(int64_t last_ns, int64_t end_ns) noexcept nogil:
    """How many can have passed a door since it was heard last; never heard is a day."""
    cdef double s = fmax((end_ns - last_ns) / 1e9, 0.0) if last_ns > 0 else 86400.0
    return AT_ONCE + MOST_A_S * fmin(s, 3600.0) + MOST_FOR_LONG_A_S * fmax(s - 3600.0, 0.0)


cdef void pass_by(double* door, double n_in, double n_out, double most) noexcept nogil:
    door[DOOR_HEARD] = 1.0
    if 0.0 <= n_in < most and 0.0 <= n_out < most:
        door[N_IN] += n_in
        door[N_OUT] += n_out
    else:
        door[JUMPED] = 1.0


cdef void listen(double* door, int64_t* last_ns, int64_t end_ns, double step_h) noexcept nogil:
    """Learn the door's rhythm and rate; note whether it has fallen silent; turn it round if it hangs so."""
    cdef double since_h = (end_ns - last_ns[0]) / HOUR_NS, gap_h = door[DOOR_GAP_NS] / HOUR_NS
    cdef double passed = door[N_IN] + door[N_OUT], longest_h
    cdef bint heard = door[DOOR_HEARD] != 0.0, known = last_ns[0] > 0, back = door[FLIPPED] != 0.0
    if heard and known and since_h <= 4.0 * fmax(step_h, gap_h):
        door[RATE_H] += fmin(step_h / RATE_TIME_H, 1.0) * (
            passed / fmax(fmax(since_h, step_h), LEAST_STEP_H) - door[RATE_H]
        )
    if heard and known:
        longest_h = fmin(since_h, 3.0 * fmax(gap_h, step_h))
        gap_h = gap_h + 0.1 * (longest_h - gap_h) if gap_h > 0.0 else since_h
        door[DOOR_GAP_NS] = gap_h * HOUR_NS
    if heard:
        last_ns[0] = end_ns
    door[TOTAL] += passed
    longest_h = SILENT_GAPS * fmax(fmax(gap_h, step_h), LEAST_RHYTHM_H) if gap_h > 0.0 else HEARD_ONCE_H
    door[SILENT] = known and not heard and since_h > longest_h
    door[MOVED_IN], door[MOVED_OUT] = door[N_OUT if back else N_IN], door[N_IN if back else N_OUT]


def passed(
    const Py_ssize_t[:, ::1] sides,  # IN
    const double[:, :, ::1] doors,   # IN
    double[:, :, ::1] found,         # INOUT
):
    cdef Py_ssize_t t, d
    cdef const double* door
    with nogil:
        for t in range(doors.shape[0]):
            for d in range(doors.shape[1]):
                door = &doors[t, d, 0]
                if sides[d, 1] >= 0:
                    add_passed(&found[t, sides[d, 1], 0], door, door[FLIPPED] != 0.0)
                if sides[d, 0] >= 0:
                    add_passed(&found[t, sides[d, 0], 0], door, door[FLIPPED] == 0.0)


cdef inline void add_passed(double* passed, const double* door, bint outward) noexcept nogil:
    """Who came and who left a space by a door: its entries left where it leads outward."""
    passed[0] += door[N_OUT if outward else N_IN]
    passed[1] += door[N_IN if outward else N_OUT]
    passed[2] += door[REAL_OUT if outward else REAL_IN]
    passed[3] += door[REAL_IN if outward else REAL_OUT]
