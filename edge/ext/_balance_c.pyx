"""The balance filter's four steps; see balance.py for the arguments and _balance_py.py for the oracle."""

from libc.math cimport exp, fabs, log, sqrt

from edge.ext._tape cimport BREATHED, CORRECTED, CORRECTED_HEAD, PASSED, begin
from edge.ext._wide cimport add_square, add_up

cdef enum:
    PEOPLE = 0
    EXCESS = 1
    AIR = 2
    SWING = 3
    SOURCE = 4
    SPACE_STATES = 6
    NONE = -1
    MAX_STATES = 256

cdef double MIN_LN_CHANGES = log(0.1)
cdef double MAX_LN_CHANGES = log(12.0)
cdef double MAX_SWING = 1.5


cdef inline Block whole(double[:, ::1] x, double[:, :, ::1] P, Py_ssize_t b) noexcept nogil:
    cdef Block block
    block.x, block.P = &x[b, 0], &P[b, 0, 0]
    block.row = block.size = block.used = x.shape[1]
    block.number, block.tape = b, NULL
    return block


def predict(
    double[:, ::1] x,               # INOUT
    double[:, :, ::1] P,            # INOUT
    const Py_ssize_t[::1] n_spaces,  # IN
    const double[:, ::1] noise,     # IN
    double dt_h,
    double keep,
):
    cdef Py_ssize_t b, s, k, states = x.shape[1]
    cdef Block block
    with nogil:
        for b in range(x.shape[0]):
            block = whole(x, P, b)
            for s in range(n_spaces[b]):
                breathe(&block, s * SPACE_STATES, dt_h, keep)
            for k in range(states):
                P[b, k, k] += noise[b, k]


cdef inline double clip(double value, double low, double high) noexcept nogil:
    return low if value < low else (high if value > high else value)


cdef void breathe(Block* block, Py_ssize_t at, double dt_h, double keep) noexcept nogil:
    """EXCESS' = EXCESS·E + SOURCE·PEOPLE·φ, with E = exp(−λ dt) and φ = (1 − E)/λ; and its Jacobian."""
    cdef double rate, decay, phi, source, people, excess, d_people, d_rate, d_source
    cdef double* x = block.x
    cdef double* row = block.P + (at + EXCESS) * block.row
    cdef double* swing = block.P + (at + SWING) * block.row
    cdef Py_ssize_t k, e = at + EXCESS, step = block.row
    x[at + AIR] = clip(x[at + AIR], MIN_LN_CHANGES, MAX_LN_CHANGES)
    x[at + SWING] = clip(x[at + SWING], -MAX_SWING, MAX_SWING)
    rate = exp(x[at + AIR] + x[at + SWING])
    decay = exp(-rate * dt_h)
    phi = (1.0 - decay) / rate
    source = exp(x[at + SOURCE])
    people = x[at + PEOPLE] if x[at + PEOPLE] > 0.0 else 0.0
    excess = x[e]
    d_people = source * phi
    d_rate = -excess * rate * dt_h * decay + source * people * (dt_h * decay - phi)
    d_source = source * people * phi
    x[e] = excess * decay + d_source
    x[at + SWING] *= keep
    note_breath(block, at, decay, d_people, d_rate, d_source, keep)
    for k in range(block.used):
        row[k] = (
            row[k] * decay + row[k - step] * d_people
            + (row[k + step] + row[k + 2 * step]) * d_rate + row[k + 3 * step] * d_source
        )
    row[e] = (
        row[e] * decay + row[e - 1] * d_people + (row[e + 1] + row[e + 2]) * d_rate + row[e + 3] * d_source
    )
    for k in range(block.used):
        swing[k] *= keep
    swing[at + SWING] *= keep
    row[at + SWING] *= keep
    swing[e] = row[at + SWING]
    for k in range(block.used):  # P is symmetric
        block.P[k * step + e] = row[k]
        block.P[k * step + at + SWING] = swing[k]


