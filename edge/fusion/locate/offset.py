"""The antenna's phase centre and the encoder's zero: one constant a board, from label tags."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from edge.fusion.locate.result import LocateResult, TagPlace


@dataclass(frozen=True, slots=True)
class Offset:
    """By how much places on a board come out too far to the right, and how many labels say so."""

    shelf: str
    x_m: float
    x_sd_m: float
    labels: int


def offsets(result: LocateResult, labels: Mapping[str, tuple[str, float]]) -> tuple[Offset, ...]:
    """The offset of every board that has label tags; `labels` maps an EPC to (board, true place in m)."""
    by_shelf: dict[str, list[tuple[TagPlace, float]]] = {}
    for place in result.places:
        shelf, x_m = labels.get(place.epc, ("", 0.0))
        if shelf == place.shelf:
            by_shelf.setdefault(shelf, []).append((place, x_m))
    return tuple(_offset(shelf, pairs) for shelf, pairs in by_shelf.items())


def _offset(shelf: str, pairs: list[tuple[TagPlace, float]]) -> Offset:
    """The mean weighted by inverse variances."""
    weight = np.array([place.x_sd_m**-2 for place, _ in pairs])
    off = np.array([place.x_m - x_m for place, x_m in pairs])
    return Offset(shelf, float((weight * off).sum() / weight.sum()), float(weight.sum() ** -0.5), len(pairs))
