"""Steps of all evidence; see occupancy.py for the arguments and _occupancy_py.py for the oracle."""

from libc.math cimport erfc, exp, fmax, fmin, isnan, sqrt

from edge.ext._apart cimport COME_H, GO_H, carry, learn, settle
from edge.ext._balance_c cimport Block, breathe, keep_above, pass_through
from edge.ext._evidence cimport take_evidence, variance_of
from edge.ext._occupancy cimport (
    AIR, BELOW, CAPACITY, CLOSED_H, COUNTED, DOOR_STATES, EXCESS, HINT, MAX_STATES, ODDS, OPEN, PEOPLE, SOUND,
    SPACE_STATES, SWING, TRUST, UNSEEN, USUAL, Options, Step,
)
from edge.ext._sound_c cimport listen_to
from edge.ext._tape cimport Tape, mark_people, tape_of

cdef double PER_MISSED = 1.0
cdef double MOST_A_STEP = 8.0
cdef double LEAST_SD = 0.2

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
    cdef double excess = block.x[at + EXCESS], people = o.idle_noise, let_go
    cdef double* of_air = variance_of(block, at + AIR)
    breathe(block, at, step_h, keep)
    if space[COUNTED] != 0.0:
        of_air[0] += o.changes_drift ** 2 * fmin(space[TRUST] / o.trust_least, 1.0) * step_h
    else:
        people = (o.free_share * space[CAPACITY]) ** 2 * (1.0 if space[OPEN] != 0.0 else 0.05)
        let_go = o.changes_drift ** 2
        if of_air[0] < o.changes_most_sd ** 2:
            let_go += o.changes_drift_alone ** 2
        of_air[0] += let_go * step_h
    if space[CLOSED_H] > o.closing_grace_h:
        people += o.closing_noise
    variance_of(block, at + PEOPLE)[0] += people * step_h + space[UNSEEN]
    variance_of(block, at + EXCESS)[0] += (
        space[TRUST] * (o.air_noise_ppm ** 2 + (o.air_noise_share * excess) ** 2) * step_h
    )
    variance_of(block, at + SWING)[0] += space[TRUST] * o.swing_sd ** 2 * (1.0 - keep * keep)


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
