"""Steps of all evidence; see occupancy.py for the arguments and _occupancy_py.py for the oracle."""

from libc.math cimport erfc, exp, fmax, fmin, isnan, log, sqrt

from edge.ext._balance_c cimport Block, breathe, keep_above, pass_through, take_in
from edge.ext._sound_c cimport listen_to
from edge.ext._tape cimport CUT, Tape, begin, mark_people, tape_of

cdef enum:
    # states of a space in the filter (balance.py)
    PEOPLE = 0
    EXCESS = 1
    AIR = 2
    SWING = 3
    BASE = 5
    SPACE_STATES = 6
    DOOR_STATES = 2
    # states of its gauges
    DEVICES = 0
    IDLE = 1
    SEATS = 2
    NONE = -1
    MAX_STATES = 256
    # columns of the table of spaces (occupancy.py)
    CAPACITY = 0
    PLACES = 1
    OPEN = 2
    CLOSED_H = 3
    COUNTED = 4
    QUIET_H = 5
    TRUST = 6
    AIR_SEEN = 7
    AIR_AGE_H = 8
    ODDS = 9
    SEEN_H = 10
    LISTENED = 11
    LEFT = 12
    UNSEEN = 13
    CO2 = 14
    HEADS = 15
    DEVICES_HEARD = 16
    SOUND = 17
    SEAT_SHARE = 19
    SEAT_SENSORS = 20
    SEEN = 21
    BELOW = 22
    INNOVATION = 23
    SPREAD = 24
    USUAL = 25
    HINT = 26

cdef double LEAST_PPM = 250.0
cdef double MOST_PPM = 10000.0
cdef double BASE_LEAST_PPM = 300.0
cdef double BASE_MOST_PPM = 440.0
cdef double FIRST_EXCESS_SD_PPM = 30.0
cdef double LEAST_GAP_H = 1.0 / 120
cdef double DOUBT_FROM = 2.0
cdef double SURE_AFTER_H = 0.5
cdef double LEAST_SHARE = 0.02
cdef double FEWEST_SEATS = 5.0
cdef double NO_GATE = 1e6
cdef double HEADS_GATE = 30.0
cdef double PER_MISSED = 1.0
cdef double MOST_A_STEP = 8.0
cdef double MEASURED_WEIGHT = 0.1
cdef double LEAST_SD = 0.2
cdef double COME_H = 0.5
cdef double GO_H = 0.7
cdef double SEEN_ODDS = 40.0
cdef double UNSEEN_A_MINUTE = 0.66
cdef double ALWAYS_H = 12.0

cdef struct Options:
    double free_share
    double idle_noise
    double air_noise_ppm
    double air_noise_share
    double changes_drift_alone
    double changes_most_sd
    double swing_sd
    double swing_time_h
    double co2_sd_ppm
    double co2_sd_share
    double co2_time_h
    double base_sd_ppm
    double trust_rate
    double trust_least
    double trust_least_alone
    double trust_most
    double telling_ppm
    double gate
    double heads_sd
    double heads_sd_share
    double devices_noise
    double seats_time_h
    double closing_grace_h
    double closing_sd
    double closing_noise
    double quiet_after_h
    double quiet_weight
    double stay_h
    double sure_of_someone
    double sure_of_nobody
    double signs_time_h
    double positive_share
    double sd_widening
    double sd_least

cdef struct Step:
    double h
    double slow_h
    double keep      # of SWING
    double surprise

cdef struct Part:
    Block block
    const Py_ssize_t* spaces  # which are in the block
    Py_ssize_t n_spaces
    const Py_ssize_t* ends    # the door ends in it
    Py_ssize_t n_ends


