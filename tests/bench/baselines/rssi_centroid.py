"""RSSI centroid: the power-weighted mean of the places where a tag was read."""

import numpy as np

from tests.bench.baselines.common import TagReads


def place(one: TagReads) -> float:
    weight = 10.0 ** (one.rssi_dbm / 10.0)
    return float(np.average(one.x_m, weights=weight))
