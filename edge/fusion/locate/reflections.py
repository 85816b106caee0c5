"""What the shelf itself reflects, from the tags on it: its back and its two ends as mirrors.

Every tag has its own scatterers but all share the shelf. So the reflections are estimated over a whole board
by generalised least squares: what each tag's best direct path leaves is explained by the images' fields,
in the metric of noise and scatterers together, after the tag's own gain, place and depth have been
projected out. The depth of the back is that of the largest gain on a grid. A mirror that does not show
comes out near 0.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from edge.columns import F64
from edge.fusion.locate.echoes import Images, damped, field, real_rows
from edge.fusion.locate.profile import C128
from edge.fusion.locate.sight import Sight

BACKS_M: Final = np.arange(0.18, 0.401, 0.01)
PRIOR_SD: Final = 0.2  # of a reflection: wood, paper and thin metal send back a fifth or so
MIN_SAMPLES: Final = 20
STEP_M: Final = 0.002
KNOWN: Final = 4  # rows of a tag's own: gain (two), place, depth


@dataclass(frozen=True, slots=True)
class Explained:
    """A tag's best hypothesis so far: its sight, scatterers [r, 2k], their spread, place and gain.

    continuum : how many of the scatterers' rows are of the continuum; the others are of neighbours
    misfit : squared errors per degree of freedom
    """

    sight: Sight
    echoes: F64
    continuum: int
    spread: float
    x_m: float
    depth_m: float
    gain: complex
    misfit: float


def reflections(tags: Sequence[Explained], length_m: float) -> Images:
    """The images of a board of this length that explain best what direct paths leave."""
    left, right, read = np.zeros((4, 4)), np.zeros(4), np.zeros((len(BACKS_M), 6))
    for tag in tags:
        if len(tag.sight) >= MIN_SAMPLES:
            free = _projected(tag, length_m)
            heat = 1.0 / max(1.0, float(free[-1, -1]) / (2 * len(tag.sight)))  # model errors are no evidence
            left += heat * free[:4, :4]
            right += heat * free[:4, -1]
            read[:, :4] += heat * free[4:-1, :4]
            read[:, 4] += heat * np.diag(free)[4:-1]
            read[:, 5] += heat * free[4:-1, -1]
    inverse = np.linalg.inv(left + np.eye(4) * 2.0 / PRIOR_SD**2)
    own = read[:, 4] + PRIOR_SD**-2 - np.einsum("di,ij,dj->d", read[:, :4], inverse, read[:, :4])
    towards = read[:, 5] - read[:, :4] @ inverse @ right
    back = np.minimum(towards / own, 0.0)  # a reflection turns the field over
    best = int((back * towards).argmax())
    end = inverse @ (right - read[best, :4] * back[best])
    return Images(
        back=(float(BACKS_M[best]), float(back[best])),
        ends=((0.0, complex(end[0], end[1])), (length_m, complex(end[2], end[3]))),
    )


def _projected(tag: Explained, length_m: float) -> F64:
    """Products of what the tag's gain, place and depth do not explain: of ends (4), backs (d), the rest."""
    n = len(BACKS_M)
    x_m = np.array([tag.x_m, tag.x_m + STEP_M, *[tag.x_m] * (1 + n), -tag.x_m, 2.0 * length_m - tag.x_m])
    depth_m = np.array([*[tag.depth_m] * 3, *(2.0 * BACKS_M - tag.depth_m), *[tag.depth_m] * 2])
    depth_m[2] += STEP_M
    seen = tag.gain * field(tag.sight, x_m, depth_m)
    direct = seen[:1]
    ends = damped(np.array([tag.x_m]), np.array([0.0, length_m]))[:, None] * seen[-2:]
    own = [direct, 1j * direct, seen[1:3] - direct]
    turned = [ends[:1], 1j * ends[:1], ends[1:], 1j * ends[1:]]
    sent: C128 = np.concatenate([*own, *turned, seen[3:-2], tag.sight.h - direct])
    return freed(real_rows(tag.sight, sent), tag)


def freed(rows: F64, tag: Explained) -> F64:
    """float64[n, n]: products of all rows but the first KNOWN, of what those leave, in the metric C⁻¹.

    C = I + EᵀE with the scatterers' fields as rows of E: C⁻¹ = I - Eᵀ(I + EEᵀ)⁻¹E (Woodbury).
    """
    echoes = tag.spread * tag.echoes
    along = rows @ echoes.T
    inner = np.linalg.solve(np.eye(len(echoes)) + echoes @ echoes.T, along.T)
    products = rows @ rows.T - along @ inner
    known, others = products[:KNOWN, :KNOWN], products[:KNOWN, KNOWN:]
    freed: F64 = products[KNOWN:, KNOWN:] - others.T @ np.linalg.solve(known, others)
    return freed
