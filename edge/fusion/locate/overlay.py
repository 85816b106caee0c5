"""How two legs lie that pass the same tags: the line that takes the one's places to the other's."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import numpy as np

from edge.columns import take
from edge.fusion.locate import locate
from edge.fusion.locate.options import Options
from edge.fusion.locate.result import Method
from edge.fusion.locate.sweeps import Leg, path
from edge.fusion.window import Window

SHARED: Final = 3  # tags that tell how two legs lie
ASIDE: Final = 0.2  # of their spread, tags of one row may lie beside the line of two legs
LEAST_APART_M: Final = 0.02


def places(window: Window, leg: Leg, options: Options) -> dict[str, float]:
    """EPC → place on the leg's own path, by phase."""
    alone = replace(window, tags=take(window.tags, leg.rows), poses=path(window.tags, leg, ""))
    return {p.epc: p.x_m for p in locate(alone, {}, options).places if p.method is Method.PHASE}


def line(own_m: Mapping[str, float], row_m: Mapping[str, float]) -> tuple[float, float] | None:
    """Start and scale of a leg in the frame of a row of its tags (Theil and Sen); None: it is another row."""
    shared = [(own_m[epc], row_m[epc]) for epc in own_m.keys() & row_m.keys()]
    if len(shared) < max(SHARED, len(own_m) / 2):
        return None
    x_m, y_m = np.array(shared).T
    a, b = np.triu_indices(len(x_m), 1)
    apart = np.abs(x_m[b] - x_m[a]) > LEAST_APART_M
    if not apart.any():
        return None
    scale = float(np.median((y_m[b] - y_m[a])[apart] / (x_m[b] - x_m[a])[apart]))
    start_m = float(np.median(y_m - scale * x_m))
    aside_m = float(np.median(np.abs(y_m - start_m - scale * x_m)))
    return (start_m, scale) if aside_m < ASIDE * float(np.std(y_m)) else None