cdef inline void note_breath(
    Block* block, Py_ssize_t at, double decay, double d_people, double d_rate, double d_source, double keep
) noexcept nogil:
    cdef double* payload = begin(block.tape, BREATHED, block.number, 6)
    if payload != NULL:
        payload[0], payload[1], payload[2] = <double> at, decay, d_people
        payload[3], payload[4], payload[5] = d_rate, d_source, keep


def flow(
    double[:, ::1] x,              # INOUT
    double[:, :, ::1] P,           # INOUT
    const Py_ssize_t[::1] block,   # IN
    const Py_ssize_t[::1] origin,  # IN
    const Py_ssize_t[::1] target,  # IN
    const Py_ssize_t[::1] missed,  # IN
    const double[::1] n_in,        # IN
    const double[::1] n_out,       # IN
    const double[::1] noise,       # IN
):
    cdef Py_ssize_t r
    cdef Block of_row
    check_states(x.shape[1])
    with nogil:
        for r in range(block.shape[0]):
            of_row = whole(x, P, block[r])
            pass_through(&of_row, target[r], origin[r], missed[r], n_in[r], n_out[r], noise[r])


cdef int check_states(Py_ssize_t states) except -1:
    if states > MAX_STATES:
        raise ValueError(f"expected at most {MAX_STATES} states a block")
    return 0


cdef void pass_through(
    Block* block, Py_ssize_t target, Py_ssize_t origin, Py_ssize_t missed,
    double n_in, double n_out, double noise,
) noexcept nogil:
    """P' = (I + d·aᵀ) P (I + a·dᵀ) + q·d·dᵀ; d is 1 at target, −1 at origin, a the counts at `missed`."""
    cdef double[MAX_STATES] Pa
    cdef double net = n_in * (1.0 + block.x[missed]) - n_out * (1.0 + block.x[missed + 1])
    cdef const double* missed_in = block.P + missed * block.row
    cdef const double* missed_out = missed_in + block.row
    cdef double both
    cdef Py_ssize_t k
    note_passing(block, target, origin, missed, n_in, n_out)
    for k in range(block.used):
        Pa[k] = n_in * missed_in[k] - n_out * missed_out[k]
    both = n_in * Pa[missed] - n_out * Pa[missed + 1] + noise * (n_in + n_out)
    if target >= 0:
        come(block, target, Pa, 1.0, net, both)
    if origin >= 0:
        come(block, origin, Pa, -1.0, net, both)
    if target >= 0 and origin >= 0:
        block.P[target * block.row + origin] -= both
        block.P[origin * block.row + target] -= both


cdef inline void note_passing(
    Block* block, Py_ssize_t target, Py_ssize_t origin, Py_ssize_t missed, double n_in, double n_out
) noexcept nogil:
    cdef double* payload = begin(block.tape, PASSED, block.number, 5)
    if payload != NULL:
        payload[0], payload[1], payload[2] = <double> target, <double> origin, <double> missed
        payload[3], payload[4] = n_in, n_out


cdef inline void come(
    Block* block, Py_ssize_t to, const double* Pa, double sign, double net, double both
) noexcept nogil:
    cdef double* row = block.P + to * block.row
    cdef Py_ssize_t k
    block.x[to] += sign * net
    for k in range(block.used):
        row[k] += sign * Pa[k]
    for k in range(block.used):
        block.P[k * block.row + to] += sign * Pa[k]
    row[to] += both


def measure(
    double[:, ::1] x,              # INOUT
    double[:, :, ::1] P,           # INOUT
    const Py_ssize_t[::1] block,   # IN
    const Py_ssize_t[::1] state,   # IN
    const Py_ssize_t[::1] gain,    # IN
    const Py_ssize_t[::1] offset,  # IN
    const double[::1] scale,       # IN
    const double[::1] value,       # IN
    const double[::1] variance,    # IN
    const double[::1] gate,        # IN
    double[::1] innovation,        # OUT
    double[::1] spread,            # OUT
):
    cdef Py_ssize_t r
    cdef Block of_row
    check_states(x.shape[1])
    with nogil:
        for r in range(block.shape[0]):
            of_row = whole(x, P, block[r])
            take_in(
                &of_row, state[r], gain[r], offset[r], scale[r], value[r], variance[r], gate[r],
                &innovation[r], &spread[r],
            )


