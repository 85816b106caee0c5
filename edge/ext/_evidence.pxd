# What was said of one space in a step, taken into its block of the balance filter.

from libc.math cimport exp, isnan, log

from edge.ext._balance_c cimport Block, take_in
from edge.ext._occupancy cimport (
    AIR_AGE_H, AIR_SEEN, BASE, CAPACITY, CLOSED_H, CO2, DEVICES, DEVICES_HEARD, EXCESS, HEADS, IDLE,
    INNOVATION, LISTENED, NONE, ODDS, PEOPLE, PLACES, QUIET_H, SEAT_SENSORS, SEAT_SHARE, SEATS, SPREAD,
    Options, Step,
)
from edge.ext._tape cimport CUT, begin

cdef extern from *:
    """
    static const double LEAST_PPM = 250.0;
    static const double MOST_PPM = 10000.0;
    static const double BASE_LEAST_PPM = 300.0;
    static const double BASE_MOST_PPM = 440.0;
    static const double FIRST_EXCESS_SD_PPM = 30.0;
    static const double LEAST_GAP_H = 1.0 / 120;
    static const double DOUBT_FROM = 2.0;
    static const double SURE_AFTER_H = 0.5;
    static const double LEAST_SHARE = 0.02;
    static const double FEWEST_SEATS = 5.0;
    static const double NO_GATE = 1e6;
    static const double HEADS_GATE = 30.0;
    static const double MEASURED_WEIGHT = 0.1;
    """
    const double LEAST_PPM
    const double MOST_PPM
    const double BASE_LEAST_PPM
    const double BASE_MOST_PPM
    const double FIRST_EXCESS_SD_PPM
    const double LEAST_GAP_H
    const double DOUBT_FROM
    const double SURE_AFTER_H
    const double LEAST_SHARE
    const double FEWEST_SEATS
    const double NO_GATE
    const double HEADS_GATE
    const double MEASURED_WEIGHT


cdef inline double* variance_of(Block* block, Py_ssize_t k) noexcept nogil:
    return block.P + k * (block.row + 1)


cdef inline void measured(
    Block* block, Py_ssize_t state, Py_ssize_t gain, Py_ssize_t offset,
    double scale, double value, double variance, double gate, Step* step,
    double* innovation, double* spread,
) noexcept nogil:
    """Take one measurement in, and count how much it surprised."""
    cdef double squared
    take_in(block, state, gain, offset, scale, value, variance, gate, innovation, spread)
    squared = innovation[0] * innovation[0] / spread[0]
    step.surprise += 0.5 * MEASURED_WEIGHT * ((squared if squared < 16.0 else 16.0) + log(spread[0]))


cdef inline void set_apart(
    Block* block, Py_ssize_t k, double mean, double variance
) noexcept nogil:
    cdef Py_ssize_t j
    cdef double* payload = begin(block.tape, CUT, block.number, 1)
    if payload != NULL:
        payload[0] = <double> k
    block.x[k] = mean
    for j in range(block.used):
        block.P[k * block.row + j] = 0.0
        block.P[j * block.row + k] = 0.0
    block.P[k * block.row + k] = variance


cdef inline void air(
    Block* block, Py_ssize_t at, double* space, const Options* o, Step* step
) noexcept nogil:
    """A mean of CO2: readings that are near to each other say the same twice."""
    cdef double ppm = space[CO2], gap_h = space[AIR_AGE_H], alike, variance, base
    if not LEAST_PPM < ppm < MOST_PPM:
        space[SPREAD] = 0.0
        return
    if space[AIR_SEEN] == 0.0:
        base = ppm if ppm > BASE_LEAST_PPM else BASE_LEAST_PPM
        base = base if base < BASE_MOST_PPM else BASE_MOST_PPM
        set_apart(block, at + BASE, base, o.base_sd_ppm ** 2)
        set_apart(block, at + EXCESS, ppm - base if ppm > base else 0.0, FIRST_EXCESS_SD_PPM ** 2)
        gap_h = o.co2_time_h
    alike = o.co2_time_h / (gap_h if gap_h > LEAST_GAP_H else LEAST_GAP_H)
    variance = (o.co2_sd_ppm ** 2 + (o.co2_sd_share * ppm) ** 2) * (alike if alike > 1.0 else 1.0)
    measured(
        block, at + EXCESS, NONE, at + BASE, 1.0, ppm, variance, o.gate, step,
        &space[INNOVATION], &space[SPREAD],
    )


