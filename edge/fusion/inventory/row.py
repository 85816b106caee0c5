"""One board's row as inference: the list's order as prior, measured places as evidence.

Most books stand in the order of the list; a few do not. Going through the books in list order, each either
stands right of the one before (by a gap: its thickness, perhaps with an unread book in between) or stands
anywhere. That is a hidden Markov chain over places along the board, solved exactly on a grid by
forward-backward: for every book the probability that it is out of order, and its place given all others.

It does what the complement of the longest non-decreasing run does where places are exact (one stray flags
itself and not the rest), and weighs doubt where they are not.
"""

from dataclasses import dataclass

import numpy as np

from edge.columns import F64

_MOST_CELLS = 900
_FINEST_M = 0.002
_MARGIN_M = 0.06
_TINY = 1e-300
# Gaps between books in order, of the mean distance: mostly a thickness; the others hold what was not read.
_NEAR, _FAR = 0.9, 3.0
_FAR_SHARE = 0.06


@dataclass(frozen=True, slots=True)
class Settled:
    """In list order: P(out of order), the place if in order and its sd, float64[n] each.

    log_evidence : log p(measured places | the list, gap, deviations)
    """

    out_p: F64
    x_m: F64
    x_sd_m: F64
    log_evidence: float


@dataclass(frozen=True, slots=True)
class _Chain:
    """The row on a grid of k places: what the books say ([n, k] and [n]), and what the gaps allow ([k])."""

    x_m: F64
    inside: F64
    out: F64
    kernel: F64


def grid_m(places_m: F64, length_m: float | None) -> F64:
    """A grid over a board, or over the places on it where its length is not known, and a little beyond."""
    low = 0.0 if length_m else float(places_m.min(initial=0.0))
    high = length_m or float(places_m.max(initial=0.0))
    low, high = low - _MARGIN_M, high + _MARGIN_M
    return np.linspace(low, high, max(8, min(_MOST_CELLS, int((high - low) / _FINEST_M))))


def settle(x_m: F64, likelihood: F64, log_odds_out: F64, gap_m: float) -> Settled:
    """Who is out of order, and where everybody stands.

    Parameters
    ----------
    x_m : float64[k], an even grid along the board
    likelihood : float64[n, k], p(what was measured of book i | it stands at x_m[j]), in the order of the list
    log_odds_out : float64[n], log odds that the book is out of order, from all that is not its place; one
        that is out of order stands anywhere on the grid alike
    gap_m : mean distance of neighbours on this board
    """
    if len(likelihood) == 0:
        empty = np.empty(0)
        return Settled(empty, empty, empty, 0.0)
    step_m = float(x_m[1] - x_m[0])
    chain = _chain(x_m, likelihood, log_odds_out, gap_m)
    reach, stays, log_evidence = _forward(chain)
    future, future_none = _backward(chain)
    weight_in = chain.inside * reach[:-1] * future[1:]
    total_in = weight_in.sum(axis=1)
    total_out = chain.out * (stays[:-1, 0] * future_none[1:] + (stays[:-1, 1:] * future[1:]).sum(axis=1))
    total_in = np.maximum(total_in, _TINY)
    place = weight_in @ x_m / total_in
    variance = weight_in @ x_m**2 / total_in - place**2
    return Settled(
        out_p=total_out / (total_in + total_out),
        x_m=place,
        x_sd_m=np.sqrt(np.maximum(variance, step_m**2 / 12.0)),
        log_evidence=log_evidence,
    )


@dataclass(frozen=True, slots=True)
class Gaps:
    """Of m guests of a row of n books, float64[m, n + 1] each.

    p : P(it stands before book i, or after the last); x_m : its place if it stands there
    """

    p: F64
    x_m: F64


def gaps(x_m: F64, likelihood: F64, log_odds_out: F64, gap_m: float, guests: F64) -> Gaps:
    """In which gap of the row guests stand, each by itself: it pushes the books beside it apart.

    guests : float64[m, k], p(what was measured of guest i | it stands at x_m[j]); the others as for `settle`
    """
    chain = _chain(x_m, likelihood, log_odds_out, gap_m)
    reach, stays, _ = _forward(chain)
    future, future_none = _backward(chain)
    whole = stays[:, 0] * future_none + (stays[:, 1:] * future).sum(axis=1)
    weight = (reach * future / np.maximum(whole, _TINY)[:, None]).T
    total = np.maximum(guests @ weight, _TINY)
    return Gaps(total / total.sum(axis=1, keepdims=True), (guests * x_m) @ weight / total)


def _chain(x_m: F64, likelihood: F64, log_odds_out: F64, gap_m: float) -> _Chain:
    out = np.exp(np.clip(log_odds_out, -60.0, 60.0)) * likelihood.mean(axis=1)
    return _Chain(x_m, likelihood, out, _gap_kernel(len(x_m), float(x_m[1] - x_m[0]), gap_m))


def _gap_kernel(cells: int, step_m: float, gap_m: float) -> F64:
    """How far the next book in order stands: a thickness (a gamma of shape 2), now and then further."""
    lag_m = np.maximum(np.arange(cells), 0.25) * step_m
    near_m, far_m = _NEAR * gap_m / 2.0, _FAR * gap_m
    near = lag_m * np.exp(-lag_m / near_m)
    far = np.exp(-lag_m / far_m)
    kernel: F64 = (1.0 - _FAR_SHARE) * near / near.sum() + _FAR_SHARE * far / far.sum()
    return kernel


def _forward(chain: _Chain) -> tuple[F64, F64, float]:
    """For each book and after the last, what reaches each place from those before.

    And the state that it finds (none yet, places).
    """
    n, k = chain.inside.shape
    reach, stays = np.empty((n + 1, k)), np.empty((n + 1, k + 1))
    none, at, log_scale = 1.0, np.zeros(k), 0.0
    for i in range(n + 1):
        reach[i] = none / k + np.convolve(at, chain.kernel)[:k]
        stays[i, 0], stays[i, 1:] = none, at
        if i == n:
            break
        at, none = chain.out[i] * at + chain.inside[i] * reach[i], chain.out[i] * none
        scale = max(float(at.max()), none, _TINY)
        at, none, log_scale = at / scale, none / scale, log_scale + float(np.log(scale))
    return reach, stays, log_scale + float(np.log(at.sum() + none))


def _backward(chain: _Chain) -> tuple[F64, F64]:
    """For each book and after the last, how well the rest fits a last one in order at each place, or none."""
    n, k = chain.inside.shape
    future, future_none = np.ones((n + 1, k)), np.ones(n + 1)
    for i in range(n - 1, -1, -1):
        next_in = chain.inside[i] * future[i + 1]
        future[i] = chain.out[i] * future[i + 1] + np.convolve(next_in, chain.kernel[::-1])[k - 1 :]
        future_none[i] = chain.out[i] * future_none[i + 1] + float(next_in.sum()) / k
        scale = max(float(future[i].max()), float(future_none[i]), _TINY)
        future[i] /= scale
        future_none[i] /= scale
    return future, future_none