def advance(
    double[:, ::1] x,                # INOUT
    double[:, :, ::1] P,             # INOUT
    const double[:, ::1] drift,      # IN
    const Py_ssize_t[:, ::1] where,  # IN block, places of PEOPLE and of the gauges, by space
    const Py_ssize_t[:, ::1] ends,   # IN block, origin, target, missed, door
    const Py_ssize_t[::1] sizes,     # IN states, by block
    const Py_ssize_t[::1] in_order,  # IN spaces by block, then ends by block
    const Py_ssize_t[:, ::1] first,  # IN where each block's spaces and ends begin
    double[:, :, ::1] spaces,        # INOUT before the first step, then after each
    double[:, ::1] heard,            # INOUT what levels of sound say (sound.py)
    const double[:, :, ::1] moved,   # IN by step and door: in, out, variance a person
    Options o,
    const double[::1] step_h,        # IN
    const double[::1] slow_h,        # IN
    double[:, :, ::1] people,        # OUT mean and variance, by step and space
    double[:, :, ::1] missed,        # OUT shares of in and out, by step and door
    double[::1] cells,               # OUT the tape; none where nothing is to be noted
    Py_ssize_t[::1] on_tape,         # INOUT how many of them are written
    Py_ssize_t number,
):
    """Block by block, each through all steps: what belongs to one stays near the processor."""
    cdef Py_ssize_t b, t, k, n_spaces = where.shape[0]
    cdef Tape tape = tape_of(cells, on_tape)
    cdef Step step
    cdef Part part
    if x.shape[1] > MAX_STATES:
        raise ValueError(f"expected at most {MAX_STATES} states a block")
    step.surprise = 0.0
    with nogil:
        for b in range(x.shape[0]):
            part.block = block_of(x, P, sizes, &tape, b)
            part.spaces, part.n_spaces = &in_order[0] + first[b, 0], first[b + 1, 0] - first[b, 0]
            part.ends, part.n_ends = &in_order[0] + n_spaces + first[b, 1], first[b + 1, 1] - first[b, 1]
            part.block.used = extent(&part, where, ends)
            for t in range(step_h.shape[0]):
                step.h, step.slow_h, step.keep = step_h[t], slow_h[t], exp(-step_h[t] / o.swing_time_h)
                go_on(&part, where, spaces[t], spaces[t + 1], &o, &step)
                for k in range(part.block.size):
                    P[b, k, k] += drift[b, k] * step.h
                pass_doors(&part, ends, moved[t])
                hear_all(&part, where, spaces[t + 1], heard, &o, &step)
                tell_all(&part, where, ends, people[t], missed[t], number + t)
    if cells.shape[0] > 0:
        on_tape[0] = tape.used
    return -step.surprise


cdef Py_ssize_t extent(
    const Part* part, const Py_ssize_t[:, ::1] where, const Py_ssize_t[:, ::1] ends
) noexcept nogil:
    """Up to where states go together with others: the last of spaces and doors, at least."""
    cdef Py_ssize_t i, k, least = 0, n = part.block.size
    cdef const double* row
    for i in range(part.n_spaces):
        k = where[part.spaces[i], 1] + SPACE_STATES
        least = k if k > least else least
    for i in range(part.n_ends):
        k = ends[part.ends[i], 3] + DOOR_STATES
        least = k if k > least else least
    while n > least:
        row = part.block.P + (n - 1) * part.block.row
        for k in range(n - 1):
            if row[k] != 0.0:
                return n
        n -= 1
    return n


cdef void go_on(
    Part* part, const Py_ssize_t[:, ::1] where, double[:, ::1] before, double[:, ::1] now,
    const Options* o, const Step* step,
) noexcept nogil:
    """What goes on by itself: quiet, signs and ages, then the air."""
    cdef Py_ssize_t i, s
    for i in range(part.n_spaces):
        s = part.spaces[i]
        carry(&before[s, 0], &now[s, 0])
        settle(&now[s, 0], step)
        grow_unsure(&part.block, where[s, 1], &now[s, 0], o, step.h, step.keep)


cdef void carry(const double* before, double* now) noexcept nogil:
    """What lasts from step to step."""
    now[CAPACITY], now[PLACES], now[USUAL] = before[CAPACITY], before[PLACES], before[USUAL]
    now[COUNTED], now[QUIET_H], now[TRUST] = before[COUNTED], before[QUIET_H], before[TRUST]
    now[AIR_SEEN], now[AIR_AGE_H] = before[AIR_SEEN], before[AIR_AGE_H]
    now[ODDS], now[SEEN_H] = before[ODDS], before[SEEN_H]
    now[INNOVATION], now[SPREAD], now[HINT] = before[INNOVATION], before[SPREAD], before[HINT]


cdef void pass_doors(
    Part* part, const Py_ssize_t[:, ::1] ends, const double[:, ::1] moved
) noexcept nogil:
    cdef Py_ssize_t i, e, d
    for i in range(part.n_ends):
        e = part.ends[i]
        d = ends[e, 4]
        if moved[d, 0] + moved[d, 1] > 0.0:
            pass_through(
                &part.block, ends[e, 2], ends[e, 1], ends[e, 3], moved[d, 0], moved[d, 1], moved[d, 2]
            )


