"""Neighbours in the right order where nobody tells where the antenna was: the poses are taken away."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from edge.columns import PoseColumns
from edge.fusion.locate import Options
from edge.fusion.locate.handheld import locate_by_time
from edge.recording import read
from tests.bench.locate_scene import Found, recordings, score, truth


def orders(data_dir: Path) -> Iterator[str]:
    """A line a set of real recordings: they go one way, at a steady pace with stops."""
    pairs: dict[str, list[bool]] = {}
    for name, path in recordings(data_dir):
        if not name.startswith("sim"):
            window, _ = read([path])
            places = locate_by_time(replace(window, poses=PoseColumns()), {}, Options()).places
            found = {p.epc: Found("rail", float(p.rank), 1.0, p.confidence) for p in places}
            right = score(truth(path), set(window.tags.epcs), found, 0.0).pairs
            pairs.setdefault(name, []).extend(right)
    yield ""
    for name, right in pairs.items():
        yield f"without poses, order  {name:28} {sum(right) / len(right):.3f} ({len(right)} pairs)"
