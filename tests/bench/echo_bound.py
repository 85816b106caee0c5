"""How well any method could place a tag among echoes: bounds on scenes of our own, by the field equation.

Three figures for scatterers that add up to `strength` of the direct path (rms), all in cm. One read in three
centimetres on each of two passes, with the reader's noise; the shelf's reflections are known.

noise : the Cramér-Rao bound where the scatterers are known too, so that only the reader's noise is left.
two points : the Bayesian Cramér-Rao bound (Van Trees 1968) for two scatterers of unknown strength and place
beside the tag's unknown place, depth and gain. It is local: it knows nothing of other arrangements of
scatterers that explain the same field as well, so no method need reach it.
two points, reached : rms error of the posterior mean with all those other arrangements (`echo_pairs`): what a
locator reaches that knows that there are two scatterers, and the laws that they follow. Few tags, far off,
make most of it: `two points, median` is the median error, and `order` is that of the errors themselves.
coupled : the same where two tags at either side pass the field on as well, as strongly as in scenes like the
data's (`stocktake_books`), at places and by a law that are told.
many points : rms error of the posterior mean where scatterers are so many that their field is Gaussian. There
the posterior of `edge.fusion.locate.echoes` is exact, so no method does better.
`order` is the share of neighbours that errors of that size leave in order, gaps as on shelves of books: a
gamma law of mean 2.8 cm (`standard`) or 1.9 cm (`hard`) and shape 3.

Run `python -m tests.bench.echo_bound [--json]`.
"""

import argparse
import json
import sys
from dataclasses import replace
from typing import Final

import numpy as np

from edge.columns import F64
from edge.ext.echoes import likely
from edge.ext.sources import sources
from edge.fusion.locate.echoes import REACH_M, complex_rows, field, scatterers
from edge.fusion.locate.profile import C128
from edge.fusion.locate.sight import Sight
from tests.bench.echo_pairs import NOBODY, posterior_mean
from tests.bench.stocktake_scene import COUPLING_M

# strength of scatterers, mean gap in m, strength of a neighbour's tag at contact
SCENES: Final = {"standard": (0.5, 0.028, 0.8), "hard": (0.8, 0.019, 1.0)}
K: Final = 2.0 * np.pi * 866.0 / 299.792458
SD: Final = np.array([0.01, 0.03])  # log-amplitude and phase of a sample of three reads
DEPTH: Final = (0.06, 0.035)
STEP: Final = 1e-5
GAP_SHAPE: Final = 3.0
AROUND_M: Final = np.arange(-0.15, 0.1501, 0.006)
DEPTHS_M: Final = np.arange(0.0, 0.1301, 0.02)


def figures(trials: int = 150, searched: int = 40) -> dict[str, dict[str, float]]:
    """{scene: {figure: cm, or share of neighbours in order}}; `searched` trials of the pairs' posterior."""
    return {name: _scene(*scene, trials, searched) for name, scene in SCENES.items()}


def _scene(strength: float, gap_m: float, coupling: float, trials: int, searched: int) -> dict[str, float]:
    rng = np.random.default_rng(1)
    drawn = [two_points(strength, rng) for _ in range(trials)]
    noise, two = (float(np.sqrt(np.mean(np.square(sd)))) for sd in zip(*drawn, strict=True))
    many = float(np.sqrt(np.mean([many_points(strength, rng) ** 2 for _ in range(trials)])))
    named = {"noise": noise, "two points": two, "many points": many}
    found = {f"{name}, cm": 100.0 * sd_m for name, sd_m in named.items()}
    found |= {f"{name}, order": order(sd_m, gap_m, rng) for name, sd_m in named.items()}
    for name, passed_on in (("two points reached", 0.0), ("coupled", coupling)):
        off_m = np.array([searched_points(strength, rng, gap_m, passed_on) for _ in range(searched)])
        found |= {
            f"{name}, cm": 100.0 * float(np.sqrt(np.mean(off_m**2))),
            f"{name}, median cm": 100.0 * float(np.median(np.abs(off_m))),
            f"{name}, order": order_left(off_m, gap_m, rng),
        }
    return found


def order(sd_m: float, gap_m: float, rng: np.random.Generator) -> float:
    """The share of neighbours that independent normal errors leave in order."""
    gap = rng.gamma(GAP_SHAPE, gap_m / GAP_SHAPE, 100_000)
    return float(np.mean(gap + rng.normal(0.0, sd_m * np.sqrt(2.0), len(gap)) > 0.0))


def order_left(off_m: F64, gap_m: float, rng: np.random.Generator) -> float:
    """The share of neighbours that errors like these, drawn independently, leave in order."""
    gap = rng.gamma(GAP_SHAPE, gap_m / GAP_SHAPE, 100_000)
    left, right = rng.choice(off_m, (2, len(gap)))
    return float(np.mean(gap + right - left > 0.0))