cdef void hear_all(
    Part* part, const Py_ssize_t[:, ::1] where, double[:, ::1] spaces, double[:, ::1] heard,
    const Options* o, Step* step,
) noexcept nogil:
    """Nobody is negative, before what was said is taken in and after it."""
    cdef Py_ssize_t i, s, at
    cdef double people, surprise
    for i in range(part.n_spaces):
        s = part.spaces[i]
        people = part.block.x[where[s, 1] + PEOPLE]
        spaces[s, BELOW] = -people if people < 0.0 else 0.0
        surprise = PER_MISSED * spaces[s, BELOW]
        step.surprise += surprise if surprise < MOST_A_STEP else MOST_A_STEP
    for i in range(part.n_spaces):
        keep_above(&part.block, where[part.spaces[i], 1], o.positive_share)
    for i in range(part.n_spaces):
        s = part.spaces[i]
        take_evidence(&part.block, where[s, 1], where[s, 2], &spaces[s, 0], o, step)
    for i in range(part.n_spaces):
        keep_above(&part.block, where[part.spaces[i], 1], o.positive_share)
    for i in range(part.n_spaces):
        s, at = part.spaces[i], where[part.spaces[i], 1]
        learn(part.block.x[at + EXCESS], &spaces[s, 0], o)
        listen_to(&part.block, at, spaces[s, SOUND], spaces[s, COUNTED] != 0.0, &heard[s, 0], step.h)


cdef void tell_all(
    Part* part, const Py_ssize_t[:, ::1] where, const Py_ssize_t[:, ::1] ends,
    double[:, ::1] people, double[:, ::1] missed, Py_ssize_t number,
) noexcept nogil:
    """What is known at the end of a step."""
    cdef Py_ssize_t i, s, at, e, d
    cdef Block* block = &part.block
    cdef const double* row
    for i in range(part.n_spaces):
        s, at = part.spaces[i], where[part.spaces[i], 1]
        row = block.P + at * block.row
        people[s, 0], people[s, 1] = block.x[at], row[at]
        if block.tape != NULL:
            mark_people(block.tape, number, s, block.number, at, block.x[at], row, block.used)
    for i in range(part.n_ends):
        e = part.ends[i]
        d = ends[e, 4]
        missed[d, 0], missed[d, 1] = block.x[ends[e, 3]], block.x[ends[e, 3] + 1]


cdef inline Block block_of(
    double[:, ::1] x, double[:, :, ::1] P, const Py_ssize_t[::1] sizes, Tape* tape, Py_ssize_t b
) noexcept nogil:
    cdef Block block
    block.x, block.P, block.row = &x[b, 0], &P[b, 0, 0], x.shape[1]
    block.size = block.used = sizes[b]
    block.number, block.tape = b, tape if tape.cells != NULL else NULL
    return block


cdef void grow_unsure(
    Block* block, Py_ssize_t at, const double* space, const Options* o, double step_h, double keep
) noexcept nogil:
    """The air goes on as it does, and what may have happened unseen."""
    cdef double excess = block.x[at + EXCESS], people = o.idle_noise
    cdef double* of_air = variance(block, at + AIR)
    breathe(block, at, step_h, keep)
    if space[COUNTED] == 0.0:
        people = (o.free_share * space[CAPACITY]) ** 2 * (1.0 if space[OPEN] != 0.0 else 0.05)
        if of_air[0] < o.changes_most_sd ** 2:
            of_air[0] += o.changes_drift_alone ** 2 * step_h
    if space[CLOSED_H] > o.closing_grace_h:
        people += o.closing_noise
    variance(block, at + PEOPLE)[0] += people * step_h + space[UNSEEN]
    variance(block, at + EXCESS)[0] += (
        space[TRUST] * (o.air_noise_ppm ** 2 + (o.air_noise_share * excess) ** 2) * step_h
    )
    variance(block, at + SWING)[0] += space[TRUST] * o.swing_sd ** 2 * (1.0 - keep * keep)


cdef inline double* variance(Block* block, Py_ssize_t k) noexcept nogil:
    return block.P + k * (block.row + 1)


cdef void measured(
    Block* block, Py_ssize_t state, Py_ssize_t gain, Py_ssize_t offset,
    double scale, double value, double variance, double gate, Step* step,
    double* innovation, double* spread,
) noexcept nogil:
    """Take one measurement in, and count how much it surprised."""
    cdef double squared
    take_in(block, state, gain, offset, scale, value, variance, gate, innovation, spread)
    squared = innovation[0] * innovation[0] / spread[0]
    step.surprise += 0.5 * MEASURED_WEIGHT * ((squared if squared < 16.0 else 16.0) + log(spread[0]))