cdef inline void heads(
    Block* block, Py_ssize_t at, double people, const Options* o, Step* step
) noexcept nogil:
    """Who counted heads saw it: the filter is put in doubt where it differs by more than it can explain."""
    cdef Py_ssize_t k = at + PEOPLE
    cdef double apart = people - block.x[k], sd = o.heads_sd + o.heads_sd_share * people, nu, S
    if apart * apart > DOUBT_FROM * DOUBT_FROM * variance_of(block, k)[0]:
        variance_of(block, k)[0] += apart * apart
    measured(block, k, NONE, NONE, 1.0, people, sd * sd, HEADS_GATE, step, &nu, &S)


cdef inline void devices(
    Block* block, Py_ssize_t at, Py_ssize_t gauges, double heard, const Options* o, Step* step
) noexcept nogil:
    """Devices counted elsewhere: some a head, and some that belong to nobody."""
    cdef double people = block.x[at + PEOPLE], expected, nu, S
    cdef double variance
    expected = exp(block.x[gauges + DEVICES]) * (people if people > 0.0 else 0.0)
    variance = (o.devices_noise * expected) ** 2 + 4.0 + 2.0 * expected
    measured(
        block, at + PEOPLE, gauges + DEVICES, gauges + IDLE, 1.0, heard, variance, o.gate, step, &nu, &S
    )


cdef inline void seats(
    Block* block, Py_ssize_t at, Py_ssize_t gauges, const double* space, const Options* o, Step* step
) noexcept nogil:
    """The share of the seats with a sensor that are taken: a sample, which stays the same sample."""
    cdef double share = space[SEAT_SHARE], n = space[SEAT_SENSORS], places = space[PLACES], p, rest, alike
    cdef double nu, S
    p = share if share > LEAST_SHARE else LEAST_SHARE
    p = p if p < 1.0 - LEAST_SHARE else 1.0 - LEAST_SHARE
    rest = 1.0 - n / places if n < places else 0.0
    alike = o.seats_time_h / step.slow_h
    S = (p * (1.0 - p) / n * rest + LEAST_SHARE ** 2) * (alike if alike > 1.0 else 1.0)
    measured(block, at + PEOPLE, gauges + SEATS, NONE, 1.0 / places, share, S, o.gate, step, &nu, &S)


cdef inline void signs(
    Block* block, Py_ssize_t at, double odds, const Options* o, Step* step
) noexcept nogil:
    """What presence and motion sensors leave sure: that someone is there, or nobody; NaN says nothing."""
    cdef double chance, people = block.x[at + PEOPLE], nu, S
    if isnan(odds):
        return
    chance = odds / (1.0 + odds)
    if chance > o.sure_of_someone and people < 1.0:
        measured(block, at + PEOPLE, NONE, NONE, 1.0, 1.0, 0.25, NO_GATE, step, &nu, &S)
    elif chance < o.sure_of_nobody:
        people = people if people > 1.0 else 1.0
        S = people * people * o.signs_time_h / step.slow_h
        measured(block, at + PEOPLE, NONE, NONE, 1.0, 0.0, S, NO_GATE, step, &nu, &S)


cdef inline void take_evidence(
    Block* block, Py_ssize_t at, Py_ssize_t gauges, double* space, const Options* o, Step* step
) noexcept nogil:
    """All that was said of one space in a step, the air first."""
    cdef double nu, S
    if not isnan(space[CO2]):
        air(block, at, space, o, step)
    if not isnan(space[HEADS]):
        heads(block, at, space[HEADS], o, step)
    if not isnan(space[DEVICES_HEARD]):
        devices(block, at, gauges, space[DEVICES_HEARD], o, step)
    if step.slow_h > 0.0:
        if space[SEAT_SENSORS] >= FEWEST_SEATS:
            seats(block, at, gauges, space, o, step)
        signs(block, at, space[ODDS], o, step)
        if space[CLOSED_H] > o.closing_grace_h:
            S = o.closing_sd / (space[CLOSED_H] if space[CLOSED_H] > SURE_AFTER_H else SURE_AFTER_H)
            S = S * S / (2.0 * step.slow_h) * (1.0 + 0.02 * space[CAPACITY])
            measured(block, at + PEOPLE, NONE, NONE, 1.0, 0.0, S, o.gate, step, &nu, &S)
        if space[LISTENED] != 0.0 and space[QUIET_H] > o.quiet_after_h:
            S = block.x[at + PEOPLE] if block.x[at + PEOPLE] > 0.5 else 0.5
            S = S * o.stay_h / (o.quiet_weight * step.slow_h)
            measured(block, at + PEOPLE, NONE, NONE, 1.0, 0.0, S, NO_GATE, step, &nu, &S)