def path() -> tuple[F64, F64, F64]:
    """x, y and wavenumber of the samples of two passes, the tag at 0."""
    x_m = np.tile(np.arange(-0.5, 0.501, 0.03), 2)
    return x_m, np.repeat([0.40, 0.43], len(x_m) // 2), np.full(len(x_m), K)


def two_points(strength: float, rng: np.random.Generator) -> tuple[float, float]:
    """sd in m of a tag's place for one draw: scatterers known, and not."""
    scale = strength / 2.0
    at = _drawn(strength, rng)
    prior = np.concatenate(
        [[0.0, DEPTH[1] ** -2, 0.0, 0.0], np.tile([*np.square(REACH_M) ** -1.0, scale**-2, scale**-2], 2)]
    )
    slopes = np.array(
        [(_log_field(at + e) - _log_field(at - e)) / (2 * STEP) for e in STEP * np.eye(len(at))]
    )
    rows = np.concatenate([slopes.real / SD[0], slopes.imag / SD[1]], axis=1)
    information = rows @ rows.T + np.diag(prior)
    known = np.linalg.inv(information[:4, :4])[0, 0]
    return float(np.sqrt(known)), float(np.sqrt(np.linalg.inv(information)[0, 0]))


def _drawn(strength: float, rng: np.random.Generator) -> F64:
    """A tag and its two points as `_log_field` takes them."""
    depth_m = float(np.clip(rng.normal(*DEPTH), 0.01, 0.14))
    points = rng.normal(size=(2, 2)) * REACH_M, rng.normal(size=(2, 2)) * strength / 2.0
    return np.concatenate([[0.0, depth_m, 0.0, 0.0], np.concatenate(points, axis=1).reshape(-1)])


def searched_points(
    strength: float, rng: np.random.Generator, gap_m: float = 0.0, coupling: float = 0.0
) -> float:
    """Error in m of the posterior mean over all pairs of points for one draw.

    gap_m, coupling : mean gap to the tags beside it, and how strongly they pass its field on at contact
    """
    at = _drawn(strength, rng)
    beside = _beside(gap_m, coupling, rng) if coupling else NOBODY
    passed_on = beside[1] * (rng.normal(size=len(beside[1])) + 1j * rng.normal(size=len(beside[1])))
    others = passed_on / np.sqrt(2.0) @ sources(*path(), beside[0], np.full(len(beside[0]), DEPTH[0]))
    field_read = np.exp(_log_field(at)) + others
    noise = SD[:, None] * rng.normal(size=(2, len(field_read)))
    read = field_read * np.exp(noise[0] + 1j * noise[1])
    return posterior_mean(path(), read, SD, strength, REACH_M, DEPTH, beside)


def _beside(gap_m: float, coupling: float, rng: np.random.Generator) -> tuple[F64, F64]:
    """Where the two tags at either side stand, and their rms strengths."""
    gaps = rng.gamma(GAP_SHAPE, gap_m / GAP_SHAPE, (2, 2)).cumsum(axis=1)
    return np.concatenate([gaps[0], -gaps[1]]), coupling * np.exp(-gaps.reshape(-1) / COUPLING_M)


def _log_field(at: F64) -> C128:
    """The log field of a tag (place, depth, log gain, its phase) and its points (place, depth, strength)."""
    x = np.array([at[0], at[0] + at[4], at[0] + at[8]])
    deep = np.array([at[1], at[1] + at[5], at[1] + at[9]])
    strength = np.array([1.0, at[6] + 1j * at[7], at[10] + 1j * at[11]])
    found: C128 = np.log(strength @ sources(*path(), x, deep)) + at[2] + 1j * at[3]
    # The logarithm's branch does not matter to slopes, as long as both sides are on one.
    found.imag = np.unwrap(found.imag)
    return found


def many_points(strength: float, rng: np.random.Generator) -> float:
    """Error in m of the posterior mean for one draw of a Gaussian field of scatterers around the tag."""
    depth_m = float(np.clip(rng.normal(*DEPTH), 0.0, 0.13))
    x_m, y_m, k = path()
    blank = Sight(
        x_m,
        y_m,
        k,
        np.ones(len(k), np.complex128),
        np.tile(SD[:, None], len(k)),
        np.repeat([0, 1], len(k) // 2),
    )
    drawn = strength * rng.normal(size=36) @ scatterers(blank, 0.0, DEPTH[0]) * np.repeat(SD, len(k))
    h = field(blank, np.zeros(1), np.array([depth_m]))[0] + drawn[: len(k)] + 1j * drawn[len(k) :]
    h = h * np.exp(rng.normal(0, SD[0], len(k)) + 1j * rng.normal(0, SD[1], len(k)))
    sight = replace(blank, h=h)
    at_m, deep_m = np.repeat(AROUND_M, len(DEPTHS_M)), np.tile(DEPTHS_M, len(AROUND_M))
    (log_p,), _, _ = likely(
        complex_rows(sight, at_m, deep_m), scatterers(sight, 0.0, DEPTH[0]), np.array([strength])
    )
    log_p = log_p - 0.5 * ((deep_m - DEPTH[0]) / DEPTH[1]) ** 2
    p = np.exp(log_p - log_p.max())
    return float(p @ at_m / p.sum())


def main() -> None:
    """Print the table, or the document."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    found = figures()
    if parser.parse_args().json:
        json.dump(found, sys.stdout, indent=1)
        return
    for scene, row in found.items():
        print(f"{scene:9} " + "  ".join(f"{name} {value:.2f}" for name, value in row.items()))


if __name__ == "__main__":
    main()
