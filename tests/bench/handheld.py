"""Neighbours in the right order where nobody tells where the antenna was: the poses are taken away.

The real recordings go one way, at a steady pace with stops. Made of the hopping ones: a hand whose pace
swings, one that turns back at the end, and one that comes again after a pause.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from edge.columns import PoseColumns, TagColumns, concat, sort_by_time
from edge.fusion.locate import Options
from edge.fusion.locate.handheld import locate_by_time
from edge.recording import read
from tests.bench.locate_scene import Found, recordings, score, truth

Hand = Callable[[TagColumns], TagColumns]
PAUSE_NS: Final = 5_000_000_000


def steady(tags: TagColumns) -> TagColumns:
    """As recorded."""
    return tags


def swinging(tags: TagColumns, swing: float = 0.3) -> TagColumns:
    """The pace is faster by `swing` at first and slower later."""
    first_ns, lasted_ns = int(tags.t_ns[0]), int(tags.t_ns[-1] - tags.t_ns[0])
    at = np.linspace(0.0, 2.0, 20_001)  # shares of the time it took
    gone = at + swing / (2.0 * np.pi) * (1.0 - np.cos(2.0 * np.pi * at))
    new = np.interp((tags.t_ns - first_ns) / lasted_ns, gone, at)
    return replace(tags, t_ns=first_ns + (new * lasted_ns).astype(np.int64))


def there_and_back(tags: TagColumns) -> TagColumns:
    """Without a pause."""
    back = replace(tags, t_ns=2 * int(tags.t_ns[-1]) - tags.t_ns + 100_000_000)
    return sort_by_time(concat([tags, back], TagColumns))


def twice(tags: TagColumns) -> TagColumns:
    """The same way again after a pause."""
    again = replace(tags, t_ns=tags.t_ns + int(tags.t_ns[-1] - tags.t_ns[0]) + PAUSE_NS)
    return sort_by_time(concat([tags, again], TagColumns))


HANDS: Final[dict[str, Hand]] = {
    "steady": steady,
    "pace swings by 0.3": swinging,
    "there and back": there_and_back,
    "twice": twice,
}


def orders(data_dir: Path) -> Iterator[str]:
    """A line a set of real recordings and kind of hand."""
    pairs: dict[tuple[str, str], list[bool]] = {}
    for name, path in recordings(data_dir):
        if not name.startswith("sim"):
            window, _ = read([path])
            for hand in HANDS if name.startswith("adarf-hop") else ("steady",):
                tags = HANDS[hand](window.tags)
                places = locate_by_time(replace(window, tags=tags, poses=PoseColumns()), {}, Options()).places
                found = {p.epc: Found("rail", float(p.rank), 1.0, p.confidence) for p in places}
                right = score(truth(path), set(window.tags.epcs), found, 0.0).pairs
                pairs.setdefault((name, hand), []).extend(right)
    yield ""
    for (name, hand), right in pairs.items():
        share = sum(right) / len(right)
        yield f"without poses, order  {name:28} {hand:20} {share:.3f} ({len(right)} pairs)"