cdef void take_evidence(
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


cdef void air(
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


cdef void set_apart(
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


cdef void heads(
    Block* block, Py_ssize_t at, double people, const Options* o, Step* step
) noexcept nogil:
    """Who counted heads saw it: the filter is put in doubt where it differs by more than it can explain."""
    cdef Py_ssize_t k = at + PEOPLE
    cdef double apart = people - block.x[k], sd = o.heads_sd + o.heads_sd_share * people, nu, S
    if apart * apart > DOUBT_FROM * DOUBT_FROM * variance(block, k)[0]:
        variance(block, k)[0] += apart * apart
    measured(block, k, NONE, NONE, 1.0, people, sd * sd, HEADS_GATE, step, &nu, &S)


cdef void devices(
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


cdef void seats(
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


cdef void signs(
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


cdef void settle(double* space, const Step* step) noexcept nogil:
    """What goes on in a space apart from the filter: quiet, ages, and the chain of signs."""
    space[QUIET_H] = 0.0 if space[LEFT] > 0.0 else space[QUIET_H] + step.h
    space[AIR_AGE_H] += step.h
    if space[LISTENED] != 0.0:
        space[COUNTED] = 1.0
    if step.slow_h > 0.0:
        watch(space, step.slow_h)


cdef void watch(double* space, double step_h) noexcept nogil:
    """Occupied or empty: a chain of two states, moved on, and told what was seen."""
    cdef double rest = COME_H / (COME_H + GO_H), chance, odds = space[ODDS], minutes = step_h * 60.0
    if not isnan(odds):
        chance = odds / (1.0 + odds)
        chance = rest + (chance - rest) * exp(-(COME_H + GO_H) * step_h)
        odds = chance / (1.0 - chance)
    if not isnan(space[SEEN]):
        if isnan(odds):
            odds = COME_H / GO_H
        if space[SEEN] > 0.0:
            space[SEEN_H] += step_h
            if space[SEEN_H] <= ALWAYS_H:
                odds *= SEEN_ODDS
        else:
            space[SEEN_H] = 0.0
            odds *= UNSEEN_A_MINUTE ** (minutes if minutes < 10.0 else 10.0)
    if odds < 1e-4:
        odds = 1e-4
    elif odds > 1e4:
        odds = 1e4
    space[ODDS] = odds


cdef void learn(double excess, double* space, const Options* o) noexcept nogil:
    """Surprises beyond what was expected take trust in the air away; hits, where there is CO2, give it."""
    cdef double surprise, trust
    if isnan(space[CO2]) or not space[SPREAD] > 0.0:
        return
    space[AIR_SEEN], space[AIR_AGE_H] = 1.0, 0.0
    surprise = space[INNOVATION] * space[INNOVATION] / space[SPREAD]
    surprise = (surprise if surprise < 9.0 else 9.0) - 1.0
    if surprise > 0.0 or excess > o.telling_ppm:
        trust = space[TRUST] * exp(o.trust_rate * surprise)
        trust = fmax(trust, o.trust_least if space[COUNTED] != 0.0 else o.trust_least_alone)
        space[TRUST] = trust if trust < o.trust_most else o.trust_most


def tell(
    const double[:, ::1] people,  # IN mean and variance, by space
    const double[:, ::1] spaces,  # IN
    double[:, ::1] out,           # OUT
    Options o,
):
    cdef Py_ssize_t s
    with nogil:
        for s in range(people.shape[0]):
            tell_space(people[s, 0], people[s, 1], &spaces[s, 0], &out[s, 0], &o)


cdef void tell_space(
    double mean, double variance, const double* space, double* out, const Options* o
) noexcept nogil:
    cdef double people = fmax(mean, 0.0), sd, chance, odds, hinted, told, wrong, moved
    if space[COUNTED] == 0.0 and space[USUAL] > 0.0:
        people = fewer(people, fmax(variance, 1e-9), space[USUAL])
    sd = sqrt(o.sd_widening * fmax(variance, 0.0) + o.sd_least ** 2)
    chance = 0.5 * erfc((0.5 - people) / (sqrt(2.0) * fmax(sd, LEAST_SD)))
    odds = chance / fmax(1.0 - chance, 1e-9)
    if not isnan(space[ODDS]):
        odds *= space[ODDS] * GO_H / COME_H
    hinted = odds * exp(space[HINT])
    if odds < 1.0 <= hinted:
        people = mean
    # the median of a count: where most of the probability is on nobody, there is nobody, else somebody
    told = fmax(people, 1.0) if hinted >= 1.0 else 0.0
    chance = hinted / (1.0 + hinted)
    wrong = fmin(chance, 1.0 - chance) * fmax(told, 1.0) ** 2
    moved = (fmax(mean, 0.0) - told) ** 2
    out[0], out[1], out[2] = told, sqrt(sd * sd + moved + wrong), chance


cdef double fewer(double people, double variance, double usual) noexcept nogil:
    """What is left of weak evidence for anybody where few are likelier than many."""
    return fmax(people - variance / usual * exp(-0.25 * people * people / variance), 0.0)
