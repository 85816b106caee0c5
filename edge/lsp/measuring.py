"""What the last passes say of boards and clocks, as `edge calibrate` says it of a recording."""

import asyncio
from collections.abc import Mapping, Sequence

from edge.columns import Readings
from edge.fusion.inventory import Board
from edge.fusion.locate import Calibration, Options, locate
from edge.fusion.locate.lead import clock_leads
from edge.fusion.locate.offset import offsets
from edge.fusion.window import Window, window
from edge.lsp.sessions import Fusion

Labels = Mapping[str, tuple[str, float]]
"""EPC of a shelf-label tag → its board and its true place in m."""


class Measuring:
    """One site's. Nothing is changed by it: `edge calibrate --save` keeps what is to be kept."""

    def __init__(self, fusion: Fusion, boards: Sequence[Board]) -> None:
        self._fusion = fusion
        self._lengths_m = {board.shelf: board.length_m for board in boards if board.length_m}

    async def measure(self, labels: Labels) -> tuple[int, Calibration]:
        """How many passes there were, and what they say."""
        passes = await self._fusion.with_live(lambda live: list(live.shelves.recent))
        return len(passes), await asyncio.to_thread(self._measure, passes, labels)

    def _measure(self, passes: Sequence[Window], labels: Labels) -> Calibration:
        if not passes:
            return Calibration()
        parts = [Readings(tags=one.tags, poses=one.poses) for one in passes]
        together = window(parts, min(one.start_ns for one in passes), max(one.end_ns for one in passes))
        leads = clock_leads(together, self._lengths_m)
        found = locate(together, self._lengths_m, Options(calibration=Calibration(leads=leads)))
        return Calibration(offsets(found, labels), leads)
