"""The far end: a reader on loopback that speaks real LLRP, with the phase of a tag that stands still."""

import random
from collections.abc import Sequence

from llrpkit.emulator.core import EmulatedTag, LLRPEmulator

PHASE_STEPS = (0, 4095)
PHASE = 1024
CHANNELS = (1, 50)


class StillTags(random.Random):
    """The emulator's dice, but for the phase, which is that of a tag that does not move."""

    def randint(self, a: int, b: int) -> int:
        return PHASE if (a, b) == PHASE_STEPS else super().randint(a, b)


def reader(
    port: int = 0, *, reads_per_s: float = 500.0, tags: Sequence[EmulatedTag] | None = None
) -> LLRPEmulator:
    """An emulated Impinj reader; it listens when it is entered."""
    found = LLRPEmulator(port=port, reads_per_sec=reads_per_s, tags=tags)
    found._rng = StillTags(1)
    return found
