"""The plain twin of the coupled kernel: the same sums by whole arrays, roots by the same recursion."""

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
C128 = NDArray[np.complex128]
Index = NDArray[np.intp]


def _complex(parts: F64) -> C128:
    return np.asarray(parts[..., 0::2] + 1j * parts[..., 1::2], np.complex128)


def direct(path_m: F64, places_m: F64, lines_m: F64, k_rad_m: float, beam: float, out: F64) -> None:
    ahead = path_m[None, :] - places_m[:, None]
    y = lines_m[:, None]
    d = np.hypot(ahead, y)
    g = np.exp(-1j * k_rad_m * d) / d * (y / d) ** beam
    along = g * (-1j * k_rad_m - (1.0 + beam) / d)
    fields = (g, -along * ahead / d, along * y / d + g * beam / y, g * np.log(y / d))
    for n, field in enumerate(fields):
        out[n, :, 0::2], out[n, :, 1::2] = field.real, field.imag


def leftovers(h: F64, seen: F64, model: F64, roots: int, flip: float, passes: int, out: F64) -> None:
    for i, one in enumerate(_complex(h)):
        for j, field in enumerate(_complex(model)):
            at = seen[i] > 0
            _, out[i, j], _ = _fit(one[at], field[at], roots, flip, passes)


def follow(
    h: F64, seen: F64, model: F64, roots: int, flip: float, passes: int, out: Index, cost: F64
) -> None:
    for i, (one, field) in enumerate(zip(_complex(h), _complex(model), strict=True)):
        at = seen[i] > 0
        out[i, at], _, cost[i] = _fit(one[at], field[at], roots, flip, passes)


def _fit(h: C128, model: C128, roots: int, flip: float, passes: int) -> tuple[Index, float, float]:
    """The roots, what is left (with what the changes cost), and what the changes cost."""
    turn = np.exp(2j * np.pi / roots * np.arange(roots))
    power = float((np.abs(model) ** 2).sum())
    chosen = np.zeros(len(h), np.intp)
    if power <= 0.0:
        return chosen, float((np.abs(h) ** 2).sum()), 0.0
    for _ in range(passes):
        gain = (h * turn[chosen] * model.conj()).sum() / power
        away = np.abs(h[:, None] * turn[None, :] - gain * model[:, None]) ** 2
        chosen = _cheapest(away, np.abs(h) ** 2, turn, flip)
    gain = (h * turn[chosen] * model.conj()).sum() / power
    cost = float(_steps(np.abs(h) ** 2, turn, flip)[np.arange(len(h) - 1), chosen[:-1], chosen[1:]].sum())
    left = float((np.abs(h) ** 2).sum() - abs(gain) ** 2 * power)
    return chosen, left + cost, cost


def _steps(energy: F64, turn: C128, flip: float) -> F64:
    """What a change from root a to b costs between two samples, float64[k - 1, a, b]."""
    apart: F64 = np.abs(turn[:, None] - turn[None, :]) ** 2 / 4.0
    return flip * np.minimum(energy[:-1], energy[1:])[:, None, None] * apart


def _cheapest(away: F64, energy: F64, turn: C128, flip: float) -> Index:
    total, back = away[:1].sum(axis=0), []
    for step, here in zip(_steps(energy, turn, flip), away[1:], strict=True):
        reach = total[:, None] + step
        back.append(reach.argmin(axis=0))
        total = reach.min(axis=0) + here
    chosen = np.zeros(len(away), np.intp)
    if len(away):
        chosen[-1] = int(total.argmin())
    for n in range(len(back) - 1, -1, -1):
        chosen[n] = back[n][chosen[n + 1]]
    return chosen


def normal_equations(
    mix: F64,
    slopes: F64,
    sway: F64,
    s: F64,
    residual: F64,
    gain: F64,
    seen: F64,
    weight: F64,
    work: F64,
    hessian: F64,
    slope: F64,
) -> None:
    inverse, swayed, field, left, size = (_complex(v) for v in (mix, sway, s, residual, gain))
    by_x, by_y, by_beam = _complex(slopes)
    for tag in range(len(field)):
        row = inverse[tag][:, None]
        jy, jown = row * by_y, -row * field
        jx = row * by_x - swayed[tag][:, None] * field
        common = [jy.sum(axis=0), jown.sum(axis=0), 1j * jown.sum(axis=0), inverse[tag] @ by_beam]
        jac = np.concatenate([jx, jy, jown, 1j * jown, common]) * np.where(seen[tag] > 0, size[tag], 0.0)
        own = field[tag] * seen[tag]
        jac -= (jac @ own.conj() / max(float((np.abs(own) ** 2).sum()), 1e-300))[:, None] * own
        hessian += weight[tag] * (jac @ jac.conj().T).real
        slope += weight[tag] * (jac.conj() @ left[tag]).real
