"""How loud a space is, and how many people that speaks for; learnt from the people that all else tells of.

Sources that have nothing to do with one another add their energies (Rindel 2010 takes this for voices):
L = 10 log10(10^(BASE/10) + n 10^(HEAD/10)), the level of the empty space and that of one person, in dB.
Both are learnt beside the filter from n and its variance, and n is measured by the level as far as both are
known. How far levels go astray for a quarter of an hour and longer (a speaker, a fan) is learnt as well:
where people are not what is heard, the level soon says nothing.

Columns of `heard`, float64 (n_spaces, COLUMNS): BASE_DB, HEAD_DB, their covariance VAR_BASE, VAR_BOTH,
VAR_HEAD (VAR_BASE 0: never heard), AGE_H since the level before, STRAY_DB by which the last quarter of an
hour was off, and SWAY_DB2, the mean square of that.
"""

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.ext import load
from edge.ext.occupancy import COLUMNS as SPACES
from edge.ext.occupancy import Filter

BASE_DB, HEAD_DB, VAR_BASE, VAR_BOTH, VAR_HEAD, AGE_H, STRAY_DB, SWAY_DB2 = range(8)
COLUMNS: Final = 8

F64 = NDArray[np.float64]


def listen(f: Filter, spaces: F64, heard: F64, step_h: float) -> None:
    """Take in SOUND, each space's mean level of a step; changes the filter's x and P, and `heard`.

    People are measured by it only where doors are COUNTED: nothing else tells what one person's level is.
    Raises ValueError where shapes are wrong.
    """
    n = len(f.where)
    if spaces.shape != (n, SPACES) or heard.shape != (n, COLUMNS) or not heard.flags.c_contiguous:
        raise ValueError("spaces and heard: expected a row for each of the filter's spaces")
    kernel: Callable[..., None] = load("sound").listen
    kernel(f.x, f.P, f.where, spaces, heard, float(step_h), f.tape.cells, f.tape.used)
