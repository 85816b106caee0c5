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
from edge.fusion.locate.echoes import Images, field, real_rows
from edge.fusion.locate.profile import C128
from edge.fusion.locate.sight import Sight

BACKS_M: Final = np.arange(0.18, 0.401, 0.01)
PRIOR_SD: Final = 0.2  # of a reflection: wood, paper and thin metal send back a fifth or so
MIN_SAMPLES: Final = 20
STEP_M: Final = 0.002


@dataclass(frozen=True, slots=True)
class Explained:
    """A tag's best hypothesis so far: its sight, scatterers [r, 2k], their spread, place and gain.

    misfit : squared errors per degree of freedom
    """

    sight: Sight
    echoes: F64
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
            ends, backs, rest = _projected(tag, length_m)
            heat = 1.0 / max(1.0, float(rest @ rest) / len(rest))  # model errors are no evidence
            left += heat * ends @ ends.T
            right += heat * ends @ rest
            read[:, :4] += heat * backs @ ends.T
            read[:, 4] += heat * np.einsum("dk,dk->d", backs, backs)
            read[:, 5] += heat * backs @ rest
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


def _projected(tag: Explained, length_m: float) -> tuple[F64, F64, F64]:
    """Whitened rows without what the tag's gain explains: of ends [4, n], backs [d, n], the rest [n]."""
    x_m, depth_m = np.array([tag.x_m]), np.array([tag.depth_m])
    direct = tag.gain * field(tag.sight, x_m, depth_m)
    aside = tag.gain * field(tag.sight, x_m + STEP_M, depth_m) - direct
    deeper = tag.gain * field(tag.sight, x_m, depth_m + STEP_M) - direct
    ends = [tag.gain * field(tag.sight, 2.0 * end_m - x_m, depth_m) for end_m in (0.0, length_m)]
    backs = tag.gain * field(tag.sight, np.full(len(BACKS_M), tag.x_m), 2.0 * BACKS_M - depth_m)
    rest = tag.sight.h - direct
    turned = [row for one in ends for row in (one, 1j * one)]
    sent: C128 = np.concatenate([direct, 1j * direct, aside, deeper, *turned, backs, rest])
    white = _whitened(real_rows(tag.sight, sent), tag.spread * tag.echoes)
    base, _ = np.linalg.qr(white[:4].T)
    free = white[4:] - (white[4:] @ base) @ base.T
    return free[:4], free[4:-1], free[-1]


def _whitened(rows: F64, echoes: F64) -> F64:
    """rows·C^{-1/2} with C = I + EᵀE: along E's singular vectors of value s by 1/√(1 + s²), else as it is."""
    value, left = np.linalg.eigh(echoes @ echoes.T)
    keep = value > 1e-9 * value[-1]
    s2, along = value[keep], (left[:, keep] / np.sqrt(value[keep])).T @ echoes
    shrunk: F64 = rows + ((rows @ along.T) * (1.0 / np.sqrt(1.0 + s2) - 1.0)) @ along
    return shrunk
