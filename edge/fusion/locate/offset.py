"""The antenna's phase centre and the encoder's zero and scale, from label tags with known places.

The zero is one constant a board. The scale shows where labels stand apart: three labels or more, over
LEAST_SPAN_M or more. Without labels neither can be told from where the books stand.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import numpy as np

from edge.fusion.locate.calibration import Offset
from edge.fusion.locate.result import LocateResult, TagPlace

LEAST_SPAN_M: Final = 0.3
LEAST_LABELS: Final = 3
SCALE_SD: Final = 0.01  # encoders err by a per cent or so


def offsets(result: LocateResult, labels: Mapping[str, tuple[str, float]]) -> dict[str, Offset]:
    """By board that has label tags; `labels` maps an EPC to (board, true place in m).

    What was taken out already as a board's zero is part of its offset.
    """
    by_shelf: dict[str, list[tuple[TagPlace, float]]] = {}
    for place in result.places:
        shelf, x_m = labels.get(place.epc, ("", 0.0))
        if shelf == place.shelf:
            by_shelf.setdefault(shelf, []).append((place, x_m))
    found = {shelf: _offset(pairs) for shelf, pairs in by_shelf.items()}
    zeros = result.zeros
    return {shelf: _with(one, zeros[shelf].x_m) if shelf in zeros else one for shelf, one in found.items()}


def _with(one: Offset, zero_m: float) -> Offset:
    return replace(one, x_m=one.x_m + zero_m, at_m=one.at_m + zero_m * (one.scale != 0.0))


def _offset(pairs: list[tuple[TagPlace, float]]) -> Offset:
    """Mean and, where labels tell it, slope of what labels are off by; weighted by inverse variances."""
    weight = np.array([place.x_sd_m**-2 for place, _ in pairs])
    x_m = np.array([place.x_m for place, _ in pairs])
    off = x_m - np.array([true_m for _, true_m in pairs])
    middle = float((weight * x_m).sum() / weight.sum())
    mean, sd = float((weight * off).sum() / weight.sum()), float(weight.sum() ** -0.5)
    if len(pairs) < LEAST_LABELS or float(np.ptp(x_m)) < LEAST_SPAN_M:
        return Offset(mean, sd, len(pairs))
    slope = (weight * (x_m - middle) * off).sum() / ((weight * (x_m - middle) ** 2).sum() + SCALE_SD**-2)
    return Offset(mean, sd, len(pairs), float(slope), middle)
