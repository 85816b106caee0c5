"""The balance filter's four steps; see balance.py for the arguments and _balance_py.py for the oracle."""

from libc.math cimport exp, fabs, log, sqrt

cdef enum:
    PEOPLE = 0
    EXCESS = 1
    AIR = 2
    SWING = 3
    SOURCE = 4
    SPACE_STATES = 9
    MAX_STATES = 256

cdef double MIN_LN_CHANGES = log(0.1)
cdef double MAX_LN_CHANGES = log(12.0)
cdef double MAX_SWING = 1.5


def predict(
    double[:, ::1] x,               # INOUT
    double[:, :, ::1] P,            # INOUT
    const Py_ssize_t[::1] n_spaces,  # IN
    const double[:, ::1] noise,     # IN
    double dt_h,
    double keep,
):
    cdef Py_ssize_t b, s, k, states = x.shape[1]
    with nogil:
        for b in range(x.shape[0]):
            for s in range(n_spaces[b]):
                breathe(&x[b, 0], &P[b, 0, 0], states, s * SPACE_STATES, dt_h, keep)
            for k in range(states):
                P[b, k, k] += noise[b, k]


cdef inline double clip(double value, double low, double high) noexcept nogil:
    return low if value < low else (high if value > high else value)


cdef void breathe(
    double* x, double* P, Py_ssize_t states, Py_ssize_t at, double dt_h, double keep
) noexcept nogil:
    """EXCESS' = EXCESS·E + SOURCE·PEOPLE·φ, with E = exp(−λ dt) and φ = (1 − E)/λ; and its Jacobian."""
    cdef double rate, decay, phi, source, people, excess, d_people, d_rate, d_source
    cdef double* row = P + (at + EXCESS) * states
    cdef double* cell
    cdef Py_ssize_t k
    x[at + AIR] = clip(x[at + AIR], MIN_LN_CHANGES, MAX_LN_CHANGES)
    x[at + SWING] = clip(x[at + SWING], -MAX_SWING, MAX_SWING)
    rate = exp(x[at + AIR] + x[at + SWING])
    decay = exp(-rate * dt_h)
    phi = (1.0 - decay) / rate
    source = exp(x[at + SOURCE])
    people = x[at + PEOPLE] if x[at + PEOPLE] > 0.0 else 0.0
    excess = x[at + EXCESS]
    d_people = source * phi
    d_rate = -excess * rate * dt_h * decay + source * people * (dt_h * decay - phi)
    d_source = source * people * phi
    x[at + EXCESS] = excess * decay + d_source
    x[at + SWING] *= keep
    for k in range(states):
        row[k] = (
            row[k] * decay + row[k - states] * d_people
            + (row[k + states] + row[k + 2 * states]) * d_rate + row[k + 3 * states] * d_source
        )
    for k in range(states):
        cell = P + k * states + at + EXCESS
        cell[0] = cell[0] * decay + cell[-1] * d_people + (cell[1] + cell[2]) * d_rate + cell[3] * d_source
    for k in range(states):
        P[(at + SWING) * states + k] *= keep
    for k in range(states):
        P[k * states + at + SWING] *= keep


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
    with nogil:
        for r in range(block.shape[0]):
            pass_through(
                &x[block[r], 0], &P[block[r], 0, 0], x.shape[1],
                target[r], origin[r], missed[r], n_in[r], n_out[r], noise[r],
            )


cdef void pass_through(
    double* x, double* P, Py_ssize_t states, Py_ssize_t target, Py_ssize_t origin, Py_ssize_t missed,
    double n_in, double n_out, double noise,
) noexcept nogil:
    cdef double net = n_in * (1.0 + x[missed]) - n_out * (1.0 + x[missed + 1])
    cdef double q = noise * (n_in + n_out)
    cdef double moved
    cdef Py_ssize_t k
    if target >= 0:
        x[target] += net
    if origin >= 0:
        x[origin] -= net
    for k in range(states):
        moved = n_in * P[missed * states + k] - n_out * P[(missed + 1) * states + k]
        if target >= 0:
            P[target * states + k] += moved
        if origin >= 0:
            P[origin * states + k] -= moved
    for k in range(states):
        moved = n_in * P[k * states + missed] - n_out * P[k * states + missed + 1]
        if target >= 0:
            P[k * states + target] += moved
        if origin >= 0:
            P[k * states + origin] -= moved
    if target >= 0:
        P[target * states + target] += q
    if origin >= 0:
        P[origin * states + origin] += q
    if target >= 0 and origin >= 0:
        P[target * states + origin] -= q
        P[origin * states + target] -= q


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
    cdef Py_ssize_t r, states = x.shape[1]
    if states > MAX_STATES:
        raise ValueError(f"expected at most {MAX_STATES} states a block")
    with nogil:
        for r in range(block.shape[0]):
            take_in(
                &x[block[r], 0], &P[block[r], 0, 0], states, state[r], gain[r], offset[r],
                scale[r], value[r], variance[r], gate[r], &innovation[r], &spread[r],
            )


cdef void take_in(
    double* x, double* P, Py_ssize_t states, Py_ssize_t state, Py_ssize_t gain, Py_ssize_t offset,
    double scale, double value, double variance, double gate, double* innovation, double* spread,
) noexcept nogil:
    cdef double[MAX_STATES] PH
    cdef double factor = scale * (exp(x[gain]) if gain >= 0 else 1.0)
    cdef double level = x[state] if x[state] > 0.0 or gain < 0 else 0.0
    cdef double nu = value - factor * level - (x[offset] if offset >= 0 else 0.0)
    cdef double S, limit
    cdef Py_ssize_t k
    for k in range(states):
        PH[k] = factor * P[state * states + k]
        if gain >= 0:
            PH[k] += factor * level * P[gain * states + k]
        if offset >= 0:
            PH[k] += P[offset * states + k]
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
    correct(x, P, states, PH, nu / S, 1.0 / S)


cdef inline void correct(
    double* x, double* P, Py_ssize_t states, const double* PH, double push, double shrink
) noexcept nogil:
    cdef Py_ssize_t k, j, used = states
    cdef double weight
    while used > 0 and PH[used - 1] == 0.0:  # a block has room for as many states as the largest one needs
        used -= 1
    for k in range(used):
        if PH[k] == 0.0:
            continue
        x[k] += PH[k] * push
        weight = PH[k] * shrink
        for j in range(used):
            P[k * states + j] -= weight * PH[j]


def keep_positive(
    double[:, ::1] x,                # INOUT
    double[:, :, ::1] P,             # INOUT
    const Py_ssize_t[::1] n_spaces,  # IN
    double share,
):
    cdef Py_ssize_t b, s, states = x.shape[1]
    if states > MAX_STATES:
        raise ValueError(f"expected at most {MAX_STATES} states a block")
    with nogil:
        for b in range(x.shape[0]):
            for s in range(n_spaces[b]):
                keep_above(&x[b, 0], &P[b, 0, 0], states, s * SPACE_STATES + PEOPLE, share)


cdef void keep_above(double* x, double* P, Py_ssize_t states, Py_ssize_t at, double share) noexcept nogil:
    cdef double[MAX_STATES] PH
    cdef double variance = P[at * states + at]
    cdef Py_ssize_t k
    if x[at] >= 0.0:
        return
    if variance > 0.0:
        for k in range(states):
            PH[k] = P[at * states + k]
        correct(x, P, states, PH, -x[at] / variance, (1.0 - share) / variance)
    x[at] = 0.0
