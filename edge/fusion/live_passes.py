"""Cuts the stream of a moving antenna into stays: each board that a cart has left, with its reads."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from edge.columns import I64, Index, PoseColumns, Readings, TagColumns, concat, take
from edge.fusion.locate.path import GAP_NS
from edge.fusion.window import Window, window

_AROUND_NS: Final = 1_000_000_000
_LONGEST_NS: Final = 300_000_000_000
"""A cart that stands before one board is cut all the same: what it holds is bounded."""


@dataclass(slots=True)
class LivePasses:
    """Feed it windows in order; it gives one window a finished board.

    `tags` and `poses` are those of boards that were not left yet.
    """

    tags: TagColumns = field(default_factory=TagColumns)
    poses: PoseColumns = field(default_factory=PoseColumns)

    def step(self, now: Window) -> list[Window]:
        """Boards that were left by `now`, in the order in which they were."""
        if not len(self.tags) + len(self.poses) + len(now.tags) + len(now.poses):
            return []
        self.tags = concat([self.tags, now.tags], TagColumns)
        self.poses = concat([self.poses, now.poses], PoseColumns)
        found = [self._cut(rows) for rows in self._finished(now.end_ns)]
        self._forget(now.end_ns)
        return found

    def open(self) -> list[Window]:
        """The boards that antennas are before now, as far as they were read."""
        return [self._cut(rows) for rows in _runs(self.poses)]

    def finish(self) -> list[Window]:
        """The boards that were not left."""
        found = self.open()
        self.tags, self.poses = TagColumns(), PoseColumns()
        return found

    def _finished(self, end_ns: int) -> list[Index]:
        t_ns = self.poses.t_ns
        last = {int(self.poses.source[rows[0]]): int(t_ns[rows[-1]]) for rows in _runs(self.poses)}
        return [
            rows
            for rows in _runs(self.poses)
            if t_ns[rows[-1]] < last[int(self.poses.source[rows[0]])]
            or end_ns - t_ns[rows[-1]] > GAP_NS
            or t_ns[rows[-1]] - t_ns[rows[0]] > _LONGEST_NS
        ]

    def _cut(self, rows: Index) -> Window:
        poses = take(self.poses, rows)
        start_ns, end_ns = int(poses.t_ns[0]) - _AROUND_NS, int(poses.t_ns[-1]) + _AROUND_NS
        near = (self.tags.t_ns >= start_ns) & (self.tags.t_ns < end_ns)
        ours = np.array([name == poses.sources[poses.source[0]] for name in self.tags.sources], np.bool_)
        tags = take(self.tags, near & ours[self.tags.source] if len(near) else near)
        return window([Readings(tags=own_table(tags), poses=poses)], start_ns, end_ns)

    def _forget(self, end_ns: int) -> None:
        """Keep the poses of boards that are not left yet, and the reads since the first of them."""
        done = self._finished(end_ns)
        if done:
            rest = np.ones(len(self.poses), np.bool_)
            rest[np.concatenate(done)] = False
            self.poses = take(self.poses, rest)
        first_ns = int(self.poses.t_ns.min()) if len(self.poses) else end_ns
        recent: I64 = self.tags.t_ns
        if len(recent):
            self.tags = own_table(take(self.tags, recent >= first_ns - _AROUND_NS))


def _runs(poses: PoseColumns) -> Iterator[Index]:
    """Rows of each stay of one source before one board, by time."""
    for source in np.unique(poses.source):
        rows = np.flatnonzero(poses.source == source)
        rows = rows[np.argsort(poses.t_ns[rows], kind="stable")]
        cut = (np.diff(poses.t_ns[rows]) > GAP_NS) | (np.diff(poses.shelf[rows]) != 0)
        yield from np.split(rows, np.flatnonzero(cut) + 1)


def own_table(tags: TagColumns) -> TagColumns:
    """Without the EPCs that no row has: else a day's stream would carry every tag it ever saw."""
    used, tag = np.unique(tags.tag, return_inverse=True)
    memory = {n: tags.memory[int(old)] for n, old in enumerate(used) if int(old) in tags.memory}
    return replace(tags, tag=tag.astype(np.intp), epcs=tuple(tags.epcs[n] for n in used), memory=memory)
