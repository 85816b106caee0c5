# What goes on in a space apart from the filter: ages, quiet, the chain of signs, trust in the air.

from libc.math cimport exp, fmax, fmin, isnan, sqrt

from edge.ext._occupancy cimport (
    AIR_AGE_H, AIR_SEEN, CAPACITY, CO2, COUNTED, HINT, INNOVATION, LEFT, LISTENED, ODDS, PLACES, QUIET_H,
    SEEN, SEEN_H, SPREAD, STRAY, STRAY_ALL, STRAY_ON, TRUST, USUAL, Options, Step,
)

cdef extern from *:
    """
    static const double COME_H = 0.5;
    static const double GO_H = 0.7;
    static const double SEEN_ODDS = 40.0;
    static const double UNSEEN_A_MINUTE = 0.66;
    static const double ALWAYS_H = 12.0;
    static const double STRAY_H = 0.25;
    static const double STRAY_KNOWN_H = 12.0;
    static const double STRAYS = 0.7;
    static const double STRAYS_NOT = 0.2;
    """
    const double COME_H
    const double GO_H
    const double SEEN_ODDS
    const double UNSEEN_A_MINUTE
    const double ALWAYS_H
    const double STRAY_H
    const double STRAY_KNOWN_H
    const double STRAYS
    const double STRAYS_NOT


cdef inline void carry(const double* before, double* now) noexcept nogil:
    """What lasts from step to step."""
    now[CAPACITY], now[PLACES], now[USUAL] = before[CAPACITY], before[PLACES], before[USUAL]
    now[COUNTED], now[QUIET_H], now[TRUST] = before[COUNTED], before[QUIET_H], before[TRUST]
    now[AIR_SEEN], now[AIR_AGE_H] = before[AIR_SEEN], before[AIR_AGE_H]
    now[ODDS], now[SEEN_H] = before[ODDS], before[SEEN_H]
    now[INNOVATION], now[SPREAD], now[HINT] = before[INNOVATION], before[SPREAD], before[HINT]
    now[STRAY], now[STRAY_ON], now[STRAY_ALL] = before[STRAY], before[STRAY_ON], before[STRAY_ALL]


cdef inline void watch(double* space, double step_h) noexcept nogil:
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


cdef inline void settle(double* space, const Step* step) noexcept nogil:
    """What goes on in a space apart from the filter: quiet, ages, and the chain of signs."""
    space[QUIET_H] = 0.0 if space[LEFT] > 0.0 else space[QUIET_H] + step.h
    space[AIR_AGE_H] += step.h
    if space[LISTENED] != 0.0:
        space[COUNTED] = 1.0
    if step.slow_h > 0.0:
        watch(space, step.slow_h)


cdef inline void stray(double* space, bint is_telling) noexcept nogil:
    """How errors of the air go on from one to the next: by chance where it is as the model has it."""
    cdef double gap_h = fmin(space[AIR_AGE_H], 1.0), keep = exp(-gap_h / STRAY_H), weight
    cdef double error = fmin(fmax(space[INNOVATION] / sqrt(space[SPREAD]), -3.0), 3.0)
    if is_telling:
        weight = 1.0 - exp(-gap_h / STRAY_KNOWN_H)
        space[STRAY_ON] += weight * (error * space[STRAY] * sqrt(1.0 - keep * keep) - space[STRAY_ON])
        space[STRAY_ALL] += weight * (error * error - space[STRAY_ALL])
    space[STRAY] = space[STRAY] * keep + error


cdef inline double least(const double* space, const Options* o) noexcept nogil:
    """How far the balance of the air may be trusted where doors are counted, by how its errors go on."""
    cdef double goes_on = space[STRAY_ON] / fmax(space[STRAY_ALL], 1e-6)
    cdef double stiff = fmin(fmax((STRAYS - goes_on) / (STRAYS - STRAYS_NOT), 0.0), 1.0)
    return o.trust_least * o.trust_stiffest ** stiff


cdef inline void learn(double excess, double* space, const Options* o) noexcept nogil:
    """Surprises beyond what was expected take trust in the air away; hits, where there is CO2, give it."""
    cdef double surprise, trust
    if isnan(space[CO2]) or not space[SPREAD] > 0.0:
        return
    stray(space, excess > o.telling_ppm)
    space[AIR_SEEN], space[AIR_AGE_H] = 1.0, 0.0
    surprise = space[INNOVATION] * space[INNOVATION] / space[SPREAD]
    surprise = (surprise if surprise < 9.0 else 9.0) - 1.0
    if surprise > 0.0 or excess > o.telling_ppm:
        trust = space[TRUST] * exp(o.trust_rate * surprise)
        trust = fmax(trust, least(space, o) if space[COUNTED] != 0.0 else o.trust_least_alone)
        space[TRUST] = trust if trust < o.trust_most else o.trust_most
