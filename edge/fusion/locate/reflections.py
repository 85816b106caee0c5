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
from edge.ext import echoes
from edge.fusion.locate.echoes import ALONE, Images, complex_rows, damped
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
    total = np.zeros((len(BACKS_M) + 5, len(BACKS_M) + 5))
    for tag in tags:
        if len(tag.sight) >= MIN_SAMPLES:
            free = _projected(tag, length_m)
            total += free / max(
                1.0, float(free[-1, -1]) / (2 * len(tag.sight))
            )  # model errors are no evidence
    left, right, read = total[:4, :4], total[:4, -1], total[4:-1, :4]
    inverse = np.linalg.inv(left + np.eye(4) * 2.0 / PRIOR_SD**2)
    own = np.diag(total)[4:-1] + PRIOR_SD**-2 - np.einsum("di,ij,dj->d", read, inverse, read)
    towards = total[4:-1, -1] - read @ inverse @ right
    back = np.minimum(towards / own, 0.0)  # a reflection turns the field over
    best = int((back * towards).argmax())
    end = inverse @ (right - read[best] * back[best])
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
    seen, turned, read = sent(tag, x_m, depth_m)
    ends = [
        damped(tag.x_m, end_m) * one
        for n, end_m in ((-2, 0.0), (-1, length_m))
        for one in (seen[n], turned[n])
    ]
    own = [seen[0], turned[0], seen[1] - seen[0], seen[2] - seen[0]]
    return freed(np.concatenate([[*own, *ends], seen[3:-2], [read - seen[0]]]), tag)


def sent(tag: Explained, x_m: F64, depth_m: F64, images: Images = ALONE) -> tuple[F64, F64, F64]:
    """Errors of what the tag would send from other places: float64[m, 2k], and a quarter of a turn on.

    Last those of what was read, float64[2k].
    """
    rows = complex_rows(tag.sight, x_m, depth_m, images)
    v, jv = rows[: len(x_m)], rows[len(x_m) : -1]
    return tag.gain.real * v + tag.gain.imag * jv, tag.gain.real * jv - tag.gain.imag * v, rows[-1]


def freed(rows: F64, tag: Explained) -> F64:
    """Products of all rows but the first KNOWN, of what those leave among the tag's scatterers."""
    return echoes.freed(rows, tag.spread * tag.echoes, KNOWN)
