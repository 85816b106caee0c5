"""Two states in turn, nobody and somebody: how likely each was at every step, given what was said at all.

The forward-backward recursion of a hidden Markov chain (Baum et al. 1970), by blocks: products of 2 × 2
matrices within all blocks at once, then from block to block, so that Python is entered twice √T times.
"""

import math

import numpy as np

from edge.columns import F64


def chances(log_ratio: F64, step_h: F64, come_h: float, go_h: float) -> F64:
    """By step, the probability of somebody: (T,).

    log_ratio: (T,), of somebody against nobody, by what was said in the step; step_h: (T,), hours since the
    step before; come_h, go_h: how often in an hour nobody turns into somebody, and back.
    """
    if not len(log_ratio):
        return np.zeros(0)
    rest = come_h / (come_h + go_h)
    keep = np.exp(-(come_h + go_h) * step_h)
    half = np.clip(log_ratio / 2, -15.0, 15.0)
    nobody, somebody = np.exp(-half), np.exp(half)
    stays, comes = 1 - rest * (1 - keep), rest * (1 - keep)
    goes = (1 - rest) * (1 - keep)
    step = np.stack((nobody * stays, nobody * goes, somebody * comes, somebody * (1 - goes)), axis=-1)
    step = step.reshape(-1, 2, 2)
    before = _follow(step, np.array([1 - rest, rest]))
    later = np.concatenate((step[1:], np.eye(2)[None]))[::-1].transpose(0, 2, 1)
    after = _follow(later, np.ones(2))[::-1]
    both = before * after
    found: F64 = both[:, 1] / both.sum(axis=1)
    return found


def _follow(step: F64, first: F64) -> F64:
    """What the products of the first 1, 2 … matrices make of `first`, each scaled to a sum of 1: (T, 2)."""
    length = math.isqrt(len(step) - 1) + 1
    n_blocks = -(-len(step) // length)
    block = np.tile(np.eye(2), (n_blocks * length, 1, 1))
    block[: len(step)] = step
    block = block.reshape(n_blocks, length, 2, 2)
    for k in range(1, length):
        block[:, k] = block[:, k] @ block[:, k - 1]
        block[:, k] /= block[:, k].max(axis=(1, 2))[:, None, None]
    start = np.empty((n_blocks, 2))
    for b in range(n_blocks):
        start[b] = first if b == 0 else block[b - 1, -1] @ start[b - 1]
        start[b] /= start[b].sum()
    found: F64 = (block @ start[:, None, :, None])[..., 0].reshape(-1, 2)[: len(step)]
    found /= found.sum(axis=1, keepdims=True)
    return found