cdef void take_in(
    Block* block, Py_ssize_t state, Py_ssize_t gain, Py_ssize_t offset,
    double scale, double value, double variance, double gate, double* innovation, double* spread,
) noexcept nogil:
    cdef double[MAX_STATES] PH
    cdef const double* x = block.x
    cdef double factor = scale * (exp(x[gain]) if gain >= 0 else 1.0)
    cdef double level = x[state] if x[state] > 0.0 or gain < 0 else 0.0
    cdef double nu = value - factor * level - (x[offset] if offset >= 0 else 0.0)
    cdef double S, limit
    if gain >= block.used or offset >= block.used:
        block.used = block.size
    fill(PH, block.P + state * block.row, factor, block.used)
    if gain >= 0:
        add_up(PH, block.P + gain * block.row, factor * level, block.used)
    if offset >= 0:
        add_up(PH, block.P + offset * block.row, 1.0, block.used)
    S = variance + factor * PH[state]
    if gain >= 0:
        S += factor * level * PH[gain]
    if offset >= 0:
        S += PH[offset]
    innovation[0] = nu
    spread[0] = S
    limit = gate * sqrt(S)
    if fabs(nu) > limit:
        S = nu * nu / (gate * gate)
    note_correction(block, PH, nu / S, 1.0 / S, (state, gain, offset), (factor, factor * level, 1.0))
    correct(block, PH, nu / S, 1.0 / S)


cdef inline void note_correction(
    Block* block, const double* PH, double push, double shrink,
    (Py_ssize_t, Py_ssize_t, Py_ssize_t) at, (double, double, double) H,
) noexcept nogil:
    cdef Py_ssize_t k, n = block.used
    cdef double* payload
    if block.tape == NULL:
        return
    while n > 0 and PH[n - 1] == 0.0:
        n -= 1
    payload = begin(block.tape, CORRECTED, block.number, CORRECTED_HEAD + n)
    if payload == NULL:
        return
    payload[0], payload[1] = push, shrink
    payload[2], payload[3], payload[4] = <double> at[0], <double> at[1], <double> at[2]
    payload[5], payload[6], payload[7] = H[0], H[1], H[2]
    for k in range(n):
        payload[CORRECTED_HEAD + k] = PH[k]


cdef inline void fill(double* PH, const double* row, double factor, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t k
    for k in range(n):
        PH[k] = factor * row[k]


cdef inline void correct(Block* block, const double* PH, double push, double shrink) noexcept nogil:
    cdef Py_ssize_t k, used = block.used
    while used > 0 and PH[used - 1] == 0.0:
        used -= 1
    for k in range(used):
        block.x[k] += PH[k] * push
    add_square(block.P, block.row, PH, -shrink, used)


def keep_positive(
    double[:, ::1] x,                # INOUT
    double[:, :, ::1] P,             # INOUT
    const Py_ssize_t[::1] n_spaces,  # IN
    double share,
):
    cdef Py_ssize_t b, s
    cdef Block block
    check_states(x.shape[1])
    with nogil:
        for b in range(x.shape[0]):
            block = whole(x, P, b)
            for s in range(n_spaces[b]):
                keep_above(&block, s * SPACE_STATES + PEOPLE, share)


cdef void keep_above(Block* block, Py_ssize_t at, double share) noexcept nogil:
    cdef double[MAX_STATES] PH
    cdef double variance = block.P[at * block.row + at], people = block.x[at]
    if people >= 0.0:
        return
    if variance > 0.0:
        fill(PH, block.P + at * block.row, 1.0, block.used)
        note_correction(
            block, PH, -people / variance, (1.0 - share) / variance, (at, NONE, NONE), (1.0, 0.0, 0.0)
        )
        correct(block, PH, -people / variance, (1.0 - share) / variance)
    block.x[at] = 0.0
